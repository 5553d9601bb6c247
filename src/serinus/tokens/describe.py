"""What any touch says to a person, whatever the kind: a sentence and the evidence as facts.

The detail of a touch is an intruder's: any JSON value may stand anywhere, and none may raise.
"""

from typing import Any, TypeGuard

from serinus.base.untrusted import readable
from serinus.model.touch import Touch
from serinus.tokens.kind import FACTS_MAX, Token, Trip

SUMMARY_PART_MAX = 120
"""Characters of a name, target or User-Agent within a sentence; the facts have more."""
FACT_MAX = 1000
"""Characters of one fact."""
CARRIED_MAX = 64
"""Labels of carried data that are shown: more than a name of 255 bytes usually has."""

_HEADERS = (
    "User-Agent",
    "Referer",
    "Accept-Language",
    "X-Forwarded-For",
    "Via",
    "From",
    "Authorization",
    "Origin",
)
"""Headers that tell who or what came; the touch keeps all of them."""


def describe_touch(touch: Touch, token: Token) -> Trip | None:
    """Return the trip that any touch of `token` is, or None if its id is not in the touch."""
    if token.id not in touch.tokens:
        return None
    return _describe_dns(touch) if touch.channel == "dns" else _describe_http(touch)


def shown(value: object, length_max: int = FACT_MAX) -> str:
    """Return a value of a touch's detail as harmless text; its text is Latin-1 of wire bytes."""
    if isinstance(value, (int, float)):
        return readable(repr(value), length_max)
    text = value if isinstance(value, str) else ""
    return readable(text.encode("latin-1", "backslashreplace"), length_max)


def _describe_dns(touch: Touch) -> Trip:
    detail = touch.detail
    left = detail.get("left")
    edns = detail.get("edns")
    subnet = edns.get("client_subnet") if isinstance(edns, dict) else None
    carried = ".".join(shown(label) for label in left[:CARRIED_MAX]) if _is_list(left) else ""
    name = shown(detail.get("name"), SUMMARY_PART_MAX) or "the token's name"
    kind = shown(detail.get("type"), 20) or "DNS"
    return Trip(
        f"{kind} lookup of {name}",
        _facts(
            ("Name", shown(detail.get("name"))),
            ("Type", kind),
            ("Carried data", readable(carried, FACT_MAX)),
            ("Client subnet", shown(subnet)),
            ("Transport", shown(touch.transport)),
        ),
    )


def _describe_http(touch: Touch) -> Trip:
    detail = touch.detail
    headers = _headers(detail.get("headers"))
    method = shown(detail.get("method"), 20) or "A request"
    target = shown(detail.get("target"), SUMMARY_PART_MAX) or "the token's URL"
    agent = readable(headers.get("user-agent", ""), SUMMARY_PART_MAX)
    found = detail.get("found")
    tls = detail.get("tls")
    tls = tls if isinstance(tls, dict) else {}
    size = detail.get("body_size")
    return Trip(
        f"{method} for {target} " + (f"with {agent}" if agent else "without a User-Agent"),
        _facts(
            ("Request", shown(detail.get("line"))),
            ("Host", shown(detail.get("host"))),
            ("Found in", ", ".join(shown(f, 80) for f in found[:8]) if _is_list(found) else ""),
            *((name, headers.get(name.lower(), "")) for name in _HEADERS),
            ("Body", f"{shown(size, 20)} bytes" if size else ""),
            ("TLS server name", shown(tls.get("sni"))),
            ("JA4", shown(tls.get("ja4"))),
            ("Transport", shown(touch.transport)),
        ),
    )


def _headers(found: Any) -> dict[str, str]:
    """Return the first value of each header by lower-case name."""
    values: dict[str, str] = {}
    for pair in found if _is_list(found) else ():
        if _is_list(pair) and len(pair) == 2 and isinstance(pair[0], str):
            values.setdefault(pair[0].lower(), shown(pair[1]))
    return values


def _facts(*facts: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, value) for label, value in facts if value)[:FACTS_MAX]


def _is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    return isinstance(value, (list, tuple))
