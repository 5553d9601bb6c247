"""The guard against connections into our own networks."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.net.outgoing import connect_allowed, read_networks, refusal, resolve_allowed

REFUSED = [
    "127.0.0.1",
    "127.9.9.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.1.1",
    "169.254.169.254",
    "100.100.100.200",
    "168.63.129.16",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::1",
    "fe80::1",
    "fc00::1",
    "fd00:ec2::254",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::1",
    "2002:7f00:1::1",
    "2001:0:1::1",
    "::7f00:1",
    "2001:db8::1",
]


@contextmanager
def names(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> Iterator[list[str]]:
    """Stand in for the name server of the world outside, which tests may not ask."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: Any) -> list[Any]:
        asked.append(host)
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", getaddrinfo)
        yield asked


@pytest.mark.parametrize("address", REFUSED)
def test_addresses_of_our_own_are_refused(address: str) -> None:
    assert refusal(ip_address(address)) is not None
    with pytest.raises(OperatorError) as caught:
        resolve_allowed(address, 80, ())
    assert "outgoing_allow" in caught.value.sentence


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111"])
def test_public_addresses_are_allowed(address: str) -> None:
    assert resolve_allowed(address, 443, ()) == (ip_address(address),)


@pytest.mark.parametrize(
    "host", ["2130706433", "0177.0.0.1", "0x7f000001", "127.1", "localhost", "0", "[::1]"]
)
def test_every_way_to_write_loopback_is_refused(host: str) -> None:
    with pytest.raises(OperatorError, match="Alerts are not sent"):
        resolve_allowed(host, 80, ())


def test_a_name_that_leads_to_loopback_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with names(monkeypatch, "8.8.8.8", "127.0.0.1"), pytest.raises(OperatorError) as caught:
        resolve_allowed("evil.example.net", 80, ())
    assert "evil.example.net" in caught.value.sentence and "127.0.0.1" in caught.value.sentence


def test_a_network_can_be_allowed() -> None:
    allow = read_networks(["127.0.0.0/8"])
    assert resolve_allowed("127.0.0.1", 80, allow) == (ip_address("127.0.0.1"),)
    with pytest.raises(OperatorError):
        resolve_allowed("10.0.0.1", 80, allow)


@pytest.mark.parametrize("host", ["a" * 300, "a..b"])
def test_what_is_no_host_is_said_to_be_none(host: str) -> None:
    with pytest.raises(OperatorError, match="not a host name"):
        resolve_allowed(host, 80, ())


def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with names(monkeypatch, "127.0.0.1") as asked:
            allow = read_networks(["127.0.0.1/32"])
            with connect_allowed("name.example.net", port, allow, 5) as made:
                assert made.getpeername() == ("127.0.0.1", port)
        assert [host for host in asked if not host[0].isdigit()] == ["name.example.net"]
