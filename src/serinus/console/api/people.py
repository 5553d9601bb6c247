"""Who may enter: API keys, invitations and people."""

from http import HTTPStatus
from typing import Any, Literal

from django.utils import timezone
from ninja import Router, Schema, Status

from serinus.console.actions.minting import show_time
from serinus.console.actions.people import change_person, invite, make_api_key, revoke_api_key
from serinus.console.api.gate import APIRequest, Caller, owner_only
from serinus.console.api.schemas import (
    NUMBER_MAX,
    PAGE_DEFAULT,
    Cursor,
    Given,
    Limit,
    make_page,
    read_cursor,
)
from serinus.console.deployment import load_deployment
from serinus.console.models import APIKey, User

router = Router(tags=["people"])

RoleName = Literal["owner", "colleague"]


class Key(Schema):
    """An API key; made by nobody, it is the operator's."""

    id: int
    name: str
    created_by: str | None
    created_at: str
    last_used_at: str | None


class KeyPage(Schema):
    """A page of keys, newest first."""

    items: list[Key]
    next: str | None


class NewKey(Given):
    """Who or what shall use the key."""

    name: str


class MadeKey(Key):
    """A key with its secret, which is shown this once."""

    key: str


class NewInvitation(Given):
    """What the invited person may do."""

    role: RoleName


class Invitation(Schema):
    """A link by which one person makes an account, within a day; it is shown this once."""

    link: str


class Person(Schema):
    """Somebody with an account."""

    id: int
    username: str
    role: RoleName
    active: bool
    joined_at: str
    last_sign_in: str | None


class PersonPage(Schema):
    """A page of people, newest first."""

    items: list[Person]
    next: str | None


class PersonChange(Given):
    """What shall be otherwise; what is not given stays."""

    role: RoleName | None = None
    active: bool | None = None


@router.get("/keys", response=KeyPage, operation_id="list_keys")
def list_keys(
    request: APIRequest, cursor: Cursor = None, limit: Limit = PAGE_DEFAULT
) -> dict[str, Any]:
    """List API keys, newest first: an owner sees all, a colleague their own."""
    found = _keys_of(request.caller).filter(pk__lt=read_cursor(cursor) or NUMBER_MAX)
    rows = list(found.select_related("created_by").order_by("-pk")[: limit + 1])
    return make_page(rows, limit, _describe_key, lambda row: row.pk)


@router.post("/keys", response={HTTPStatus.CREATED: MadeKey}, operation_id="make_key")
def make_key(request: APIRequest, given: NewKey) -> Status[dict[str, Any]]:
    """Make a key that may do what you may."""
    row, secret = make_api_key(given.name, request.caller.who, timezone.now())
    return Status(HTTPStatus.CREATED, {**_describe_key(row), "key": secret})


@router.delete(
    "/keys/{int:number}", response={HTTPStatus.NO_CONTENT: None}, operation_id="revoke_key"
)
def revoke_key(request: APIRequest, number: int) -> Status[None]:
    """End a key at once: an owner any, a colleague their own."""
    revoke_api_key(_keys_of(request.caller).get(pk=number).pk, request.caller.who)
    return Status(HTTPStatus.NO_CONTENT, None)


@router.post(
    "/invitations",
    response={HTTPStatus.CREATED: Invitation},
    auth=owner_only,
    operation_id="invite_person",
)
def invite_person(request: APIRequest, given: NewInvitation) -> Status[dict[str, Any]]:
    """Make a link by which one person enters."""
    secret = invite(given.role, request.caller.who, timezone.now())
    base = load_deployment().settings.console_base
    return Status(HTTPStatus.CREATED, {"link": f"{base}/invitation/{secret}"})


@router.get("/people", response=PersonPage, auth=owner_only, operation_id="list_people")
def list_people(
    request: APIRequest, cursor: Cursor = None, limit: Limit = PAGE_DEFAULT
) -> dict[str, Any]:
    """List everybody with an account, newest first."""
    found = User.objects.filter(pk__lt=read_cursor(cursor) or NUMBER_MAX)
    rows = list(found.order_by("-pk")[: limit + 1])
    return make_page(rows, limit, _describe_person, lambda row: row.pk)


@router.patch(
    "/people/{int:number}", response=Person, auth=owner_only, operation_id="change_person"
)
def patch_person(request: APIRequest, number: int, given: PersonChange) -> dict[str, Any]:
    """Change what somebody may do. Whoever is not active cannot enter, and their keys end."""
    return _describe_person(
        change_person(number, request.caller.who, role=given.role, active=given.active)
    )


def _keys_of(caller: Caller) -> Any:
    return APIKey.objects.all() if caller.is_owner else APIKey.objects.filter(created_by=caller.who)


def _describe_key(row: APIKey) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "created_by": row.created_by.get_username() if row.created_by else None,
        "created_at": show_time(row.created_at),
        "last_used_at": show_time(row.last_used_at),
    }


def _describe_person(row: User) -> dict[str, Any]:
    return {
        "id": row.pk,
        "username": row.get_username(),
        "role": row.role,
        "active": row.is_active,
        "joined_at": show_time(row.date_joined),
        "last_sign_in": show_time(row.last_login),
    }
