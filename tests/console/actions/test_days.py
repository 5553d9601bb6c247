from datetime import UTC, datetime, timedelta

from serinus.console.actions.days import day_of, days_from
from serinus.console.models import Incident

NOON = datetime(1970, 1, 11, 12, tzinfo=UTC)


def put(number: int, day: int | None) -> None:
    at = NOON
    Incident.objects.create(first_seen=at, last_seen=at, changed=number, day=day, kind="web")


def test_a_day_begins_at_midnight_utc() -> None:
    midnight = datetime(1970, 1, 2, tzinfo=UTC)
    assert [day_of(midnight), day_of(midnight - timedelta(microseconds=1))] == [1, 0]
    assert day_of(datetime(1969, 12, 31, 23, tzinfo=UTC)) == -1


def test_only_days_of_incidents_are_walked_and_none_before_the_first_wanted() -> None:
    assert not Incident.objects.filter(day__in=days_from()).exists()
    for number, day in enumerate((None, -3, 10, 10, 12, 400_000)):
        put(number, day)
    for first, expected in ((10, [10, 10, 12, 400_000]), (11, [12, 400_000]), (500_000, [])):
        found = Incident.objects.filter(day__in=days_from(first)).order_by("day")
        assert list(found.values_list("day", flat=True)) == expected
    assert Incident.objects.filter(day__in=days_from()).count() == 5
