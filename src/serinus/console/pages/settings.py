"""Settings: what owners change, who may enter, keys of API clients, one's own account, about."""

from importlib.metadata import version
from typing import Any

import django
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from serinus.base.errors import OperatorError
from serinus.console.actions.people import (
    change_person,
    invite,
    make_api_key,
    revoke_api_key,
)
from serinus.console.actions.preferences import change_preferences, read_preferences
from serinus.console.deployment import load_deployment
from serinus.console.models import APIKey, User
from serinus.console.models.people import Role
from serinus.console.pages.access import (
    is_owner,
    owner_only,
    person,
    require_GET,
    require_POST,
)
from serinus.console.pages.forms import (
    FormField,
    fill_in,
    general_error,
    preference_fields,
    read_posted,
)

KEY_NAME = FormField("name", "Name", "What will use it.", required=True, max=200)


@require_GET
def show_settings(request: HttpRequest) -> HttpResponse:
    """Show everything that this person may change."""
    return _show(request)


@owner_only
@require_POST
def save_preferences(request: HttpRequest) -> HttpResponse:
    """Change preferences."""
    fields = preference_fields(read_preferences())
    try:
        change_preferences(read_posted(request, fields), person(request))
    except OperatorError as error:
        return _show(
            request,
            422,
            preferences=fill_in(fields, request, error),
            error=general_error(fields, error),
        )
    return redirect("settings")


@owner_only
@require_POST
def make_invitation(request: HttpRequest) -> HttpResponse:
    """Make a one-time link and show it once."""
    try:
        secret = invite(request.POST.get("role", ""), person(request), timezone.now())
    except OperatorError as error:
        return _show(request, 422, error=error.sentence)
    base = load_deployment().settings.console_base
    return _show(request, link=f"{base}/invitation/{secret}")


@owner_only
@require_POST
def edit_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Change somebody's role, or shut them out or let them in."""
    role = request.POST.get("role") or None
    active = {"yes": True, "no": False}.get(request.POST.get("active", ""))
    try:
        change_person(pk, person(request), role, active)
    except OperatorError as error:
        return _show(request, 422, error=error.sentence)
    except User.DoesNotExist:
        return _show(request, 404, error="This person is not here any more.")
    return redirect("settings")


@require_POST
def make_key(request: HttpRequest) -> HttpResponse:
    """Make an API key and show its secret once."""
    name = request.POST.get("name", "")
    try:
        row, secret = make_api_key(name, person(request), timezone.now())
    except OperatorError as error:
        fields = fill_in([KEY_NAME], request, error)
        return _show(request, 422, key_field=fields[0], error=general_error(fields, error))
    return _show(request, key=row, secret=secret)


@require_POST
def revoke_key(request: HttpRequest, pk: int) -> HttpResponse:
    """End an API key: one's own, and for owners anybody's."""
    try:
        row = APIKey.objects.get(pk=pk)
        if row.created_by_id != person(request).pk and not is_owner(request):
            raise APIKey.DoesNotExist
        revoke_api_key(pk, person(request))
    except APIKey.DoesNotExist:
        return _show(request, 404, error="This key is not here any more.")
    return redirect("settings")


def _show(request: HttpRequest, status: int = 200, **extra: Any) -> HttpResponse:
    user, owner = person(request), is_owner(request)
    keys = APIKey.objects.select_related("created_by").order_by("-pk")
    instance = load_deployment().settings
    page = {
        "preferences": preference_fields(read_preferences()) if owner else [],
        "people": User.objects.order_by("username") if owner else [],
        "roles": Role.choices,
        "keys": keys if owner else keys.filter(created_by=user),
        "key_field": KEY_NAME,
        "about": [
            ("Serinus", version("serinus")),
            ("Django", django.get_version()),
            ("Zones", ", ".join(instance.zones)),
            ("Addresses in answers", ", ".join(instance.address)),
            ("DNS", ", ".join(instance.dns) or "off"),
            ("HTTP", ", ".join(instance.http) or "off"),
            ("HTTPS", ", ".join(instance.https) or "off"),
            ("Console", instance.console_base),
        ],
        **extra,
    }
    return render(request, "settings.html", page, status=status)
