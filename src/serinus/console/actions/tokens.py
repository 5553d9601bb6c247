"""What happens to tokens: minted, changed, switched, deleted, taken back, found."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from django.db import connection, transaction
from django.db.models import Q

from serinus.base.ids import TokenId
from serinus.console.models import Token, TokenFile, User

TokenState = Literal["enabled", "disabled", "deleted"]

PAGE_MAX = 501
"""Tokens of one search: a page of 500, and one more that tells whether there is a next page."""
WORDS_MAX = 8
"""Words of a search that count; nobody types more, and each costs a look-up."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """The bytes that a new token answers with."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to mint; without destinations it alerts to all."""

    token_id: TokenId
    kind: str
    memo: str
    options: dict[str, Any] = field(default_factory=dict)
    destinations: tuple[int, ...] = ()
    file: NewFile | None = None


def mint_tokens(new: Sequence[NewToken], who: User | None, now: datetime) -> list[Token]:
    """Store new tokens, all or none; raises IntegrityError where an id or destination is wrong."""
    with transaction.atomic():
        rows = Token.objects.bulk_create(
            [
                Token(
                    token_id=n.token_id,
                    kind=n.kind,
                    memo=n.memo,
                    options=n.options,
                    created_at=now,
                    created_by=who,
                )
                for n in new
            ]
        )
        pairs = list(zip(rows, new, strict=True))
        through = Token.destinations.through
        through.objects.bulk_create(
            [through(token=row, destination_id=d) for row, n in pairs for d in set(n.destinations)]
        )
        TokenFile.objects.bulk_create(
            [
                TokenFile(
                    token=row,
                    name=n.file.name,
                    media_type=n.file.media_type,
                    content=n.file.content,
                )
                for row, n in pairs
                if n.file
            ]
        )
    return rows


def set_enabled(token_pks: Sequence[int], enabled: bool) -> int:
    """Switch tokens on or off, and count them; deleted ones stay as they are."""
    return Token.objects.filter(pk__in=token_pks, deleted_at__isnull=True).update(enabled=enabled)


def delete_tokens(token_pks: Sequence[int], now: datetime) -> int:
    """Delete tokens so that they can be taken back, and count them."""
    return Token.objects.filter(pk__in=token_pks, deleted_at__isnull=True).update(deleted_at=now)


def undelete_tokens(token_pks: Sequence[int]) -> int:
    """Take deleted tokens back, and count them."""
    return Token.objects.filter(pk__in=token_pks, deleted_at__isnull=False).update(deleted_at=None)


def search_tokens(
    text: str = "",
    kind: str | None = None,
    state: TokenState | None = None,
    before_pk: int | None = None,
    count: int = 50,
) -> list[Token]:
    """Return a page of tokens, newest first.

    Args:
        text: Words, each of which memo or id has a word beginning with.
        kind: Only this kind.
        state: Only this state; None is every token that is not deleted.
        before_pk: The last primary key of the page before.
        count: Tokens wanted, at most `PAGE_MAX`.
    """
    count = max(0, min(count, PAGE_MAX))
    words = re.findall(r"\w+", text)[:WORDS_MAX]
    if text.strip() and not words:
        return []
    if words and connection.vendor == "sqlite":
        pks = _search_index(words, kind, state, before_pk, count)
        return list(Token.objects.filter(pk__in=pks).order_by("-pk"))
    found = Token.objects.filter(_condition(kind, state))
    for word in words:
        found = found.filter(Q(memo__icontains=word) | Q(token_id__istartswith=word))
    if before_pk is not None:
        found = found.filter(pk__lt=before_pk)
    return list(found.order_by("-pk")[:count])


def _condition(kind: str | None, state: TokenState | None) -> Q:
    condition = Q(deleted_at__isnull=state != "deleted")
    if state in ("enabled", "disabled"):
        condition &= Q(enabled=state == "enabled")
    return condition & Q(kind=kind) if kind is not None else condition


def _search_index(
    words: Sequence[str],
    kind: str | None,
    state: TokenState | None,
    before_pk: int | None,
    count: int,
) -> list[int]:
    """Walk the full-text index from the newest token on; it is read no further than needed."""
    terms = ["console_token_search MATCH %s"]
    values: list[Any] = [" ".join(f'"{word}"*' for word in words)]
    if before_pk is not None:
        terms.append("console_token_search.rowid < %s")
        values.append(before_pk)
    terms.append(f"t.deleted_at IS {'NOT ' if state == 'deleted' else ''}NULL")
    if state in ("enabled", "disabled"):
        terms.append("t.enabled = %s")
        values.append(state == "enabled")
    if kind is not None:
        terms.append("t.kind = %s")
        values.append(kind)
    statement = (
        "SELECT t.id FROM console_token_search"  # noqa: S608
        " CROSS JOIN console_token t ON t.id = console_token_search.rowid"
        f" WHERE {' AND '.join(terms)} ORDER BY console_token_search.rowid DESC LIMIT %s"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, count])
        return [pk for (pk,) in cursor.fetchall()]
