"""Incidents: found, followed, acknowledged, closed, taken up again, and noted at."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from serinus.console.actions import incidents
from serinus.console.actions.carrying import find_messages
from serinus.console.actions.finding import (
    IncidentSearch,
    describe_incident,
    describe_touch_row,
    find_incidents,
    find_touches,
)
from serinus.console.actions.minting import show_time
from serinus.console.api.gate import APIRequest
from serinus.console.api.schemas import (
    NUMBER_MAX,
    PAGE_DEFAULT,
    Cursor,
    Given,
    Limit,
    Text,
    make_page,
    read_cursor,
)
from serinus.console.models import Incident as IncidentRow
from serinus.console.models import Note as NoteRow
from serinus.console.models import User
from serinus.console.models.incidents import State

NOTES_MAX = 500
"""Notes that are shown with an incident, the newest."""

TOUCHES_MAX = 50
"""Touches of one page, whatever its limit: each may hold some 100 KiB of an intruder's."""

router = Router(tags=["incidents"])

StateName = Literal["new", "acknowledged", "closed"]
Change = Callable[[int, User | None, datetime], None]


class Incident(Schema):
    """Touches of one source at one token; without a token, an alarm of the deployment's own."""

    id: int
    token: str | None
    kind: str
    memo: str
    source: str
    source_facts: dict[str, Any]
    resolver: str
    headline: str
    first_seen: str
    last_seen: str
    touches: int
    state: StateName
    acknowledged_by: str | None
    acknowledged_at: str | None
    closed_by: str | None
    closed_at: str | None
    changed: Annotated[int, Field(description="Grows with every change of any incident.")]
    page: str


class IncidentPage(Schema):
    """A page of incidents."""

    items: list[Incident]
    next: str | None


class Note(Schema):
    """What a person wrote; without an author it was the operator."""

    id: int
    author: str | None
    at: str
    text: str


class Message(Schema):
    """What lookups carried, as far as it has come: `[…]` stands for missing parts."""

    text: str
    parts: int
    total: int


class WholeIncident(Incident):
    """An incident with its notes and what lookups carried, oldest first."""

    notes: list[Note]
    carried: list[Message]


class NewNote(Given):
    """What was found out."""

    text: str


class Touch(Schema):
    """One contact; the text in `evidence` is Latin-1 of the bytes that were on the wire."""

    id: int
    touch: str
    at: str
    channel: str
    source: str
    summary: str
    facts: list[list[str]]
    evidence: dict[str, Any]


class TouchPage(Schema):
    """A page of touches, oldest first."""

    items: list[Touch]
    next: str | None


@router.get("/incidents", response=IncidentPage, operation_id="list_incidents")
def list_incidents(
    request: APIRequest,
    text: Text = "",
    state: StateName | None = None,
    kind: Annotated[str | None, Query(max_length=40)] = None,
    token: Annotated[str | None, Query(max_length=64, description="Id of a token.")] = None,
    source: Annotated[str | None, Query(max_length=64, description="Whole address.")] = None,
    changed_after: Annotated[
        int | None,
        Query(
            ge=0,
            le=NUMBER_MAX,
            description="Only what changed after this number, in the order of the changes.",
        ),
    ] = None,
    cursor: Cursor = None,
    limit: Limit = PAGE_DEFAULT,
) -> dict[str, Any]:
    """List incidents, newest first; with `changed_after`, as a feed that misses nothing."""
    search = IncidentSearch(
        text=text,
        state=None if state is None else State(state),
        kind=kind,
        token_id=token,
        source=source,
        changed_after=changed_after,
    )
    rows = find_incidents(search, read_cursor(cursor), limit + 1)
    is_feed = changed_after is not None
    return make_page(rows, limit, describe_incident, lambda row: row.changed if is_feed else row.pk)


@router.get("/incidents/{int:number}", response=WholeIncident, operation_id="show_incident")
def show_incident(request: APIRequest, number: int) -> dict[str, Any]:
    """Show an incident with its notes."""
    return _show(number)


@router.get("/incidents/{int:number}/touches", response=TouchPage, operation_id="list_touches")
def list_touches(
    request: APIRequest, number: int, cursor: Cursor = None, limit: Limit = PAGE_DEFAULT
) -> dict[str, Any]:
    """List the touches of an incident with their evidence, oldest first, at most 50 a page."""
    found = IncidentRow.objects.values_list("pk", flat=True).get(pk=number)
    limit = min(limit, TOUCHES_MAX)
    rows = find_touches(found, read_cursor(cursor) or 0, limit + 1)
    return make_page(rows, limit, describe_touch_row, lambda row: row.pk)


@router.post(
    "/incidents/{int:number}/acknowledge",
    response=WholeIncident,
    operation_id="acknowledge_incident",
)
def acknowledge(request: APIRequest, number: int) -> dict[str, Any]:
    """Say that somebody looks after it."""
    return _change(request, number, incidents.acknowledge)


@router.post("/incidents/{int:number}/close", response=WholeIncident, operation_id="close_incident")
def close(request: APIRequest, number: int) -> dict[str, Any]:
    """Say that nothing is left to do."""
    return _change(request, number, incidents.close)


@router.post(
    "/incidents/{int:number}/reopen", response=WholeIncident, operation_id="reopen_incident"
)
def reopen(request: APIRequest, number: int) -> dict[str, Any]:
    """Take it up again."""
    return _change(request, number, incidents.reopen)


@router.post(
    "/incidents/{int:number}/notes",
    response={HTTPStatus.CREATED: Note},
    operation_id="add_note",
)
def add_note(request: APIRequest, number: int, given: NewNote) -> Status[dict[str, Any]]:
    """Keep what was found out."""
    note = incidents.add_note(number, request.caller.who, timezone.now(), given.text)
    return Status(HTTPStatus.CREATED, _describe_note(note))


def _change(request: APIRequest, number: int, change: Change) -> dict[str, Any]:
    change(number, request.caller.who, timezone.now())
    return _show(number)


def _show(number: int) -> dict[str, Any]:
    related = IncidentRow.objects.select_related("token", "acknowledged_by", "closed_by")
    row = related.get(pk=number)
    notes = NoteRow.objects.filter(incident=row).select_related("author").order_by("-pk")
    shown = reversed(notes[:NOTES_MAX])
    return {
        **describe_incident(row),
        "notes": [_describe_note(note) for note in shown],
        "carried": [asdict(message) for message in find_messages(number)],
    }


def _describe_note(note: NoteRow) -> dict[str, Any]:
    return {
        "id": note.pk,
        "author": note.author.get_username() if note.author else None,
        "at": show_time(note.at),
        "text": note.text,
    }
