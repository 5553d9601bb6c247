"""Destinations: how they do, added, changed, tried; and what was sent there."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from serinus.alerts.catalogue import DESTINATIONS
from serinus.alerts.destination import Destination as DestinationKind
from serinus.alerts.destination import Verdict
from serinus.base.errors import OperatorError
from serinus.console.actions.deliveries import resend
from serinus.console.actions.destinations import (
    add_destination,
    change_destination,
    delivery_log,
    describe_destination,
    find_kind,
    remove_destination,
    test_destination,
)
from serinus.console.models import Delivery, Destination
from serinus.console.pages.access import person, require_GET, require_POST
from serinus.console.pages.feed import read_cursor
from serinus.console.pages.forms import (
    FormField,
    fill_in,
    general_error,
    read_posted,
    setting_fields,
)

PAGE = 50
NAME = FormField("name", "Name", "What your team calls it.", required=True, max=200)
ENABLED = FormField("enabled", "Enabled", "Alerts go here.", type="yes_no", value="yes")


@require_GET
def list_destinations(request: HttpRequest) -> HttpResponse:
    """Show every destination with its health, and the kinds that can be added."""
    rows = [(row, DESTINATIONS.get(row.kind)) for row in Destination.objects.order_by("name")]
    page = {"destinations": rows, "kinds": DESTINATIONS.values()}
    return render(request, "destinations/list.html", page)


@require_http_methods(["GET", "POST"])
def new_destination(request: HttpRequest, kind_name: str) -> HttpResponse:
    """Show the form of a kind of destination; add it."""
    try:
        kind = find_kind(kind_name)
    except OperatorError:
        raise Http404 from None
    fields = [NAME, *setting_fields(kind)]
    error = ""
    if request.method == "POST":
        values = read_posted(request, fields)
        name = values.pop("name", "")
        try:
            row = add_destination(kind_name, name, values, person(request), timezone.now())
        except OperatorError as wrong:
            fields, error = fill_in(fields, request, wrong), general_error(fields, wrong)
        else:
            return redirect("destination", pk=row.pk)
    page = {"kind": kind, "fields": fields, "error": error}
    return render(
        request, "destinations/new.html", page, status=422 if request.method == "POST" else 200
    )


@require_http_methods(["GET", "POST"])
def show_destination(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a destination, its settings and its log; change it."""
    row = _find(pk)
    kind = find_kind(row.kind)
    described = describe_destination(row)
    fields = _fields(kind, row, described["settings"])
    if request.method != "POST":
        return _show(request, row, kind, fields)
    values = read_posted(request, fields)
    # An emptied field is emptied; a secret keeps what it holds unless something else was typed.
    settings = {
        field.name: values.get(field.name, field.value if field.type == "password" else "")
        for field in fields[2:]
    }
    name, enabled = values.pop("name", ""), values.pop("enabled", False)
    try:
        change_destination(row, person(request), timezone.now(), name, settings, enabled)
    except OperatorError as error:
        wrong = fill_in(fields, request, error)
        return _show(request, row, kind, wrong, general_error(fields, error), 422)
    except Destination.DoesNotExist:
        raise Http404 from None
    return redirect("destination", pk=pk)


@require_POST
def delete_destination(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a destination with its log."""
    remove_destination(_find(pk), person(request), timezone.now())
    return redirect("destinations")


@require_POST
def try_destination(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test alert now, and show what the server said."""
    page = {"verdict": test_destination(_find(pk), timezone.now())}
    if request.headers.get("HX-Request"):
        return render(request, "destinations/verdict.html", page)
    row = _find(pk)
    kind = find_kind(row.kind)
    fields = _fields(kind, row, describe_destination(row)["settings"])
    return _show(request, row, kind, fields, verdict=page["verdict"])


@require_POST
def resend_delivery(request: HttpRequest, pk: int) -> HttpResponse:  # noqa: ARG001
    """Let a dead delivery be tried anew."""
    row = Delivery.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    resend([pk], timezone.now())
    return redirect("destination", pk=row.destination_id)


def _fields(
    kind: DestinationKind, row: Destination, settings: dict[str, object]
) -> list[FormField]:
    shown = {"name": row.name, "enabled": "yes" if row.enabled else ""}
    head = [replace(field, value=shown[field.name]) for field in (NAME, ENABLED)]
    return [*head, *setting_fields(kind, settings)]


def _show(
    request: HttpRequest,
    row: Destination,
    kind: DestinationKind,
    fields: list[FormField],
    error: str = "",
    status: int = 200,
    verdict: Verdict | None = None,
) -> HttpResponse:
    rows = delivery_log(row, read_cursor(request.GET.get("before")), PAGE + 1)
    page = {
        "destination": row,
        "kind": kind,
        "fields": fields,
        "error": error,
        "verdict": verdict,
        "deliveries": rows[:PAGE],
        "older": rows[PAGE - 1].pk if len(rows) > PAGE else None,
    }
    return render(request, "destinations/destination.html", page, status=status)


def _find(pk: int) -> Destination:
    row = Destination.objects.filter(pk=pk).first()
    if row is None:
        raise Http404
    return row
