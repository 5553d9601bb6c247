"""The API's description as OpenAPI 3.1, complete enough that a client can be generated from it.

To what the operations declare it adds what holds for all of them, and what the catalogues know: the
options of each kind and the settings of each kind of destination.
"""

from typing import Any

from ninja import NinjaAPI

from serinus.alerts.catalogue import DESTINATIONS
from serinus.console.api.destinations import describe_settings
from serinus.console.api.problems import MEDIA_TYPE
from serinus.tokens.catalogue import KINDS
from serinus.tokens.kind import OptionField, options_schema

PREFIX = "/api/"

PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong, in one sentence, and the field it is about (RFC 9457).",
    "required": ["type", "title", "status", "detail", "field"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "field": {"type": ["string", "null"], "description": "Such as memo or tokens.3.memo."},
        "instance": {"type": "string", "description": "The fault's number in the log."},
    },
}


def describe_api(api: NinjaAPI) -> dict[str, Any]:
    """Return the OpenAPI document."""
    found: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=PREFIX))
    schemas = found["components"]["schemas"]
    schemas["Problem"] = PROBLEM
    for kind in KINDS:
        schemas[_options_name(kind.name)] = _describe_options(kind.title, options_schema(kind))
    for destination in DESTINATIONS.values():
        schemas[_settings_name(destination.name)] = _describe_settings(
            destination.title, describe_settings(destination)
        )
    schemas["NewToken"]["properties"]["kind"]["enum"] = [kind.name for kind in KINDS]
    schemas["NewToken"]["properties"]["options"] = {
        "description": "As the kind declares them.",
        "anyOf": [_refer(_options_name(kind.name)) for kind in KINDS],
        "default": {},
    }
    schemas["NewDestination"]["properties"]["kind"]["enum"] = list(DESTINATIONS)
    schemas["NewDestination"]["properties"]["settings"] = {
        "description": "As the kind declares them.",
        "anyOf": [_refer(_settings_name(name)) for name in DESTINATIONS],
    }
    found["components"]["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "An API key."}
    }
    found["security"] = [{"key": []}]
    for operations in found["paths"].values():
        for operation in operations.values():
            _complete(operation)
    return found


def _complete(operation: dict[str, Any]) -> None:
    """Add what every operation may answer; a file is bytes of any media type."""
    operation["responses"]["default"] = {
        "description": "A problem.",
        "content": {MEDIA_TYPE: {"schema": _refer("Problem")}},
    }
    if operation["operationId"] == "download_artefact":
        operation["responses"][200]["content"] = {"*/*": {"schema": {"type": "string"}}}


def _options_name(kind: str) -> str:
    return f"{kind.title()}Options"


def _settings_name(kind: str) -> str:
    return f"{kind.title()}Settings"


def _refer(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _describe_options(title: str, options: list[OptionField]) -> dict[str, Any]:
    return {
        "title": f"Options of {title}",
        "type": "object",
        "additionalProperties": False,
        "required": [known.name for known in options if known.required],
        "properties": {known.name: _describe_option(known) for known in options},
    }


def _describe_option(known: OptionField) -> dict[str, Any]:
    found: dict[str, Any] = {"title": known.label, "description": known.help}
    match known.type:
        case "yes_no":
            found["type"] = "boolean"
        case "number":
            found |= {"type": "integer", "minimum": 0}
            found |= {} if known.max is None else {"maximum": known.max}
        case "file":
            found |= {"type": "string", "contentEncoding": "base64"}
        case _:
            found["type"] = "string"
            found |= {} if known.max is None else {"maxLength": known.max}
    if known.choices:
        found["enum"] = list(known.choices)
    if known.default is not None:
        found["default"] = known.default
    if known.secret:
        found["writeOnly"] = True
    return found


def _describe_settings(title: str, settings: list[dict[str, Any]]) -> dict[str, Any]:
    types: dict[str, dict[str, Any]] = {
        "number": {"type": "integer"},
        "list": {"type": "array", "items": {"type": "string"}},
        "text": {"type": "string"},
    }
    properties = {}
    for known in settings:
        found: dict[str, Any] = {"title": known["label"], "description": known["help"]}
        found |= types[known["type"]]
        if known["choices"]:
            found["enum"] = list(known["choices"])
        if not known["required"] and known["default"] is not None:
            found["default"] = known["default"]
        if known["secret"]:
            found["writeOnly"] = True
        properties[known["name"]] = found
    return {
        "title": f"Settings of {title}",
        "type": "object",
        "additionalProperties": False,
        "required": [known["name"] for known in settings if known["required"]],
        "properties": properties,
    }
