"""What a believable thing is made of."""

import re
from datetime import UTC, datetime
from uuid import UUID

from serinus.base.ids import TokenId
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Options, Token
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def drawn(number: int) -> Draw:
    token = Token(TokenId(f"id{number}"), "web", "memo", Options(), NOW)
    return Draw(token, SITE, "test")


def test_the_same_token_draws_the_same_and_another_does_not() -> None:
    def draw_all(number: int) -> list[object]:
        draw = drawn(number)
        return [draw.account(), draw.password(), draw.uuid(), draw.person(), draw.before(9)]

    assert draw_all(1) == draw_all(1)
    assert all(a != b for a, b in zip(draw_all(1), draw_all(2), strict=True))


def test_accounts_and_passwords_mean_themselves_in_urls_and_files() -> None:
    for number in range(200):
        draw = drawn(number)
        assert re.fullmatch(r"[a-z][a-z-]{2,}", draw.account())
        assert re.fullmatch(r"[A-Za-z0-9]{12,40}", draw.password())


def test_a_uuid_is_a_random_one() -> None:
    assert UUID(drawn(1).uuid()).version == 4


def test_a_date_before_lies_before_the_token_was_minted() -> None:
    assert all(drawn(number).before(2) < NOW for number in range(50))
