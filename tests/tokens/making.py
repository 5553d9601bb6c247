"""Tokens of one kind and what there is to plant of them, for the tests of that kind."""

from datetime import UTC, datetime
from typing import Any

from serinus.base.ids import TokenId
from serinus.tokens.kind import Kind, Token, read_options
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))
NOW = datetime.now(UTC)


def make(kind: Kind, number: int = 7, **values: Any) -> dict[str, str]:
    """What there is to plant of a token, by name; another number is another token."""
    options = read_options(kind, values)
    token = Token(TokenId(f"k3j5h2g9d8s7a6q1w4e5r6{number:02}"), kind.name, "memo", options, NOW)
    return {a.name: a.content().decode() for a in kind.artefacts(token, SITE)}
