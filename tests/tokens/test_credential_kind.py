"""What holds for every kind whose artefact is a credential for HTTP."""

import base64
from datetime import UTC, datetime

import pytest

from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.tokens.catalogue import KINDS
from serinus.tokens.credential_kind import CredentialKind
from serinus.tokens.kind import Artefact, Kind, Token, read_options
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))
OTHER_SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))
PLAIN_SITE = Site("files.example.net", "http://files.example.net:8080", bytes(32))
FOUND: list[Kind] = [kind for kind in KINDS if isinstance(kind, CredentialKind)]
BASIC = "Basic " + base64.b64encode(b"mreyes:hunter22").decode()

every_kind = pytest.mark.parametrize("kind", FOUND, ids=lambda kind: kind.name)


def minted(kind: Kind, number: int = 1) -> Token:
    at = datetime(2026, 1, 2, tzinfo=UTC)
    return Token(TokenId(f"id{number}"), kind.name, "memo", read_options(kind, {}), at)


def asked(headers: list[list[str]], target: str = "/a") -> Touch:
    detail = {"method": "GET", "target": target, "headers": headers, "found": ["host"]}
    return Touch("t", 0.0, "http", "tcp", "192.0.2.1", 4711, (TokenId("id1"),), detail)


def contents(artefacts: list[Artefact]) -> list[tuple[str | None, bytes]]:
    return [(artefact.file_name, artefact.content()) for artefact in artefacts]


@every_kind
def test_the_use_of_a_credential_is_told_apart_from_a_fetch(kind: Kind) -> None:
    assert isinstance(kind, CredentialKind)
    agent = ["User-Agent", "git/2.39.5 (more)"]
    used = kind.interpret(asked([agent, ["Authorization", BASIC]]), minted(kind))
    assert used is not None
    assert used.summary == f"The {kind.service} password of 'mreyes' was used by git/2.39.5"
    masked = ("Credential", "password of 'mreyes': h••• (8 characters), in Authorization")
    assert masked in used.facts
    assert "hunter22" not in repr(used) and BASIC.partition(" ")[2] not in repr(used)
    fetched = kind.interpret(asked([agent]), minted(kind))
    assert fetched is not None
    assert fetched.summary == "GET for /a with git/2.39.5 (more)"


@every_kind
def test_a_client_without_a_name_and_a_browser_are_told_as_they_are(kind: Kind) -> None:
    offered = ["Authorization", BASIC]
    used = kind.interpret(asked([offered]), minted(kind))
    assert used is not None and used.summary.endswith("'mreyes' was used")
    browser = ["User-Agent", "Mozilla/5.0 (X11) Firefox/140.0"]
    used = kind.interpret(asked([offered, browser]), minted(kind))
    assert used is not None and used.summary.endswith(f"was used by {browser[1]}")


@every_kind
def test_the_client_is_asked_or_refused_as_its_service_does(kind: Kind) -> None:
    answer = kind.answer(minted(kind), SITE)
    assert answer is not None and answer.body
    headers = {name.lower(): value for name, value in answer.headers}
    assert answer.status in (400, 401, 403, 407)
    assert "content-type" in headers
    assert answer.status != 407 or "proxy-authenticate" in headers


@every_kind
def test_an_artefact_is_the_same_tomorrow_and_no_other_token_s(kind: Kind) -> None:
    first = contents(kind.artefacts(minted(kind), SITE))
    assert first == contents(kind.artefacts(minted(kind), SITE))
    for token, site in ((minted(kind, 2), SITE), (minted(kind), OTHER_SITE)):
        other = contents(kind.artefacts(token, site))
        assert all(a != b for (_, a), (_, b) in zip(first, other, strict=True))


@every_kind
def test_a_port_stands_wherever_the_host_does(kind: Kind) -> None:
    texts = [content.decode() for _, content in contents(kind.artefacts(minted(kind), PLAIN_SITE))]
    assert any("id1.files.example.net:8080" in text for text in texts) or kind.name == "netrc"
    for text in texts:
        assert "https://id1" not in text
