import struct
import zlib

from serinus.formats.png import write_grey_png, write_png


def pixels(data: bytes) -> tuple[tuple[int, ...], bytes]:
    """Header and rows of a PNG of one data chunk, with every checksum held."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, start = {}, 8
    while start < len(data):
        size = int.from_bytes(data[start : start + 4], "big")
        name, content = data[start + 4 : start + 8], data[start + 8 : start + 8 + size]
        assert int.from_bytes(data[start + 8 + size : start + 12 + size], "big") == zlib.crc32(
            name + content
        )
        chunks[name] = content
        start += 12 + size
    assert list(chunks) == [b"IHDR", b"IDAT", b"IEND"]
    return struct.unpack(">2I5B", chunks[b"IHDR"]), zlib.decompress(chunks[b"IDAT"])


def test_a_picture_with_transparency() -> None:
    header, rows = pixels(write_png(2, 2, [b"12345678", b"abcdefgh"]))
    assert header == (2, 2, 8, 6, 0, 0, 0)
    assert rows == b"\x0012345678\x00abcdefgh"


def test_a_grey_picture() -> None:
    header, rows = pixels(write_grey_png([[0, 255, 7], [1, 2, 3]]))
    assert header == (3, 2, 8, 0, 0, 0, 0)
    assert rows == b"\x00\x00\xff\x07\x00\x01\x02\x03"
