"""The outbox: claimed, tried, and then delivered, tried again, or dead until sent again.

A claim is a lease: a delivery whose worker is gone is due again when the lease is over, or as soon
as a worker starts again and releases what the one before held.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from serinus.alerts.destination import ATTEMPTS_MAX, Outcome, Verdict, next_attempt
from serinus.base.entropy import Entropy
from serinus.console.actions.alarms import raise_alarm
from serinus.console.models import Delivery, Destination, Incident
from serinus.console.models.alerts import DeliveryState
from serinus.console.models.incidents import ALARM

LEASE = timedelta(minutes=10)
"""Longer than any attempt, eight addresses of 30 s each included, so that nobody sends the same
twice at once."""
ERROR_LENGTH_MAX = 2000
DESTINATIONS_MAX = 1000
"""Destinations looked at for due deliveries; no more can be added."""
DESTINATION_ALARM = "destination "
"""What the name of every alarm about a destination begins with."""

_OPEN = (DeliveryState.WAITING, DeliveryState.SENDING)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a claimed delivery; without a verdict it was not tried."""

    delivery_id: int
    number: int
    verdict: Verdict | None


def due_destinations(now: datetime) -> list[Destination]:
    """Return the enabled destinations for which something is due; it only reads."""
    due = Delivery.objects.filter(destination=OuterRef("pk"), state__in=_OPEN, next_at__lte=now)
    return list(Destination.objects.filter(Exists(due), enabled=True)[:DESTINATIONS_MAX])


def failing_destinations(now: datetime, after: timedelta) -> list[Destination]:
    """Return the enabled destinations that fail, and hold an alert older than `after`."""
    late = Delivery.objects.filter(
        destination=OuterRef("pk"), state__in=_OPEN, alert__created_at__lt=now - after
    )
    found = Destination.objects.filter(Exists(late), enabled=True, failures__gt=0)
    return list(found[:DESTINATIONS_MAX])


def claim_due(destination_id: int, now: datetime, count: int) -> list[Delivery]:
    """Take up to `count` due deliveries of an enabled destination, each with its alert."""
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(of=("self",))
            .select_related("alert", "destination")
            .filter(
                destination_id=destination_id,
                destination__enabled=True,
                state__in=_OPEN,
                next_at__lte=now,
            )
            .order_by("next_at", "pk")[:count]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in due]).update(
            state=DeliveryState.SENDING, attempts=F("attempts") + 1, next_at=now + LEASE
        )
    for row in due:
        row.state, row.attempts, row.next_at = DeliveryState.SENDING, row.attempts + 1, now + LEASE
    return due


def release_claims(now: datetime) -> int:
    """Make due what a worker that is gone had claimed, and count it; for the only worker's start.

    What it was sending may have arrived: then it arrives twice, under the same id.
    """
    claimed = Delivery.objects.filter(state=DeliveryState.SENDING)
    return claimed.update(state=DeliveryState.WAITING, next_at=now)


def settle(attempts: Sequence[Attempt], entropy: Entropy, now: datetime) -> None:
    """Note what came of claimed deliveries, all or none; a removed destination's are ignored.

    What has failed for good raises an alarm at the other destinations, once until it is over. An
    alarm that fails raises none, or two broken destinations would tell of each other for ever.
    """
    with transaction.atomic():
        wanted = Delivery.objects.filter(pk__in=[attempt.delivery_id for attempt in attempts])
        there = dict(wanted.values_list("pk", "destination_id"))
        arrived: dict[int, dict[int, str]] = defaultdict(dict)
        for attempt in attempts:
            where, verdict = there.get(attempt.delivery_id), attempt.verdict
            if where is None:
                continue
            if verdict is not None and verdict.outcome is Outcome.DELIVERED:
                arrived[where][attempt.delivery_id] = verdict.words
            else:
                _settle_other(attempt, entropy, now)
        for where, words in arrived.items():
            _mark_all_delivered(where, words, now)


def mark_delivered(delivery_id: int, now: datetime, outcome: str = "delivered") -> None:
    """Note that it arrived, also when its lease was over."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        _mark_all_delivered(row.destination_id, {delivery_id: outcome}, now)


def mark_again(delivery_id: int, error: str, next_at: datetime, now: datetime) -> None:
    """Note that it failed and shall be tried at `next_at`."""
    _fail(delivery_id, error, now, DeliveryState.WAITING, next_at)


def mark_dead(delivery_id: int, error: str, now: datetime) -> None:
    """Note that trying is in vain until a person sends it again, and raise the alarm."""
    with transaction.atomic():
        _fail(delivery_id, error, now, DeliveryState.DEAD, now)
        row = Delivery.objects.select_related("destination").get(pk=delivery_id)
        told = Incident.objects.filter(alerts=row.alert_id).values_list("kind", flat=True).first()
        if row.state == DeliveryState.DEAD and told != ALARM:
            where = row.destination
            raise_alarm(
                destination_alarm(where.pk),
                f"An alert could not be delivered to {where.name}: {error}",
                now,
                except_destination=where.pk,
            )


def destination_alarm(destination_id: int) -> str:
    """The name of the alarm that a destination does not take alerts."""
    return f"{DESTINATION_ALARM}{destination_id}"


def resend(delivery_ids: Sequence[int], now: datetime) -> int:
    """Let dead deliveries be tried anew, and count them."""
    return Delivery.objects.filter(pk__in=delivery_ids, state=DeliveryState.DEAD).update(
        state=DeliveryState.WAITING, attempts=0, next_at=now
    )


def _mark_all_delivered(destination_id: int, words: dict[int, str], now: datetime) -> None:
    """Note deliveries of one destination with what it said at each, the last one last."""
    Delivery.objects.filter(pk__in=words).update(
        state=DeliveryState.DELIVERED, delivered_at=now, last_error=""
    )
    outcome = list(words.values())[-1][:ERROR_LENGTH_MAX]
    Destination.objects.filter(pk=destination_id).update(
        failures=0, last_outcome=outcome, last_at=now
    )


def _settle_other(attempt: Attempt, entropy: Entropy, now: datetime) -> None:
    """Note what did not arrive."""
    verdict = attempt.verdict
    if verdict is None:
        Delivery.objects.filter(pk=attempt.delivery_id, state=DeliveryState.SENDING).update(
            state=DeliveryState.WAITING, attempts=F("attempts") - 1, next_at=now
        )
    elif verdict.outcome is Outcome.AGAIN and attempt.number < ATTEMPTS_MAX:
        next_at = now + timedelta(seconds=next_attempt(attempt.number, entropy))
        mark_again(attempt.delivery_id, verdict.words, next_at, now)
    else:
        mark_dead(attempt.delivery_id, verdict.words, now)


def _fail(
    delivery_id: int, error: str, now: datetime, state: DeliveryState, next_at: datetime
) -> None:
    with transaction.atomic():
        error = error[:ERROR_LENGTH_MAX]
        # Whoever held the lease before may have delivered it meanwhile; that stands.
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        if row.state in _OPEN:
            row.state, row.last_error, row.next_at = state, error, next_at
            row.save(update_fields=["state", "last_error", "next_at"])
        Destination.objects.filter(pk=row.destination_id).update(
            failures=F("failures") + 1, last_outcome=error, last_at=now
        )
