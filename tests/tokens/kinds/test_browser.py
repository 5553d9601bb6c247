"""The page that asks the browser: no two alike, small, and its report read back."""

import json
from datetime import UTC, datetime
from itertools import count

import pytest

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.tokens.kind import Token, Trip, read_options
from serinus.tokens.kinds.browser import (
    KIND,
    LABELS,
    REPORT_SIZE_MAX,
    BrowserOptions,
    _field_number,
)
from serinus.tokens.site import Site

SITE = Site("example.net", "http://example.net", bytes(range(32)))
TOKEN_ID = TokenId("k3j5h2g9d8s7a6q1w4e5r6t7")
PAGES_COUNT = 250
SHARED_MAX = 39
"""Bytes in a row that two pages may share. No name of a web API is that long, and none stands
beside another without a drawn name between, so that no exception is needed for them."""


def page_of(token_id: str, options: BrowserOptions | None = None, site: Site = SITE) -> str:
    chosen = options or BrowserOptions()
    token = Token(TokenId(token_id), "browser", "memo", chosen, datetime.now(UTC))
    answer = KIND.answer(token, site)
    assert answer is not None
    return answer.body.decode()


def posted(body: bytes) -> Trip:
    token = Token(TOKEN_ID, "browser", "memo", BrowserOptions(), datetime.now(UTC))
    detail = {"method": "POST", "target": "/a", "body": body.decode("latin-1")}
    touch = Touch("t", 0.0, "http", "tcp", "192.0.2.1", 1, (TOKEN_ID,), detail)
    trip = KIND.interpret(touch, token)
    assert trip is not None
    return trip


def key_of(label: str) -> str:
    number = LABELS.index(label)
    return next(k for k in map(str, count()) if _field_number(TOKEN_ID, k) == number)


def runs(page: str) -> set[str]:
    return {page[i : i + SHARED_MAX + 1] for i in range(len(page) - SHARED_MAX)}


@pytest.mark.parametrize("target", ["", "https://{0}.net/{0}"])
def test_no_two_pages_share_a_long_constant(target: str) -> None:
    seen: dict[str, int] = {}
    for n in range(PAGES_COUNT):
        options = BrowserOptions(target.format(7919 * n)) if target else None
        for run in runs(page_of(f"id{n}", options)):
            assert seen.setdefault(run, n) == n, run


def test_another_deployment_draws_another_page_for_the_same_id() -> None:
    other = Site("example.net", "http://example.net", b"\x07" * 32)
    assert not runs(page_of("abc")) & runs(page_of("abc", site=other))


def test_a_page_is_small() -> None:
    assert max(len(page_of(f"id{n}")) for n in range(PAGES_COUNT)) < 4096


def test_a_target_and_a_text_are_data_and_nothing_else() -> None:
    page = page_of("abc", BrowserOptions("https://example.com/</script><script>'\"&x"))
    assert page.count("</script>") == 1
    assert "http-equiv=refresh" in page
    assert page.count('"0;url=https://example.com/&lt;/script&gt;&lt;script&gt;&#x27;&quot;') == 1
    page = page_of("abc", BrowserOptions(text="<b>One</b>\n{two}"))
    assert "&lt;b&gt;One&lt;/b&gt;<br>\n{two}" in page
    assert "noscript" not in page


def test_target_and_text_together_are_refused() -> None:
    for values, field in (
        ({"target": "https://a/", "text": "b"}, "text"),
        ({"target": "javascript:x"}, "target"),
    ):
        with pytest.raises(OperatorError) as caught:
            read_options(KIND, values)
        assert caught.value.field == field


def test_a_report_adds_facts() -> None:
    report = {
        key_of("Time zone"): "Europe/Berlin",
        key_of("Languages"): ["de", "en\x1b"],
        key_of("Screen"): [1920, 1080, 24, 1.5],
        key_of("Touch points"): 0,
        key_of("Client hints"): {
            "mobile": False,
            "bitness": "64",
            "unknown": "x",
            "fullVersionList": [{"brand": "Chromium", "version": "120.0"}],
        },
    }
    trip = posted(json.dumps(report).encode())
    assert trip.summary.endswith(", reporting 7 details of the browser")
    assert trip.facts[:7] == (
        ("Time zone", "Europe/Berlin"),
        ("Languages", "de, en\\x1b"),
        ("Screen", "1920, 1080, 24, 1.5"),
        ("Touch points", "0"),
        ("Bitness", "64"),
        ("Browser versions", "Chromium 120.0"),
        ("Mobile", "no"),
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[1]",
        b"{}",
        b"[" * 10_000,
        b'{"a":' * 2_000,
        b"9" * 10_000,
        b'{"\\ud800":1e999}',
        b"{" + b" " * REPORT_SIZE_MAX + b"}",
    ],
    ids=range(9),
)
def test_a_body_that_is_no_report_is_a_trip_all_the_same(body: bytes) -> None:
    assert posted(body).summary == "POST for /a without a User-Agent"
