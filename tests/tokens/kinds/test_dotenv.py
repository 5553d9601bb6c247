"""An environment file: a lookup tells which service it was for."""

import re
from datetime import UTC, datetime
from urllib.parse import urlsplit

from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.tokens.kind import Options, Token
from serinus.tokens.kinds.dotenv import KIND
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))
SCHEMES = {
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
    "mysql": "MySQL",
    "mysql2": "MySQL",
    "redis": "Redis",
    "mongodb": "MongoDB",
    "mongodb+srv": "MongoDB",
}


def service(token: Token, left: list[str]) -> str | None:
    detail = {"name": "x", "type": "A", "left": left}
    trip = KIND.interpret(Touch("1", 0.0, "dns", "udp", "192.0.2.1", 1, (token.id,), detail), token)
    assert trip is not None
    return dict(trip.facts).get("Service")


def test_each_address_parses_and_its_lookup_names_the_service() -> None:
    seen = set()
    for number in range(30):
        token = Token(TokenId(f"t{number}"), "dotenv", "m", Options(), datetime.now(UTC))
        text = KIND.artefacts(token, SITE)[0].content().decode()
        urls = [urlsplit(u) for u in re.findall(r'="?(\w[\w+]*://.*?)"?$', text, re.MULTILINE)]
        assert len(urls) == 4
        for url in urls:
            assert url.hostname is not None and url.hostname.endswith(
                f"t{number}.files.example.net"
            )
            if url.scheme == "https":
                assert url.username and re.fullmatch("[0-9a-f]{32}", url.username)
                continue
            assert url.password
            label = url.hostname.partition(".")[0]
            assert service(token, [label.upper()]) == SCHEMES[url.scheme]
            assert service(token, ["_mongodb", "_tcp", label]) == SCHEMES[url.scheme]
            seen.add(url.scheme)
    assert len(seen) > 5


def test_another_name_names_no_service() -> None:
    token = Token(TokenId("t"), "dotenv", "m", Options(), datetime.now(UTC))
    assert service(token, ["www"]) is None
    assert service(token, []) is None
