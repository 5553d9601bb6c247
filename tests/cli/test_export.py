import pytest

from serinus.cli.export import guard_cell
from serinus.cli.incidents import flatten_evidence


@pytest.mark.parametrize(
    "hostile",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        " =1+1",
        "\u00a0=1",
        "\t=1",
        "\r=1",
        "\n=1",
        "\uff1d1",
        "=" * 9,
    ],
)
def test_no_cell_begins_as_a_formula(hostile: str) -> None:
    cell = guard_cell(hostile)
    assert not set(cell) & set("\t\r\n")
    assert cell.lstrip()[0] not in "=+-@\uff1d\uff0b\uff0d\uff20"


@pytest.mark.parametrize("harmless", ["Wiki", "10.0.0.1", "2001:db8::1", "a=b", 7])
def test_other_cells_stay_as_they_are(harmless: object) -> None:
    assert guard_cell(harmless) == str(harmless)


def test_evidence_becomes_rows_of_harmless_text() -> None:
    evidence = {
        "transport": "tls",
        "source_port": 4711,
        "detail": {
            "headers": [["Host", "a.example"], ["X-\x1b[31m", "caf\xc3\xa9\x00"]],
            "found": ["host", "path"],
            "tls": {"sni": None, "resumed": True},
            "odd": [{"a": 1}, ["x", "y", "z"]],
        },
    }
    assert dict(flatten_evidence("", evidence)) == {
        "transport": "tls",
        "source_port": "4711",
        "detail headers Host": "a.example",
        "detail headers X-\\x1b[31m": "café\\x00",
        "detail found": "host, path",
        "detail tls sni": "",
        "detail tls resumed": "True",
        "detail odd 1 a": "1",
        "detail odd 2": "x, y, z",
    }
