"""The other side of the DNS codec: one question is written, its response is read.

Sources: RFC 1035 §4, RFC 6891 §6. `read_response` returns or raises `RemoteProtocolError`, whatever
the bytes. Only record types that a check of a delegation reads have text; others are left out.
"""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import NamedTuple

from serinus.base.errors import RemoteProtocolError
from serinus.wire.dns import (
    CLASS_IN,
    FLAG_RESPONSE,
    FLAG_TRUNCATED,
    HEADER_SIZE,
    LABEL_SIZE_MAX,
    Type,
    name_text,
    read_name,
    write_opt,
)

FLAG_RECURSION_DESIRED = 0x0100
RECORDS_MAX = 200
"""Records of one response; those we ask for have fewer than ten."""
_CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}


class Answer(NamedTuple):
    """One record: its owner in lower case without a dot at the end, its type, its text.

    The text is an address, a name server's name, or of a SOA record the serial.
    """

    owner: str
    type: Type
    text: str


@dataclass(frozen=True, slots=True)
class Response:
    """What came back.

    Attributes:
        code: "NOERROR", "NXDOMAIN", …
        truncated: The whole answer is to be had on TCP.
        answers: Of the answer section.
    """

    code: str
    truncated: bool
    answers: tuple[Answer, ...]

    def texts(self, type_: Type) -> tuple[str, ...]:
        """Return the texts of the answers of one type, sorted."""
        return tuple(sorted(answer.text for answer in self.answers if answer.type == type_))


def write_query(id_: int, name: str, type_: Type, *, recursion: bool) -> bytes:
    """Return a question for `name`, lawful and without a dot at its end, with EDNS.

    Raises:
        ValueError: It is no name that can be written.
    """
    labels = [label.encode("ascii") for label in name.split(".")]
    if not all(0 < len(label) <= LABEL_SIZE_MAX for label in labels):
        raise ValueError(f"{name!r} is no name")
    question = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    flags = FLAG_RECURSION_DESIRED if recursion else 0
    header = struct.pack("!6H", id_, flags, 1, 0, 0, 1)
    opt = write_opt(0, dnssec_ok=False)
    return header + question + struct.pack("!2H", type_, CLASS_IN) + opt


def read_response(packet: bytes, query: bytes) -> Response:
    """Return what `packet` answers to `query`, which `write_query` wrote.

    Raises:
        RemoteProtocolError: It is no response, or one to another question.
    """
    if len(packet) < HEADER_SIZE:
        raise RemoteProtocolError("shorter than a header")
    flags, questions, count = struct.unpack_from("!3H", packet, 2)
    if not flags & FLAG_RESPONSE or packet[:2] != query[:2] or questions > 1:
        raise RemoteProtocolError("not a response to this query")
    at = HEADER_SIZE
    if questions:
        at = _skip_question(packet, query)
    answers = []
    for _ in range(min(count, RECORDS_MAX)):
        answer, at = _read_answer(packet, at)
        if answer is not None:
            answers.append(answer)
    code = flags & 15
    return Response(_CODES.get(code, f"RCODE{code}"), bool(flags & FLAG_TRUNCATED), tuple(answers))


def _skip_question(packet: bytes, query: bytes) -> int:
    asked, end = read_name(query, HEADER_SIZE)
    given, at = read_name(packet, HEADER_SIZE)
    if name_text(asked).lower() != name_text(given).lower():
        raise RemoteProtocolError("a response about another name")
    if packet[at : at + 4] != query[end : end + 4]:
        raise RemoteProtocolError("a response about another type")
    return at + 4


def _read_answer(packet: bytes, at: int) -> tuple[Answer | None, int]:
    owner, at = read_name(packet, at)
    try:
        type_, class_, _, length = struct.unpack_from("!HHIH", packet, at)
    except struct.error as error:
        raise RemoteProtocolError("a record ends too early") from error
    at += 10
    end = at + length
    if end > len(packet):
        raise RemoteProtocolError("a record ends too early")
    text = _read_data(packet, type_, at, end) if class_ == CLASS_IN else None
    if text is None:
        return None, end
    return Answer(name_text(owner).lower(), Type(type_), text), end


def _read_data(packet: bytes, type_: int, at: int, end: int) -> str | None:
    """Return the text of a record's data; names in it may point anywhere before them."""
    match type_, end - at:
        case Type.A, 4:
            return str(IPv4Address(packet[at:end]))
        case Type.AAAA, 16:
            return str(IPv6Address(packet[at:end]))
        case Type.NS, _:
            return name_text(read_name(packet, at)[0]).lower()
        case Type.SOA, size if size > 20:
            return str(int.from_bytes(packet[end - 20 : end - 16], "big"))
        case ((Type.A | Type.AAAA | Type.SOA), _):
            raise RemoteProtocolError("a record of the wrong length")
    return None
