"""PNG pictures of 8 bits a channel, with transparency (W3C PNG, third edition)."""

import struct
import zlib
from collections.abc import Sequence

_GREY, _COLOUR_AND_ALPHA = 0, 6
"""Colour types (§11.2.1)."""


def write_png(width: int, height: int, pixels: Sequence[bytes]) -> bytes:
    """Return a picture of `height` rows, each of `width` times red, green, blue, alpha."""
    return _write(width, height, _COLOUR_AND_ALPHA, pixels)


def write_grey_png(pixels: Sequence[Sequence[int]]) -> bytes:
    """Return a picture of one grey value of 0 to 255 a pixel."""
    return _write(len(pixels[0]), len(pixels), _GREY, [bytes(row) for row in pixels])


def _write(width: int, height: int, colour_type: int, rows: Sequence[bytes]) -> bytes:
    header = struct.pack(">2I5B", width, height, 8, colour_type, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
