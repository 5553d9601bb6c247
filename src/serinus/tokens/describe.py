"""What any touch says to a person, whatever the kind: a sentence and the evidence as facts.

The detail of a touch is an intruder's: any JSON value may stand anywhere, and none may raise.
"""

from typing import Any, TypeGuard

from serinus.base.untrusted import readable
from serinus.model.touch import Touch
from serinus.tokens.carried.lookup import Part, read_part
from serinus.tokens.carried.request import read_request
from serinus.tokens.credentials import read_credentials, without_secrets
from serinus.tokens.detail import read_headers
from serinus.tokens.kind import FACTS_MAX, Token, Trip

SUMMARY_PART_MAX = 120
"""Characters of a name, target or User-Agent within a sentence; the facts have more."""
FACT_MAX = 1000
"""Characters of one fact."""
LABELS_MAX = 64
"""Labels of carried data that are shown: more than a name of 255 bytes usually has."""
CARRIED = "Carried data"
"""The fact in which an intruder says something of themselves, or a script of its own says it."""
PART = "Part of carried data"
"""The fact of a lookup that carries one of several parts; the incident shows the whole."""

_HEADERS = (
    "User-Agent",
    "Referer",
    "Accept-Language",
    "X-Forwarded-For",
    "Via",
    "From",
    "Origin",
)
"""Headers that tell who or what came; the touch keeps all of them."""


def describe_touch(touch: Touch, token: Token) -> Trip | None:
    """Return the trip that any touch of `token` is, or None if its id is not in the touch."""
    if token.id not in touch.tokens:
        return None
    return _describe_dns(touch) if touch.channel == "dns" else _describe_http(touch, token)


def quote_carried(text: str, carrier: str) -> str:
    """Return the sentence that says what was carried, and then by what."""
    # No quotation marks like ours: they would end the quotation, and the text speak as we do.
    plain = readable(text, SUMMARY_PART_MAX).replace("“", '"').replace("”", '"')
    return f"“{plain}” carried by {carrier}"


def quotes_carried(sentence: str) -> bool:
    """Tell whether a sentence says what was carried."""
    return sentence.startswith("“")


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
    # A label that begins with an underscore names a service (RFC 8552), and carries nothing.
    named = [shown(label) for label in left[:LABELS_MAX]] if _is_list(left) else []
    labels = ".".join(label for label in named if not label.startswith("_"))
    name = shown(detail.get("name"), SUMMARY_PART_MAX) or "the token's name"
    kind = shown(detail.get("type"), 20) or "DNS"
    summary, fact = f"{kind} lookup of {name}", (CARRIED, labels)
    part = read_part(left)
    if part is not None:
        summary, fact = _describe_part(part, summary)
    return Trip(
        summary,
        _facts(
            ("Name", shown(detail.get("name"))),
            ("Type", kind),
            (fact[0], readable(fact[1], FACT_MAX)),
            ("Client subnet", shown(subnet)),
            ("Transport", shown(touch.transport)),
        ),
    )


def _describe_part(part: Part, lookup: str) -> tuple[str, tuple[str, str]]:
    """Return the sentence and the fact of a lookup that carries a part of a message."""
    said = part.alone
    if part.total == 1:
        return quote_carried(said, lookup), (CARRIED, said)
    place = f"part {part.number} of {part.total}"
    return quote_carried(said, f"{place}, {lookup}"), (PART, f"{place}: {said}")


def _describe_http(touch: Touch, token: Token) -> Trip:
    detail = touch.detail
    headers = _headers(detail)
    method = shown(detail.get("method"), 20) or "A request"
    target = without_secrets(shown(detail.get("target"))) or "the token's URL"
    target = readable(target, SUMMARY_PART_MAX)
    agent = readable(headers.get("user-agent", ""), SUMMARY_PART_MAX)
    found = detail.get("found")
    tls = detail.get("tls")
    tls = tls if isinstance(tls, dict) else {}
    size = detail.get("body_size")
    carried = read_request(detail, token.id)
    speech = next((said for said in carried if said.is_speech), None)
    summary = f"{method} for {target}"
    if any(not said.where for said in carried):
        del headers["user-agent"]  # It is told as what it carried.
    if speech is None or speech.where:
        summary += f" with {agent}" if agent else " without a User-Agent"
    return Trip(
        quote_carried(speech.text, summary) if speech else summary,
        _facts(
            *((CARRIED, said.labelled) for said in carried),
            *(("Credential", offered.sentence) for offered in read_credentials(detail)),
            ("Request", without_secrets(shown(detail.get("line")))),
            ("Host", shown(detail.get("host"))),
            ("Found in", ", ".join(shown(f, 80) for f in found[:8]) if _is_list(found) else ""),
            *((name, without_secrets(headers.get(name.lower(), ""))) for name in _HEADERS),
            ("Body", f"{shown(size, 20)} bytes" if size else ""),
            ("TLS server name", shown(tls.get("sni"))),
            ("JA4", shown(tls.get("ja4"))),
            ("Transport", shown(touch.transport)),
        ),
    )


def _headers(detail: dict[str, Any]) -> dict[str, str]:
    """Return the first value of each header by lower-case name."""
    values: dict[str, str] = {}
    for name, value in read_headers(detail):
        values.setdefault(name, shown(value))
    return values


def _facts(*facts: tuple[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((label, value) for label, value in facts if value)[:FACTS_MAX]


def _is_list(value: object) -> TypeGuard[list[Any] | tuple[Any, ...]]:
    return isinstance(value, (list, tuple))
