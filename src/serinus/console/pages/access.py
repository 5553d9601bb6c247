"""Who may see a page: everybody signed in, but for the few views that say otherwise.

The API tells by itself who is there, because its clients show keys and want problems, not forms.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.views.decorators.http import require_GET, require_POST

from serinus.console.models import User
from serinus.console.models.people import Role

API_PREFIX = "/api/"

View = Callable[..., HttpResponseBase]

__all__ = [
    "SignInRequired",
    "find_nothing",
    "is_owner",
    "owner_only",
    "person",
    "require_GET",
    "require_POST",
]


class SignInRequired(LoginRequiredMiddleware):
    """Sends strangers to the sign-in page."""

    def process_view(
        self,
        request: HttpRequest,
        view_func: Callable[..., HttpResponseBase],
        view_args: tuple[Any, ...],
        view_kwargs: dict[str, Any],
    ) -> HttpResponseBase | None:
        """Return the way to the sign-in page, or None where the view may answer."""
        if request.path.startswith(API_PREFIX):
            return None
        return super().process_view(request, view_func, view_args, view_kwargs)

    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponseBase:
        """Have a script that asked for a part of a page load the whole sign-in page."""
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401, headers={"HX-Redirect": resolve_url("account_login")})
        return super().handle_no_permission(request, view_func)


def find_nothing(request: HttpRequest) -> HttpResponseBase:  # noqa: ARG001
    """Stand behind every other address, so that strangers cannot tell which of them there are."""
    raise Http404


def person(request: HttpRequest) -> User:
    """Return who is signed in; raises PermissionDenied where nobody is."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def is_owner(request: HttpRequest) -> bool:
    """Tell whether an owner is signed in."""
    return isinstance(request.user, User) and request.user.role == Role.OWNER


def owner_only(view: View) -> View:
    """Let only owners have this view."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not is_owner(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped
