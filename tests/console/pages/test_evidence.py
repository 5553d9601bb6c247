from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from serinus.base.untrusted import readable
from serinus.console.pages.evidence import LINES_MAX, SECTION_MAX, show_evidence

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)
KEYS = ("line", "headers", "body", "name", "type", "class", "left", "edns", "tls")


@given(
    st.sampled_from(["http", "dns", "smtp"]),
    st.fixed_dictionaries({"detail": st.dictionaries(st.sampled_from(KEYS), JSON) | JSON}) | JSON,
)
def test_any_evidence_is_shown_and_harmless(channel: str, evidence: Any) -> None:
    for section in show_evidence(channel, evidence):
        for line in section.text.split("\n"):
            assert readable(line, 10_000_000) == line


def test_a_request_keeps_order_and_case_of_its_headers() -> None:
    detail = {"line": "GET / HTTP/1.1", "headers": [["hOST", "a"], ["X-B", "c\xff"], ["hOST", "d"]]}
    request, wire = show_evidence("http", {"detail": detail, "transport": "tls", "source_port": 5})
    assert request.text == "GET / HTTP/1.1\nhOST: a\nX-B: c\\xff\nhOST: d"
    assert wire.text == "transport: tls\nsource_port: 5"


def test_a_question_shows_the_carried_labels() -> None:
    detail = {"name": "a.b.tok.example", "type": "A", "class": "IN", "left": ["a", "b"], "id": 7}
    question, wire = show_evidence("dns", {"detail": detail})
    assert question.text.split("\n") == [
        "a.b.tok.example IN A",
        "",
        "Labels left of the token:",
        "  a",
        "  b",
    ]
    assert wire.text == "id: 7"


def test_a_body_is_cut_where_nobody_reads_on() -> None:
    body = "\n".join(["x"] * (LINES_MAX * 2))
    (shown, *_) = show_evidence("http", {"detail": {"body": body}})
    assert shown.text.count("\n") == LINES_MAX
    assert shown.text.endswith("…")


def test_no_section_is_larger_than_its_bound() -> None:
    headers = [["a", "\x01" * 4000]] * 15
    detail = {"line": "GET /", "headers": headers, "body": "\x01\n" * 300 + "x" * 60_000}
    request, body, *_ = show_evidence("http", {"detail": detail})
    for section in (request, body):
        assert len(section.text) <= SECTION_MAX + LINES_MAX
        assert section.text.endswith("…")
    assert "a: \\x01" in request.text
