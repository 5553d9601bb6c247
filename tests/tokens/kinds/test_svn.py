"""A Subversion repository."""

import hashlib
from datetime import UTC, datetime

import pytest

from serinus.base.ids import TokenId
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.svn import KIND
from serinus.tokens.site import Site

TOKEN = Token(TokenId("id1"), "svn", "memo", Options(), datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize(
    ("base", "place"),
    [("https://example.net", "443"), ("http://example.net", "80"), ("http://example.net:81", "81")],
)
def test_the_kept_password_belongs_to_the_realm_that_the_server_names(
    base: str, place: str
) -> None:
    site = Site("example.net", base, bytes(32))
    _, kept, _ = KIND.artefacts(TOKEN, site)
    challenge = dict(KIND.answer(TOKEN, site).headers)["WWW-Authenticate"]
    realm = challenge.partition('"')[2].strip('"')
    whole = f"<{base.partition(':')[0]}://id1.example.net:{place}> {realm}"
    assert f"\nV {len(whole)}\n{whole}\n" in kept.content().decode()
    assert kept.file_name == hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()
