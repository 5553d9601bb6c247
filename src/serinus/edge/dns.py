"""The DNS front: an authoritative server whose names, when asked for, are touches.

Rules:
- A name is ours label by label, never by the end of its text; the longest zone wins.
- Whatever type or class is asked, a name with one of our ids left of the zone is a touch.
- Every name under a zone has the deployment's addresses, so that a live, a dead and an unknown id
  answer alike, byte for byte but for the name itself.
- ANY is answered with one kind of address (RFC 8482 §4.1): nobody is flooded through us.
- A query that cannot be read whole is a touch where its question can be, and gets FORMERR.
- A response is never answered, so that two servers cannot be made to talk to each other.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Literal, NamedTuple

from serinus.base.errors import OperatorError, RemoteProtocolError
from serinus.base.ids import IdKeys, TokenId
from serinus.edge.dns_short import (
    COUNTS_PLAIN,
    OPT_SIZE,
    PlainAnswer,
    ShortWay,
    TouchIds,
    plain_kind,
)
from serinus.model.touch import TOKENS_MAX, Evidence, Touch
from serinus.wire.dns import (
    CLASS_IN,
    HEADER_SIZE,
    NAME_SIZE_MAX,
    TCP_SIZE_MAX,
    UDP_SIZE_MIN,
    Labels,
    Opcode,
    Query,
    Record,
    ResponseCode,
    Type,
    a_record,
    aaaa_record,
    class_text,
    label_text,
    name_text,
    ns_record,
    read_broken_query,
    read_query,
    soa_record,
    txt_record,
    type_text,
    udp_size_max,
    write_answer,
    write_bare_refusal,
    write_no_data,
    write_no_name,
    write_refusal,
)

ADDRESSES_MAX = 8
"""Addresses of one family; with more, an answer would be worth forging a source for."""
HOSTS_MAX = 8
"""Name servers of one zone; registries take thirteen at most, people name two."""
GLUE_FACTOR_MAX = 4
"""Times a UDP query's size that an answer with the name servers' addresses may have. Past it they
are left out, as optional as they are (RFC 1034 §4.3.2, step 6), so that nobody is flooded through
us: the query's source may be forged. Two servers with one address each stay below."""
TXT_VALUES_MAX = 16
"""Values at `_acme-challenge`; an order for one name needs two."""
TXT_VALUE_SIZE_MAX = 255
"""Bytes of one such value; a key authorisation's digest has 43 (RFC 8555 §8.4)."""
TTL_MAX = 604_800
"""Seconds; a week, past which resolvers cut anyway (RFC 8767 §4)."""

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_ACME = b"_acme-challenge"


class Outcome(NamedTuple):
    """What a datagram leads to: bytes to send back, if any, and a touch to keep, if any."""

    response: bytes | None
    touch: Touch | None


_NOTHING = Outcome(None, None)


def _has_no_values(name: str) -> Sequence[str]:
    del name
    return ()


def _exists(token: TokenId) -> bool:
    del token
    return False


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone that is delegated to this deployment.

    Attributes:
        name: Lower-case, without a dot at its end.
        addresses_v4: What every name in the zone leads to.
        addresses_v6: The same for AAAA; may be empty.
        serial: Of the SOA record, 32 bits.
        ns: First labels of the name servers' names, drawn per deployment, the primary first.
        ttl: Seconds that any answer, also a negative one, may be kept.
        txt: Given the lower-case `_acme-challenge.<zone>`, its TXT values at this moment.
        nxdomain: Whether names under this token are to be answered with NXDOMAIN.
        mailbox: First label of the SOA record's mailbox.
        times: Seconds of the SOA record: refresh, retry, expire (by default those of RIPE-203).
    """

    name: str
    addresses_v4: tuple[str, ...]
    addresses_v6: tuple[str, ...]
    serial: int
    ns: tuple[str, ...]
    ttl: int
    txt: Callable[[str], Sequence[str]] = _has_no_values
    nxdomain: Callable[[TokenId], bool] = _exists
    mailbox: str = "hostmaster"
    times: tuple[int, int, int] = (86_400, 7_200, 3_600_000)

    def __post_init__(self) -> None:
        labels = (*self.name.split("."), *self.ns, self.mailbox)
        if len(self.name) > NAME_SIZE_MAX - 66 or not all(map(_LABEL.fullmatch, labels)):
            raise OperatorError(
                f"{self.name!r} is no zone that can be served: write a lower-case domain name "
                "without a dot at its end, and single labels for its name servers."
            )
        try:
            whole = [IPv4Address(a) for a in self.addresses_v4]
            whole_v6 = [IPv6Address(a) for a in self.addresses_v6]
        except ValueError as error:
            raise OperatorError(f"The zone {self.name} has an address that is none.") from error
        if not whole + whole_v6 or max(len(whole), len(whole_v6)) > ADDRESSES_MAX:
            raise OperatorError(f"A zone has 1 to {ADDRESSES_MAX} addresses of a family.")
        if not 1 <= len(self.ns) <= HOSTS_MAX:
            raise OperatorError(f"A zone has 1 to {HOSTS_MAX} name servers.")
        if not 0 <= self.ttl <= TTL_MAX or not 0 <= self.serial < 1 << 32:
            raise OperatorError(f"A zone's ttl is 0 to {TTL_MAX} s, its serial has 32 bits.")


class _Served(NamedTuple):
    """A zone with what is worked out once."""

    zone: Zone
    labels: Labels
    soa: Record
    servers: tuple[Record, ...]
    glue: tuple[Record, ...]


class DNSFront:
    """Answers queries for the zones of a deployment and reports touches.

    Args:
        keys: Recognise our ids.
        zones: What is delegated to us; their names differ.
        edge_id: Unique over all edges and restarts; the ids of touches begin with it.
    """

    def __init__(self, keys: IdKeys, zones: Sequence[Zone], edge_id: str) -> None:
        self._recognise = keys.recognise
        self._ids = TouchIds(edge_id)
        self._zones = {served.labels: served for served in map(_serve, zones)}
        if len(self._zones) != len(zones):
            raise OperatorError("A zone is named twice; name each once.")
        self._depths = sorted({len(labels) for labels in self._zones}, reverse=True)
        plain: dict[bytes, PlainAnswer] = {}
        for labels, served in self._zones.items():
            # The short way knows one label and one zone: where a zone of ours may lie directly
            # under another, the long way decides which of them is meant.
            if not any(other[1:] == labels for other in self._zones):
                plain.update(_plain_answers(served))
        self._short = ShortWay(keys, self._ids, plain)

    def answer(
        self,
        packet: bytes,
        source: str,
        source_port: int,
        transport: Literal["udp", "tcp"],
        local: str,
        now: float,
    ) -> Outcome:
        """Return what a message from `source` leads to.

        Args:
            packet: The message, without the length bytes of TCP.
            source: Address of the other end.
            source_port: Its port.
            transport: What carried it; on UDP the answer is kept short.
            local: "ADDRESS:PORT" that was reached; every address answers alike.
            now: Unix seconds.
        """
        del local  # `DNSDetail` has no place for it.
        if len(packet) < HEADER_SIZE or packet[2] & 0x80:
            return _NOTHING
        try:
            query = read_query(packet)
        except RemoteProtocolError:
            is_query = packet[2] >> 3 & 15 == Opcode.QUERY
            code = ResponseCode.FORMERR if is_query else ResponseCode.NOTIMP
            broken = read_broken_query(packet)
            seen = self._touch(broken, source, source_port, transport, now) if broken else None
            return Outcome(write_bare_refusal(packet, code), seen)
        touch = self._touch(query, source, source_port, transport, now)
        size_max = udp_size_max(query) if transport == "udp" else TCP_SIZE_MAX
        if query.opcode != Opcode.QUERY:
            # A header alone: sections mean something else there (RFC 2136 §2).
            return Outcome(write_bare_refusal(packet, ResponseCode.NOTIMP), touch)
        token = touch.tokens[0] if touch else None
        lower = _lower(query.labels)
        glue_size_max = GLUE_FACTOR_MAX * len(packet) if transport == "udp" else size_max
        sizes = (size_max, glue_size_max)
        return Outcome(_respond(query, lower, self._zone_of(lower), token, sizes), touch)

    def answer_datagram(
        self, datagram: bytes, source: str, source_port: int, now: float
    ) -> tuple[bytes | None, Evidence | None]:
        """Return what `answer` returns for a message on UDP, a usual touch as it is written."""
        found = self._short.answer(datagram, source, source_port, now)
        return found or self.answer(datagram, source, source_port, "udp", "", now)

    def _touch(
        self,
        query: Query,
        source: str,
        source_port: int,
        transport: Literal["udp", "tcp"],
        now: float,
    ) -> Touch | None:
        """Return the touch that a question is, or None."""
        lower = _lower(query.labels)
        served = self._zone_of(lower)
        found = served and self._tokens(lower[: len(lower) - len(served.labels)])
        if not served or not found:
            return None
        return Touch(
            self._ids.next(),
            now,
            "dns",
            transport,
            source,
            source_port,
            tuple(dict.fromkeys(token for token, _ in found))[:TOKENS_MAX],
            _detail(query, found[0][1], served.zone.name),
        )

    def _zone_of(self, lower: Labels) -> _Served | None:
        """Return the longest of our zones that the name lies in, compared label by label."""
        for depth in self._depths:
            served = self._zones.get(lower[-depth:])
            if served is not None:
                return served
        return None

    def _tokens(self, left: Labels) -> list[tuple[TokenId, int]]:
        """Return the ids among the labels left of a zone, with their places, rightmost first."""
        found = []
        for place in range(len(left) - 1, -1, -1):
            token = self._recognise(left[place])
            if token is not None:
                found.append((token, place))
        return found


def _lower(labels: Labels) -> Labels:
    return tuple([label.lower() for label in labels])


def _serve(zone: Zone) -> _Served:
    labels = tuple(label.encode() for label in zone.name.split("."))
    hosts = [(host.encode(), *labels) for host in zone.ns]
    numbers = (zone.serial, *zone.times, zone.ttl)
    return _Served(
        zone,
        labels,
        soa_record(labels, hosts[0], (zone.mailbox.encode(), *labels), numbers, zone.ttl),
        tuple(ns_record(labels, host, zone.ttl) for host in hosts),
        tuple(record for host in hosts for record in _addresses(zone, host)),
    )


def _addresses(zone: Zone, owner: Labels) -> list[Record]:
    return [
        *(a_record(owner, address, zone.ttl) for address in zone.addresses_v4),
        *(aaaa_record(owner, address, zone.ttl) for address in zone.addresses_v6),
    ]


def _plain_answers(served: _Served) -> dict[bytes, PlainAnswer]:
    """Return, for what stands behind the first label of a plain query, the parts of its answer.

    The parts are cut out of what the long way writes, so that both ways speak alike.
    """
    answers: dict[bytes, PlainAnswer] = {}
    name = b"".join(bytes([len(label)]) + label for label in served.labels) + b"\0"
    for type_ in (Type.A, Type.AAAA):
        behind = name + type_.to_bytes(2, "big") + CLASS_IN.to_bytes(2, "big")
        query = read_query(b"\0\0\0\0" + COUNTS_PLAIN + b"\1x" + behind)
        records = [r for r in _addresses(served.zone, query.labels) if r.type == type_]
        response = write_answer(query, records, TCP_SIZE_MAX)
        start = HEADER_SIZE + 2 + len(behind)
        # A negative answer holds pointers that move with the label; it goes the long way.
        if records and len(response) + 62 + OPT_SIZE <= UDP_SIZE_MIN:
            counts = response[4:12]
            answers[behind] = PlainAnswer(
                len(behind),
                counts,
                counts[:7] + b"\1",
                response[start:],
                tuple([i for i, mark in enumerate(f".{served.zone.name}") if mark == "."]),
                plain_kind(type_.name, served.zone.name),
                served.zone.nxdomain,
            )
    return answers


def _respond(
    query: Query,
    lower: Labels,
    served: _Served | None,
    token: TokenId | None,
    sizes: tuple[int, int],
) -> bytes:
    """Return the response to a lawful question, within `sizes`: of any, and of one with glue."""
    size_max, glue_size_max = sizes
    if query.edns is not None and query.edns.version != 0:
        return write_refusal(query, ResponseCode.BADVERS)
    if served is None or query.class_ != CLASS_IN or query.type in (Type.AXFR, Type.IXFR):
        return write_refusal(query, ResponseCode.REFUSED)
    if token is not None and served.zone.nxdomain(token):
        return write_no_name(query, served.soa, size_max)
    records = _records(query, lower, served)
    if not records:
        return write_no_data(query, served.soa, size_max)
    if records is served.servers:
        response = write_answer(query, records, size_max, served.glue)
        if len(response) <= glue_size_max:
            return response
    return write_answer(query, records, size_max)


def _records(query: Query, lower: Labels, served: _Served) -> Sequence[Record]:
    """Return the records of the type asked for that the name has."""
    is_apex = lower == served.labels
    if query.type in (Type.A, Type.AAAA, Type.ANY):
        records = _addresses(served.zone, query.labels)
        wanted = records[0].type if query.type == Type.ANY else query.type
        return [record for record in records if record.type == wanted]
    if query.type == Type.NS and is_apex:
        return served.servers
    if query.type == Type.SOA and is_apex:
        return (served.soa,)
    if query.type == Type.TXT and lower == (_ACME, *served.labels):
        values = served.zone.txt(name_text(lower))[:TXT_VALUES_MAX]
        return [
            txt_record(query.labels, value.encode()[:TXT_VALUE_SIZE_MAX], served.zone.ttl)
            for value in values
        ]
    return ()


def _detail(query: Query, place: int, zone: str) -> dict[str, object]:
    """Return the evidence in the shape of `DNSDetail`."""
    edns = query.edns
    return {
        "name": name_text(query.labels),
        "type": type_text(query.type),
        "class": class_text(query.class_),
        "left": [label_text(label) for label in query.labels[:place]],
        "zone": zone,
        "id": query.id,
        "flags": query.flags,
        "edns": None
        if edns is None
        else {"size": edns.size, "do": edns.dnssec_ok, "client_subnet": edns.client_subnet},
    }
