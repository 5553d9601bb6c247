"""Forms of names that users of Canarytokens have planted, read so that their scripts still work.

The forms are facts of that server's behaviour (thinkst/canarytokens, 2026-08): no code of it is
here. See docs/protocols/carried-data.md.
"""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from hashlib import blake2s
from typing import NamedTuple

from serinus.base.untrusted import readable
from serinus.tokens.carried.decoding import read_base32, read_base64, read_text

FOREIGN_LENGTH_MAX = 1000
"""Characters shown; a name of 255 bytes carries less."""
AGAIN_WITH_ID = timedelta(days=36_500)
AGAIN_WITH_DIGITS = timedelta(days=1)
"""Two digits are drawn alike once in a hundred times, so they do not count for long."""
AGAIN = timedelta(minutes=15)
"""Without anything drawn, only this soon after is the same name an echo."""


class Foreign(NamedTuple):
    """What such a name carries: its digest, what a person reads, and how long it is an echo."""

    name: str
    text: str
    echo: timedelta


def read_foreign(labels: Sequence[str]) -> Foreign | None:
    """Return what the labels left of a token carry in a form of Canarytokens, or None."""
    name = ".".join(labels)
    for shape, read, echo in _FORMS:
        found = shape.fullmatch(name)
        if found is None:
            continue
        text = read(found)
        if text:
            digest = blake2s(name.lower().encode("utf-8", "replace"), digest_size=12).hexdigest()
            return Foreign(digest, readable(text, FOREIGN_LENGTH_MAX), echo)
    return None


def _text(code: str) -> str:
    """Return base32 as text; "" where it is none, or says nothing that is text or begins one."""
    try:
        return readable(read_base32(code.replace(".", "").rstrip("-=")), FOREIGN_LENGTH_MAX)
    except ValueError:
        return ""


def _read_generic(found: re.Match[str]) -> str:
    return _text(found["data"])


def _read_file(found: re.Match[str]) -> str:
    text = _text(found["data"])
    return text and f"file {text}"


def _read_people(found: re.Match[str]) -> str:
    named = found.groupdict()
    words = [f"{what} {named[what]}" for what in ("user", "computer", "domain") if named.get(what)]
    return ", ".join(words)


def _read_process(found: re.Match[str]) -> str:
    file, process = _text(found["file"]), _text(found["process"])
    return f"file {file}, process {process}" if file and process else ""


def _read_login(found: re.Match[str]) -> str:
    # A resolver that changed its case has changed what it says.
    try:
        code = found["data"].replace(".", "")
        user = read_text(read_base64(code.rstrip("-"))) if len(code) % 4 == 0 else ""
    except ValueError:
        return ""
    return user and f"user {user}"


_CODE = r"[a-z2-7]+(?:\.[a-z2-7]+)*[-=]*"
_FORMS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str], timedelta], ...] = tuple(
    (re.compile(shape, re.IGNORECASE | re.ASCII), read, echo)
    for shape, read, echo in (
        (rf"(?P<data>{_CODE})\.G[0-9]{{2}}", _read_generic, AGAIN_WITH_DIGITS),
        (rf"(?P<data>{_CODE})\.L[0-9]{{2}}", _read_file, AGAIN_WITH_DIGITS),
        (
            r"(?P<user>[^.]+)\.(?P<computer>[^.]+)\.(?P<domain>[^.]+(?:\.[^.]+)*)\.ini",
            _read_people,
            AGAIN,
        ),
        (r"x(?P<computer>[^.]+(?:\.[^.]+)*)\.L4J", _read_people, AGAIN),
        (
            r"c(?P<computer>[^.]+)\.UN\.u(?P<user>[^.]+)\.CMD\.[0-9a-z]{4,16}",
            _read_people,
            AGAIN_WITH_ID,
        ),
        (
            rf"u[0-9a-z]{{1,16}}\.f(?P<file>{_CODE})\.i(?P<process>{_CODE})",
            _read_process,
            AGAIN_WITH_ID,
        ),
        (r"(?P<data>[a-z0-9+/_-]+(?:\.[a-z0-9+/_-]+)*)\.[0-9]{2}", _read_login, AGAIN_WITH_DIGITS),
    )
)
