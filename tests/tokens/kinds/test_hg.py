"""A Mercurial repository."""

from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.hg import KIND
from serinus.tokens.site import Site

TOKEN = Token(TokenId("id1"), "hg", "memo", Options(), datetime(2026, 1, 2, tzinfo=UTC))


def written(base: str) -> str:
    return KIND.artefacts(TOKEN, Site("example.net", base, bytes(32)))[0].content().decode()


def test_the_login_is_for_the_host_of_the_default_path() -> None:
    text = written("https://example.net:8443")
    assert "default = https://id1.example.net:8443/" in text
    assert ".prefix = id1.example.net:8443\n" in text
    assert "schemes" not in text


def test_without_tls_the_login_is_allowed_in_the_clear() -> None:
    assert ".schemes = http\n" in written("http://example.net")
