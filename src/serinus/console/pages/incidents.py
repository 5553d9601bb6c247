"""One incident: what happened, who it was, the evidence, and what people do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from serinus.alerts.source import facts_rows
from serinus.base.errors import OperatorError
from serinus.base.untrusted import readable
from serinus.console.actions.carrying import find_messages
from serinus.console.actions.finding import earlier_doings, find_touches
from serinus.console.actions.incidents import (
    NOTE_LENGTH_MAX,
    acknowledge,
    add_note,
    close,
    reopen,
)
from serinus.console.models import Incident, IncidentTouch, User
from serinus.console.pages.access import person, require_GET, require_POST
from serinus.console.pages.evidence import Section, show_evidence
from serinus.console.pages.feed import answer_change, read_cursor
from serinus.console.pages.sentence import describe_line
from serinus.console.pages.world import country_name, find_mark
from serinus.tokens import describe
from serinus.tokens.carried.lookup import Message

TOUCHES_PAGE = 50
NOTES_MAX = 100
"""Notes that are shown, the newest; the API has more."""
CARRIED_MAX = 6
"""Different User-Agents and data of one incident that are shown at its head."""
CARRIED = (describe.CARRIED, "User-Agent")
"""Facts of a touch in which an intruder says something of themselves."""

_ACTIONS: dict[str, Callable[[int, User | None, datetime], None]] = {
    "acknowledge": acknowledge,
    "close": close,
    "reopen": reopen,
}


@dataclass(frozen=True, slots=True)
class ShownTouch:
    """A touch with its facts and its raw evidence, all of it harmless."""

    row: IncidentTouch
    summary: str
    facts: Sequence[tuple[str, str]]
    sections: Sequence[Section]


@require_GET
def show_incident(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an incident; `after` reads on in its touches."""
    row = _find(pk)
    touches, cursor = _read_touches(pk, read_cursor(request.GET.get("after")) or 0)
    page = {
        "line": describe_line(row),
        "incident": row,
        "note_length_max": NOTE_LENGTH_MAX,
        "source_rows": facts_rows(
            {"country_name": country_name(row.source_facts), **row.source_facts}
        ),
        "mark": find_mark(row.source_facts),
        "touches": touches,
        "more_after": cursor,
        "carried": _find_carried(find_messages(pk), touches),
        "earlier": [describe_line(other) for other in earlier_doings(row)],
        "notes": reversed(row.notes.select_related("author").order_by("-pk")[:NOTES_MAX]),
    }
    return render(request, "incident.html", page)


@require_POST
def change_incident(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Acknowledge, close or reopen an incident."""
    try:
        _ACTIONS[action](pk, person(request), timezone.now())
    except Incident.DoesNotExist:
        raise Http404 from None
    return answer_change(request)


@require_POST
def write_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep a note."""
    try:
        add_note(pk, person(request), timezone.now(), request.POST.get("text", ""))
    except Incident.DoesNotExist:
        raise Http404 from None
    except OperatorError as error:
        page = {"sentence": error.sentence, "back": f"/incidents/{pk}"}
        return render(request, "refused.html", page, status=422)
    return redirect("incident", pk=pk)


def _find(pk: int) -> Incident:
    related = Incident.objects.select_related("token", "acknowledged_by", "closed_by")
    row = related.defer("token__options").filter(pk=pk).first()
    if row is None:
        raise Http404
    return row


def _read_touches(pk: int, after: int) -> tuple[list[ShownTouch], int | None]:
    rows = find_touches(pk, after, TOUCHES_PAGE + 1)
    cursor = rows[TOUCHES_PAGE - 1].pk if len(rows) > TOUCHES_PAGE else None
    return [_show_touch(row) for row in rows[:TOUCHES_PAGE]], cursor


def _show_touch(row: IncidentTouch) -> ShownTouch:
    facts = [
        (readable(str(pair[0]), 80), readable(str(pair[1])))
        for pair in row.facts
        if isinstance(pair, list) and len(pair) == 2
    ]
    return ShownTouch(row, readable(row.summary), facts, show_evidence(row.channel, row.evidence))


def _find_carried(
    messages: Sequence[Message], touches: Sequence[ShownTouch]
) -> list[tuple[str, str]]:
    """Return what the intruder said of themselves, each thing once."""
    whole = [(CARRIED[0], message.sentence) for message in messages]
    found = [fact for touch in touches for fact in touch.facts if fact[0] in CARRIED]
    ordered = sorted(dict.fromkeys([*whole, *found]), key=lambda fact: CARRIED.index(fact[0]))
    return ordered[:CARRIED_MAX]
