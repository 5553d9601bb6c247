"""PNG pictures of 8 bits a channel, with transparency (W3C PNG, third edition)."""

import struct
import zlib
from collections.abc import Sequence


def write_png(width: int, height: int, pixels: Sequence[bytes]) -> bytes:
    """Return a picture of `height` rows, each of `width` times red, green, blue, alpha."""
    header = struct.pack(">2I5B", width, height, 8, 6, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in pixels), 9)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def write_grey_png(pixels: Sequence[Sequence[int]]) -> bytes:
    """Return a picture of one grey value of 0 to 255 a pixel."""
    header = struct.pack(">2I5B", len(pixels[0]), len(pixels), 8, 0, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + bytes(row) for row in pixels), 9)
    chunks = ((b"IHDR", header), (b"IDAT", content), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
