"""What API clients see: typed operations under `/api/`, one file per noun."""

from functools import lru_cache
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import URLPattern, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.types import DictStrAny

from serinus import __version__
from serinus.console.api import deployment, destinations, incidents, people, tokens
from serinus.console.api.gate import anybody, guard
from serinus.console.api.openapi import describe_api
from serinus.console.api.problems import answer_fault
from serinus.console.api.schemas import StrictParser


class ConsoleAPI(NinjaAPI):
    """An API behind one door, which stands before unknown addresses and methods as well."""

    def _get_urls(self) -> list[Any]:
        patterns: list[Any] = [*super()._get_urls(), re_path("", _find_nothing)]
        for pattern in patterns:
            if isinstance(pattern, URLPattern):
                pattern.callback = guard(pattern.callback)
        return patterns


def _answer(request: HttpRequest, fault: Exception | type[Exception]) -> HttpResponse:
    return answer_fault(request, fault if isinstance(fault, Exception) else fault())


def _find_nothing(_request: HttpRequest) -> HttpResponseBase:
    raise Http404


API = ConsoleAPI(
    title="Serinus",
    version=__version__,
    description="Tokens, incidents, destinations and people of one deployment.",
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    auth=anybody,
    parser=StrictParser(),
)
for fault in (Exception, Http404, HttpError, ValidationError):
    API.add_exception_handler(fault, _answer)
for router in (tokens.router, incidents.router, destinations.router, people.router):
    API.add_router("", router)
API.add_router("", deployment.router)


@API.get("/openapi.json", operation_id="show_openapi", include_in_schema=False)
def show_openapi(request: HttpRequest) -> DictStrAny:
    """Show the description of this API."""
    return _description()


@lru_cache(maxsize=1)
def _description() -> DictStrAny:
    return describe_api(API)
