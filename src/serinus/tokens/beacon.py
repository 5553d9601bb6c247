"""What every beacon has in common, whatever language it is written in.

A beacon is the part of what is planted on a host that touches its token and says who did what:
`docs/protocols/carried-data.md` is how the text travels.
"""

import re
from typing import Any

from serinus.base.errors import OperatorError
from serinus.tokens.kind import option
from serinus.tokens.spelling import Spelling

TEXT_SIZE_MAX = 500
"""Bytes of one text: six lookups, and an ordinary length for a header."""
USER_LENGTH_MAX = 32
"""Characters of a login name (useradd(8))."""

_USER = re.compile(r"[a-z_][a-z0-9_.-]*", re.ASCII)
_TEXT_SIZE_MIN = 460
_LABEL_LENGTHS = (44, 60)
"""Characters of one label, from and to; 63 would be lawful (RFC 1035 §2.3.4), and stand out."""
_LABELS = 3
"""Of one part: with a long id and an ordinary zone a name has no room for more."""
_NAME_LENGTH_MAX = 253
"""Characters, dots included."""
_MARK_LENGTH_MAX = len(".64-64-0123456789.")
_PART_LENGTH_MIN = 16
"""Characters: fewer would make more than the 64 parts that a message may have."""
_UNIT = 8
"""Characters of base32 that are whole bytes; a part is a multiple of it."""


def via_option() -> Any:
    """Declare the option by which an operator says how beacons travel."""
    return option(
        "Way",
        "How the alarm travels: by lookups alone, by a request (the host needs curl), or both.",
        default="dns",
        choices=("dns", "http", "both"),
    )


def user_option(help: str) -> Any:
    """Declare the option that names a user of the host; "" is everyone."""
    return option("User", help, default="", max=USER_LENGTH_MAX)


def check_user(user: str) -> None:
    """Raise OperatorError for what is no login name; nothing in one means anything to a shell."""
    if user and not _USER.fullmatch(user):
        raise OperatorError("Give a login name such as alice.", "user")


def draw_sizes(spelling: Spelling, hostname: str) -> dict[str, str]:
    """Return sizes by their names in templates, as they fit left of a token's name.

    They are `size`, bytes of a text; `part`, characters of base32 in one lookup; and `label`.

    Raises:
        OperatorError: Nothing fits.
    """
    label = spelling.number(*_LABEL_LENGTHS)
    room = _NAME_LENGTH_MAX - _MARK_LENGTH_MAX - len(hostname)
    part = min(_LABELS * label, room - _LABELS + 1) // _UNIT * _UNIT
    if part < _PART_LENGTH_MIN:
        raise OperatorError("The zone's name is too long for a name that carries data.")
    size = spelling.number(_TEXT_SIZE_MIN, TEXT_SIZE_MAX)
    return {"label": str(label), "part": str(part), "size": str(size)}
