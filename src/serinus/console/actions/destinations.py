"""What happens to destinations: added, changed, removed, tried."""

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from serinus.alerts.alert import Alert, AlertId, Reason
from serinus.alerts.catalogue import DESTINATIONS
from serinus.alerts.destination import Destination as DestinationKind
from serinus.alerts.destination import Outcome, Verdict, read_settings
from serinus.base.errors import OperatorError
from serinus.console.actions.minting import MASK, show_time
from serinus.console.actions.texts import check_text
from serinus.console.deployment import load_deployment
from serinus.console.models import Delivery, Destination, User
from serinus.console.models.alerts import DeliveryState
from serinus.net.carrier import Carrier

NAME_LENGTH_MAX = 200
DESTINATIONS_MAX = 1000
"""Each costs every alert a row; a team has a handful."""
DELIVERIES_MAX = 501
"""Deliveries of one call: a page of 500, and one more that tells whether there is a next page."""

log = logging.getLogger(__name__)


def add_destination(
    kind: str, name: str, settings: Mapping[str, Any], who: User | None, now: datetime
) -> Destination:
    """Add a destination; every token without chosen ones alerts to it from now on.

    Raises:
        OperatorError: Names the field that is wrong.
    """
    name = check_text(name, "name", NAME_LENGTH_MAX)
    stored = _store(find_kind(kind), settings)
    with transaction.atomic():
        if Destination.objects.count() >= DESTINATIONS_MAX:
            raise OperatorError(f"There are {DESTINATIONS_MAX} destinations; remove one first.")
        row = Destination.objects.create(kind=kind, name=name, settings=stored)
    _log("added", row.pk, who, now)
    return row


def change_destination(
    row: Destination,
    who: User | None,
    now: datetime,
    name: str | None = None,
    settings: Mapping[str, Any] | None = None,
    enabled: bool | None = None,
) -> Destination:
    """Change what is given and nothing else; a masked secret is left as it is.

    A secret does not follow to another place: whoever may not read it could have it sent to them.

    Raises:
        OperatorError: Names the field that is wrong.
        Destination.DoesNotExist: It was removed meanwhile.
    """
    with transaction.atomic():
        fresh = Destination.objects.select_for_update().get(pk=row.pk)
        if name is not None:
            fresh.name = check_text(name, "name", NAME_LENGTH_MAX)
        if settings is not None:
            given = {key: value for key, value in settings.items() if value != MASK}
            kind, before = find_kind(fresh.kind), fresh.settings
            fresh.settings = _store(kind, {**before, **given})
            _check_place(kind, before, fresh.settings, given)
        if enabled is not None:
            fresh.enabled = enabled
        fresh.save(update_fields=["name", "settings", "enabled"])
    _log("changed", row.pk, who, now)
    return fresh


def remove_destination(row: Destination, who: User | None, now: datetime) -> None:
    """Remove it with its log and what still waits for it; tokens that chose only it tell all."""
    pk = row.pk
    row.delete()
    _log("removed", pk, who, now)


def describe_destination(row: Destination) -> dict[str, Any]:
    """Return the destination as JSON values; secrets that are set are masked.

    Of a kind that there is no longer, everything may be a secret.
    """
    hidden = _secrets(row.kind) if row.kind in DESTINATIONS else row.settings.keys()
    shown = {k: MASK if k in hidden and v else v for k, v in row.settings.items()}
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "settings": shown,
        "enabled": row.enabled,
        "failures": row.failures,
        "last_outcome": row.last_outcome,
        "last_at": show_time(row.last_at),
    }


def test_destination(row: Destination, now: datetime) -> Verdict:
    """Send a test alert right now, and return the outcome in the server's own words.

    It never raises: settings that cannot be read, refused addresses and faults of the network are
    outcomes too. It waits as long as the destination's sender does, at most two minutes.
    """
    alert = Alert(
        id=AlertId(f"test-{row.pk}-{secrets.token_hex(8)}"),
        reason=Reason.TEST,
        headline="Test: alerts of Serinus arrive here",
        at=now,
        memo=f"A test of the destination {row.name}; nothing was touched.",
        link=load_deployment().settings.console_base,
    )
    verdict = _attempt(row, alert, now)
    failed = verdict.outcome is not Outcome.DELIVERED
    Destination.objects.filter(pk=row.pk).update(
        failures=F("failures") + 1 if failed else 0, last_outcome=verdict.words, last_at=now
    )
    return verdict


def delivery_log(
    row: Destination, before: int | None = None, count: int = 50
) -> Sequence[Delivery]:
    """Return a page of deliveries with their alerts, newest first, below primary key `before`."""
    found = Delivery.objects.filter(destination=row).select_related("alert", "alert__incident")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[: max(0, min(count, DELIVERIES_MAX))])


def describe_delivery(row: Delivery) -> dict[str, Any]:
    """Return a delivery as JSON values, with the headline of what it tells."""
    alert = row.alert
    return {
        "id": row.pk,
        "incident": alert.incident_id,
        "reason": alert.reason,
        "headline": str(alert.body.get("headline", "")),
        "state": row.state,
        "attempts": row.attempts,
        "created_at": show_time(alert.created_at),
        "next_at": show_time(row.next_at) if row.state == DeliveryState.WAITING else None,
        "delivered_at": show_time(row.delivered_at),
        "last_error": row.last_error,
    }


def find_kind(name: str) -> DestinationKind:
    """Return the kind of destination; raises OperatorError that names the known ones."""
    if name not in DESTINATIONS:
        known = ", ".join(DESTINATIONS)
        raise OperatorError(f"There is no destination {name[:80]!r}; there are {known}.", "kind")
    return DESTINATIONS[name]


def _store(kind: DestinationKind, settings: Mapping[str, Any]) -> dict[str, Any]:
    if not all(type(name) is str for name in settings):
        raise OperatorError("Settings are names with values.", "settings")
    return asdict(read_settings(kind, settings))


def _check_place(
    kind: DestinationKind,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    given: Mapping[str, Any],
) -> None:
    """Raise OperatorError that names a secret which was kept though the place is another."""
    declared = fields(kind.settings)
    moved = [f for f in declared if f.metadata["place"] and before.get(f.name) != after[f.name]]
    for field in declared:
        if moved and field.metadata["secret"] and after[field.name] and field.name not in given:
            raise OperatorError(
                f"Type {field.metadata['label']} again: with another "
                f"{moved[0].metadata['label']} it would be sent to another place.",
                field.name,
            )


def _secrets(kind: str) -> frozenset[str]:
    declared = fields(find_kind(kind).settings)
    return frozenset(f.name for f in declared if f.metadata["secret"])


def _attempt(row: Destination, alert: Alert, now: datetime) -> Verdict:
    carrier = Carrier(load_deployment().settings.outgoing_allow)
    try:
        return carrier.attempt(row.kind, row.settings, alert, now)
    finally:
        carrier.close()


def _log(what: str, pk: int, who: User | None, now: datetime) -> None:
    by = who.pk if who else "operator"
    log.info("destination %s: %s by %s at %s", pk, what, by, now.isoformat())
