"""The incident feed: newest first, filtered, searched, acknowledged many at once."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from serinus.console.actions.finding import IncidentSearch, find_incidents
from serinus.console.actions.incidents import acknowledge
from serinus.console.models import Incident, Token
from serinus.console.models.incidents import State
from serinus.console.pages.access import person, require_GET, require_POST
from serinus.console.pages.forms import read_numbers
from serinus.console.pages.sentence import Line, describe_line

PAGE = 50
"""Incidents of one page: a few screens of a telephone."""
CHOSEN_MAX = PAGE
"""Incidents acknowledged at once: as many as a page shows."""

STATES = (("", "All"), *((state.value, state.label) for state in State))


@require_GET
def show_feed(request: HttpRequest) -> HttpResponse:
    """Show a page of incidents."""
    text = request.GET.get("q", "")[:200]
    state = request.GET.get("state", "")
    chosen = State(state) if state in State.values else None
    lines, cursor = find_lines(IncidentSearch(text=text, state=chosen), request.GET.get("before"))
    page = {
        "lines": lines,
        "has_new": any(line.row.state == State.NEW for line in lines),
        "text": text,
        "state": chosen or "",
        "states": STATES,
        "older": urlencode({"q": text, "state": chosen or "", "before": cursor}) if cursor else "",
        "is_first": "before" not in request.GET,
        "is_filtered": bool(text or chosen),
        "has_tokens": bool(lines) or Token.objects.exists(),
    }
    return render(request, "feed.html", page)


@require_POST
def acknowledge_many(request: HttpRequest) -> HttpResponse:
    """Acknowledge the incidents that were ticked; those that are closed stay so."""
    who, now = person(request), timezone.now()
    chosen = read_numbers(request, "incident")[:CHOSEN_MAX]
    new = Incident.objects.filter(pk__in=chosen, state=State.NEW).values_list("pk", flat=True)
    for pk in list(new):
        acknowledge(pk, who, now)
    return answer_change(request)


def find_lines(search: IncidentSearch, before: str | None) -> tuple[list[Line], int | None]:
    """Return a page of lines, and the cursor of the next page if there is one."""
    rows = find_incidents(search, read_cursor(before), PAGE + 1)
    cursor = rows[PAGE - 1].pk if len(rows) > PAGE else None
    return [describe_line(row) for row in rows[:PAGE]], cursor


def read_cursor(text: str | None) -> int | None:
    """Return the cursor of a page's address; one that we did not write counts as none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def answer_change(request: HttpRequest) -> HttpResponse:
    """Answer a change: tell a script that something changed, send a plain form back."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Trigger": "changed"})
    back = request.POST.get("back", "")
    # Only within these pages; "//host" and the like are another place.
    lawful = back.startswith("/") and url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return redirect(back if lawful else "feed")
