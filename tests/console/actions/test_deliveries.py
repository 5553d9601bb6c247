from datetime import datetime, timedelta

import pytest

from serinus.console.actions import deliveries
from serinus.console.models import Alert, Delivery, Destination


@pytest.fixture
def where(now: datetime) -> Destination:
    destination = Destination.objects.create(kind="webhook", name="one")
    for number in range(3):
        alert = Alert.objects.create(reason="ledger_full", number=number, created_at=now)
        Delivery.objects.create(alert=alert, destination=destination, next_at=now)
    return destination


def test_a_claim_is_held_until_its_lease_is_over(where: Destination, now: datetime) -> None:
    assert len(deliveries.claim_due(where.pk, now, 2)) == 2
    assert len(deliveries.claim_due(where.pk, now, 2)) == 1
    assert deliveries.claim_due(where.pk, now, 2) == []
    again = deliveries.claim_due(where.pk, now + deliveries.LEASE, 9)
    assert [row.attempts for row in again] == [2, 2, 2]


def test_a_disabled_destination_has_nothing_due(where: Destination, now: datetime) -> None:
    Destination.objects.update(enabled=False)
    assert deliveries.claim_due(where.pk, now, 9) == []


def test_outcomes_are_kept_and_dead_ones_can_be_sent_again(
    where: Destination, now: datetime
) -> None:
    one, two, three = deliveries.claim_due(where.pk, now, 3)
    later = now + timedelta(minutes=1)
    deliveries.mark_again(one.pk, "451 try later", later, now)
    deliveries.mark_dead(two.pk, "550 no such user", now)
    where.refresh_from_db()
    assert (where.failures, where.last_outcome) == (2, "550 no such user")
    deliveries.mark_delivered(three.pk, now, "250 ok")
    where.refresh_from_db()
    assert (where.failures, where.last_outcome, where.last_at) == (0, "250 ok", now)
    assert [row.pk for row in deliveries.claim_due(where.pk, later, 9)] == [one.pk]
    assert deliveries.resend([one.pk, two.pk, three.pk], later) == 1
    (found,) = deliveries.claim_due(where.pk, later, 9)
    assert (found.pk, found.attempts) == (two.pk, 1)


def test_a_late_failure_does_not_undo_a_delivery(where: Destination, now: datetime) -> None:
    (row,) = deliveries.claim_due(where.pk, now, 1)
    deliveries.mark_delivered(row.pk, now)
    deliveries.mark_dead(row.pk, "too late", now)
    assert Delivery.objects.get(pk=row.pk).state == "delivered"
