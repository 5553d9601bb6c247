"""The ways in for people without an account yet: the owner's first link, and invitations."""

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from serinus.base.errors import OperatorError
from serinus.console.actions.people import accept_invitation, find_invitation
from serinus.console.pages.forms import FormField, fill_in, general_error

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"

FIELDS = (
    FormField("username", "User name", required=True, max=150, autocomplete="username"),
    FormField(
        "password",
        "Password",
        "At least 12 characters; a few words that only you would put together are best.",
        type="password",
        required=True,
        max=1024,
        autocomplete="new-password",
    ),
)


@login_not_required
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest, secret: str, is_setup: bool = False) -> HttpResponse:
    """Show the form of a one-time link; make the account and sign in."""
    now = timezone.now()
    try:
        find_invitation(secret, now)
    except OperatorError as error:
        page = {"error": error.sentence, "is_setup": is_setup}
        return render(request, "entrance/refused.html", page, status=404)
    page = {"fields": FIELDS, "is_setup": is_setup}
    if request.method != "POST":
        return render(request, "entrance/enter.html", page)
    username, password = (request.POST.get(field.name, "") for field in FIELDS)
    try:
        user = accept_invitation(secret, username, password, now)
    except OperatorError as error:
        page["fields"] = fill_in(FIELDS, request, error)
        page["error"] = general_error(FIELDS, error)
        return render(request, "entrance/enter.html", page, status=422)
    login(request, user, backend=BACKEND)
    return redirect("feed")
