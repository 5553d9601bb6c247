"""Alarms about ourselves: incidents without a token, told once while they last.

Whoever watches a condition raises when it begins and clears when it is over; raising again what is
open adds to it and tells nobody.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from serinus.console.actions.alerting import Opening, write_alerts
from serinus.console.actions.changes import take_changes
from serinus.console.models import Incident
from serinus.console.models.incidents import ALARM, State

HEADLINE_LENGTH_MAX = 500
"""Characters of an alarm's sentence."""


def raise_alarm(
    name: str,
    headline: str,
    now: datetime,
    except_destination: int | None = None,
    tell: bool = True,
    facts: Sequence[tuple[str, str]] = (),
) -> Incident:
    """Raise an alarm, or join the one of that name which is not closed yet.

    Args:
        name: What it is about, a few words that never change: "ledger size".
        headline: The sentence that people read.
        now: When it was noticed.
        except_destination: A destination that is not told, because the alarm is about it.
        tell: Whether destinations are told at all.
        facts: Names and values that the alert has beside the sentence.
    """
    headline = headline[:HEADLINE_LENGTH_MAX]
    with transaction.atomic():
        number = take_changes(1)
        row = _find_open(name)
        if row is None:
            row = Incident.objects.create(
                kind=ALARM,
                headline=headline,
                place=_place(name),
                first_seen=now,
                last_seen=now,
                touches=1,
                told_touches=1,
                changed=number,
            )
            if tell:
                opening = Opening(row, "", facts)
                write_alerts([opening], ALARM, now, except_destination=except_destination)
        else:
            row.headline, row.last_seen, row.changed = headline, now, number
            row.touches = row.told_touches = row.touches + 1
            row.save(update_fields=["headline", "last_seen", "changed", "touches", "told_touches"])
    return row


def clear_alarm(name: str, now: datetime) -> bool:
    """Close the alarm of that name, and say whether one was open."""
    with transaction.atomic():
        number = take_changes(1)
        row = _find_open(name)
        if row is None:
            return False
        row.state, row.closed_at, row.changed = State.CLOSED, now, number
        row.save(update_fields=["state", "closed_at", "changed"])
    return True


def open_alarms() -> set[str]:
    """Return the names of the alarms that are not closed; it only reads."""
    places = _open_ones().values_list("place", flat=True)
    return {place.removeprefix(_place("")) for place in places}


def _find_open(name: str) -> Incident | None:
    found = _open_ones().select_for_update().filter(place=_place(name))
    return found.order_by("-last_seen").first()


def _open_ones() -> QuerySet[Incident]:
    return Incident.objects.filter(kind=ALARM).exclude(state=State.CLOSED)


def _place(name: str) -> str:
    return f"{ALARM} {name}"
