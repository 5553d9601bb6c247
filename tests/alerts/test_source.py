from hypothesis import given
from hypothesis import strategies as st

from serinus.alerts.source import facts_rows

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
KEYS = ["country", "country_name", "city", "asn", "network", "labels", "reverse", "browser"]


def test_facts_are_told_most_telling_first() -> None:
    facts = {
        "country": "DE",
        "country_name": "Germany",
        "city": "Bonn",
        "asn": 64496,
        "network": "Example Net",
        "labels": ["tor", "scanner"],
        "browser": "Firefox 128",
    }
    assert facts_rows(facts) == (
        ("Known as", "tor, scanner"),
        ("Country", "Germany (DE)"),
        ("City", "Bonn"),
        ("Network", "Example Net (AS64496)"),
        ("Browser", "Firefox 128"),
    )


def test_what_is_not_known_is_left_out() -> None:
    assert facts_rows({}) == ()
    assert facts_rows({"asn": 1}) == (("Network", "AS1"),)
    assert facts_rows({"country": "DE"}) == (("Country", "DE"),)


@given(st.dictionaries(st.sampled_from(KEYS), JSON))
def test_any_facts_are_rows_of_harmless_text(facts: dict[str, object]) -> None:
    for label, value in facts_rows(facts):
        assert label and value and "\n" not in value and "\x1b" not in value
