"""The DNS codec, with dnspython as its oracle."""

import struct

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import LocalProtocolError, RemoteProtocolError
from serinus.wire.dns import (
    TCP_SIZE_MAX,
    UDP_SIZE_MAX,
    Labels,
    Query,
    Record,
    ResponseCode,
    a_record,
    aaaa_record,
    class_text,
    name_text,
    ns_record,
    read_name,
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

ZONE = (b"canary", b"test")
SOA = soa_record(ZONE, (b"ns1", *ZONE), (b"hostmaster", *ZONE), (1, 2, 3, 4, 5), 60)
HEADER = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0)
OPT = b"\0\0\x29\x04\xd0\0\0\0\0\0\0"

labels = st.lists(st.binary(min_size=1, max_size=63), max_size=3).map(tuple)


def ask(name: str = "abc.canary.test", type_: str = "A", **more: object) -> bytes:
    return dns.message.make_query(name, type_, **more).to_wire()  # type: ignore[arg-type]


def question_of(name: Labels, type_: int = 1, class_: int = 1) -> bytes:
    wire = b"".join(bytes([len(label)]) + label for label in name) + b"\0"
    return wire + struct.pack("!2H", type_, class_)


@given(st.binary(max_size=600) | st.binary(max_size=80).map(lambda tail: HEADER + tail))
def test_any_bytes_are_a_query_or_a_fault_of_theirs(packet: bytes) -> None:
    try:
        query = read_query(packet)
    except RemoteProtocolError:
        return
    assert packet[12:].startswith(query.question)
    assert isinstance(name_text(query.labels), str)


@given(labels, st.integers(0, 65535), st.integers(0, 65535), st.integers(0, 65535))
def test_a_question_is_read_as_it_was_written(
    name: Labels, type_: int, class_: int, id_: int
) -> None:
    question = question_of(name, type_, class_)
    query = read_query(struct.pack("!6H", id_, 0x0100, 1, 0, 0, 0) + question)
    assert query == Query(id_, 0x0100, 0, question, name, type_, class_, None)


@given(
    labels,
    st.lists(
        st.one_of(
            st.tuples(labels, st.ip_addresses(v=4)).map(lambda p: a_record(p[0], str(p[1]), 60)),
            st.tuples(labels, st.ip_addresses(v=6)).map(lambda p: aaaa_record(p[0], str(p[1]), 60)),
            st.tuples(labels, labels).map(lambda p: ns_record(p[0], p[1], 60)),
            st.tuples(labels, st.binary(max_size=700)).map(lambda p: txt_record(p[0], p[1], 60)),
        ),
        max_size=6,
    ),
)
def test_what_we_write_dnspython_reads_back_equal(name: Labels, records: list[Record]) -> None:
    query = read_query(HEADER + question_of(name))
    wire = write_answer(query, records, TCP_SIZE_MAX)
    read = dns.message.from_wire(wire, one_rr_per_rrset=True)
    assert len(read.answer) == len(records)
    for rrset, record in zip(read.answer, records, strict=True):
        owner, type_, ttl, data = record
        assert rrset.name == dns.name.Name([*owner, b""])
        assert (int(rrset.rdtype), rrset.ttl) == (int(type_), ttl)
        if isinstance(data[0], tuple):
            assert rrset[0].target == dns.name.Name([*data[0], b""])
        else:
            assert rrset[0].to_wire() == data[0]


@pytest.mark.parametrize(
    "tail",
    [
        b"\xc0\x0c\0\1\0\1",  # itself
        b"\1a\xc0\x0c\0\1\0\1",  # back to its own beginning
        b"\xc0\x0e\xc0\x0c\0\1\0\1",  # two that lead to each other
        b"\xc0\x00\0\1\0\1",  # into the header
        b"\xc0\xff\0\1\0\1",  # behind the end
        b"\x40a\0\0\1\0\1",  # a label type that nobody uses
        b"\1a" * 128 + b"\0\0\1\0\1",  # longer than a name can be
        b"\1a\0\0\1\0",  # too short
        b"\1a\0\0\1\0\1junk",  # too long
    ],
)
def test_a_name_that_is_none_is_refused(tail: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        read_query(HEADER + tail)


def test_a_pointer_that_leads_back_is_followed() -> None:
    packet = HEADER + b"\1a\1b\0" + b"\1c\xc0\x0e"
    assert read_name(packet, 17) == ((b"c", b"b"), 21)


@pytest.mark.parametrize("counts", [(0, 0, 0, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 0, 0, 9)])
def test_anything_but_one_question_is_refused(counts: tuple[int, ...]) -> None:
    question = question_of(ZONE)
    with pytest.raises(RemoteProtocolError):
        read_query(struct.pack("!6H", 7, 0, *counts) + question * max(1, counts[0]))


def test_a_response_is_no_query() -> None:
    with pytest.raises(RemoteProtocolError):
        read_query(b"\0\7\x80\0" + HEADER[4:] + question_of(ZONE))


def test_a_second_opt_record_is_refused() -> None:
    head = struct.pack("!6H", 7, 0, 1, 0, 0, 2) + question_of(ZONE)
    with pytest.raises(RemoteProtocolError):
        read_query(head + OPT + OPT)


@pytest.mark.parametrize("subnet", ["192.0.2.0/24", "2001:db8::/56", "0.0.0.0/0"])
def test_the_client_subnet_is_read(subnet: str) -> None:
    address, _, prefix = subnet.partition("/")
    option = dns.edns.ECSOption(address, int(prefix))
    query = read_query(ask(use_edns=0, payload=1400, options=[option], want_dnssec=True))
    assert query.edns is not None
    assert (query.edns.size, query.edns.dnssec_ok, query.edns.version) == (1400, True, 0)
    assert query.edns.client_subnet == subnet


def test_a_client_subnet_of_the_wrong_length_is_refused() -> None:
    option = dns.edns.GenericOption(dns.edns.OptionType.ECS, b"\0\1\x18\0\xc0")
    with pytest.raises(RemoteProtocolError):
        read_query(ask(use_edns=0, options=[option]))


def test_case_goes_back_as_it_came() -> None:
    query = read_query(ask("aBc.CaNaRy.tEsT"))
    response = write_answer(query, [a_record(query.labels, "192.0.2.1", 60)], 512)
    assert query.question in response
    assert dns.message.from_wire(response).answer[0].name.labels[0] == b"aBc"


def test_odd_bytes_in_names_are_escaped() -> None:
    assert name_text((b"a.b", b"\\", b"\xff \x7f", b"Z")) == r"a\046b.\092.\255\032\127.Z"
    assert name_text(()) == "."


def test_type_names_are_those_of_dnspython() -> None:
    for number in range(300):
        ours = type_text(number)
        if not ours.startswith("TYPE"):
            assert dns.rdatatype.from_text(ours) == number
    assert (type_text(65280), type_text(16), type_text(65)) == ("TYPE65280", "TXT", "HTTPS")
    assert (class_text(1), class_text(3)) == ("IN", "CLASS3")


def test_negative_answers_carry_the_start_of_authority() -> None:
    query = read_query(ask(use_edns=0))
    for wire, code in (
        (write_no_data(query, SOA, 512), dns.rcode.NOERROR),
        (write_no_name(query, SOA, 512), dns.rcode.NXDOMAIN),
    ):
        read = dns.message.from_wire(wire)
        assert (read.rcode(), read.answer, read.edns) == (code, [], 0)
        assert read.flags & dns.flags.AA
        assert read.authority[0].to_text() == (
            "canary.test. 60 IN SOA ns1.canary.test. hostmaster.canary.test. 1 2 3 4 5"
        )


def test_refusals_carry_no_authority() -> None:
    query = read_query(ask(use_edns=0, want_dnssec=True))
    for code in (ResponseCode.REFUSED, ResponseCode.NOTIMP, ResponseCode.BADVERS):
        read = dns.message.from_wire(write_refusal(query, code))
        assert int(read.rcode()) == int(code)
        assert not read.flags & (dns.flags.AA | dns.flags.RA)
        assert read.ednsflags & dns.flags.DO


def test_a_bare_refusal_is_a_header() -> None:
    wire = write_bare_refusal(HEADER + b"junk", ResponseCode.FORMERR)
    assert dns.message.from_wire(wire).rcode() == dns.rcode.FORMERR
    assert len(wire) == 12


@pytest.mark.parametrize("packet", [b"short", b"\0\7\x80\0" + HEADER[4:]])
def test_nothing_is_written_to_a_response_or_a_scrap(packet: bytes) -> None:
    with pytest.raises(LocalProtocolError):
        write_bare_refusal(packet, ResponseCode.FORMERR)


@pytest.mark.parametrize(("size", "most"), [(0, 512), (512, 512), (1000, 1000), (65535, 1232)])
def test_a_datagram_is_as_long_as_both_sides_allow(size: int, most: int) -> None:
    assert udp_size_max(read_query(ask(use_edns=0, payload=size))) == most
    assert udp_size_max(read_query(ask(use_edns=False))) == 512


def test_what_does_not_fit_is_cut_and_says_so() -> None:
    query = read_query(ask("canary.test", "TXT", use_edns=0, payload=4096))
    records = [txt_record(query.labels, bytes([65 + n]) * 255, 60) for n in range(9)]
    wire = write_answer(query, records, udp_size_max(query))
    assert len(wire) <= UDP_SIZE_MAX
    read = dns.message.from_wire(wire)
    assert read.flags & dns.flags.TC
    assert (read.answer, read.edns) == ([], 0)
    assert (
        not dns.message.from_wire(write_answer(query, records, TCP_SIZE_MAX)).flags & dns.flags.TC
    )


def test_additional_records_go_before_anything_is_cut() -> None:
    query = read_query(ask("canary.test", "NS"))
    glue = [a_record((bytes([65 + n]) * 60, *ZONE), "192.0.2.1", 60) for n in range(9)]
    wire = write_answer(query, [ns_record(ZONE, (b"ns1", *ZONE), 60)], 512, glue)
    read = dns.message.from_wire(wire)
    assert not read.flags & dns.flags.TC
    assert (len(read.answer), read.additional) == (1, [])
