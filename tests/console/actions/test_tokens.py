from datetime import datetime

import pytest
from django.db import IntegrityError

from serinus.base.ids import TokenId
from serinus.console.actions import tokens
from serinus.console.actions.minting import change_token
from serinus.console.actions.tokens import NewFile, NewToken, search_tokens
from serinus.console.models import Destination, Token


def new(name: str, memo: str, kind: str = "web") -> NewToken:
    return NewToken(TokenId(name), kind, memo)


def test_five_thousand_tokens_are_minted_at_once(now: datetime) -> None:
    rows = tokens.mint_tokens([new(f"id{i:05}", f"share {i}") for i in range(5000)], None, now)
    assert len({row.pk for row in rows}) == Token.objects.count() == 5000
    found, before = 0, None
    while page := search_tokens("share", before_pk=before, count=500):
        assert [row.pk for row in page] == sorted((row.pk for row in page), reverse=True)
        found, before = found + len(page), page[-1].pk
    assert found == 5000


def test_a_batch_with_a_known_id_mints_nothing(now: datetime) -> None:
    tokens.mint_tokens([new("a", "x")], None, now)
    with pytest.raises(IntegrityError):
        tokens.mint_tokens([new("b", "x"), new("a", "x")], None, now)
    assert Token.objects.count() == 1


def test_files_and_destinations_are_kept(now: datetime) -> None:
    where = Destination.objects.create(kind="webhook", name="one")
    file = NewFile("a.png", "image/png", b"\x89PNG")
    (row,) = tokens.mint_tokens(
        [NewToken(TokenId("a"), "web", "x", {"size": 1}, (where.pk,), file)], None, now
    )
    row = Token.objects.get(pk=row.pk)
    assert list(row.destinations.all()) == [where] and row.options == {"size": 1}
    assert bytes(row.file.content) == b"\x89PNG"


def test_search_finds_by_beginnings_of_memo_and_id(now: datetime) -> None:
    tokens.mint_tokens(
        [new("abcd1", "Finance share, Zürich"), new("wxyz2", "Payroll laptop", "dns")], None, now
    )
    for text, expected in (
        ("fin", ["abcd1"]),
        ("zur sha", ["abcd1"]),
        ("WXY", ["wxyz2"]),
        ("inance", []),
        ('"* OR -', []),
        ("...", []),
        ("", ["wxyz2", "abcd1"]),
    ):
        assert [row.token_id for row in search_tokens(text)] == expected, text
    assert [row.token_id for row in search_tokens("p", kind="dns")] == ["wxyz2"]
    assert search_tokens("p", kind="web") == []


def test_a_changed_memo_is_found_under_its_new_words_only(now: datetime) -> None:
    (row,) = tokens.mint_tokens([new("a", "old")], None, now)
    change_token(row, memo="fresh")
    assert search_tokens("old") == [] and search_tokens("fresh") == [row]
    with pytest.raises(Token.DoesNotExist):
        change_token(Token(pk=row.pk + 1), memo="x")


def test_states_change_and_filter(now: datetime) -> None:
    one, two, three = tokens.mint_tokens([new(n, "memo") for n in "abc"], None, now)
    assert tokens.set_enabled([one.pk], False) == 1
    assert tokens.delete_tokens([two.pk], now) == 1
    assert tokens.set_enabled([two.pk], False) == 0
    for text in ("", "memo"):
        assert search_tokens(text, state="disabled") == [one]
        assert search_tokens(text, state="deleted") == [two]
        assert search_tokens(text, state="enabled") == [three]
        assert search_tokens(text) == [three, one]
    assert tokens.undelete_tokens([two.pk, three.pk]) == 1
    assert search_tokens("memo", state="enabled") == [three, two]
