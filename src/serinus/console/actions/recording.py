"""From touches to incidents, exactly once in effect.

One batch is one transaction: evidence, incidents, alerts, outbox and the cursor appear together or
not at all. What is already there is known by touch and token, so a batch may come again.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

from django.db import transaction

from serinus.console.actions.alerting import Opening, write_alerts
from serinus.console.actions.carrying import (
    PARTS_WAIT,
    Known,
    Messages,
    find_part,
    list_facts,
    save_parts,
)
from serinus.console.actions.changes import take_changes
from serinus.console.actions.days import day_of, days_from
from serinus.console.actions.inserting import Columns, execute_many, write_time
from serinus.console.actions.joining import (
    ACROSS,
    WINDOW,
    Contact,
    Standing,
    choose,
    extend,
)
from serinus.console.models import Incident, IncidentTouch, LedgerCursor, Token
from serinus.model.touch import Touch
from serinus.tokens.carried.lookup import Part
from serinus.tokens.describe import quotes_carried

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
        waits: Whether a first alert waits for missing parts of a message.
    """

    touches: int
    opened: tuple[int, ...]
    joined: tuple[int, ...]
    seq: int
    waits: bool = False


class _Found(NamedTuple):
    """A trip, and what it is a trip of."""

    touch: Touch
    token: Token
    trip: Trip
    contact: Contact
    part: Part | None


@dataclass(slots=True)
class _Case:
    """An incident while a batch is worked on: its columns, but for what people alone change.

    A plain object, because one of Django's costs five times as much.
    """

    token_id: int
    kind: str
    memo: str
    source: str
    source_port: int
    source_facts: dict[str, Any]
    headline: str
    channels: str
    first_seen: datetime
    last_seen: datetime
    day: int
    resolver: str = ""
    place: str = ""
    resolver_place: str = ""
    touches: int = 0
    told_touches: int = 0
    digest_at: datetime | None = None
    changed: int = 0
    pk: int = 0
    is_new: bool = False
    trips: list[_Found] = field(default_factory=list)
    messages: list[Known] = field(default_factory=list)
    parts: list[tuple[Part, datetime]] = field(default_factory=list)
    standing: Standing = field(init=False)
    is_untold: bool = field(init=False)
    """Whether its first alert waits for missing parts of a message."""

    def __post_init__(self) -> None:
        self.is_untold = self.told_touches == 0 and self.digest_at is not None
        channels = frozenset(self.channels.split(","))
        self.standing = Standing(
            self.source, self.resolver, channels, self.first_seen, self.last_seen
        )


_COLUMNS = (
    "token_id",
    "kind",
    "memo",
    "source",
    "source_port",
    "source_facts",
    "headline",
    "channels",
    "first_seen",
    "last_seen",
    "day",
    "resolver",
    "place",
    "resolver_place",
    "touches",
    "told_touches",
    "digest_at",
    "changed",
)
"""The first fields of a case, in their order."""
_FIXED = 3
"""Columns at the beginning that no later touch changes."""
_read_columns = attrgetter(*_COLUMNS)


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
            case.changed = number + offset
        new = [case for case in cases if case.is_new]
        there = [case for case in cases if not case.is_new]
        told = [case for case in cases if _decide_telling(case, now)]
        _save_cases(new, there)
        _count_at_tokens(cases)
        write_alerts([_tell(case) for case in told], "opened", now)
        newest = max(rows, key=lambda row: row[0], default=None)
        if newest is not None and newest[0] >= cursor.seq:
            cursor.seq, cursor.touch_id = newest[0], newest[1].id[:TOUCH_ID_LENGTH_MAX]
            cursor.save(update_fields=["seq", "touch_id"])
    return Recorded(
        touches=sum(len(case.trips) for case in cases),
        opened=tuple(case.pk for case in new),
        joined=tuple(case.pk for case in there),
        seq=cursor.seq,
        waits=any(case.is_untold for case in cases),
    )


def _find_trips(touches: Sequence[Touch], interpret: Interpret) -> Iterable[_Found]:
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
                contact = Contact(touch.source, touch.channel, _when(touch))
                yield _Found(touch, token, trip, contact, find_part(touch, token_id))


def _sort_trips(
    trips: Sequence[_Found],
    window: timedelta,
    digest: timedelta,
    describe_source: DescribeSource,
) -> list[_Case]:
    """Return the incidents that the trips open or join, each with its new evidence."""
    messages = Messages((found.token.pk, found.part) for found in trips)
    cases = _load_cases(trips, window, messages.incidents)
    messages.seat({case.pk: number for number, case in enumerate(cases)})
    by_place: dict[str, list[int]] = defaultdict(list)
    by_token: dict[int, list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        by_place[case.place].append(number)
        by_place[case.resolver_place].append(number)
        by_token[case.token_id].append(number)
    for found in trips:
        token, at = found.token, found.contact.at
        known = messages.find(token.pk, found.part, at)
        if known is not None and known.holds(found.part):
            _count_echo(cases[known.case], found)
            continue
        near = dict.fromkeys(
            by_place[_place(token.pk, found.touch.source)] + by_token[token.pk][-ACROSS_LOOK_MAX:]
        )
        standings = ((n, cases[n].standing) for n in near)
        chosen = choose(standings, found.contact, window) if known is None else known.case
        if chosen is None:
            number = len(cases)
            cases.append(_open_case(found, describe_source(found.touch)))
            by_place[cases[number].place].append(number)
            by_token[token.pk].append(number)
        else:
            number = chosen
            _join_case(cases[number], found, describe_source)
            by_place[cases[number].place].append(number)
            by_place[cases[number].resolver_place].append(number)
        _count(cases[number], found, digest)
        if found.part is not None:
            _carry(cases[number], found, messages.add(token.pk, found.part, at, number))
    return [case for case in cases if case.trips]


def _load_cases(trips: Sequence[_Found], window: timedelta, carriers: set[int]) -> list[_Case]:
    """Load the incidents that the trips may join, the one seen last at the end."""
    if not trips:
        return []
    earliest = min(found.contact.at for found in trips)
    places = {_place(found.token.pk, found.touch.source) for found in trips}
    tokens = {found.token.pk for found in trips}
    rows = Incident.objects.select_for_update().order_by().values_list(*_COLUMNS, "pk")
    recent = rows.filter(**_seen_since(earliest - window))
    across = rows.filter(token_id__in=tokens, **_seen_since(earliest - ACROSS))
    cases = {
        row[-1]: _Case(*row)
        for query in (
            recent.filter(place__in=places),
            recent.filter(resolver_place__in=places).exclude(resolver_place=""),
            across[:ACROSS_LOAD_MAX],
            *([rows.filter(pk__in=carriers)] if carriers else ()),
        )
        for row in query
    }
    return sorted(cases.values(), key=lambda case: (case.last_seen, case.pk))


def _seen_since(at: datetime) -> dict[str, Any]:
    return {"day__in": days_from(day_of(at)), "last_seen__gte": at}


def _open_case(found: _Found, facts: dict[str, Any]) -> _Case:
    touch, token, at = found.touch, found.token, found.contact.at
    return _Case(
        token_id=token.pk,
        kind=token.kind,
        memo=token.memo,
        source=touch.source,
        source_port=touch.source_port,
        source_facts=facts,
        headline=found.trip.summary,
        place=_place(token.pk, touch.source),
        channels=touch.channel,
        first_seen=at,
        last_seen=at,
        day=day_of(at),
        is_new=True,
    )


def _join_case(case: _Case, found: _Found, describe_source: DescribeSource) -> None:
    case.standing = now = extend(case.standing, found.contact)
    if now.source != case.source:
        case.source, case.source_port = found.touch.source, found.touch.source_port
        case.source_facts = describe_source(found.touch)
        if not quotes_carried(case.headline):
            case.headline = found.trip.summary
    case.resolver = now.resolver
    case.place = _place(case.token_id, now.source)
    case.resolver_place = _place(case.token_id, now.resolver) if now.resolver else ""
    case.channels = ",".join(sorted(now.channels))
    case.first_seen, case.last_seen = now.first_seen, now.last_seen
    case.day = day_of(now.last_seen)


def _carry(case: _Case, found: _Found, known: Known | None) -> None:
    """Note a part of a message at its incident, which is called after the first message it has."""
    if found.part is None or known is None:
        return
    case.parts.append((found.part, found.contact.at))
    if case.headline in (known.headline_before, found.trip.summary):
        case.headline = known.headline or case.headline
    if known not in case.messages:
        case.messages.append(known)


def _count_echo(case: _Case, found: _Found) -> None:
    """Keep an echo as evidence, and nothing else: it neither prolongs an incident nor is told."""
    case.touches += 1
    case.told_touches += not case.is_untold
    case.trips.append(found)


def _decide_telling(case: _Case, now: datetime) -> bool:
    """Say whether the first alert is made now; while parts are missing it waits a little."""
    if not case.is_new and not case.is_untold:
        return False
    if not all(known.is_whole for known in case.messages):
        case.digest_at = case.digest_at if case.is_untold else now + PARTS_WAIT
        case.is_untold, case.told_touches = True, 0
        return False
    if case.is_untold:
        if not case.messages:
            return False
        case.is_untold, case.told_touches, case.digest_at = False, case.touches, None
    return True


def _tell(case: _Case) -> Opening:
    trip = case.trips[0].trip
    carried = list_facts(known.message for known in case.messages)
    return Opening(case, case.headline if carried else trip.summary, (*carried, *trip.facts))


def _count(case: _Case, found: _Found, digest: timedelta) -> None:
    at = found.contact.at
    case.touches += 1
    if case.is_untold:
        pass  # The first alert is still to come, and tells of it.
    elif at <= case.first_seen + CHATTER:
        case.told_touches += 1
    elif case.digest_at is None:
        case.digest_at = at + digest
    case.trips.append(found)


def _save_cases(new: Sequence[_Case], there: Sequence[_Case]) -> None:
    keys = Columns(Incident, _COLUMNS).insert_with_keys([_read_columns(case) for case in new])
    for case, key in zip(new, keys, strict=True):
        case.pk = key
    # What a batch may change and nothing else, so that people's changes stay.
    Columns(Incident, _COLUMNS[_FIXED:]).update(
        [(case.pk, _read_columns(case)[_FIXED:]) for case in there]
    )
    Columns(IncidentTouch, _EVIDENCE).insert(
        [_write_evidence(case.pk, found) for case in (*there, *new) for found in case.trips]
    )
    save_parts(
        (case.pk, case.token_id, part, at) for case in (*there, *new) for part, at in case.parts
    )


_EVIDENCE = (
    "incident",
    "touch_id",
    "token",
    "at",
    "channel",
    "source",
    "summary",
    "facts",
    "evidence",
)


def _write_evidence(incident_id: int, found: _Found) -> tuple[Any, ...]:
    touch, trip = found.touch, found.trip
    return (
        incident_id,
        touch.id,
        found.token.pk,
        found.contact.at,
        touch.channel,
        touch.source,
        trip.summary,
        trip.facts,
        {
            "transport": touch.transport,
            "source_port": touch.source_port,
            "detail": touch.detail,
        },
    )


def _count_at_tokens(cases: Sequence[_Case]) -> None:
    counts: dict[int, int] = defaultdict(int)
    seen: dict[int, datetime] = {}
    for case in cases:
        for found in case.trips:
            at = found.contact.at
            counts[case.token_id] += 1
            seen[case.token_id] = max(seen.get(case.token_id, at), at)
    execute_many(
        "UPDATE console_token SET touches = touches + %s, last_seen_at ="
        " CASE WHEN last_seen_at > %s THEN last_seen_at ELSE %s END WHERE id = %s",
        [[count, at := write_time(seen[pk]), at, pk] for pk, count in sorted(counts.items())],
    )


def _place(token_pk: int, address: str) -> str:
    return f"{token_pk} {address}"


def _when(touch: Touch) -> datetime:
    return datetime.fromtimestamp(touch.at, UTC)
