"""Text from an intruder becomes text for people here, and nowhere else.

Rules:
- Control, format, bidirectional, private-use, surrogate and unassigned characters are shown as
  `\\xNN` or `\\uNNNN`, so that nothing steers a terminal, a page, a log or an eye.
- The result has a bound and says when it was cut.
- It is plain text. Whoever puts it into HTML, CSV or a header escapes for that place.
"""

import unicodedata

READABLE_MAX = 4096
"""Characters of one value that a person is shown; the raw evidence keeps the rest."""

MASKED_SHOWS_FROM = 6
"""Characters from which on a secret's first one is shown; it gives little of a longer one."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def readable(value: bytes | str, length_max: int = READABLE_MAX) -> str:
    """Return `value` as one line of harmless text of at most `length_max` characters.

    Bytes are read as UTF-8; bytes that are not UTF-8 are shown as `\\xNN`.
    """
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    text = text[: length_max + 1]
    # Nothing that is hidden is printable for Python, and nearly every text is all printable.
    shown = text if text.isprintable() else "".join(map(_show, text))
    return shown if len(shown) <= length_max else shown[: length_max - 1] + "…"


def is_control(character: str) -> bool:
    """Tell whether no text of anybody's may hold it: it steers a terminal, or an eye.

    Controls, lone surrogates, and what overrides or isolates the direction of text (UAX #9 §2).
    """
    code = ord(character)
    return (
        code < 0x20
        or 0x7F <= code < 0xA0
        or 0xD800 <= code < 0xE000
        or 0x202A <= code <= 0x202E
        or 0x2066 <= code <= 0x2069
    )


def masked(secret: str) -> str:
    """Return a secret as people are shown it: its first character and its length.

    Enough to tell which of one's own it may be, and nothing to sign in with.
    """
    if not secret:
        return "(empty)"
    first = readable(secret[0]) if len(secret) >= MASKED_SHOWS_FROM else ""
    return f"{first}••• ({len(secret)} characters)"


def _show(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
