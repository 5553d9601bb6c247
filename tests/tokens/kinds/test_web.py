"""A URL: its three surfaces."""

from datetime import UTC, datetime
from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.tokens.kind import Token, read_options
from serinus.tokens.kinds.web import KIND
from serinus.tokens.site import Site

SITE = Site("example.net", "http://example.net", bytes(32))
FILE = {"surface": "file", "body": b"%PDF", "file_name": "plan.pdf"}


def minted(number: int, **values: Any) -> Token:
    options = read_options(KIND, values)
    return Token(TokenId(f"id{number}"), "web", "memo", options, datetime.now(UTC))


def test_a_picture_ends_like_one_and_gets_the_default_surface() -> None:
    urls = [str(KIND.artefacts(minted(n), SITE)[0].value) for n in range(40)]
    assert {url[-4:] for url in urls} == {".gif", ".png"}
    assert KIND.answer(minted(1), SITE) is None
    assert urls[1] in str(KIND.artefacts(minted(1), SITE)[2].value)


def test_a_page_ends_in_html_or_nothing_and_gets_the_default_surface() -> None:
    pages = [KIND.artefacts(minted(n, surface="page"), SITE) for n in range(40)]
    names = [str(page[0].value).rpartition("/")[2] for page in pages]
    assert {name.partition(".")[2] for name in names} == {"", "html"}
    assert KIND.answer(minted(1, surface="page"), SITE) is None


def test_a_file_is_given_as_it_is() -> None:
    token = minted(1, **FILE, content_type="application/pdf")
    answer = KIND.answer(token, SITE)
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"%PDF")
    assert answer.headers == (("Content-Type", "application/pdf"),)
    assert str(KIND.artefacts(token, SITE)[0].value).endswith("/id1/plan.pdf")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"body": b""}, "body"),
        ({"surface": "page"}, "body"),
        ({"surface": "PDF"}, "surface"),
        ({"file_name": ""}, "file_name"),
        ({"file_name": ".."}, "file_name"),
        ({"file_name": "a/b"}, "file_name"),
        ({"content_type": "pdf"}, "content_type"),
        ({"content_type": "text/html; a=b, c"}, "content_type"),
    ],
)
def test_options_that_do_not_belong_together_are_named(
    change: dict[str, object], field: str
) -> None:
    with pytest.raises(OperatorError) as caught:
        read_options(KIND, {**FILE, **change})
    assert caught.value.field == field
