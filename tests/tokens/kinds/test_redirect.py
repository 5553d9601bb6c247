"""A redirect."""

from datetime import UTC, datetime

import pytest

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.model.answer import Answer
from serinus.tokens.kind import Token, read_options
from serinus.tokens.kinds.redirect import KIND, RedirectOptions
from serinus.tokens.site import Site


def test_a_visitor_is_sent_on_and_nothing_remembers_it() -> None:
    options = RedirectOptions("https://example.com/a")
    token = Token(TokenId("abc"), "redirect", "memo", options, datetime.now(UTC))
    answer = KIND.answer(token, Site("example.net", "http://example.net", bytes(32)))
    assert answer == Answer(status=302, headers=(("Location", "https://example.com/a"),))


@pytest.mark.parametrize("target", ["/a", "javascript:alert(1)", "http://a/\r\nX: y", "http:// a"])
def test_a_target_that_is_no_url_is_named(target: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_options(KIND, {"target": target})
    assert caught.value.field == "target"
