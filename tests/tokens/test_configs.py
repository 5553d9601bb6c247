"""What configurations are made of besides their format."""

import re
from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.configs import draw_remark
from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.kind import Options, Token
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(32))


def test_a_remark_says_who_or_when_in_no_words_of_a_list_of_ours() -> None:
    found = list[str]()
    for number in range(60):
        at = datetime(2026, 1, 2, tzinfo=UTC)
        token = Token(TokenId(f"id{number}"), "ssh", "memo", Options(), at)
        found += draw_remark(Draw(token, SITE, "remark"))
    assert 30 < len(found) < 60
    for remark in found:
        assert re.search(r"20\d\d", remark)
        assert not set(re.findall(r"[a-z]+", remark)) & set(PROJECTS)
