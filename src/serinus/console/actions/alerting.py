"""Alerts and their outbox: who is told what."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from serinus.console.actions.changes import take_changes
from serinus.console.models import Alert, Delivery, Destination, Incident, Token

DIGESTS_MAX = 500
"""Digests of one transaction; the rest are due at the next call."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident to tell of, and the sentence to begin with."""

    incident: Incident
    summary: str


def write_alerts(
    openings: Sequence[Opening], reason: str, now: datetime, number_by_touches: bool = False
) -> int:
    """Make an alert for each incident, with a delivery to each destination; inside a transaction.

    Args:
        openings: The incidents.
        reason: Why they are told.
        now: When they are told.
        number_by_touches: Number the alerts by touches told, so that an incident has many.
    """
    alerts = Alert.objects.bulk_create(
        [
            Alert(
                incident=o.incident,
                reason=reason,
                number=o.incident.touches if number_by_touches else 0,
                created_at=now,
                body=_body(o),
            )
            for o in openings
        ]
    )
    enabled = list(Destination.objects.filter(enabled=True).values_list("pk", flat=True))
    chosen = _chosen_destinations([o.incident for o in openings])
    Delivery.objects.bulk_create(
        [
            Delivery(alert=alert, destination_id=destination, next_at=now)
            for alert, opening in zip(alerts, openings, strict=True)
            for destination in enabled
            if destination in chosen.get(opening.incident.token_id or 0, (destination,))
        ]
    )
    return len(alerts)


def write_digests(now: datetime) -> int:
    """Tell of touches that came since an incident's last alert, where it is time; count alerts."""
    with transaction.atomic():
        number = take_changes(0)
        due = list(
            Incident.objects.select_for_update()
            .filter(digest_at__lte=now)
            .order_by("digest_at")[:DIGESTS_MAX]
        )
        count = write_alerts(
            [Opening(row, f"{row.touches - row.told_touches} more touches") for row in due],
            "digest",
            now,
            number_by_touches=True,
        )
        take_changes(len(due))
        for offset, row in enumerate(due):
            row.told_touches, row.digest_at, row.changed = row.touches, None, number + offset
            row.save(update_fields=["told_touches", "digest_at", "changed"])
    return count


def _chosen_destinations(incidents: Sequence[Incident]) -> dict[int, set[int]]:
    """Return the destinations of those tokens that have some of their own."""
    chosen: dict[int, set[int]] = defaultdict(set)
    through = Token.destinations.through.objects.filter(
        token_id__in={row.token_id for row in incidents}
    )
    for token, destination in through.values_list("token_id", "destination_id"):
        chosen[token].add(destination)
    return chosen


def _body(opening: Opening) -> dict[str, Any]:
    row = opening.incident
    return {
        "incident": row.pk,
        "summary": opening.summary,
        "headline": row.headline,
        "kind": row.kind,
        "memo": row.memo,
        "source": row.source,
        "source_facts": row.source_facts,
        "first_seen": row.first_seen.isoformat(),
        "last_seen": row.last_seen.isoformat(),
        "touches": row.touches,
    }
