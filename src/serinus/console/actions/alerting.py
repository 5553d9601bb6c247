"""Alerts and their outbox: who is told what."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from django.db import transaction

from serinus.alerts import alert as alerts
from serinus.alerts.source import facts_rows
from serinus.console.actions.carrying import find_messages, list_facts
from serinus.console.actions.changes import take_changes
from serinus.console.actions.inserting import Columns
from serinus.console.models import (
    Alert,
    Delivery,
    Destination,
    Incident,
    IncidentTouch,
    Token,
)
from serinus.tokens.describe import CARRIED

CARRIED_LOOK_MAX = 100
"""Touches that are looked at for what they carried."""
CARRIED_TOLD_MAX = 16
"""Carried texts that a digest tells."""
DIGESTS_MAX = 500
"""Digests of one transaction; the rest are due at the next call."""


class Told(Protocol):
    """What an alert says of an incident: its columns of the same names."""

    pk: int
    kind: str
    memo: str
    source: str
    source_facts: dict[str, Any]
    headline: str
    first_seen: datetime
    last_seen: datetime
    touches: int

    @property
    def token_id(self) -> int | None:
        """None at an alarm."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident to tell of: what was touched or came to it, and further facts of that touch."""

    incident: Told
    summary: str
    facts: Sequence[Sequence[str]] = ()


def write_alerts(
    openings: Sequence[Opening],
    reason: str,
    now: datetime,
    number_by_touches: bool = False,
    except_destination: int | None = None,
) -> int:
    """Make an alert for each incident, with a delivery to each destination; inside a transaction.

    Args:
        openings: The incidents.
        reason: Why they are told.
        now: When they are told.
        number_by_touches: Number the alerts by touches told, so that an incident has many.
        except_destination: A destination that is left out.
    """
    columns = Columns(Alert, ("incident", "reason", "number", "created_at", "body"))
    keys = columns.insert_with_keys(
        [
            (o.incident.pk, reason, o.incident.touches if number_by_touches else 0, now, _body(o))
            for o in openings
        ]
    )
    known = Destination.objects.filter(enabled=True).values_list("pk", flat=True)
    enabled = [pk for pk in known if pk != except_destination]
    chosen = _chosen_destinations([o.incident for o in openings])
    Columns(Delivery, ("alert", "destination", "next_at")).insert(
        [
            (key, destination, now)
            for key, opening in zip(keys, openings, strict=True)
            for destination in enabled
            if destination in chosen.get(opening.incident.token_id or 0, (destination,))
        ]
    )
    return len(keys)


def write_digests(now: datetime, ahead: timedelta = timedelta()) -> int:
    """Tell of touches that came since an incident's last alert, where it is time; count alerts.

    An incident without an alert has waited long enough for missing parts of a message.

    Args:
        now: When they are told.
        ahead: What is due so soon is told as well.
    """
    with transaction.atomic():
        number = take_changes(0)
        due = list(
            Incident.objects.select_for_update()
            .filter(digest_at__lte=now + ahead)
            .order_by("digest_at")[:DIGESTS_MAX]
        )
        untold = [row for row in due if not row.told_touches]
        count = write_alerts([_open_late(row) for row in untold], "opened", now)
        count += write_alerts(
            [Opening(row, _tell_more(row), _carried_since(row)) for row in due if row.told_touches],
            "digest",
            now,
            number_by_touches=True,
        )
        take_changes(len(due))
        for offset, row in enumerate(due):
            row.told_touches, row.digest_at, row.changed = row.touches, None, number + offset
            row.save(update_fields=["told_touches", "digest_at", "changed"])
    return count


def next_digest() -> datetime | None:
    """Return when the next digest is due, if any; it only reads."""
    due = Incident.objects.filter(digest_at__isnull=False).order_by("digest_at")
    return due.values_list("digest_at", flat=True).first()


def read_alert(row: Alert, console_base: str) -> alerts.Alert:
    """Return an alert as destinations take it; `console_base` is what a link begins with."""
    body, is_digest = row.body, row.reason == alerts.Reason.DIGEST
    return alerts.Alert(
        # With its time, because numbers begin anew when an older database is restored.
        id=alerts.AlertId(f"{row.pk}-{int(row.created_at.timestamp() * 1000):x}"),
        reason=alerts.Reason(row.reason),
        headline=body["summary"] if is_digest else body["headline"],
        at=datetime.fromisoformat(body["last_seen" if is_digest else "first_seen"]),
        memo=body["memo"],
        kind=body["kind"],
        source=body["source"],
        source_facts=facts_rows(body["source_facts"]),
        touched=body["headline"] if is_digest else body["summary"],
        facts=tuple((label, value) for label, value in body["facts"]),
        touches=body["touches"],
        incident=str(body["incident"]),
        link=f"{console_base}/incidents/{body['incident']}",
    )


def _open_late(row: Incident) -> Opening:
    """Return what to tell of an incident that waited: what has come of its messages, and how."""
    first = IncidentTouch.objects.filter(incident=row).order_by("pk").first()
    facts = first.facts if first else ()
    return Opening(row, row.headline, (*list_facts(find_messages(row.pk)), *facts))


def _carried_since(row: Incident) -> Sequence[Sequence[str]]:
    """Return what has been carried since the last alert, each thing once."""
    later = (
        IncidentTouch.objects.filter(incident=row).order_by("pk").values_list("facts", flat=True)
    )
    told = row.told_touches
    found = (fact for facts in later[told : told + CARRIED_LOOK_MAX] for fact in facts)
    said = dict.fromkeys(tuple(fact) for fact in found if fact[0] == CARRIED)
    return [*said, *list_facts(find_messages(row.pk))][:CARRIED_TOLD_MAX]


def _tell_more(row: Incident) -> str:
    """Return how many touches came since the last alert, and from when to when."""
    count = row.touches - row.told_touches
    later = IncidentTouch.objects.filter(incident=row).order_by("pk").values_list("at", flat=True)
    begin = later[row.told_touches : row.told_touches + 1].first() or row.last_seen
    begin, end = min(begin, row.last_seen).astimezone(UTC), row.last_seen.astimezone(UTC)
    until = f"{end:%H:%M:%S}" if begin.date() == end.date() else f"{end:%Y-%m-%d %H:%M:%S}"
    noun = "touch" if count == 1 else "touches"
    return f"{count} more {noun} from {begin:%Y-%m-%d %H:%M:%S} to {until} UTC"


def _chosen_destinations(incidents: Sequence[Told]) -> dict[int, set[int]]:
    """Return the destinations of those tokens that have some of their own."""
    chosen: dict[int, set[int]] = defaultdict(set)
    through = Token.destinations.through.objects.filter(
        token_id__in={row.token_id for row in incidents if row.token_id}
    )
    for token, destination in through.values_list("token_id", "destination_id"):
        chosen[token].add(destination)
    return chosen


def _body(opening: Opening) -> dict[str, Any]:
    row = opening.incident
    return {
        "incident": row.pk,
        "summary": opening.summary,
        "facts": [list(fact) for fact in opening.facts],
        "headline": row.headline,
        "kind": row.kind,
        "memo": row.memo,
        "source": row.source,
        "source_facts": row.source_facts,
        "first_seen": row.first_seen.isoformat(),
        "last_seen": row.last_seen.isoformat(),
        "touches": row.touches,
    }
