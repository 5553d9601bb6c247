"""What happens to incidents: the worker records touches, people acknowledge, close and note."""

from datetime import datetime
from typing import Any

from django.db import transaction

from serinus.console.actions.alerting import write_digests
from serinus.console.actions.changes import take_changes
from serinus.console.actions.recording import Recorded, Trip, record_touches
from serinus.console.actions.texts import check_text
from serinus.console.models import Incident, Note, User
from serinus.console.models.incidents import State

NOTE_LENGTH_MAX = 10_000
"""Characters: a few pages; more belongs into a document."""

__all__ = [
    "Recorded",
    "Trip",
    "acknowledge",
    "add_note",
    "add_source_facts",
    "close",
    "record_touches",
    "reopen",
    "write_digests",
]


def acknowledge(incident_id: int, who: User | None, now: datetime) -> None:
    """Say that somebody looks after it; raises Incident.DoesNotExist."""
    _change(incident_id, state=State.ACKNOWLEDGED, acknowledged_by=who, acknowledged_at=now)


def close(incident_id: int, who: User | None, now: datetime) -> None:
    """Say that nothing is left to do; raises Incident.DoesNotExist."""
    _change(incident_id, state=State.CLOSED, closed_by=who, closed_at=now)


def reopen(incident_id: int, who: User | None, now: datetime) -> None:
    """Take it up again, as acknowledged by whoever does; raises Incident.DoesNotExist."""
    _change(
        incident_id,
        state=State.ACKNOWLEDGED,
        acknowledged_by=who,
        acknowledged_at=now,
        closed_by=None,
        closed_at=None,
    )


def add_note(incident_id: int, who: User | None, now: datetime, text: str) -> Note:
    """Keep what a person found out.

    Raises:
        OperatorError: The text is empty or too long.
        Incident.DoesNotExist: There is no such incident.
    """
    text = check_text(text, "text", NOTE_LENGTH_MAX, lines=True)
    with transaction.atomic():
        _change(incident_id)
        return Note.objects.create(incident_id=incident_id, author=who, at=now, text=text)


def add_source_facts(incident_id: int, source: str, facts: dict[str, Any]) -> None:
    """Add facts that were found out later, such as a reverse name, if it is still that source's."""
    with transaction.atomic():
        row = Incident.objects.select_for_update().filter(pk=incident_id, source=source).first()
        if row is not None:
            _change(incident_id, source_facts={**row.source_facts, **facts})


def _change(incident_id: int, **values: Any) -> None:
    with transaction.atomic():
        found = Incident.objects.filter(pk=incident_id).update(changed=take_changes(1), **values)
        if not found:
            raise Incident.DoesNotExist(f"There is no incident {incident_id}.")
