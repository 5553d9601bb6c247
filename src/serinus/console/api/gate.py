"""The door of the API: who is there, and whether what they bring has a lawful size and form.

Rules:
- Whoever is not known gets 401 at every address, so that strangers learn nothing of what there is.
- A key in `Authorization: Bearer` counts for itself alone; a session needs a CSRF token as well
  wherever something may change.
- Everything that fails behind the door leaves it as a problem.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from ninja.utils import check_csrf

from serinus.console.actions.people import find_api_key, is_operator_key, note_key_use
from serinus.console.api.problems import RequestError, answer_fault, too_large, write_problem
from serinus.console.models import User
from serinus.console.models.people import Role

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""RFC 9110 §9.2.1."""

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a person, or with `who` None the operator, who is an owner without an account."""

    who: User | None
    is_owner: bool


class APIRequest(HttpRequest):
    """A request that has passed the door."""

    caller: Caller


def guard(view: View) -> View:
    """Put the door before a view."""

    @csrf_exempt
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            cast(APIRequest, request).caller = identify(request)
            _check_body(request)
            response = view(request, *args, **kwargs)
        except Exception as fault:
            return answer_fault(request, fault)
        if isinstance(response, HttpResponseNotAllowed):
            allowed = ", ".join(sorted(response.headers["Allow"].split(", ")))
            sentence = f"This address takes {allowed}."
            return write_problem(
                RequestError(HTTPStatus.METHOD_NOT_ALLOWED, sentence, headers={"Allow": allowed})
            )
        return response

    return guarded


def identify(request: HttpRequest) -> Caller:
    """Return who asks; raises RequestError if that is nobody we know."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return _identify_key(secret.strip())
    if not isinstance(request.user, User):
        raise _stranger("Sign in, or send Authorization: Bearer with an API key.")
    if request.method not in SAFE_METHODS and check_csrf(request) is not None:
        raise RequestError(
            HTTPStatus.FORBIDDEN, "With a session, send the CSRF token as X-CSRFToken, too."
        )
    return Caller(request.user, request.user.role == Role.OWNER)


def anybody(request: HttpRequest) -> Caller:
    """Let everybody in who has passed the door."""
    return cast(APIRequest, request).caller


def owner_only(request: HttpRequest) -> Caller:
    """Let only owners in; raises RequestError."""
    caller = cast(APIRequest, request).caller
    if not caller.is_owner:
        raise RequestError(HTTPStatus.FORBIDDEN, "Only an owner may do this: ask one of them.")
    return caller


def _identify_key(secret: str) -> Caller:
    if is_operator_key(secret):
        return Caller(None, is_owner=True)
    key = find_api_key(secret)
    if key is None:
        raise _stranger("This API key is not known here: make one in the settings.")
    with suppress(OperationalError):  # A full disk locks nobody out.
        note_key_use(key, timezone.now())
    who = key.created_by
    return Caller(who, is_owner=who is None or who.role == Role.OWNER)


def _stranger(sentence: str) -> RequestError:
    return RequestError(
        HTTPStatus.UNAUTHORIZED, sentence, headers={"WWW-Authenticate": 'Bearer realm="api"'}
    )


def _check_body(request: HttpRequest) -> None:
    if request.method in SAFE_METHODS:
        return
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > settings.UPLOAD_SIZE_MAX:
        raise too_large()
    if len(request.body) > settings.UPLOAD_SIZE_MAX:
        raise too_large()
    if request.body and request.content_type != "application/json":
        raise RequestError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with Content-Type: application/json."
        )
