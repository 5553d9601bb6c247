"""A TLS ClientHello record, read for what it tells of the client (RFC 8446 §4.1.2).

Fingerprints: JA3 (Salesforce, 2017: MD5 of five decimal lists) and JA4 (FoxIO's TLS client
fingerprint, BSD 3-clause specification). GREASE values (RFC 8701) are left out of both.
"""

import struct
from hashlib import md5, sha256
from typing import NamedTuple

from serinus.base.errors import RemoteProtocolError

RECORD_SIZE_MAX = 16 * 1024 + 5
"""Bytes of one TLS record with its head (RFC 8446 §5.1); a hello over several is not read."""

_JA4_VERSIONS = {0x0304: "13", 0x0303: "12", 0x0302: "11", 0x0301: "10", 0x0300: "s3"}


class Hello(NamedTuple):
    """What a client offered, in its order, GREASE left out of the numbers.

    `sni` and `alpn` are Latin-1 text; `versions` are numbers such as 0x0304.
    """

    sni: str | None
    alpn: tuple[str, ...]
    versions: tuple[int, ...]
    ja3: str
    ja4: str


def read_hello(data: bytes) -> Hello | None:
    """Return the hello that `data` begins with, or None when more bytes are needed.

    Raises:
        RemoteProtocolError: It is no ClientHello, or a broken one.
    """
    if data[:1] not in (b"", b"\x16") or data[1:2] not in (b"", b"\x03"):
        raise RemoteProtocolError("no TLS handshake")
    if len(data) < 5:
        return None
    size = int.from_bytes(data[3:5], "big") + 5
    if size > RECORD_SIZE_MAX:
        raise RemoteProtocolError("TLS record too large")
    if len(data) < size:
        return None
    try:
        return _read_body(data[5:size])
    except (struct.error, IndexError) as error:
        raise RemoteProtocolError("ClientHello is cut short") from error


def _read_body(record: bytes) -> Hello:
    if record[0] != 1:
        raise RemoteProtocolError("no ClientHello")
    body = _take(record, 1, 3)[0]
    version = struct.unpack_from("!H", body)[0]
    _, at = _take(body, 34, 1)
    suites, at = _take(body, at, 2)
    _, at = _take(body, at, 1)
    kinds: list[int] = []
    known: dict[int, bytes] = {}
    block = _take(body, at, 2)[0] if at < len(body) else b""
    at = 0
    while at < len(block):
        kind = struct.unpack_from("!H", block, at)[0]
        value, at = _take(block, at + 2, 2)
        if not _is_grease(kind):
            kinds.append(kind)
            known.setdefault(kind, value)
    ciphers = _numbers(suites)
    groups = _numbers(_take(known[10], 0, 2)[0]) if 10 in known else []
    points = list(_take(known[11], 0, 1)[0]) if 11 in known else []
    signatures = _numbers(_take(known[13], 0, 2)[0]) if 13 in known else []
    versions = _numbers(_take(known[43], 0, 1)[0]) if 43 in known else [version]
    alpn = _names(_take(known[16], 0, 2)[0]) if 16 in known else []
    sni = _take(_take(known[0], 0, 2)[0], 1, 2)[0].decode("latin-1") if known.get(0) else None
    lists = "".join("," + "-".join(map(str, part)) for part in (ciphers, kinds, groups, points))
    ja3 = md5(f"{version}{lists}".encode(), usedforsecurity=False).hexdigest()
    ja4 = write_ja4(max(versions, default=version), ciphers, kinds, signatures, alpn)
    return Hello(sni, tuple(name.decode("latin-1") for name in alpn), tuple(versions), ja3, ja4)


def write_ja4(
    version: int, ciphers: list[int], kinds: list[int], signatures: list[int], alpn: list[bytes]
) -> str:
    """Return the JA4 text of a TLS client over TCP; numbers without GREASE, `kinds` in any order.

    Args:
        version: The highest version offered.
        ciphers: Cipher suites.
        kinds: Extension types.
        signatures: Signature algorithms, in the client's order.
        alpn: Application protocols, the first counts.
    """
    first = alpn[0] if alpn and alpn[0] else b"00"
    ends = first[:1] + first[-1:]
    tag = ends.decode() if ends.isalnum() else first.hex()[0] + first.hex()[-1]
    count = f"{min(len(ciphers), 99):02}{min(len(kinds), 99):02}"
    head = f"t{_JA4_VERSIONS.get(version, '00')}{'d' if 0 in kinds else 'i'}{count}{tag}"
    tail = _hexes(sorted(kind for kind in kinds if kind not in (0, 16)))
    if signatures:
        tail += "_" + _hexes(signatures)
    return f"{head}_{_digest(_hexes(sorted(ciphers)))}_{_digest(tail)}"


def _hexes(numbers: list[int]) -> str:
    return ",".join(f"{number:04x}" for number in numbers)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12] if text else "0" * 12


def _take(data: bytes, at: int, width: int) -> tuple[bytes, int]:
    """Return the vector at `at` whose length has `width` bytes, and where it ends."""
    start = at + width
    end = start + int.from_bytes(data[at:start], "big")
    if start > len(data) or end > len(data):
        raise IndexError
    return data[start:end], end


def _numbers(data: bytes) -> list[int]:
    count = len(data) // 2
    return [n for n in struct.unpack_from(f"!{count}H", data) if not _is_grease(n)]


def _names(data: bytes) -> list[bytes]:
    names: list[bytes] = []
    at = 0
    while at < len(data):
        name, at = _take(data, at, 1)
        names.append(name)
    return names


def _is_grease(number: int) -> bool:
    return number & 0x0F0F == 0x0A0A and number >> 8 == number & 0xFF
