"""Resolvers that find the real DNS front, and resolvers that do not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import dns.message
import dns.rcode
import dns.rrset
import pytest

from clients.ground import free_port
from serinus.base.entropy import system_entropy
from serinus.base.ids import draw_keys
from serinus.base.settings import Listen, Settings
from serinus.edge.dns import DNSFront, Zone
from serinus.model.front import Front, draw_front
from serinus.programs.doctor.check import Health
from serinus.programs.doctor.delegation import (
    check_addresses,
    check_delegation,
    delegation_records,
    is_own_address,
)

ZONE = "files.example"
FRONT = replace(draw_front(system_entropy, 1_700_000_000), name_servers=("ns1", "ns2"))
SETTINGS = Settings(domain=(ZONE,), address=("192.0.2.7", "2001:db8::7"))
Answer = Callable[[bytes], bytes]


@contextmanager
def resolver(answer: Answer) -> Iterator[Listen]:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))

        def serve() -> None:
            while (packet := sock.recvfrom(4096))[0] != b"end":
                sock.sendto(answer(packet[0]), packet[1])

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Listen(*sock.getsockname())
        with socket.socket(type=socket.SOCK_DGRAM) as ending:
            ending.sendto(b"end", sock.getsockname())
        thread.join(10)


def of_front(front: Front, settings: Settings = SETTINGS) -> Answer:
    """Answer as a resolver does that finds this deployment."""
    zone = Zone(
        ZONE,
        tuple(map(str, settings.addresses_v4)),
        tuple(map(str, settings.addresses_v6)),
        front.serial,
        front.name_servers,
        front.ttl,
    )
    served = DNSFront(draw_keys(system_entropy), [zone], "e")
    return lambda packet: served.answer(packet, "127.0.0.1", 1, "udp", "x:53", 0.0)[0] or b""


def refusing(code: str) -> Answer:
    def answer(packet: bytes) -> bytes:
        reply = dns.message.make_response(dns.message.from_wire(packet))
        reply.set_rcode(dns.rcode.from_text(code))
        return reply.to_wire()

    return answer


def test_the_records_to_add_name_every_server_and_its_glue() -> None:
    assert delegation_records(SETTINGS, FRONT, ZONE) == (
        f"{ZONE}. 3600 IN NS ns1.{ZONE}.",
        f"{ZONE}. 3600 IN NS ns2.{ZONE}.",
        f"ns1.{ZONE}. 3600 IN A 192.0.2.7",
        f"ns1.{ZONE}. 3600 IN AAAA 2001:db8::7",
        f"ns2.{ZONE}. 3600 IN A 192.0.2.7",
        f"ns2.{ZONE}. 3600 IN AAAA 2001:db8::7",
    )


def test_a_resolver_that_finds_us_is_in_order() -> None:
    with resolver(of_front(FRONT)) as where:
        check = check_delegation(SETTINGS, FRONT, ZONE, where, None)
    assert check.health is Health.OK, check.sentence


@pytest.mark.parametrize("code", ["NXDOMAIN", "SERVFAIL", "REFUSED", "NOERROR"])
def test_a_zone_that_nobody_finds_is_told_with_the_records_to_add(code: str) -> None:
    with resolver(refusing(code)) as where:
        check = check_delegation(SETTINGS, FRONT, ZONE, where, None)
    assert check.health is Health.FAIL
    assert code in check.sentence
    assert check.remedy == (
        "At whoever runs example, add:",
        *delegation_records(SETTINGS, FRONT, ZONE),
    )


def test_another_server_under_our_name_is_found_out() -> None:
    other = replace(FRONT, serial=FRONT.serial ^ 1)
    with resolver(of_front(other)) as where:
        check = check_delegation(SETTINGS, FRONT, ZONE, where, None)
    assert check.health is Health.FAIL
    assert "answered by another server" in check.sentence


def test_other_name_servers_are_told() -> None:
    with resolver(of_front(replace(FRONT, name_servers=("old1", "old2")))) as where:
        check = check_delegation(SETTINGS, FRONT, ZONE, where, None)
    assert check.health is Health.FAIL
    assert f"are old1.{ZONE}, old2.{ZONE}; they must be ns1.{ZONE}, ns2.{ZONE}" in check.sentence


@pytest.mark.parametrize("address", [("192.0.2.8", "2001:db8::7"), ("192.0.2.7",)])
def test_other_addresses_are_told(address: tuple[str, ...]) -> None:
    with resolver(of_front(FRONT, replace(SETTINGS, address=address))) as where:
        check = check_delegation(SETTINGS, FRONT, ZONE, where, None)
    assert check.health is Health.FAIL
    assert f"ns1.{ZONE} leads to" in check.sentence


def test_a_resolver_that_is_not_there_and_none_at_all_are_told_apart() -> None:
    gone = Listen("127.0.0.1", free_port())
    check = check_delegation(SETTINGS, FRONT, ZONE, gone, None)
    assert check.health is Health.FAIL
    assert str(gone) in check.sentence
    assert check_delegation(SETTINGS, FRONT, ZONE, None, None).health is Health.SKIPPED


def test_a_zone_for_trials_is_not_asked_for_unless_a_resolver_is_named() -> None:
    nobody = Listen("127.0.0.1", free_port())
    assert check_delegation(SETTINGS, FRONT, ZONE, None, nobody).health is Health.WARN


@pytest.mark.parametrize(
    ("settings", "health", "words"),
    [
        (Settings(), Health.WARN, "127.0.0.1 is no public address"),
        (Settings(address=("9.9.9.9",)), Health.WARN, "listen on this machine alone"),
        (
            Settings(address=("9.9.9.9",), dns=("0.0.0.0:53",)),
            Health.OK,
            "is not an address of this machine",
        ),
    ],
)
def test_addresses_are_held_against_this_machine(
    settings: Settings, health: Health, words: str
) -> None:
    check = check_addresses(settings)
    assert check.health is health
    assert words in check.sentence


def test_this_machines_own_addresses_are_known() -> None:
    assert is_own_address("127.0.0.1")
    assert not is_own_address("192.0.2.1")
