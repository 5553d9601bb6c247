"""The DNS front: what is a touch, what is answered, and that it tells nobody anything."""

import dataclasses
import hashlib
import struct
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Literal

import dns.edns
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import OperatorError
from serinus.base.ids import IdKeys, IdShape, TokenId, draw_keys
from serinus.edge.dns import (
    GLUE_FACTOR_MAX,
    DNSFront,
    Outcome,
    Zone,
)
from serinus.edge.dns_stream import IDLE_TIMEOUT_S, QUERIES_MAX, DNSStream
from serinus.model.touch import Evidence, Touch, read_touch, write_touch
from serinus.wire.conversation import Close, Command, Noise, Report, Send, Wake
from serinus.wire.dns import UDP_SIZE_MAX


class Chance:
    """Entropy that is the same in every run."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, size: int) -> bytes:
        self.count += 1
        return hashlib.shake_256(str(self.count).encode()).digest(size)


CHANCE = Chance()
KEYS = draw_keys(CHANCE)
LIVE, DEAD, GONE = KEYS.mint(CHANCE), KEYS.mint(CHANCE), KEYS.mint(CHANCE)
FORGED = "z" * KEYS.shape.length
ZONE = Zone(
    "canary.test",
    ("192.0.2.1", "192.0.2.2"),
    ("2001:db8::1",),
    2026010101,
    ("ka", "kb"),
    30,
    txt=lambda name: ["one", "two"] if name == "_acme-challenge.canary.test" else [],
    nxdomain=lambda token: token == GONE,
)
INNER = Zone("deep.canary.test", ("198.51.100.1",), (), 1, ("n",), 30)
NOW = 1000.0


def make_front(*zones: Zone) -> DNSFront:
    return DNSFront(KEYS, zones or (ZONE,), "e")


def ask(name: str, type_: str = "A", class_: str = "IN", **more: object) -> bytes:
    return dns.message.make_query(name, type_, class_, id=77, **more).to_wire()  # type: ignore[arg-type]


def answer(
    packet: bytes, *zones: Zone, transport: Literal["udp", "tcp"] = "udp"
) -> tuple[dns.message.Message, Outcome]:
    outcome = make_front(*zones).answer(packet, "203.0.113.9", 5353, transport, "10.0.0.1:53", NOW)
    assert outcome.response is not None
    read = dns.message.from_wire(outcome.response)
    assert not read.flags & dns.flags.RA
    return read, outcome


def texts(section: Sequence[dns.rrset.RRset]) -> list[str]:
    return [f"{s.name} {dns.rdatatype.to_text(s.rdtype)} {r}" for s in section for r in s]


@pytest.mark.parametrize("more", [{}, {"use_edns": 0}, {"use_edns": 0, "want_dnssec": True}])
@pytest.mark.parametrize("type_", ["A", "AAAA", "TXT"])
def test_live_dead_and_unknown_ids_answer_alike(type_: str, more: dict[str, object]) -> None:
    answers = set()
    for name in (LIVE, DEAD, FORGED, LIVE.upper()):
        outcome = answer(ask(f"{name}.canary.test", type_, "IN", **more))[1]
        assert outcome.response is not None
        assert name.encode() in outcome.response
        answers.add(outcome.response.replace(name.encode(), b"?"))
    assert len(answers) == 1


@pytest.mark.parametrize("prefix", ["", "data.more."])
@pytest.mark.parametrize("class_", ["IN", "CH", "ANY"])
def test_every_type_and_class_is_a_touch(prefix: str, class_: str) -> None:
    front = make_front()
    for type_ in range(1, 258):
        packet = ask(f"{prefix}{LIVE}.canary.test", f"TYPE{type_}", class_)
        outcome = front.answer(packet, "203.0.113.9", 5353, "udp", "", NOW)
        assert outcome.touch is not None
        assert outcome.touch.tokens == (LIVE,)
        assert outcome.response is not None
        assert len(outcome.response) < 200
        read = dns.message.from_wire(outcome.response)
        assert (read.rcode() == dns.rcode.REFUSED) == (class_ != "IN" or type_ in (251, 252))


def test_a_touch_holds_the_evidence() -> None:
    option = dns.edns.ECSOption("198.51.100.0", 24)
    packet = ask(f"a\\.b.C.{LIVE.upper()}.Canary.test", "TXT", use_edns=0, options=[option])
    touch = answer(packet)[1].touch
    assert touch is not None
    assert touch[:7] == ("e-1", NOW, "dns", "udp", "203.0.113.9", 5353, (LIVE,))
    assert touch.detail == {
        "name": f"a\\046b.C.{LIVE.upper()}.Canary.test",
        "type": "TXT",
        "class": "IN",
        "left": ["a\\046b", "C"],
        "zone": "canary.test",
        "id": 77,
        "flags": 0x0100,
        "edns": {"size": 1232, "do": False, "client_subnet": "198.51.100.0/24"},
    }


@given(
    st.sampled_from([LIVE, DEAD, GONE, FORGED]),
    st.sampled_from(["A", "AAAA"]),
    st.sampled_from([{}, {"use_edns": 0}, {"use_edns": 0, "want_dnssec": True}, {"payload": 4096}]),
    st.sampled_from([str.lower, str.upper, str.swapcase, str.title]),
    st.booleans(),
)
def test_the_short_way_tells_and_answers_what_the_long_way_does(
    label: str, type_: str, more: dict[str, Any], cased: Callable[[str], str], recurse: bool
) -> None:
    packet = bytearray(ask(cased(f"{label}.CaNary.test"), type_, **more))
    packet[2] = packet[2] & 0xFE | recurse
    touch = answer_both_ways(bytes(packet), ZONE)
    assert (touch is None) == (label == FORGED)
    assert isinstance(touch, str) == (label in (LIVE, DEAD))


def answer_both_ways(packet: bytes, *zones: Zone) -> Evidence | None:
    """Hold the short way to the long one; return what the short one made durable."""
    source = 'fe80::1%"\\é'  # The name of an interface may hold nearly anything.
    response, touch = make_front(*zones).answer_datagram(packet, source, 5353, NOW + 0.1)
    long = make_front(*zones).answer(packet, source, 5353, "udp", "10.0.0.1:53", NOW + 0.1)
    assert response == long.response
    if long.touch is None:
        assert touch is None
    else:
        assert touch in (long.touch, write_touch(long.touch))
    return touch


@given(
    st.sampled_from([LIVE, LIVE.upper(), FORGED]),
    st.sampled_from([{}, {"use_edns": 0}, {"use_edns": 0, "want_dnssec": True}]),
    st.lists(st.tuples(st.integers(0, 200), st.integers(0, 255)), max_size=3),
    st.integers(0, 12),
)
def test_the_ways_do_not_differ_over_a_damaged_query(
    label: str, more: dict[str, Any], changes: list[tuple[int, int]], cut: int
) -> None:
    packet = bytearray(ask(f"{label}.canary.test", "A", "IN", **more))
    for place, byte in changes:
        packet[place % len(packet)] = byte
    answer_both_ways(bytes(packet[: len(packet) - cut]), ZONE, dataclasses.replace(INNER, name="b"))


def test_touches_of_both_ways_are_counted_together() -> None:
    front = make_front()
    front.answer(ask(f"{LIVE}.canary.test"), "192.0.2.9", 1, "udp", "", NOW)
    for number in (2, 3):
        _, touch = front.answer_datagram(ask(f"{LIVE}.canary.test"), "192.0.2.9", 1, NOW)
        assert isinstance(touch, str) and read_touch(touch).id == f"e-{number}"


def test_touches_are_counted() -> None:
    front = make_front()
    packet = ask(f"{LIVE}.canary.test")
    found = [front.answer(packet, "192.0.2.9", 1, "udp", "", NOW).touch for _ in range(17)]
    assert [touch.id for touch in found if touch][-1] == "e-11"


def test_the_id_directly_under_the_zone_decides() -> None:
    touch = answer(ask(f"x.{DEAD}.y.{LIVE}.canary.test"))[1].touch
    assert touch is not None
    assert touch.tokens == (LIVE, DEAD)
    assert touch.detail["left"] == ["x", DEAD, "y"]


@pytest.mark.parametrize("name", ["www.canary.test", "canary.test", f"{FORGED}.canary.test"])
def test_noise_is_no_touch(name: str) -> None:
    assert answer(ask(name))[1].touch is None


@pytest.mark.parametrize(
    "name", ["canary.test", "kb.canary.test", "a.b.canary.test", "x.CANARY.test"]
)
def test_every_name_has_the_addresses(name: str) -> None:
    read, _ = answer(ask(name))
    assert texts(read.answer) == [f"{name}. A 192.0.2.1", f"{name}. A 192.0.2.2"]
    assert read.flags & dns.flags.AA
    assert texts(answer(ask(name, "AAAA"))[0].answer) == [f"{name}. AAAA 2001:db8::1"]


def test_the_apex_names_its_servers_with_their_addresses() -> None:
    read, _ = answer(ask("canary.test", "NS", use_edns=0), transport="tcp")
    assert texts(read.answer) == [
        "canary.test. NS ka.canary.test.",
        "canary.test. NS kb.canary.test.",
    ]
    assert {s.name.to_text() for s in read.additional} == {"ka.canary.test.", "kb.canary.test."}
    assert texts(answer(ask("canary.test", "SOA"))[0].answer) == [
        "canary.test. SOA ka.canary.test. hostmaster.canary.test. 2026010101 86400 7200 3600000 30"
    ]


@pytest.mark.parametrize("edns", [False, 0])
@pytest.mark.parametrize("count", [1, 2, 8])
def test_the_apex_is_no_amplifier(count: int, edns: int | bool) -> None:
    zone = dataclasses.replace(
        ZONE,
        addresses_v4=tuple(f"192.0.2.{n}" for n in range(count)),
        addresses_v6=tuple(f"2001:db8::{n}" for n in range(count)),
    )
    query = ask("canary.test", "NS", use_edns=edns)
    read, outcome = answer(query, zone)
    assert outcome.response and len(outcome.response) <= GLUE_FACTOR_MAX * len(query)
    assert len(read.answer[0]) == 2 and not read.flags & dns.flags.TC
    on_tcp, _ = answer(query, zone, transport="tcp")
    assert sum(len(rrset) for rrset in on_tcp.additional) == 4 * count
    few = dataclasses.replace(zone, addresses_v4=("192.0.2.1",), addresses_v6=())
    assert len(answer(query, few)[0].additional) == 2


@pytest.mark.parametrize("name", ["canary.test", "x.canary.test", f"{LIVE}.canary.test"])
def test_other_types_have_no_data(name: str) -> None:
    read, _ = answer(ask(name, "MX"))
    assert (read.rcode(), read.answer) == (dns.rcode.NOERROR, [])
    assert read.authority[0].rdtype == dns.rdatatype.SOA


def test_a_zone_without_addresses_of_a_family_has_no_data_there() -> None:
    read, _ = answer(ask("x.deep.canary.test", "AAAA"), INNER)
    assert (read.rcode(), read.answer, len(read.authority)) == (dns.rcode.NOERROR, [], 1)


def test_only_a_token_that_says_so_does_not_exist() -> None:
    for name in (GONE, f"x.{GONE}"):
        read, outcome = answer(ask(f"{name}.canary.test"))
        assert (read.rcode(), len(read.authority)) == (dns.rcode.NXDOMAIN, 1)
        assert outcome.touch is not None


@pytest.mark.parametrize("name", ["evilcanary.test", f"{LIVE}.evilcanary.test", "test", ".", "a.b"])
def test_names_of_others_are_refused_label_by_label(name: str) -> None:
    read, outcome = answer(ask(name))
    assert (read.rcode(), outcome.touch) == (dns.rcode.REFUSED, None)
    assert not read.flags & dns.flags.AA


def test_a_dot_inside_a_label_is_no_border() -> None:
    assert answer(ask(r"x\.canary.test"))[0].rcode() == dns.rcode.REFUSED


@pytest.mark.parametrize("zones", [(ZONE, INNER), (INNER, ZONE)])
def test_the_longest_zone_wins(zones: tuple[Zone, Zone]) -> None:
    for name in ("deep.canary.test", "x.deep.canary.test"):
        assert texts(answer(ask(name), *zones)[0].answer) == [f"{name}. A 198.51.100.1"]
    assert len(texts(answer(ask("x.canary.test"), *zones)[0].answer)) == 2
    touch = answer(ask(f"{LIVE}.deep.canary.test"), *zones)[1].touch
    assert touch is not None
    assert touch.detail["zone"] == "deep.canary.test"


def test_any_is_answered_with_addresses_of_one_family() -> None:
    read, outcome = answer(ask("canary.test", "ANY", use_edns=0, payload=4096))
    assert [s.rdtype for s in read.answer] == [dns.rdatatype.A]
    assert outcome.response is not None
    assert len(outcome.response) < 120


def test_certificate_challenges_are_answered() -> None:
    read, _ = answer(ask("_acme-challenge.canary.test", "TXT"))
    assert [r.strings for s in read.answer for r in s] == [(b"one",), (b"two",)]
    assert answer(ask("_acme-challenge.x.canary.test", "TXT"))[0].answer == []


def test_long_answers_are_cut_on_udp_only() -> None:
    zone = dataclasses.replace(ZONE, txt=lambda name: [str(n) * 255 for n in range(9)])
    packet = ask("_acme-challenge.canary.test", "TXT", use_edns=0, payload=65535)
    read, outcome = answer(packet, zone)
    assert outcome.response is not None
    assert len(outcome.response) <= UDP_SIZE_MAX
    assert read.flags & dns.flags.TC
    assert len(texts(answer(packet, zone, transport="tcp")[0].answer)) == 9


@pytest.mark.parametrize("name", ["x.CaNaRy.TeSt", f"{LIVE.upper()}.cAnArY.tEsT"])
def test_mixed_case_goes_back_as_it_came(name: str) -> None:
    packet = ask(name)
    outcome = answer(packet)[1]
    assert outcome.response is not None
    assert packet[12:] == outcome.response[12 : len(packet)]


def test_other_opcodes_are_not_implemented() -> None:
    for opcode in (1, 2, 4, 5, 15):
        header = struct.pack("!6H", 7, opcode << 11, 1, 0, 3, 0)
        read = make_front().answer(header + b"junk", "192.0.2.9", 1, "udp", "", NOW).response
        assert read is not None
        assert (read[3] & 15, read[2] >> 3 & 15) == (dns.rcode.NOTIMP, opcode)
    notify = dns.message.make_query(f"{LIVE}.canary.test", "SOA")
    notify.set_opcode(dns.opcode.NOTIFY)
    read_notify, outcome = answer(notify.to_wire())
    assert read_notify.rcode() == dns.rcode.NOTIMP
    assert outcome.touch is not None


def test_another_version_of_edns_is_refused_but_kept() -> None:
    read, outcome = answer(ask(f"{LIVE}.canary.test", use_edns=1))
    assert read.rcode() == dns.rcode.BADVERS
    assert outcome.touch is not None


def test_scraps_and_responses_get_nothing() -> None:
    front = make_front()
    packet = ask(f"{LIVE}.canary.test")
    for scrap in (b"", packet[:11], packet[:2] + b"\x81" + packet[3:]):
        assert front.answer(scrap, "192.0.2.9", 1, "udp", "", NOW) == (None, None)
    assert answer(packet[:-1])[0].rcode() == dns.rcode.FORMERR


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "Canary.test"},
        {"name": "canary.test."},
        {"addresses_v4": ("nonsense",)},
        {"addresses_v4": (), "addresses_v6": ()},
        {"ns": ()},
        {"ttl": -1},
    ],
)
def test_a_zone_that_cannot_be_served_is_said_so(wrong: dict[str, object]) -> None:
    with pytest.raises(OperatorError):
        dataclasses.replace(ZONE, **wrong)  # type: ignore[arg-type]


def test_a_zone_named_twice_is_said_so() -> None:
    with pytest.raises(OperatorError):
        make_front(ZONE, ZONE)


HEADS = [ask("x.canary.test")[:12], ask("x.canary.test", use_edns=0)[:12]]
QUERY_BYTES = st.one_of(
    st.binary(max_size=300),
    st.tuples(st.sampled_from(HEADS), st.binary(max_size=80)).map(b"".join),
    st.tuples(
        st.sampled_from(HEADS),
        st.binary(max_size=64),
        st.just(ask("canary.test")[12:]),
        st.binary(max_size=12),
    ).map(b"".join),
)
FRONT = make_front(ZONE, dataclasses.replace(INNER, name="other.test"))


@given(QUERY_BYTES)
def test_any_bytes_are_lawful(packet: bytes) -> None:
    outcome = FRONT.answer(packet, "192.0.2.9", 1, "udp", "", NOW)
    answer_both_ways(packet, ZONE)
    if outcome.response is not None:
        dns.message.from_wire(outcome.response)
        assert outcome.response[:2] == packet[:2]
        assert len(outcome.response) <= UDP_SIZE_MAX


@pytest.mark.parametrize("tail", [b"x", b"\0" * 30, b"\xc0\x0c\0\x01"])
def test_a_broken_query_is_a_touch_where_its_question_can_be_read(tail: bytes) -> None:
    packet = bytearray(ask(f"{LIVE}.canary.test") + tail)
    outcome = make_front().answer(bytes(packet), "192.0.2.9", 1, "udp", "", NOW)
    assert outcome.response is not None and outcome.response[3] & 15 == dns.rcode.FORMERR
    assert outcome.touch is not None and outcome.touch.tokens == (LIVE,)
    noise = make_front().answer(ask("x.canary.test") + tail, "192.0.2.9", 1, "udp", "", NOW)
    assert noise.touch is None and noise.response is not None
    assert noise.response[3] & 15 == dns.rcode.FORMERR


def test_the_timers_and_the_mailbox_of_a_zone_are_its_own() -> None:
    zone = dataclasses.replace(ZONE, mailbox="noc", times=(7200, 900, 604800))
    outcome = make_front(zone).answer(ask("canary.test", "SOA"), "192.0.2.9", 1, "udp", "", NOW)
    assert outcome.response is not None
    soa = dns.message.from_wire(outcome.response).answer[0][0]
    assert str(soa).split()[1:2] == ["noc.canary.test."]
    assert str(soa).split()[3:6] == ["7200", "900", "604800"]


def frame(packet: bytes) -> bytes:
    return len(packet).to_bytes(2, "big") + packet


def play(data: bytes, cuts: Sequence[int]) -> list[Command]:
    stream = DNSStream(make_front(), "203.0.113.9", 5353, "10.0.0.1:53")
    commands = list(stream.opened(NOW))
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    for begin, end in pairwise(edges):
        commands += stream.received(data[begin:end], NOW)
        if commands[-1] == Close():
            return commands
    return commands + list(stream.closed(NOW))


FRAMES = st.lists(
    st.sampled_from([ask(f"{LIVE}.canary.test"), ask("x.canary.test"), b"tiny", b"x" * 40]),
    max_size=5,
).map(lambda packets: b"".join(map(frame, packets)))


@given(FRAMES | st.binary(max_size=100), st.lists(st.integers(0, 300), max_size=6))
def test_cutting_a_stream_elsewhere_changes_nothing(data: bytes, cuts: list[int]) -> None:
    assert play(data, cuts) == play(data, [])


def test_queries_on_a_stream_are_answered_in_order_and_reported_first() -> None:
    first, second = ask(f"{LIVE}.canary.test"), ask("x.canary.test")
    wake = Wake(NOW + IDLE_TIMEOUT_S)
    match play(frame(first) + frame(second), []):
        case [Wake(), Report(touch), Send(one), Wake(), Noise(), Send(two), Wake(at)]:
            assert at == wake.at
            assert isinstance(touch, Touch)
            assert (touch.transport, touch.tokens) == ("tcp", (LIVE,))
            assert len(dns.message.from_wire(one[2:]).answer[0]) == 2
            assert dns.message.from_wire(two[2:]).question[0].name.to_text() == "x.canary.test."
        case other:
            pytest.fail(str(other))


@pytest.mark.parametrize("data", [b"\0\0", b"\0\x0b", b"\xff\xff", frame(b"\0\0\x80" + b"\0" * 9)])
def test_a_stream_of_something_else_is_closed(data: bytes) -> None:
    commands = play(data, [])[1:]
    assert commands[-1] == Close()
    assert not any(isinstance(command, Send) for command in commands)


def test_a_stream_ends_after_many_queries() -> None:
    commands = play(frame(ask("x.canary.test")) * (QUERIES_MAX + 5), [])
    assert sum(isinstance(command, Send) for command in commands) == QUERIES_MAX
    assert commands[-1] == Close()


def test_an_idle_stream_is_closed_however_it_drips() -> None:
    stream = DNSStream(make_front(), "203.0.113.9", 5353, "")
    assert stream.opened(NOW) == [Wake(NOW + IDLE_TIMEOUT_S)]
    assert stream.received(b"\0", NOW + 9) == []
    assert stream.woken(NOW + 9) == [Wake(NOW + IDLE_TIMEOUT_S)]
    assert stream.woken(NOW + IDLE_TIMEOUT_S) == [Close()]


def test_ids_are_found_with_every_key() -> None:
    keys = IdKeys(IdShape(20, KEYS.shape.alphabet), (b"n" * 32, *KEYS.keys))
    old = IdKeys(keys.shape, KEYS.keys).mint(CHANCE)
    front = DNSFront(keys, (ZONE,), "e")
    touch = front.answer(ask(f"{old}.canary.test"), "192.0.2.9", 1, "udp", "", NOW).touch
    assert touch is not None
    assert touch.tokens == (TokenId(old),)
