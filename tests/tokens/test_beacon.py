"""Sizes of what a beacon sends: every name is lawful, however long id and zone are."""

from datetime import UTC, datetime

import pytest

from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.tokens.beacon import TEXT_SIZE_MAX, check_user, draw_sizes
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Options, Token
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling

SITE = Site("files.example.net", "https://files.example.net", bytes(32))


@pytest.mark.parametrize("length", [30, 57, 100, 200, 215])
def test_what_is_sent_fits_into_a_name(length: int) -> None:
    hostname = "x" * length
    for number in range(60):
        token = Token(TokenId(str(number)), "web", "memo", Options(), datetime.now(UTC))
        sizes = draw_sizes(Spelling(Draw(token, SITE, "test")), hostname)
        part, label, size = (int(sizes[name]) for name in ("part", "label", "size"))
        labels = -(-part // label)
        assert part % 8 == 0 and part > 0 and label <= 60 and size <= TEXT_SIZE_MAX
        assert part + labels - 1 + len(".64-64-0123456789.") + length <= 253
        assert -(-size * 8 // 5) <= 64 * part


def test_a_zone_that_leaves_no_room_is_refused() -> None:
    token = Token(TokenId("1"), "web", "memo", Options(), datetime.now(UTC))
    with pytest.raises(OperatorError, match="too long"):
        draw_sizes(Spelling(Draw(token, SITE, "test")), "x" * 240)


@pytest.mark.parametrize("user", ["a b", "$x", "-r", "Ä", "a/b", "a;b"])
def test_what_is_no_login_name_is_refused(user: str) -> None:
    with pytest.raises(OperatorError):
        check_user(user)
