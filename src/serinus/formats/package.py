"""ZIP packages (PKWARE APPNOTE 6.3), as office files are: read within bounds, and spliced.

Rules:
- A package is read whole once, by streaming: each part is unpacked and its checksum held, and
  never more than a piece of it is kept. After that a part that is asked for is known to be sound.
- What is not changed stays as it lies: order, times, flags, packed bytes and gaps.
- Refused: what is encrypted, in several disks or ZIP64, or packed by anything but deflate; parts
  that overlap or share a name; and what unpacks to more than any office file does.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

PARTS_MAX = 10_000
"""Parts: a large presentation has some thousands."""
UNPACKED_MAX = 512 * 1024 * 1024
"""Bytes of all parts: half a gigabyte is unpacked in about two seconds, and never kept."""
PART_MAX = 64 * 1024 * 1024
"""Bytes of a part that is read into memory: the text of a book has some 10 MB."""
RATIO_MAX = 200
"""How much smaller a part may be packed; a sheet of equal cells reaches about 100."""
RATIO_FROM = 1024 * 1024
"""Bytes from which on the ratio counts: small parts do no harm."""
DAMAGED = "is damaged or cut off: open it, save it again, and give that"

_PIECE = 256 * 1024
"""Bytes that are unpacked at a time."""
_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_COMMENT_MAX = 0xFFFF
_LARGE = 0xFFFFFFFF
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _DESCRIBED_LATER, _UTF8 = 0x1, 0x8, 0x800


class FormatError(Exception):
    """A file that is not taken; the text goes on after the words "the file"."""


class _Part(NamedTuple):
    """One part: its entry of the directory, and where its record lies, up to the next."""

    name: str
    entry: bytes
    start: int
    content: int
    end: int
    packed: int
    size: int
    crc: int
    method: int


class _Header(NamedTuple):
    """What the head of a record and its entry say beside name, sizes and checksum."""

    made: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    internal: int = 0
    external: int = 0


class Manner(NamedTuple):
    """How a program writes its packages.

    Attributes:
        at: The time of every part.
        version: That made it and that is needed (APPNOTE 4.4.2 and 4.4.3).
        flags: General purpose bits (APPNOTE 4.4.4).
    """

    at: datetime
    version: int = 20
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was found sound; made by `read_package`."""

    data: bytes
    parts: tuple[_Part, ...]
    directory: int

    @property
    def names(self) -> list[str]:
        """The parts' names, in the order of the directory."""
        return [part.name for part in self.parts]

    def read(self, name: str) -> bytes:
        """Return a part; raises FormatError if there is none, or it is larger than `PART_MAX`."""
        for part in self.parts:
            if part.name == name:
                if part.size > PART_MAX:
                    raise FormatError(f"has a part of more than {PART_MAX} bytes: {name[:80]!r}")
                return b"".join(_unpack(self.data, part))
        raise FormatError(f"lacks its part {name[:80]!r}")

    def splice(self, changes: Mapping[str, bytes]) -> bytes:
        """Return the package with parts changed, and new ones behind the others.

        New parts take time and attributes from the first that is changed, else the first there is.
        """
        pieces: list[bytes] = []
        entries: dict[str, bytes] = {}
        offset = 0
        for part in sorted(self.parts, key=lambda p: p.start):
            if part.name in changes:
                record, entry = _rewrite(self.data, part, changes[part.name], offset)
            else:
                record, entry = self.data[part.start : part.end], _move(part.entry, offset)
            pieces.append(record)
            entries[part.name] = entry
            offset += len(record)
        directory = [entries[part.name] for part in self.parts]
        changed = [part for part in self.parts if part.name in changes]
        like = _header((changed or self.parts)[0].entry)
        for name in (name for name in changes if name not in entries):
            record, entry = _write(name, changes[name], offset, like._replace(method=_DEFLATED))
            pieces.append(record)
            directory.append(entry)
            offset += len(record)
        end = self.directory + sum(len(part.entry) for part in self.parts)
        comment = self.data[end + _END.size :]
        return b"".join([*pieces, *directory, _end(directory, offset, comment)])


def write_package(parts: Sequence[tuple[str, bytes]], manner: Manner) -> bytes:
    """Return a new package; a part that is called `mimetype` is stored (ODF 1.3 part 2, §3.3)."""
    pieces: list[bytes] = []
    directory: list[bytes] = []
    offset, at = 0, manner.at
    time = at.hour << 11 | at.minute << 5 | at.second // 2
    date = (at.year - 1980) << 9 | at.month << 5 | at.day
    for name, content in parts:
        method = _STORED if name == "mimetype" else _DEFLATED
        like = _Header(manner.version, manner.version, manner.flags, method, time, date)
        record, entry = _write(name, content, offset, like)
        pieces.append(record)
        directory.append(entry)
        offset += len(record)
    return b"".join([*pieces, *directory, _end(directory, offset, b"")])


def read_package(data: bytes) -> Package:
    """Return the package that `data` is; raises FormatError."""
    directory, count, size = _find_directory(data)
    if count > PARTS_MAX:
        raise FormatError(f"has {count} parts; an office file has at most {PARTS_MAX}")
    parts = _place(data, _read_entries(data, directory, count, size), directory)
    unpacked = 0
    for part in parts:
        for piece in _unpack(data, part):
            unpacked += len(piece)
            if unpacked > UNPACKED_MAX:
                raise FormatError(f"unpacks to more than {UNPACKED_MAX} bytes, as ZIP bombs do")
    return Package(data, tuple(parts), directory)


def _find_directory(data: bytes) -> tuple[int, int, int]:
    """Return where the directory lies, its entries and its size, as the end record says."""
    start = data.rfind(b"PK\x05\x06", max(0, len(data) - _END.size - _COMMENT_MAX))
    if start < 0 or start + _END.size > len(data):
        raise FormatError(DAMAGED)
    _, disk, first_disk, here, count, size, offset, comment = _END.unpack_from(data, start)
    if disk or first_disk or here != count or _LARGE in (size, offset) or count == 0xFFFF:
        raise FormatError("is a ZIP of several disks or of the 64-bit kind: save it again")
    if start + _END.size + comment != len(data) or offset + size != start or not count:
        raise FormatError(DAMAGED)
    return offset, count, size


def _read_entries(data: bytes, start: int, count: int, size: int) -> list[bytes]:
    entries, end = [], start + size
    for _ in range(count):
        if start + _CENTRAL.size > end:
            raise FormatError(DAMAGED)
        fields = _CENTRAL.unpack_from(data, start)
        next_start = start + _CENTRAL.size + sum(fields[10:13])
        if fields[0] != b"PK\x01\x02" or next_start > end:
            raise FormatError(DAMAGED)
        entries.append(data[start:next_start])
        start = next_start
    if start != end:
        raise FormatError(DAMAGED)
    return entries


def _place(data: bytes, entries: Sequence[bytes], directory: int) -> list[_Part]:
    """Return the parts in the order of the directory, each with the stretch that is its own."""
    found = [(_CENTRAL.unpack_from(entry), entry) for entry in entries]
    starts = sorted(fields[16] for fields, _ in found)
    if len(set(starts)) != len(starts) or starts[0] != 0 or starts[-1] >= directory:
        raise FormatError(DAMAGED)
    ends = dict(zip(starts, [*starts[1:], directory], strict=True))
    parts = [_read_part(data, fields, entry, ends[fields[16]]) for fields, entry in found]
    if len({part.name for part in parts}) != len(parts):
        raise FormatError("has two parts of one name, so that programs read it differently")
    return parts


def _read_part(data: bytes, fields: tuple[int, ...], entry: bytes, end: int) -> _Part:
    _, _, _, flags, method, _, _, crc, packed, size, name_size, *_, start = fields
    raw = entry[_CENTRAL.size : _CENTRAL.size + name_size]
    # APPNOTE appendix D: what is not marked as UTF-8 is of code page 437.
    name = raw.decode("utf-8" if flags & _UTF8 else "cp437", "replace")
    if flags & _ENCRYPTED:
        raise FormatError("is protected by a password: save it without one")
    if method not in (_STORED, _DEFLATED):
        raise FormatError(f"is packed in a way that office programs do not use: {name[:80]!r}")
    if start + _LOCAL.size > end:
        raise FormatError(DAMAGED)
    local = _LOCAL.unpack_from(data, start)
    content = start + _LOCAL.size + local[9] + local[10]
    if local[0] != b"PK\x03\x04" or local[3] != method or content + packed > end:
        raise FormatError(DAMAGED)
    if data[start + _LOCAL.size : start + _LOCAL.size + local[9]] != raw:
        raise FormatError(DAMAGED)
    if size > RATIO_FROM and size > packed * RATIO_MAX:
        raise FormatError(
            f"has a part that unpacks to more than {RATIO_MAX} times its size, as ZIP bombs do: "
            f"{name[:80]!r}"
        )
    return _Part(name, entry, start, content, end, packed, size, crc, method)


def _unpack(data: bytes, part: _Part) -> Iterator[bytes]:
    """Yield the pieces of a part; whoever takes them all knows that size and checksum hold."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    size = crc = 0
    end = part.content + part.packed
    for start in range(part.content, end, _PIECE):
        packed = data[start : min(start + _PIECE, end)]
        pieces = (packed,) if part.method == _STORED else _inflate(inflate, packed)
        for piece in pieces:
            size += len(piece)
            crc = zlib.crc32(piece, crc)
            if size > part.size:
                raise FormatError(DAMAGED)
            yield piece
    whole = part.method == _STORED or inflate.eof
    if not whole or size != part.size or crc != part.crc:
        raise FormatError(DAMAGED)


def _inflate(inflate: "zlib._Decompress", packed: bytes) -> Iterator[bytes]:
    while True:
        try:
            piece = inflate.decompress(packed, _PIECE)
        except zlib.error:
            raise FormatError(DAMAGED) from None
        yield piece
        packed = inflate.unconsumed_tail
        if not packed and len(piece) < _PIECE:
            return


def _header(entry: bytes) -> _Header:
    fields = _CENTRAL.unpack_from(entry)
    return _Header(*fields[1:7], *fields[14:16])


def _end(directory: Sequence[bytes], offset: int, comment: bytes) -> bytes:
    count, size = len(directory), sum(map(len, directory))
    fields = (0, 0, count, count, size, offset, len(comment))
    return _END.pack(b"PK\x05\x06", *fields) + comment


def _move(entry: bytes, offset: int) -> bytes:
    return entry[: _CENTRAL.size - 4] + struct.pack("<I", offset) + entry[_CENTRAL.size :]


def _pack(content: bytes, method: int) -> bytes:
    if method == _STORED:
        return content
    deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflate.compress(content) + deflate.flush()


def _rewrite(data: bytes, part: _Part, content: bytes, offset: int) -> tuple[bytes, bytes]:
    """Return record and entry of a part with other content; name, time and the rest stay."""
    packed = _pack(content, part.method)
    sums = (zlib.crc32(content), len(packed), len(content))
    local = list(_LOCAL.unpack_from(data, part.start))
    central = list(_CENTRAL.unpack_from(part.entry))
    # Sizes and checksum stand in the record's head from now on, and no longer behind it.
    local[2] &= ~_DESCRIBED_LATER
    central[3] &= ~_DESCRIBED_LATER
    local[6:9] = central[7:10] = sums
    central[16] = offset
    names = data[part.start + _LOCAL.size : part.content]
    return (
        _LOCAL.pack(*local) + names + packed,
        _CENTRAL.pack(*central) + part.entry[_CENTRAL.size :],
    )


def _write(name: str, content: bytes, offset: int, like: _Header) -> tuple[bytes, bytes]:
    """Return record and entry of a new part."""
    raw, packed = name.encode(), _pack(content, like.method)
    flags = (like.flags & ~_DESCRIBED_LATER) | (0 if raw.isascii() else _UTF8)
    sums = (zlib.crc32(content), len(packed), len(content), len(raw))
    head = (flags, like.method, like.time, like.date, *sums)
    rest = (0, 0, 0, like.internal, like.external, offset)
    return (
        _LOCAL.pack(b"PK\x03\x04", like.needed, *head, 0) + raw + packed,
        _CENTRAL.pack(b"PK\x01\x02", like.made, like.needed, *head, *rest) + raw,
    )
