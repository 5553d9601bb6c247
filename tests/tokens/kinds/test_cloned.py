"""Copies of a page: what is told of them, and that the page itself is no trip."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest

from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.tokens.kind import Kind, Token, Trip, read_options
from serinus.tokens.kinds import cloned_css, cloned_site
from serinus.tokens.site import Site

TOKEN_ID = TokenId("k3j5h2g9d8s7a6q1w4e5r6t7")
SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))
OPTIONS = {"hosts": "shop.example"}


def minted(kind: Kind, options: dict[str, Any] = OPTIONS) -> Token:
    return Token(TOKEN_ID, kind.name, "m", read_options(kind, options), datetime.now(UTC))


def touched(kind: Kind, target: str = "/a", **headers: str) -> Trip | None:
    detail = {"method": "GET", "target": target, "headers": list(headers.items())}
    touch = Touch("1", 0.0, "http", "tcp", "192.0.2.1", 1, (TOKEN_ID,), detail)
    return kind.interpret(touch, minted(kind))


@pytest.mark.parametrize("name", ["Origin", "Referer"])
@pytest.mark.parametrize("url", ["https://shop.example", "http://www.shop.example:8080"])
def test_a_page_at_home_is_no_trip(name: str, url: str) -> None:
    assert touched(cloned_css.KIND, **{name: url}) is None


def test_a_copy_is_told_with_its_origin_before_its_referer() -> None:
    trip = touched(
        cloned_css.KIND, Referer="https://shop.example/x.css", Origin="https://evil.test"
    )
    assert trip is not None
    assert trip.facts[0] == ("Copy at", "https://evil.test")


@pytest.mark.parametrize("headers", [{}, {"Origin": "null"}])
def test_a_saved_file_and_a_bare_fetch_are_trips(headers: dict[str, str]) -> None:
    assert touched(cloned_css.KIND, **headers) is not None


def test_a_style_asks_for_a_name_without_an_id() -> None:
    css = cloned_css.KIND.artefacts(minted(cloned_css.KIND), SITE)[0].value
    assert isinstance(css, str)
    assert "https://files.example.net/" in css and f"{TOKEN_ID}." not in css
    assert "shop" not in css


def test_a_script_tells_the_copy_and_the_way_to_it() -> None:
    copy, way = "https://evil.test/a?b=c#\x1b[2J", "https://mail.test/"
    trip = touched(cloned_site.KIND, f"/a.gif?x1={quote(copy, safe='')}&y2={quote(way, safe='')}")
    assert trip is not None
    assert trip.summary == "A copy of the page was opened at https://evil.test/a?b=c#\\x1b[2J"
    assert trip.facts[:2] == (
        ("Address of the copy", "https://evil.test/a?b=c#\\x1b[2J"),
        ("Came from", "https://mail.test/"),
    )


@pytest.mark.parametrize("query", ["", "?", "?x=1", "?=", "?" + "a&" * 50, "?x=%zz"])
def test_a_fetch_without_an_address_is_told_as_one(query: str) -> None:
    trip = touched(cloned_site.KIND, f"/a.gif{query}")
    assert trip is not None and "A copy" not in trip.summary


def test_a_script_cannot_be_left_by_what_an_operator_types() -> None:
    code = cloned_site.KIND.artefacts(minted(cloned_site.KIND), SITE)[1].value
    assert isinstance(code, str)
    assert '["shop.example"]' in code
    for word in ("eval", "clone", "copy", "alert", "@", "«", "‹"):
        assert word not in code
    assert len(code) < 700
