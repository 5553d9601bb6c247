"""Text out of encodings: hexadecimal, base32, Base64 and gzip, where it surely is such.

Rules:
- Any text and any bytes are lawful; nothing here raises.
- A word is not decoded because it might be: see `guess`.
- What is unpacked is bounded, whatever its size says.
"""

import base64
import binascii
import codecs
import re
import zlib
from collections.abc import Callable

UNPACKED_MAX = 64 * 1024
"""Bytes that come out of gzip: as much as the edge keeps of a body."""
GUESSED_MAX = 64 * 1024
"""Characters of one value that are tried: as much as the edge keeps of a body."""
GUESSED_UNPACKED_MAX = 4096
"""Bytes that come out of gzip in a value: more than is shown of it. A request has room for hundreds
of values that would unpack to all of `UNPACKED_MAX`."""
SHORT_MIN, LONG_MIN = 4, 14
"""Characters that come out: below the first all may be chance; from the second on little is."""
GZIP = b"\x1f\x8b"
"""RFC 1952 §2.3.1."""

# Shorter ones may be a word or a number by chance; a lawful padding says more than two bytes do.
_HEXADECIMAL = re.compile(r"([0-9a-f]{2}){6,}|([0-9A-F]{2}){6,}")
_BASE32 = re.compile(
    r"[a-z2-7]{16,}|[A-Z2-7]{16,}|([a-z2-7]{8})*[a-z2-7]{2,7}=+|([A-Z2-7]{8})*[A-Z2-7]{2,7}=+"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{12,}={0,2}|[A-Za-z0-9_-]{12,}={0,2}|[A-Za-z0-9+/_-]{6,}={1,2}")
_LINE_END = re.compile(r"[\r\n]+")
_BASE32_RESTS = (0, 2, 4, 5, 7)


def read_base32(text: str) -> bytes:
    """Return what base32 of any case says, without its padding; what is no whole byte is dropped.

    Raises:
        ValueError: It holds other characters.
    """
    text = text.rstrip("=").upper()
    while len(text) % 8 not in _BASE32_RESTS:
        text = text[:-1]
    return base64.b32decode(text + "=" * (-len(text) % 8))


def read_hexadecimal(text: str) -> bytes:
    """Return what hexadecimal digits say; an odd one at the end is dropped; raises ValueError."""
    return binascii.unhexlify(text[: len(text) & ~1])


def read_base64(text: str) -> bytes:
    """Return what Base64 of either alphabet says, with or without its padding.

    Raises:
        ValueError: It is of no lawful length, or holds other characters.
    """
    text = text.rstrip("=").translate({ord("-"): "+", ord("_"): "/"})
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


def unpack(data: bytes, size_max: int = UNPACKED_MAX) -> bytes:
    """Return what gzip holds, at most `size_max` bytes of it; other bytes as they are."""
    if not data.startswith(GZIP):
        return data
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(data, size_max) or data
    except zlib.error:
        return data


def guess(text: str) -> tuple[str, str]:
    """Return what a text says and the encoding that it surely has; else both are empty.

    Surely means: nothing but the encoding's alphabet, a lawful length, long enough, and UTF-8 of
    printable characters and line ends comes out, most of it letters, digits and blanks.
    """
    if len(text) > GUESSED_MAX:
        return "", ""
    for name, shape, read in _ENCODINGS:
        if not shape.fullmatch(text):
            continue
        try:
            packed = read(text)
        except ValueError:
            continue
        data = unpack(packed, GUESSED_UNPACKED_MAX)
        found = read_text(data, is_cut=len(data) == GUESSED_UNPACKED_MAX)
        if _is_likely(found):
            return found, f"gzip in {name}" if packed.startswith(GZIP) else name
    return "", ""


def _is_likely(text: str) -> bool:
    """Tell whether a text is one that somebody wrote: chance makes signs and rare letters.

    With these bounds some 30 of 340,000 words out of programs and pages are taken for encoded;
    nearly all of them are.
    """
    plain = sum(c.isalnum() or c in " \t\r\n./:@_-" for c in text)
    if len(text) < LONG_MIN:
        return len(text) >= SHORT_MIN and text.isascii() and plain > len(text) * 3 / 4
    return plain > len(text) / 2


def _read_whole_base32(text: str) -> bytes:
    if len(text.rstrip("=")) % 8 not in _BASE32_RESTS:
        raise ValueError("no length of base32")
    return read_base32(text)


def read_text(data: bytes, is_cut: bool = False) -> str:
    """Return bytes as text if they are UTF-8 of printable characters and line ends, else "".

    Of what was cut, the last character need not be whole.
    """
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(data, final=not is_cut)
    except UnicodeDecodeError:
        return ""
    plain = text.replace("\n", " ").replace("\r", " ").replace("\t", " ")
    return text if plain.isprintable() and plain.strip() else ""


_ENCODINGS: tuple[tuple[str, re.Pattern[str], Callable[[str], bytes]], ...] = (
    ("hexadecimal", _HEXADECIMAL, read_hexadecimal),
    ("base32", _BASE32, _read_whole_base32),
    ("Base64", _BASE64, read_base64),
)


def one_line(text: str) -> str:
    """Return a text of several lines as one, each end of a line as a sign that a person knows."""
    # Blanks are no part of the pattern: in a long run of them it would begin at each one anew.
    return " ⏎ ".join([line.strip("\t ") for line in _LINE_END.split(text.strip())])
