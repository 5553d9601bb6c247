"""The DNS codec of an authoritative server: queries are read, responses are written, all in bytes.

Sources: RFC 1035 §4 (messages), RFC 6891 §6 (EDNS), RFC 7871 §6 (client subnet), RFC 2308 §2
(negative answers), RFC 4343 (case), RFC 2181 §9 (truncation).

Rules:
- `read_query` returns or raises `RemoteProtocolError`, whatever the bytes.
- The question goes back exactly as it came, so that a resolver that mixes case recognises it.
- A pointer leads strictly backwards, so that no chain of them can loop.
- Recursion is never offered; no response on UDP is longer than `UDP_SIZE_MAX`.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from serinus.base.errors import LocalProtocolError, RemoteProtocolError

HEADER_SIZE = 12
NAME_SIZE_MAX = 255
"""Bytes of a name on the wire, with its length bytes and the root (RFC 1035 §2.3.4)."""
LABEL_SIZE_MAX = 63
ADDITIONAL_MAX = 4
"""Records a query may carry behind its question; EDNS and a signature need two."""
OPTIONS_MAX = 32
"""EDNS options looked at in one query; real ones carry one to three."""
UDP_SIZE_MIN = 512
"""Bytes that every resolver takes (RFC 1035 §4.2.1), whatever size its EDNS names."""
UDP_SIZE_MAX = 1232
"""Bytes of our longest datagram: fits the smallest IPv6 path unfragmented (DNS flag day 2020)."""
TCP_SIZE_MAX = 65535
"""Bytes that the two length bytes of DNS over TCP can name."""

FLAG_RESPONSE = 0x8000
FLAG_AUTHORITATIVE = 0x0400
FLAG_TRUNCATED = 0x0200
FLAGS_COPIED = 0x7910
"""Opcode, recursion desired and checking disabled go back as they came (RFC 4035 §3.1.6)."""
CLASS_IN = 1
_OPTION_CLIENT_SUBNET = 8
_DNSSEC_OK = 0x8000

Labels = tuple[bytes, ...]
"""A name without its root, the leftmost label first."""


class Type(IntEnum):
    """Record types that the server knows by itself (RFC 1035 §3.2.2, RFC 3596, RFC 6891)."""

    A = 1
    NS = 2
    SOA = 6
    TXT = 16
    AAAA = 28
    OPT = 41
    IXFR = 251
    AXFR = 252
    ANY = 255


class Opcode(IntEnum):
    """What a message asks to be done; only QUERY is served."""

    QUERY = 0


class ResponseCode(IntEnum):
    """RFC 1035 §4.1.1 and, past four bits, RFC 6891 §9."""

    NOERROR = 0
    FORMERR = 1
    NXDOMAIN = 3
    NOTIMP = 4
    REFUSED = 5
    BADVERS = 16


_TYPES_KNOWN = (
    "A=1 NS=2 CNAME=5 SOA=6 NULL=10 WKS=11 PTR=12 HINFO=13 MX=15 TXT=16 RP=17 AFSDB=18 "
    "KEY=25 AAAA=28 LOC=29 SRV=33 NAPTR=35 KX=36 CERT=37 DNAME=39 OPT=41 APL=42 DS=43 "
    "SSHFP=44 IPSECKEY=45 RRSIG=46 NSEC=47 DNSKEY=48 DHCID=49 NSEC3=50 NSEC3PARAM=51 "
    "TLSA=52 SMIMEA=53 HIP=55 CDS=59 CDNSKEY=60 OPENPGPKEY=61 CSYNC=62 ZONEMD=63 SVCB=64 "
    "HTTPS=65 SPF=99 EUI48=108 EUI64=109 TKEY=249 TSIG=250 IXFR=251 AXFR=252 MAILB=253 "
    "MAILA=254 ANY=255 URI=256 CAA=257"
)
_TYPE_NAMES = {
    int(number): name for name, _, number in (pair.partition("=") for pair in _TYPES_KNOWN.split())
}
_ESCAPED = {
    byte: chr(byte) if 0x21 <= byte <= 0x7E and byte not in b".\\" else f"\\{byte:03d}"
    for byte in range(256)
}


@dataclass(frozen=True, slots=True)
class EDNS:
    """What the OPT record of a query said (RFC 6891 §6.1).

    Attributes:
        size: Bytes of the largest datagram that the sender takes.
        dnssec_ok: The DO bit (RFC 3225).
        version: Highest version that the sender speaks; 0 is the only one there is.
        client_subnet: "192.0.2.0/24" where the resolver told for whom it asks (RFC 7871).
    """

    size: int
    dnssec_ok: bool
    version: int
    client_subnet: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """One lawful question.

    Attributes:
        id: The message id.
        flags: The 16 flag bits of the header.
        opcode: Bits 11 to 14 of the flags.
        question: Name, type and class, byte for byte as sent.
        labels: The name, its case kept.
        type: The type asked for, 0 to 65535.
        class_: The class asked for, 0 to 65535.
        edns: What the OPT record said, or None without one.
    """

    id: int
    flags: int
    opcode: int
    question: bytes
    labels: Labels
    type: int
    class_: int
    edns: EDNS | None


class Record(NamedTuple):
    """A resource record of class IN; the names among its data are compressed when written."""

    owner: Labels
    type: Type
    ttl: int
    data: tuple[bytes | Labels, ...]


def read_query(packet: bytes) -> Query:
    """Return the one question that `packet` asks.

    A question, no answer, at most one authority record (IXFR has one, RFC 1995 §3), a few
    additional ones and nothing behind them.

    Raises:
        RemoteProtocolError: It is anything else.
    """
    if len(packet) < HEADER_SIZE:
        raise RemoteProtocolError("shorter than a header")
    id_, flags, questions, answers, authority, additional = struct.unpack_from("!6H", packet)
    if flags & FLAG_RESPONSE:
        raise RemoteProtocolError("a response")
    if (questions, answers) != (1, 0) or authority > 1 or additional > ADDITIONAL_MAX:
        raise RemoteProtocolError("not one question")
    labels, at = read_name(packet, HEADER_SIZE)
    type_, class_ = _unpack("!2H", packet, at)
    at += 4
    question = packet[HEADER_SIZE:at]
    edns = None
    for index in range(authority + additional):
        is_root = packet[at : at + 1] == b"\0"
        _, at = read_name(packet, at)
        record_type, size, extended, length = _unpack("!HHIH", packet, at)
        at += 10
        data = packet[at : at + length]
        at += length
        if at > len(packet):
            raise RemoteProtocolError("a record ends too early")
        if record_type == Type.OPT:
            if edns is not None or not is_root or index < authority:
                raise RemoteProtocolError("a second or misplaced OPT record")
            edns = _read_edns(size, extended, data)
    if at != len(packet):
        raise RemoteProtocolError("bytes behind the message")
    return Query(id_, flags, flags >> 11 & 15, question, labels, type_, class_, edns)


def read_broken_query(packet: bytes) -> Query | None:
    """Return what a query that `read_query` refuses asks first, without EDNS; None if nothing."""
    if len(packet) < HEADER_SIZE:
        return None
    id_, flags, questions = struct.unpack_from("!3H", packet)
    if flags & FLAG_RESPONSE or not questions:
        return None
    try:
        labels, at = read_name(packet, HEADER_SIZE)
        type_, class_ = _unpack("!2H", packet, at)
    except RemoteProtocolError:
        return None
    question = packet[HEADER_SIZE : at + 4]
    return Query(id_, flags, flags >> 11 & 15, question, labels, type_, class_, None)


def read_name(packet: bytes, at: int) -> tuple[Labels, int]:
    """Return the name that begins at `at`, and where what follows it begins.

    A pointer must lead before the part of the name that it ends, and not into the header
    (RFC 1035 §4.1.4: to a prior occurrence).

    Raises:
        RemoteProtocolError: It is no name, or a longer one than `NAME_SIZE_MAX`.
    """
    labels: list[bytes] = []
    size, start, behind = 1, at, 0
    while True:
        if at >= len(packet):
            raise RemoteProtocolError("a name ends too early")
        length = packet[at]
        if length == 0:
            return tuple(labels), behind or at + 1
        if length >= 0xC0:
            target = int(_unpack("!H", packet, at)[0]) & 0x3FFF
            if not HEADER_SIZE <= target < start:
                raise RemoteProtocolError("a pointer that does not lead back")
            behind = behind or at + 2
            at = start = target
            continue
        if length > LABEL_SIZE_MAX:
            raise RemoteProtocolError("a label type that nobody uses")
        label = packet[at + 1 : at + 1 + length]
        size += 1 + length
        if len(label) != length or size > NAME_SIZE_MAX:
            raise RemoteProtocolError("a name that ends too early or too late")
        labels.append(label)
        at += 1 + length


def _unpack(shape: str, packet: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(shape, packet, at)
    except struct.error as error:
        raise RemoteProtocolError("the message ends too early") from error


def _read_edns(size: int, extended: int, data: bytes) -> EDNS:
    subnet = None
    at = 0
    for _ in range(OPTIONS_MAX):
        if at == len(data):
            break
        code, length = _unpack("!2H", data, at)
        value = data[at + 4 : at + 4 + length]
        at += 4 + length
        if len(value) != length:
            raise RemoteProtocolError("an option ends too early")
        if code == _OPTION_CLIENT_SUBNET:
            subnet = _read_client_subnet(value)
    if at != len(data):
        raise RemoteProtocolError("too many options")
    return EDNS(size, bool(extended & _DNSSEC_OK), extended >> 16 & 0xFF, subnet)


def _read_client_subnet(value: bytes) -> str | None:
    """Return RFC 7871 §6 as text: family, prefix length, scope, and only the bytes of the prefix.

    Returns:
        None for a family that is neither IPv4 nor IPv6: some resolvers send family 0 to opt out.
    """
    family, prefix, _ = _unpack("!HBB", value, 0)
    address = value[4:]
    if family not in (1, 2):
        return None
    width = 4 if family == 1 else 16
    if prefix > 8 * width or len(address) != (prefix + 7) // 8:
        raise RemoteProtocolError("a client subnet of the wrong length")
    whole = address.ljust(width, b"\0")
    return f"{IPv4Address(whole) if family == 1 else IPv6Address(whole)}/{prefix}"


def name_text(labels: Sequence[bytes]) -> str:
    r"""Return a name as text: dots between labels, odd bytes, `.` and `\` as \DDD (RFC 4343 §2.1).

    The root is ".".
    """
    return ".".join(label_text(label) for label in labels) or "."


def label_text(label: bytes) -> str:
    """Return one label with the same escapes as `name_text`."""
    return "".join([_ESCAPED[byte] for byte in label])


def type_text(type_: int) -> str:
    """Return "A", "TXT" and so on, or "TYPE123" (RFC 3597 §5)."""
    return _TYPE_NAMES.get(type_) or f"TYPE{type_}"


def class_text(class_: int) -> str:
    """Return "IN", or "CLASS3" (RFC 3597 §5)."""
    return "IN" if class_ == CLASS_IN else f"CLASS{class_}"


def a_record(owner: Labels, address: str, ttl: int) -> Record:
    """Return an address record (RFC 1035 §3.4.1)."""
    return Record(owner, Type.A, ttl, (IPv4Address(address).packed,))


def aaaa_record(owner: Labels, address: str, ttl: int) -> Record:
    """Return an IPv6 address record (RFC 3596 §2.2)."""
    return Record(owner, Type.AAAA, ttl, (IPv6Address(address).packed,))


def ns_record(owner: Labels, host: Labels, ttl: int) -> Record:
    """Return a name server record (RFC 1035 §3.3.11)."""
    return Record(owner, Type.NS, ttl, (host,))


def soa_record(
    owner: Labels, host: Labels, mailbox: Labels, numbers: tuple[int, int, int, int, int], ttl: int
) -> Record:
    """Return a start of authority (RFC 1035 §3.3.13).

    Args:
        owner: The zone.
        host: Its first name server.
        mailbox: Whom to write to, the `@` as a dot.
        numbers: Serial, refresh, retry, expire, and the time to live of negative answers.
        ttl: Seconds that it may be kept.
    """
    return Record(owner, Type.SOA, ttl, (host, mailbox, struct.pack("!5I", *numbers)))


def txt_record(owner: Labels, value: bytes, ttl: int) -> Record:
    """Return a text record; a value past 255 bytes becomes several strings (RFC 1035 §3.3.14)."""
    pieces = [value[at : at + 255] for at in range(0, len(value), 255)] or [b""]
    return Record(owner, Type.TXT, ttl, (b"".join(bytes([len(p)]) + p for p in pieces),))


def udp_size_max(query: Query) -> int:
    """Return how long a datagram in answer to `query` may be (RFC 6891 §6.2.3)."""
    wished = query.edns.size if query.edns else UDP_SIZE_MIN
    return min(max(wished, UDP_SIZE_MIN), UDP_SIZE_MAX)


def write_answer(
    query: Query, answers: Sequence[Record], size_max: int, additional: Sequence[Record] = ()
) -> bytes:
    """Return an authoritative answer.

    What does not fit in `size_max` bytes goes: first the additional records, silently, then all
    records, with the truncation bit, so that the resolver asks again on TCP (RFC 2181 §9).
    """
    return _fit(query, ResponseCode.NOERROR, answers, (), additional, size_max)


def write_no_data(query: Query, soa: Record, size_max: int) -> bytes:
    """Return "the name exists, this type does not" (RFC 2308 §2.2)."""
    return _fit(query, ResponseCode.NOERROR, (), (soa,), (), size_max)


def write_no_name(query: Query, soa: Record, size_max: int) -> bytes:
    """Return "the name does not exist", NXDOMAIN (RFC 2308 §2.1)."""
    return _fit(query, ResponseCode.NXDOMAIN, (), (soa,), (), size_max)


def write_refusal(query: Query, code: ResponseCode) -> bytes:
    """Return REFUSED, NOTIMP or BADVERS with the question and no authority."""
    return _write(query, code, 0, (), (), ())


def write_bare_refusal(packet: bytes, code: ResponseCode) -> bytes:
    """Return FORMERR or NOTIMP to a message that could not be read: a header and nothing else.

    Raises:
        LocalProtocolError: `packet` is shorter than a header, or a response itself.
    """
    if len(packet) < HEADER_SIZE or packet[2] & 0x80:
        raise LocalProtocolError("There is nothing to answer.")
    flags = int.from_bytes(packet[2:4], "big") & FLAGS_COPIED | FLAG_RESPONSE | code
    return packet[:2] + struct.pack("!5H", flags, 0, 0, 0, 0)


def write_opt(code: int, *, dnssec_ok: bool) -> bytes:
    """Return the OPT record of a response; the DO bit goes back as it came (RFC 3225 §3)."""
    extended = (code >> 4) << 24 | (_DNSSEC_OK if dnssec_ok else 0)
    return struct.pack("!BHHIH", 0, Type.OPT, UDP_SIZE_MAX, extended, 0)


def _fit(
    query: Query,
    code: ResponseCode,
    answers: Sequence[Record],
    authority: Sequence[Record],
    additional: Sequence[Record],
    size_max: int,
) -> bytes:
    response = _write(query, code, FLAG_AUTHORITATIVE, answers, authority, additional)
    if len(response) > size_max and additional:
        response = _write(query, code, FLAG_AUTHORITATIVE, answers, authority, ())
    if len(response) > size_max:
        response = _write(query, code, FLAG_AUTHORITATIVE | FLAG_TRUNCATED, (), (), ())
    return response


def _write(
    query: Query,
    code: ResponseCode,
    flags: int,
    answers: Sequence[Record],
    authority: Sequence[Record],
    additional: Sequence[Record],
) -> bytes:
    opt = write_opt(code, dnssec_ok=query.edns.dnssec_ok) if query.edns else b""
    flags |= query.flags & FLAGS_COPIED | FLAG_RESPONSE | code & 15
    counts = (1, len(answers), len(authority), len(additional) + bool(opt))
    header = struct.pack("!6H", query.id, flags, *counts)
    places = _suffix_places(query.labels)
    records = [_write_record(record, places) for record in (*answers, *authority, *additional)]
    return b"".join((header, query.question, *records, opt))


def _suffix_places(labels: Labels) -> dict[Labels, int]:
    """Return where each suffix of the question's name stands, for pointers to it (RFC 1035 §4.1.4).

    The case of the question is then the case of the answer, as RFC 4343 §4.1 allows.
    """
    places: dict[Labels, int] = {}
    at = HEADER_SIZE
    lower = tuple(label.lower() for label in labels)
    for index, label in enumerate(labels):
        places[lower[index:]] = at
        at += 1 + len(label)
    return places


def _write_record(record: Record, places: dict[Labels, int]) -> bytes:
    data = b"".join(
        part if isinstance(part, bytes) else _write_name(part, places) for part in record.data
    )
    return (
        _write_name(record.owner, places)
        + struct.pack("!HHIH", record.type, CLASS_IN, record.ttl, len(data))
        + data
    )


def _write_name(labels: Labels, places: dict[Labels, int]) -> bytes:
    written = b""
    lower = tuple(label.lower() for label in labels)
    for index, label in enumerate(labels):
        place = places.get(lower[index:])
        if place is not None:
            return written + struct.pack("!H", 0xC000 | place)
        written += bytes([len(label)]) + label
    return written + b"\0"
