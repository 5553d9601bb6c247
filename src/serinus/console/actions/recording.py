"""From touches to incidents, exactly once in effect.

One batch is one transaction: evidence, incidents, alerts, outbox and the cursor appear together or
not at all. What is already there is known by touch and token, so a batch may come again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.db import connection, transaction

from serinus.console.actions.alerting import Opening, write_alerts
from serinus.console.actions.changes import take_changes
from serinus.console.actions.inserting import (
    execute_many,
    insert_fields,
    insert_rows,
    insert_values,
    prepare,
)
from serinus.console.actions.joining import (
    ACROSS,
    WINDOW,
    Contact,
    Standing,
    choose,
    extend,
    open_standing,
)
from serinus.console.models import Incident, IncidentTouch, LedgerCursor, Token
from serinus.model.touch import Touch

CHATTER = timedelta(seconds=30)
"""Touches this soon after the first are one client's chatter, of which its alert has told."""
DIGEST = timedelta(minutes=15)
"""Later touches are told at most this often."""
TOUCH_ID_LENGTH_MAX = 64
"""Characters of a touch's id that are kept; the edge's have about 25."""
ACROSS_LOAD_MAX = 2000
"""Incidents of the batch's tokens looked at for their other half; only a flood has more."""
ACROSS_LOOK_MAX = 16
"""Incidents of one token looked at for one touch's other half, newest first."""


class Trip(Protocol):
    """A touch as a token's kind reads it."""

    @property
    def summary(self) -> str:
        """One sentence for people."""

    @property
    def facts(self) -> Sequence[tuple[str, str]]:
        """Names and values for people."""


Interpret = Callable[[Touch, Token], Trip | None]
DescribeSource = Callable[[Touch], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What came of a batch.

    Attributes:
        touches: Rows of evidence written.
        opened, joined: Primary keys of incidents opened, and of those that were there before.
        seq: The cursor afterwards.
    """

    touches: int
    opened: tuple[int, ...]
    joined: tuple[int, ...]
    seq: int


@dataclass(slots=True)
class _Case:
    """An incident while a batch is worked on."""

    row: Incident
    standing: Standing
    is_new: bool
    rows: list[IncidentTouch] = field(default_factory=list)


def record_touches(
    rows: Sequence[tuple[int, Touch]],
    interpret: Interpret,
    now: datetime,
    edge: str = "local",
    window: timedelta = WINDOW,
    digest: timedelta = DIGEST,
    describe_source: DescribeSource = lambda _: {},
) -> Recorded:
    """Turn a batch of ledger rows into incidents and alerts, and move the edge's cursor.

    Args:
        rows: Ledger numbers and touches, in the ledger's order.
        interpret: Reads a touch as the kind of a live token does; None when it is no trip.
        now: When alerts and deliveries are made.
        edge: Whose ledger it is.
        window: How long a source may be silent within one incident.
        digest: How long later touches wait before they are told.
        describe_source: Facts about a source, without waiting for anybody.
    """
    with transaction.atomic():
        number = take_changes(0)
        cursor, _ = LedgerCursor.objects.select_for_update().get_or_create(edge=edge)
        trips = list(_find_trips([touch for _, touch in rows], interpret))
        cases = _sort_trips(trips, window, digest, describe_source)
        take_changes(len(cases))
        for offset, case in enumerate(cases):
            case.row.changed = number + offset
        _save_cases(cases)
        _count_at_tokens(cases)
        opened = [Opening(c.row, c.rows[0].summary, c.rows[0].facts) for c in cases if c.is_new]
        write_alerts(opened, "opened", now)
        newest = max(rows, key=lambda row: row[0], default=None)
        if newest is not None and newest[0] >= cursor.seq:
            cursor.seq, cursor.touch_id = newest[0], newest[1].id[:TOUCH_ID_LENGTH_MAX]
            cursor.save(update_fields=["seq", "touch_id"])
    return Recorded(
        touches=sum(len(case.rows) for case in cases),
        opened=tuple(case.row.pk for case in cases if case.is_new),
        joined=tuple(case.row.pk for case in cases if not case.is_new),
        seq=cursor.seq,
    )


def _find_trips(
    touches: Sequence[Touch], interpret: Interpret
) -> Iterable[tuple[Touch, Token, Trip]]:
    """Yield what is a trip at a live token and not yet recorded."""
    ids = {token_id for touch in touches for token_id in touch.tokens}
    live = Token.objects.filter(token_id__in=ids, enabled=True, deleted_at__isnull=True)
    tokens = {token.token_id: token for token in live}
    done = set(
        IncidentTouch.objects.filter(touch_id__in={touch.id for touch in touches}).values_list(
            "touch_id", "token_id"
        )
    )
    for touch in touches:
        for token_id in touch.tokens:
            token = tokens.get(token_id)
            if token is None or (touch.id, token.pk) in done:
                continue
            done.add((touch.id, token.pk))
            trip = interpret(touch, token)
            if trip is not None:
                yield touch, token, trip


def _sort_trips(
    trips: Sequence[tuple[Touch, Token, Trip]],
    window: timedelta,
    digest: timedelta,
    describe_source: DescribeSource,
) -> list[_Case]:
    """Return the incidents that the trips open or join, each with its new evidence."""
    cases = _load_cases(trips, window)
    by_place: dict[str, list[int]] = defaultdict(list)
    by_token: dict[int, list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        by_place[case.row.place].append(number)
        by_place[case.row.resolver_place].append(number)
        by_token[case.row.token_id or 0].append(number)
    for touch, token, trip in trips:
        contact = Contact(touch.source, touch.channel, _when(touch))
        near = dict.fromkeys(
            by_place[_place(token, touch.source)] + by_token[token.pk][-ACROSS_LOOK_MAX:]
        )
        number_or_none = choose(((n, cases[n].standing) for n in near), contact, window)
        if number_or_none is None:
            number = len(cases)
            cases.append(_open_case(touch, token, trip, contact, describe_source(touch)))
            by_place[cases[number].row.place].append(number)
            by_token[token.pk].append(number)
        else:
            number = number_or_none
            _join_case(cases[number], touch, token, trip, contact, describe_source)
            by_place[cases[number].row.place].append(number)
            by_place[cases[number].row.resolver_place].append(number)
        _count(cases[number], touch, token, trip, contact, digest)
    return [case for case in cases if case.rows]


def _load_cases(trips: Sequence[tuple[Touch, Token, Trip]], window: timedelta) -> list[_Case]:
    """Load the incidents that the trips may join, the one seen last at the end."""
    if not trips:
        return []
    earliest = min(_when(touch) for touch, _, _ in trips)
    places = {_place(token, touch.source) for touch, token, _ in trips}
    tokens = {token.pk for _, token, _ in trips}
    rows = Incident.objects.select_for_update().order_by()
    recent = rows.filter(last_seen__gte=earliest - window)
    across = rows.filter(token_id__in=tokens, last_seen__gte=earliest - ACROSS)
    found = {
        row.pk: row
        for query in (
            recent.filter(place__in=places),
            recent.filter(resolver_place__in=places).exclude(resolver_place=""),
            across[:ACROSS_LOAD_MAX],
        )
        for row in query
    }
    ordered = sorted(found.values(), key=lambda row: (row.last_seen, row.pk))
    return [_Case(row, _standing(row), is_new=False) for row in ordered]


def _standing(row: Incident) -> Standing:
    channels = frozenset(row.channels.split(","))
    return Standing(row.source, row.resolver, channels, row.first_seen, row.last_seen)


def _open_case(
    touch: Touch, token: Token, trip: Trip, contact: Contact, facts: dict[str, Any]
) -> _Case:
    row = Incident(
        token=token,
        kind=token.kind,
        memo=token.memo,
        source=touch.source,
        source_port=touch.source_port,
        source_facts=facts,
        headline=trip.summary,
        place=_place(token, touch.source),
        channels=touch.channel,
        first_seen=contact.at,
        last_seen=contact.at,
    )
    return _Case(row, open_standing(contact), is_new=True)


def _join_case(
    case: _Case,
    touch: Touch,
    token: Token,
    trip: Trip,
    contact: Contact,
    describe_source: DescribeSource,
) -> None:
    before, row = case.standing, case.row
    case.standing = now = extend(before, contact)
    if now.source != before.source:
        row.source, row.source_port = touch.source, touch.source_port
        row.source_facts = describe_source(touch)
        row.headline = trip.summary
    row.resolver = now.resolver
    row.place = _place(token, now.source)
    row.resolver_place = _place(token, now.resolver) if now.resolver else ""
    row.channels = ",".join(sorted(now.channels))
    row.first_seen, row.last_seen = now.first_seen, now.last_seen


def _count(
    case: _Case, touch: Touch, token: Token, trip: Trip, contact: Contact, digest: timedelta
) -> None:
    row = case.row
    row.touches += 1
    if contact.at <= row.first_seen + CHATTER:
        row.told_touches += 1
    elif row.digest_at is None:
        row.digest_at = contact.at + digest
    case.rows.append(
        IncidentTouch(
            touch_id=touch.id,
            token=token,
            at=contact.at,
            channel=touch.channel,
            source=touch.source,
            summary=trip.summary,
            facts=[list(fact) for fact in trip.facts],
            evidence={
                "transport": touch.transport,
                "source_port": touch.source_port,
                "detail": touch.detail,
            },
        )
    )


_CHANGED = {
    "source",
    "source_port",
    "source_facts",
    "resolver",
    "place",
    "resolver_place",
    "channels",
    "headline",
    "first_seen",
    "last_seen",
    "touches",
    "told_touches",
    "digest_at",
    "changed",
}


def _save_cases(cases: Sequence[_Case]) -> None:
    insert_rows([case.row for case in cases if case.is_new])
    _update_incidents([case.row for case in cases if not case.is_new])
    for case in cases:
        for row in case.rows:
            row.incident = case.row
    fields = insert_fields(IncidentTouch)
    rows = [prepare(row, fields) for case in cases for row in case.rows]
    insert_values(IncidentTouch, fields, rows)


def _update_incidents(rows: Sequence[Incident]) -> None:
    """Write what a batch may change and nothing else, so that people's changes stay."""
    fields = [f for f in Incident._meta.concrete_fields if f.name in _CHANGED]
    assignments = ", ".join(f"{f.column} = %s" for f in fields)
    execute_many(
        f"UPDATE console_incident SET {assignments} WHERE id = %s",  # noqa: S608
        [[*prepare(row, fields), row.pk] for row in rows],
    )


def _count_at_tokens(cases: Sequence[_Case]) -> None:
    counts: dict[int, int] = defaultdict(int)
    seen: dict[int, datetime] = {}
    for case in cases:
        for row in case.rows:
            counts[row.token_id] += 1
            seen[row.token_id] = max(seen.get(row.token_id, row.at), row.at)
    seen_at = Token._meta.get_field("last_seen_at").get_db_prep_save
    execute_many(
        "UPDATE console_token SET touches = touches + %s, last_seen_at ="
        " CASE WHEN last_seen_at > %s THEN last_seen_at ELSE %s END WHERE id = %s",
        [
            [count, at := seen_at(seen[pk], connection), at, pk]
            for pk, count in sorted(counts.items())
        ],
    )


def _place(token: Token, address: str) -> str:
    return f"{token.pk} {address}"


def _when(touch: Touch) -> datetime:
    return datetime.fromtimestamp(touch.at, UTC)
