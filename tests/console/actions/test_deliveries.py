from datetime import datetime, timedelta

import pytest

from serinus.alerts.destination import ATTEMPTS_MAX, Outcome, Verdict
from serinus.console.actions import deliveries
from serinus.console.actions.alarms import raise_alarm
from serinus.console.actions.deliveries import Attempt
from serinus.console.models import Alert, Delivery, Destination, Incident


@pytest.fixture
def where(now: datetime) -> Destination:
    destination = Destination.objects.create(kind="webhook", name="one")
    for number in range(3):
        alert = Alert.objects.create(reason="opened", number=number, created_at=now)
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


def settle(now: datetime, *attempts: Attempt) -> None:
    deliveries.settle(attempts, lambda size: bytes(size), now)


def test_what_a_worker_that_is_gone_had_claimed_is_due_at_once(
    where: Destination, now: datetime
) -> None:
    one, two, _ = deliveries.claim_due(where.pk, now, 3)
    deliveries.mark_delivered(one.pk, now)
    deliveries.mark_again(two.pk, "later", now + timedelta(hours=1), now)
    assert deliveries.release_claims(now) == 1
    assert len(deliveries.claim_due(where.pk, now, 3)) == 1


def test_destinations_with_something_due_are_found(where: Destination, now: datetime) -> None:
    Destination.objects.create(kind="webhook", name="idle")
    assert deliveries.due_destinations(now - timedelta(seconds=1)) == []
    assert deliveries.due_destinations(now) == [where]
    deliveries.claim_due(where.pk, now, 3)
    assert deliveries.due_destinations(now) == []
    assert deliveries.due_destinations(now + deliveries.LEASE) == [where]


def test_outcomes_are_settled_together(where: Destination, now: datetime) -> None:
    one, two, three = deliveries.claim_due(where.pk, now, 3)
    settle(
        now,
        Attempt(one.pk, 1, Verdict(Outcome.AGAIN, "503")),
        Attempt(two.pk, 1, Verdict(Outcome.DELIVERED, "200")),
        Attempt(three.pk, 1, None),
        Attempt(three.pk + 1000, 1, Verdict(Outcome.DELIVERED, "of a removed destination")),
    )
    rows = {d.pk: (d.state, d.attempts, d.next_at - now) for d in Delivery.objects.all()}
    assert rows[one.pk] == ("waiting", 1, timedelta(seconds=10))
    assert rows[two.pk][:2] == ("delivered", 1)
    assert rows[three.pk] == ("waiting", 0, timedelta())
    where.refresh_from_db()
    assert (where.failures, where.last_outcome) == (0, "200")


@pytest.mark.parametrize(
    ("number", "outcome"), [(1, Outcome.GIVE_UP), (ATTEMPTS_MAX, Outcome.AGAIN)]
)
def test_a_dead_letter_is_an_alarm_at_the_other_destinations_once(
    where: Destination, now: datetime, number: int, outcome: Outcome
) -> None:
    other = Destination.objects.create(kind="webhook", name="other")
    for row in deliveries.claim_due(where.pk, now, 2):
        settle(now, Attempt(row.pk, number, Verdict(outcome, "550 no such user")))
    alarm = Incident.objects.get()
    assert "550 no such user" in alarm.headline and "one" in alarm.headline
    assert alarm.touches == 2
    told = Delivery.objects.get(alert__incident=alarm)
    assert told.destination_id == other.pk


def test_an_alarm_that_dies_raises_no_other(where: Destination, now: datetime) -> None:
    Delivery.objects.all().delete()
    Destination.objects.create(kind="webhook", name="two")
    raise_alarm("database", "It takes no writes.", now)
    for row in Delivery.objects.all():
        deliveries.mark_dead(row.pk, "550", now)
    assert Incident.objects.count() == 1
    assert set(Delivery.objects.values_list("state", flat=True)) == {"dead"}


def test_a_destination_that_fails_for_long_is_found(where: Destination, now: datetime) -> None:
    quarter, later = timedelta(minutes=15), now + timedelta(minutes=16)
    assert deliveries.failing_destinations(later, quarter) == []
    (row,) = deliveries.claim_due(where.pk, now, 1)
    deliveries.mark_again(row.pk, "503", now, now)
    assert deliveries.failing_destinations(now, quarter) == []
    assert [d.pk for d in deliveries.failing_destinations(later, quarter)] == [where.pk]
    deliveries.mark_delivered(row.pk, now)
    assert deliveries.failing_destinations(later, quarter) == []
