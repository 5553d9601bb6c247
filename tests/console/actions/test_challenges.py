import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import OperatorError
from serinus.console.actions.challenges import set_challenge
from serinus.console.deployment import load_deployment
from serinus.ledger.answers import AnswersReader

names = st.text("_acme-hlng.filsxp\0é ", max_size=30).map(lambda t: f"_acme-challenge.{t}")


def texts(name: str) -> tuple[str, ...]:
    reader = AnswersReader(load_deployment().folder.answers)
    try:
        return reader.texts(name)
    finally:
        reader.close()


def test_the_name_of_a_zone_or_a_host_in_it_is_answered() -> None:
    for name in ("_acme-challenge.files.example", "_acme-challenge.www.files.example"):
        assert set_challenge(name.upper() + ".", ["a", "b"]) == name
        assert texts(name) == ("a", "b")
        set_challenge(name, [])
        assert texts(name) == ()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "files.example",
        "_acme-challenge.",
        "_acme-challenge.example",
        "_acme-challenge.otherfiles.example",
        "_acme-challenge.files.example.org",
        "_acme-challenge..files.example",
        "x._acme-challenge.files.example",
        "_acme-challenge.a b.files.example",
        "_acme-challenge." + "a." * 130 + "files.example",
        "_acme-challenge." + "a" * 64 + ".files.example",
    ],
)
def test_any_other_name_is_refused(name: str) -> None:
    with pytest.raises(OperatorError) as caught:
        set_challenge(name, ["x"])
    assert caught.value.field == "name"


@pytest.mark.parametrize("value", ["", "x" * 256, "a b", "é", "\n"])
def test_a_value_that_is_no_visible_ascii_is_refused(value: str) -> None:
    with pytest.raises(OperatorError) as caught:
        set_challenge("_acme-challenge.files.example", ["good", value])
    assert caught.value.field == "values.1"


@given(names)
def test_any_name_is_ours_or_refused(name: str) -> None:
    try:
        found = set_challenge(name, [])
    except OperatorError:
        return
    assert found.endswith(".files.example") and found.isascii()
