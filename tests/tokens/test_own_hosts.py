"""The hosts on which an operator's pages may stand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import OperatorError
from serinus.tokens.own_hosts import HOSTS_MAX, is_own, read_hosts


def test_a_list_has_blanks_commas_or_lines_between_hosts() -> None:
    assert read_hosts(" WWW.example.com,\n10.0.0.1  localhost\twww.example.com\n", "hosts") == (
        *("www.example.com", "10.0.0.1", "localhost"),
    )


@pytest.mark.parametrize(
    "text", ["", " ", "https://a.example", "a..b", "a.example/x", "*.a", "-a", "ä.example", '"];x']
)
def test_what_is_no_host_is_named(text: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_hosts(text, "hosts")
    assert caught.value.field == "hosts"


def test_too_many_hosts_are_refused() -> None:
    text = " ".join(f"h{n}.example" for n in range(HOSTS_MAX + 1))
    with pytest.raises(OperatorError, match="at most"):
        read_hosts(text, "hosts")


@pytest.mark.parametrize(
    ("url", "own"),
    [
        ("https://shop.example", True),
        ("https://WWW.shop.example:8443/a", True),
        ("https://shop.example.evil.test", False),
        ("https://evilshop.example", False),
        ("https://shop.example@evil.test/", False),
        ("http://[", False),
        ("null", False),
        ("", False),
    ],
)
def test_a_host_and_all_below_it_are_own(url: str, own: bool) -> None:
    assert is_own(url, ("shop.example",)) is own


@given(st.text())
def test_any_origin_is_lawful(url: str) -> None:
    is_own(url, ("shop.example",))
