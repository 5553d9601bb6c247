"""A hostname: whether it seems to exist."""

from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.model.answer import Answer
from serinus.tokens.kind import Token
from serinus.tokens.kinds.dns import KIND, DNSOptions
from serinus.tokens.site import Site

SITE = Site("example.net", "http://example.net", bytes(32))


def test_a_name_exists_unless_it_shall_not() -> None:
    live = Token(TokenId("abc"), "dns", "memo", DNSOptions(), datetime.now(UTC))
    gone = Token(TokenId("abc"), "dns", "memo", DNSOptions(nxdomain=True), datetime.now(UTC))
    assert KIND.answer(live, SITE) is None
    assert KIND.answer(gone, SITE) == Answer(nxdomain=True)
    assert KIND.artefacts(live, SITE)[0].value == "abc.example.net"
