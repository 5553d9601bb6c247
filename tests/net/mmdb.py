"""Writes MaxMind-format files (MaxMind DB File Format 2.0) with a few IPv4 networks, for tests."""

import struct
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Any

SEPARATOR = bytes(16)
MARKER = b"\xab\xcd\xefMaxMind.com"


class _Short(int):
    """An unsigned 16-bit number."""


class _Long(int):
    """An unsigned 64-bit number."""


def write_mmdb(records: Mapping[str, Mapping[str, Any]]) -> bytes:
    """Return a file whose tree of 24-bit records leads from each network to its record."""
    data, offsets = b"", {}
    for network, record in records.items():
        offsets[network] = len(data)
        data += _encode(dict(record))
    nodes: list[list[int | str | None]] = [[None, None]]
    for text in records:
        place = IPv4Network(text)
        bits = f"{int(place.network_address):032b}"[: place.prefixlen]
        node = 0
        for bit in map(int, bits[:-1]):
            following = nodes[node][bit]
            if not isinstance(following, int):
                nodes.append([None, None])
                following = nodes[node][bit] = len(nodes) - 1
            node = following
        nodes[node][int(bits[-1])] = text
    count = len(nodes)

    def value(entry: int | str | None) -> int:
        if entry is None:
            return count
        return entry if isinstance(entry, int) else count + len(SEPARATOR) + offsets[entry]

    tree = b"".join(value(entry).to_bytes(3, "big") for node in nodes for entry in node)
    about: dict[str, Any] = {
        "binary_format_major_version": _Short(2),
        "binary_format_minor_version": _Short(0),
        "build_epoch": _Long(1),
        "database_type": "Test",
        "description": {"en": "test"},
        "ip_version": _Short(4),
        "languages": ["en"],
        "node_count": count,
        "record_size": _Short(24),
    }
    return tree + SEPARATOR + data + MARKER + _encode(about)


def _encode(value: Any) -> bytes:
    if isinstance(value, str):
        raw = value.encode()
        return _control(2, len(raw)) + raw
    if isinstance(value, float):
        return _control(3, 8) + struct.pack(">d", value)
    if isinstance(value, int):
        raw = value.to_bytes(8, "big").lstrip(b"\0")
        if isinstance(value, _Long):
            return bytes([len(raw), 9 - 7]) + raw
        return _control(5 if isinstance(value, _Short) else 6, len(raw)) + raw
    if isinstance(value, list):
        # An extended type: 7 is taken from its number.
        return bytes([len(value), 11 - 7]) + b"".join(map(_encode, value))
    pairs = b"".join(_encode(k) + _encode(v) for k, v in value.items())
    return _control(7, len(value)) + pairs


def _control(kind: int, size: int) -> bytes:
    if size < 29:
        return bytes([kind << 5 | size])
    return bytes([kind << 5 | 29, size - 29])
