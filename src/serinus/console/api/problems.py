"""Errors as API clients see them: RFC 9457 problems, with one sentence and the field it is about.

The `type` is always `about:blank`: the status says what sort of fault it is (RFC 9457 §4.2.1).
"""

import json
import logging
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from serinus.base.errors import OperatorError, SerinusError, StorageError
from serinus.base.untrusted import readable

MEDIA_TYPE = "application/problem+json"
FIELD_LENGTH_MAX = 200
"""Characters of a field's name, which a client may have made up."""
DETAIL_LENGTH_MAX = 1000

log = logging.getLogger(__name__)


class RequestError(SerinusError):
    """A fault with the status that it is answered with.

    Args:
        status: Of the response.
        detail: What is wrong and the remedy, one sentence.
        field: Of the request, where one is meant.
        headers: Of the response.
    """

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        field: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.field = field
        self.headers = dict(headers or {})


def answer_fault(request: HttpRequest, fault: Exception) -> HttpResponse:
    """Return the problem that a fault is; what we did not foresee is logged under its number."""
    match fault:
        case RequestError():
            problem = fault
        case OperatorError():
            problem = RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, fault.sentence, fault.field)
        case ValidationError():
            problem = _describe_validation(fault.errors[0])
        case HttpError(status_code=HTTPStatus.BAD_REQUEST):
            problem = RequestError(HTTPStatus.BAD_REQUEST, "The body is not JSON (RFC 8259).")
        case Http404() | ObjectDoesNotExist():
            problem = RequestError(HTTPStatus.NOT_FOUND, "There is nothing by this name or number.")
        case RequestDataTooBig():
            problem = too_large()
        case StorageError() | OperationalError():
            log.error("api: %s", fault)
            problem = RequestError(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The disk takes no writes now, so nothing has changed: make room, and try again.",
            )
        case _:
            return _answer_defect(request, fault)
    return write_problem(problem)


def write_problem(problem: RequestError, **members: str) -> HttpResponse:
    """Return the response for a problem, with further members if given."""
    found: dict[str, Any] = {
        "type": "about:blank",
        "title": problem.status.phrase,
        "status": int(problem.status),
        "detail": readable(problem.detail, DETAIL_LENGTH_MAX),
        "field": None if problem.field is None else readable(problem.field, FIELD_LENGTH_MAX),
        **members,
    }
    return HttpResponse(
        json.dumps(found), MEDIA_TYPE, status=problem.status, headers=problem.headers
    )


def too_large() -> RequestError:
    """Return the problem of a body that is past its bound."""
    return RequestError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "The body is too large: a file has at most 20 MiB; send many tokens in several requests.",
    )


def _answer_defect(request: HttpRequest, fault: Exception) -> HttpResponse:
    instance = uuid.uuid4().urn
    path = readable(request.path, FIELD_LENGTH_MAX)
    log.error("api: %s %s failed, %s", request.method, path, instance, exc_info=fault)
    problem = RequestError(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "Something failed here that is not your fault; the log of the Console has the rest.",
    )
    return write_problem(problem, instance=instance)


def _describe_validation(error: Mapping[str, Any]) -> RequestError:
    source, *where = error["loc"]
    # The first part within a body is the name that our own function has for it.
    path = where[1:] if source == "body" else where
    field = readable(".".join(str(part) for part in path), FIELD_LENGTH_MAX)
    return RequestError(HTTPStatus.UNPROCESSABLE_ENTITY, _sentence(field, error), field or None)


def _sentence(field: str, error: Mapping[str, Any]) -> str:
    if not field:
        return "The body has to be a JSON object, with Content-Type: application/json."
    match error["type"]:
        case "missing":
            return f"{field} is missing: give it."
        case "extra_forbidden":
            return f"{field} is not known here: leave it out."
        case "literal_error":
            return f"{field} is one of {error['ctx']['expected']}."
    message = str(error["msg"])
    return f"{field} is not lawful: {message[:1].lower()}{message[1:]}."
