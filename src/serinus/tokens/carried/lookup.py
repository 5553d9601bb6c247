"""What the name of a lookup carries: a part of a message, and the message out of its parts.

Rules:
- Labels are an intruder's: any list of any values is lawful, and nothing here raises.
- A message's name tells its encoding and its number of parts, so that parts can be kept as text.
"""

import codecs
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from serinus.base.untrusted import readable
from serinus.tokens.carried.decoding import one_line, read_base32, read_hexadecimal, unpack
from serinus.tokens.carried.foreign import read_foreign

PARTS_MAX = 64
"""Parts of one message; some 9 KiB, the length of the longest command line that anybody reads."""
MESSAGE_LENGTH_MAX = 10_000
"""Characters of one message that a person is shown; the longest lawful one fits."""
SHORT_LENGTH_MAX = 1000
"""Characters of a part alone, or of a message where a line of it is enough: to make hidden ones
visible takes a millisecond for a thousand."""
NAME_LENGTH_MAX = 32
"""Characters of a message's name."""
GAP = "[…]"
"""Stands in the place of parts that are missing."""
ALWAYS = timedelta(days=36_500)

_MARK = re.compile(r"(x?)([1-9][0-9]?)-([1-9][0-9]?)-([a-z0-9]{4,16})")
_BASE32 = re.compile(r"[a-z2-7]+")
_HEXADECIMAL = re.compile(r"[0-9a-f]+")
_UNIT = 8
"""Characters of base32 that are whole bytes; of hexadecimal too."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message.

    Attributes:
        message: What all parts of one message share, at most `NAME_LENGTH_MAX` characters: encoding
            and number of parts (`x3-` and `b3-` are 3 of either), then the nonce; of a form that is
            not ours, which has one part, `n-` and a digest.
        number: Which part it is, from 1 on.
        text: What it carries: still encoded, or, of a form that is not ours, as a person reads it.
        echo: How long the same part is but an echo of the first.
    """

    message: str
    number: int
    text: str
    echo: timedelta = ALWAYS

    @property
    def total(self) -> int:
        """How many parts the message has."""
        return total_of(self.message)

    @property
    def alone(self) -> str:
        """What this part says without the others, harmless."""
        return assemble(f"{self.message[:1]}1-", {1: self.text}, SHORT_LENGTH_MAX).text


@dataclass(frozen=True, slots=True)
class Message:
    """A message as far as it has come.

    Attributes:
        text: What it says, harmless, with `GAP` for what is missing.
        parts: How many parts are there.
        total: How many it has.
    """

    text: str
    parts: int
    total: int

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.parts == self.total

    @property
    def sentence(self) -> str:
        """What a person is shown of it."""
        if self.is_whole:
            return self.text
        return f"{self.text} (incomplete: {self.parts} of {self.total} parts)"


def read_part(labels: object) -> Part | None:
    """Return what the labels left of a token carry, or None where they are mere labels."""
    if not isinstance(labels, list | tuple) or not labels:
        return None
    if not all(isinstance(label, str) for label in labels):
        return None
    return _read_ours(labels) or _read_foreign(labels)


def assemble(
    message: str, texts: Mapping[int, str], length_max: int = MESSAGE_LENGTH_MAX
) -> Message:
    """Return the message whose name is `message`, out of the texts of its parts by their numbers.

    Runs of parts are decoded each for itself, so that one is legible though what is before it is
    lost: `docs/protocols/carried-data.md` says how parts are cut for that.
    """
    encoding, total = message[:1], total_of(message)
    if encoding == "n":
        return Message("".join(texts.values()), 1, 1)
    shown, run = list[str](), ""
    for number in range(1, total + 1):
        if number in texts:
            run += texts[number]
            continue
        shown += [_decode(encoding, run), GAP] if run or not shown else []
        run = ""
    shown.append(_decode(encoding, run))
    text = readable(one_line("".join(shown)), length_max)
    return Message(text, len(texts), total)


def total_of(message: str) -> int:
    """Return how many parts the message of this name has."""
    return 1 if message[:1] == "n" else int(message[1:].partition("-")[0])


def _read_ours(labels: Sequence[str]) -> Part | None:
    found = _MARK.fullmatch(labels[-1].lower())
    text = "".join(labels[:-1]).lower()
    if found is None:
        return None
    sign, number, total = found[1], int(found[2]), int(found[3])
    shape = _HEXADECIMAL if sign else _BASE32
    if not number <= total <= PARTS_MAX or not shape.fullmatch(text):
        return None
    return Part(f"{sign or 'b'}{total}-{found[4]}", number, text)


def _read_foreign(labels: Sequence[str]) -> Part | None:
    found = read_foreign(labels)
    return found and Part(f"n-{found.name}", 1, found.text, found.echo)


def _decode(encoding: str, run: str) -> str:
    """Return what parts that follow one another say; it was checked that they are of the code."""
    packed = (read_hexadecimal if encoding == "x" else read_base32)(run)
    data = unpack(packed)
    if data is not packed:
        # Of what is no text, the little that came is shown: each byte of it costs four characters.
        with suppress(UnicodeDecodeError):
            return codecs.getincrementaldecoder("utf-8")().decode(data)[: MESSAGE_LENGTH_MAX + 1]
    return packed.decode("utf-8", "backslashreplace")
