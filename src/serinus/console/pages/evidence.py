"""The raw record of a touch for people: sections of label and text, every byte made readable.

The detail is an intruder's: any JSON value may stand anywhere, and none may raise.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from serinus.base.untrusted import readable

VALUE_MAX = 4096
LINES_MAX = 400
"""Lines of one section: more than the headers that the edge takes, enough of a body to judge."""
SECTION_MAX = 8192
"""Characters of one section. A page has fifty touches, each with as much as an intruder likes, and
is loaded anew whenever something changes; the API has the whole."""
DEPTH_MAX = 4

_SHOWN = {"http": ("line", "headers", "body"), "dns": ("name", "type", "class", "left")}
"""Keys of the detail that a section of their own shows."""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the evidence.

    Attributes:
        title: What it is.
        text: Lines to be shown in a fixed-width font, ready to copy.
    """

    title: str
    text: str


def show_evidence(channel: str, evidence: Any) -> list[Section]:
    """Return the sections of one touch's evidence, the most telling first."""
    record = evidence if isinstance(evidence, dict) else {}
    detail = record.get("detail")
    detail = detail if isinstance(detail, dict) else {}
    first: list[Section] = []
    if channel == "http":
        first = [_request(detail), _body(detail)]
    elif channel == "dns":
        first = [_question(detail)]
    others = {key: value for key, value in detail.items() if key not in _SHOWN.get(channel, ())}
    wire = {"transport": record.get("transport"), "source_port": record.get("source_port")}
    sections = [*first, Section("On the wire", _lines(_flat("", {**wire, **others})))]
    return [section for section in sections if section.text]


def _request(detail: dict[str, Any]) -> Section:
    pairs = detail.get("headers")
    fields = (
        f"{_show(pair[0])}: {_show(pair[1])}"
        for pair in (pairs if isinstance(pairs, list) else ())
        if isinstance(pair, list) and len(pair) == 2
    )
    return Section("Request, as it was sent", _lines(chain([_show(detail.get("line"))], fields)))


def _body(detail: dict[str, Any]) -> Section:
    body = detail.get("body")
    lines = body.split("\n") if isinstance(body, str) and body else []
    return Section("Body", _lines(_show(line.removesuffix("\r")) for line in lines))


def _question(detail: dict[str, Any]) -> Section:
    left = detail.get("left")
    words = [_show(detail.get(key)) for key in ("name", "class", "type")]
    lines = [" ".join(word for word in words if word)]
    if isinstance(left, list) and left:
        lines += ["", "Labels left of the token:", *(f"  {_show(label)}" for label in left)]
    return Section("Question, as it was asked", _lines(lines))


def _flat(name: str, value: Any, depth: int = 0) -> Iterator[str]:
    """Yield `name: value` for each leaf."""
    if isinstance(value, dict) and depth < DEPTH_MAX:
        for key, inner in value.items():
            yield from _flat(f"{name}.{_show(key)}" if name else _show(key), inner, depth + 1)
    elif value is not None and value != "":
        yield f"{name}: {_show(value)}"


def _show(value: Any) -> str:
    if isinstance(value, str):
        return readable(value.encode("latin-1", "backslashreplace"), VALUE_MAX)
    if isinstance(value, list):
        return ", ".join(_show(inner) for inner in value[:LINES_MAX])[:VALUE_MAX]
    return "" if value is None else readable(repr(value), VALUE_MAX)


def _lines(lines: Iterable[str]) -> str:
    """Join lines as far as the bounds go; none that comes after them is even made."""
    kept, left = list[str](), SECTION_MAX
    for line in lines:
        left -= len(line)
        if len(kept) == LINES_MAX or left < 0:
            kept.append("…")
            break
        kept.append(line)
    return "\n".join(kept).strip("\n")
