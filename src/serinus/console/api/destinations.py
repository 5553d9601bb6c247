"""Destinations and what went there: added, changed, removed, tried, and sent again."""

from dataclasses import MISSING, fields
from http import HTTPStatus
from typing import Any, Literal, get_type_hints

from django.utils import timezone
from ninja import Router, Schema, Status

from serinus.alerts.catalogue import DESTINATIONS
from serinus.alerts.destination import Destination as DestinationKind
from serinus.console.actions.deliveries import resend
from serinus.console.actions.destinations import (
    add_destination,
    change_destination,
    delivery_log,
    describe_delivery,
    describe_destination,
    remove_destination,
    test_destination,
)
from serinus.console.api.gate import APIRequest
from serinus.console.api.problems import RequestError
from serinus.console.api.schemas import (
    NUMBER_MAX,
    PAGE_DEFAULT,
    Cursor,
    Given,
    Limit,
    make_page,
    read_cursor,
)
from serinus.console.models import Delivery as DeliveryRow
from serinus.console.models import Destination as DestinationRow

router = Router(tags=["destinations"])

SETTING_TYPES: dict[Any, Literal["text", "number", "list"]] = {
    int: "number",
    tuple[str, ...]: "list",
}
"""Every other type is a text."""


class DestinationSetting(Schema):
    """One setting of a kind of destination; a list may also be text with commas."""

    name: str
    label: str
    help: str
    type: Literal["text", "number", "list"]
    default: str | int | list[str] | None
    required: bool
    choices: list[str]
    secret: bool


class DestinationKindShown(Schema):
    """A way in which people are told."""

    name: str
    title: str
    settings: list[DestinationSetting]


class DestinationKinds(Schema):
    """Every kind of destination."""

    items: list[DestinationKindShown]


class NewDestination(Given):
    """A destination to add."""

    kind: str
    name: str
    settings: dict[str, Any]


class DestinationChange(Given):
    """What shall be otherwise; what is not given stays, and so does a secret that is masked."""

    name: str | None = None
    settings: dict[str, Any] | None = None
    enabled: bool | None = None


class Destination(Schema):
    """Where alerts go; secrets among its settings are masked."""

    id: int
    kind: str
    name: str
    settings: dict[str, Any]
    enabled: bool
    failures: int
    last_outcome: str
    last_at: str | None


class DestinationPage(Schema):
    """A page of destinations, newest first."""

    items: list[Destination]
    next: str | None


class Verdict(Schema):
    """What became of a test, in the server's own words."""

    outcome: Literal["delivered", "again", "give_up"]
    words: str


class Delivery(Schema):
    """One alert on its way to one destination."""

    id: int
    incident: int | None
    reason: str
    headline: str
    state: str
    attempts: int
    created_at: str
    next_at: str | None
    delivered_at: str | None
    last_error: str


class DeliveryPage(Schema):
    """A page of deliveries, newest first."""

    items: list[Delivery]
    next: str | None


@router.get("/destination-kinds", response=DestinationKinds, operation_id="list_destination_kinds")
def list_destination_kinds(request: APIRequest) -> dict[str, Any]:
    """List the ways in which people can be told, with their settings."""
    return {
        "items": [
            {"name": kind.name, "title": kind.title, "settings": describe_settings(kind)}
            for kind in DESTINATIONS.values()
        ]
    }


@router.get("/destinations", response=DestinationPage, operation_id="list_destinations")
def list_destinations(
    request: APIRequest, cursor: Cursor = None, limit: Limit = PAGE_DEFAULT
) -> dict[str, Any]:
    """List destinations, newest first."""
    found = DestinationRow.objects.filter(pk__lt=read_cursor(cursor) or NUMBER_MAX)
    rows = list(found.order_by("-pk")[: limit + 1])
    return make_page(rows, limit, describe_destination, lambda row: row.pk)


@router.post(
    "/destinations",
    response={HTTPStatus.CREATED: Destination},
    operation_id="add_destination",
)
def post_destination(request: APIRequest, given: NewDestination) -> Status[dict[str, Any]]:
    """Add a destination. Tokens without chosen destinations alert to it from now on."""
    row = add_destination(
        given.kind, given.name, given.settings, request.caller.who, timezone.now()
    )
    return Status(HTTPStatus.CREATED, describe_destination(row))


@router.get("/destinations/{int:number}", response=Destination, operation_id="show_destination")
def show_destination(request: APIRequest, number: int) -> dict[str, Any]:
    """Show a destination."""
    return describe_destination(_find(number))


@router.patch("/destinations/{int:number}", response=Destination, operation_id="change_destination")
def patch_destination(request: APIRequest, number: int, given: DestinationChange) -> dict[str, Any]:
    """Change what is given, one setting by one."""
    row = change_destination(
        _find(number),
        request.caller.who,
        timezone.now(),
        name=given.name,
        settings=given.settings,
        enabled=given.enabled,
    )
    return describe_destination(row)


@router.delete(
    "/destinations/{int:number}",
    response={HTTPStatus.NO_CONTENT: None},
    operation_id="remove_destination",
)
def delete_destination(request: APIRequest, number: int) -> Status[None]:
    """Remove a destination with its log. Tokens that chose it alone alert to all."""
    remove_destination(_find(number), request.caller.who, timezone.now())
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post("/destinations/{int:number}/test", response=Verdict, operation_id="test_destination")
def try_destination(request: APIRequest, number: int) -> dict[str, Any]:
    """Send a test alert now, and wait for the outcome: up to two minutes."""
    verdict = test_destination(_find(number), timezone.now())
    return {"outcome": verdict.outcome.value, "words": verdict.words}


@router.get(
    "/destinations/{int:number}/deliveries",
    response=DeliveryPage,
    operation_id="list_deliveries",
)
def list_deliveries(
    request: APIRequest, number: int, cursor: Cursor = None, limit: Limit = PAGE_DEFAULT
) -> dict[str, Any]:
    """List what was sent to a destination, newest first."""
    rows = delivery_log(_find(number), read_cursor(cursor), limit + 1)
    return make_page(rows, limit, describe_delivery, lambda row: row.pk)


@router.post("/deliveries/{int:number}/resend", response=Delivery, operation_id="resend_delivery")
def resend_delivery(request: APIRequest, number: int) -> dict[str, Any]:
    """Send a delivery again that was given up."""
    found = DeliveryRow.objects.select_related("alert")
    row = found.get(pk=number)
    if not resend([row.pk], timezone.now()):
        raise RequestError(HTTPStatus.CONFLICT, "This delivery was not given up: it is under way.")
    return describe_delivery(found.get(pk=number))


def describe_settings(kind: DestinationKind) -> list[dict[str, Any]]:
    """Describe a kind's settings in the order of their declaration."""
    types = get_type_hints(kind.settings)
    return [
        {
            "name": declared.name,
            "label": declared.metadata["label"],
            "help": declared.metadata["help"],
            "type": SETTING_TYPES.get(types[declared.name], "text"),
            "default": None if declared.default is MISSING else declared.default,
            "required": declared.default is MISSING,
            "choices": declared.metadata["choices"],
            "secret": declared.metadata["secret"],
        }
        for declared in fields(kind.settings)
    ]


def _find(number: int) -> DestinationRow:
    return DestinationRow.objects.get(pk=number)
