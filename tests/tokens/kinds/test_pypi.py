"""A Python index."""

from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.pypi import KIND
from serinus.tokens.site import Site

TOKEN = Token(TokenId("id1"), "pypi", "memo", Options(), datetime(2026, 1, 2, tzinfo=UTC))


def test_pip_is_told_to_trust_an_index_that_has_no_tls() -> None:
    for base, trusted in (("https://example.net", False), ("http://example.net:81", True)):
        text = KIND.artefacts(TOKEN, Site("example.net", base, bytes(32)))[0].content().decode()
        assert ("trusted-host = id1.example.net:81\n" in text) == trusted
