"""Spellings: what is drawn, and what is not touched."""

import re
from datetime import UTC, datetime

from serinus.base.ids import TokenId
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Options, Token
from serinus.tokens.site import Site
from serinus.tokens.spelling import Spelling

SITE = Site("files.example.net", "https://files.example.net", bytes(32))


def spelling(name: str) -> Spelling:
    token = Token(TokenId(name), "web", "memo", Options(), datetime.now(UTC))
    return Spelling(Draw(token, SITE, "test"))


def test_a_name_is_the_same_wherever_it_stands_and_others_are_others() -> None:
    for number in range(50):
        found = spelling(str(number))
        words = found.write(" ".join(f"@{letter}" for letter in "abcdefghab"), {}).split()
        assert words[:2] == words[-2:]
        assert len(set(words)) == 8
        assert found.write("$@a ${@b}", {}) == f"${words[0]} ${{{words[1]}}}"
        assert all(re.fullmatch("[a-z]{1,4}[0-9]", word) for word in words)


def test_no_name_is_one_of_the_c_library() -> None:
    names = " ".join(f"@{a}{b}" for a in "abcdefghij" for b in "abcdefghij")
    drawn = {name for n in range(200) for name in spelling(str(n)).write(names, {}).split()}
    assert not drawn & {"y0", "y1", "j0", "j1", "dup2", "log2"}
    assert len(drawn & {f"{letter}0" for letter in "abcdefghiklmnopqrstuvwxz"}) > 20


def test_two_tokens_spell_otherwise_and_one_always_alike() -> None:
    template = "\t@one«=¦ = »@two\n"
    texts = {spelling(str(number)).write(template, {}) for number in range(30)}
    assert len(texts) == 30
    assert spelling("1").write(template, {}) == spelling("1").write(template, {})


def test_nothing_in_a_value_is_taken_for_a_sign() -> None:
    value = "@a «b¦c» ‹d›\n\t\\1"
    assert spelling("1").write("‹value›", {"value": value}) == value
