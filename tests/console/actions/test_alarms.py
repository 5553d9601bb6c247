from datetime import datetime, timedelta

from serinus.console.actions import incidents
from serinus.console.actions.alarms import clear_alarm, open_alarms, raise_alarm
from serinus.console.models import Alert, Delivery, Destination, Incident


def test_an_alarm_is_an_incident_that_is_told_once_while_it_lasts(now: datetime) -> None:
    Destination.objects.create(kind="webhook", name="one")
    raise_alarm("ledger size", "The ledger is at 81 %.", now)
    raise_alarm("ledger size", "The ledger is at 83 %.", now + timedelta(minutes=1))
    found = Incident.objects.get()
    assert (found.kind, found.token, found.touches) == ("alarm", None, 2)
    assert found.headline == "The ledger is at 83 %."
    assert Alert.objects.get().reason == "alarm" and Delivery.objects.count() == 1
    assert open_alarms() == {"ledger size"}


def test_after_it_is_over_it_is_told_anew(now: datetime) -> None:
    raise_alarm("database", "one", now)
    assert clear_alarm("database", now) and not clear_alarm("database", now)
    assert open_alarms() == set()
    raise_alarm("database", "two", now)
    assert [(i.headline, i.state) for i in Incident.objects.order_by("pk")] == [
        ("one", "closed"),
        ("two", "new"),
    ]
    assert Alert.objects.count() == 2


def test_one_that_a_person_looks_after_is_still_open(now: datetime) -> None:
    row = raise_alarm("database", "one", now)
    incidents.acknowledge(row.pk, None, now)
    assert raise_alarm("database", "one", now).pk == row.pk
    incidents.close(row.pk, None, now)
    assert raise_alarm("database", "one", now).pk != row.pk


def test_the_destination_that_it_is_about_is_not_told(now: datetime) -> None:
    one, two = (Destination.objects.create(kind="webhook", name=n) for n in ("one", "two"))
    raise_alarm("destination 1", "It is gone.", now, except_destination=one.pk)
    assert [d.destination_id for d in Delivery.objects.all()] == [two.pk]


def test_every_alarm_has_a_number_for_feeds_and_names_are_apart(now: datetime) -> None:
    first, second = raise_alarm("a", "x", now), raise_alarm("a b", "y", now, tell=False)
    assert first.pk != second.pk and first.changed < second.changed
    assert Alert.objects.count() == 1 and open_alarms() == {"a", "a b"}
    assert clear_alarm("a", now)
    first.refresh_from_db()
    assert first.changed > second.changed
