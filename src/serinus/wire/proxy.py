"""PROXY protocol, version 1 and 2: who stands behind a trusted proxy.

Source: HAProxy's "The PROXY protocol, versions 1 & 2", §2.1 and §2.2. Only a peer that the
operator named as a proxy is read with it; from anybody else these bytes are a bad request.
"""

import ipaddress
import struct
from typing import NamedTuple

from serinus.base.errors import RemoteProtocolError

V1_SIZE_MAX = 107
"""Bytes of a version 1 line with its CRLF (§2.1)."""
V2_SIZE_MAX = 4096
"""Bytes of a version 2 header that are read; addresses and TLVs of real proxies stay far below."""

_V1 = b"PROXY "
_V2 = b"\r\n\r\n\x00\r\nQUIT\n"


class ProxyHeader(NamedTuple):
    """What the header said. `source` is None for UNKNOWN and LOCAL: then the peer is meant."""

    source: str | None
    source_port: int
    size: int


def read_proxy_header(data: bytes) -> ProxyHeader | None:
    """Return the header at the start of `data`, of size 0 if there is none, None for more bytes.

    Raises:
        RemoteProtocolError: It begins as one and is broken.
    """
    if data.startswith(_V1):
        return _read_v1(data)
    if data.startswith(_V2):
        return _read_v2(data)
    if _V1.startswith(data) or _V2.startswith(data):
        return None
    return ProxyHeader(None, 0, 0)


def _read_v1(data: bytes) -> ProxyHeader | None:
    end = data.find(b"\r\n", 0, V1_SIZE_MAX)
    if end < 0:
        if len(data) >= V1_SIZE_MAX:
            raise RemoteProtocolError("PROXY line too long")
        return None
    words = data[:end].split(b" ")
    if words[1] == b"UNKNOWN":
        return ProxyHeader(None, 0, end + 2)
    if len(words) != 6 or words[1] not in (b"TCP4", b"TCP6") or not words[4].isdigit():
        raise RemoteProtocolError("PROXY line cannot be read")
    try:
        source = ipaddress.ip_address(words[2].decode("latin-1"))
    except ValueError as error:
        raise RemoteProtocolError("PROXY line has no address") from error
    if len(words[4]) > 5 or int(words[4]) > 65535:
        raise RemoteProtocolError("PROXY line has no port")
    return ProxyHeader(str(source), int(words[4]), end + 2)


def _read_v2(data: bytes) -> ProxyHeader | None:
    if len(data) < 16:
        return None
    command, family, length = struct.unpack_from("!BBH", data, 12)
    size = 16 + length
    if command >> 4 != 2 or command & 15 > 1 or size > V2_SIZE_MAX:
        raise RemoteProtocolError("PROXY header cannot be read")
    if len(data) < size:
        return None
    width = {1: 4, 2: 16}.get(family >> 4, 0)
    if command & 15 == 0 or not width:
        return ProxyHeader(None, 0, size)
    if length < 2 * width + 4:
        raise RemoteProtocolError("PROXY header has no address")
    source = ipaddress.ip_address(data[16 : 16 + width])
    return ProxyHeader(str(source), struct.unpack_from("!H", data, 16 + 2 * width)[0], size)
