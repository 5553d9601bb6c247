"""How servers ask for a password."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from serinus.base.ids import TokenId
from serinus.tokens.challenges import PackageServer, ask_apache, draw_package_server
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Options, Token
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))
AT = datetime(2026, 1, 2, tzinfo=UTC)


def servers(format: str) -> Iterator[PackageServer]:
    for number in range(40):
        token = Token(TokenId(f"id{number}"), "npm", "memo", Options(), AT)
        yield draw_package_server(Draw(token, SITE, "server"), format)


@pytest.mark.parametrize("format", ["npm", "pypi", "debian", "generic"])
def test_path_and_question_are_of_one_product(format: str) -> None:
    realms = set[str]()
    for path, asks in servers(format):
        assert not path.startswith("/") and not path.endswith("/")
        realm = dict(asks.headers)["WWW-Authenticate"]
        realms.add(realm)
        assert asks.status == 401
        assert path.startswith("artifactory/") == ("Artifactory" in realm)
        # Artifactory has its interface for some formats; others lie in the repository itself.
        plain = "Artifactory" in realm and format in ("debian", "generic")
        assert ("/api/" not in path) if plain else (f"/{format}" in path)
    assert len(realms) == 2


def test_each_artifactory_has_a_name_of_its_own() -> None:
    ids = [dict(asks.headers).get("X-Artifactory-Id") for _, asks in servers("npm")]
    named = [found for found in ids if found]
    assert len(set(named)) == len(named) > 5
    # The length that its answer had in the transcript.
    [size] = {len(asks.body) for path, asks in servers("npm") if path.startswith("artifactory")}
    assert size == 91


def test_a_proxy_asks_in_headers_of_its_own() -> None:
    assert dict(ask_apache("x", 407).headers)["Proxy-Authenticate"] == 'Basic realm="x"'
    assert b"<title>407 Proxy Authentication Required</title>" in ask_apache("x", 407).body
    assert dict(ask_apache("x").headers)["WWW-Authenticate"] == 'Basic realm="x"'
