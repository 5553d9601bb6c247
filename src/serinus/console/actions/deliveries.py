"""The outbox: claimed, tried, and then delivered, tried again, or dead until sent again.

A claim is a lease: a delivery whose worker died is due again when the lease is over.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from serinus.console.models import Delivery, Destination
from serinus.console.models.alerts import DeliveryState

LEASE = timedelta(minutes=2)
"""Longer than any destination's time limit, so that nobody sends the same twice at once."""
ERROR_LENGTH_MAX = 2000


def claim_due(destination_id: int, now: datetime, count: int) -> list[Delivery]:
    """Take up to `count` due deliveries of an enabled destination, each with its alert."""
    with transaction.atomic():
        due = list(
            Delivery.objects.select_for_update(of=("self",))
            .select_related("alert", "destination")
            .filter(
                destination_id=destination_id,
                destination__enabled=True,
                state=DeliveryState.WAITING,
                next_at__lte=now,
            )
            .order_by("next_at")[:count]
        )
        Delivery.objects.filter(pk__in=[row.pk for row in due]).update(
            attempts=F("attempts") + 1, next_at=now + LEASE
        )
    for row in due:
        row.attempts, row.next_at = row.attempts + 1, now + LEASE
    return due


def mark_delivered(delivery_id: int, now: datetime, outcome: str = "delivered") -> None:
    """Note that it arrived, also when its lease was over."""
    with transaction.atomic():
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        row.state, row.delivered_at, row.last_error = DeliveryState.DELIVERED, now, ""
        row.save(update_fields=["state", "delivered_at", "last_error"])
        Destination.objects.filter(pk=row.destination_id).update(
            failures=0, last_outcome=outcome[:ERROR_LENGTH_MAX], last_at=now
        )


def mark_again(delivery_id: int, error: str, next_at: datetime, now: datetime) -> None:
    """Note that it failed and shall be tried at `next_at`."""
    _fail(delivery_id, error, now, DeliveryState.WAITING, next_at)


def mark_dead(delivery_id: int, error: str, now: datetime) -> None:
    """Note that trying is in vain until a person sends it again."""
    _fail(delivery_id, error, now, DeliveryState.DEAD, now)


def resend(delivery_ids: Sequence[int], now: datetime) -> int:
    """Let dead deliveries be tried anew, and count them."""
    return Delivery.objects.filter(pk__in=delivery_ids, state=DeliveryState.DEAD).update(
        state=DeliveryState.WAITING, attempts=0, next_at=now
    )


def _fail(
    delivery_id: int, error: str, now: datetime, state: DeliveryState, next_at: datetime
) -> None:
    with transaction.atomic():
        error = error[:ERROR_LENGTH_MAX]
        # Whoever held the lease before may have delivered it meanwhile; that stands.
        row = Delivery.objects.select_for_update().get(pk=delivery_id)
        if row.state == DeliveryState.WAITING:
            row.state, row.last_error, row.next_at = state, error, next_at
            row.save(update_fields=["state", "last_error", "next_at"])
        Destination.objects.filter(pk=row.destination_id).update(
            failures=F("failures") + 1, last_outcome=error, last_at=now
        )
