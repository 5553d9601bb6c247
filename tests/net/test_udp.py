"""What carries datagrams: one suite for both ways of doing it, over loopback."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from serinus.base.settings import Listen
from serinus.net.udp import (
    DATAGRAM_SIZE_MAX,
    DRAIN_MAX,
    RECEIVE_BUFFER_SIZE,
    SOURCES_MAX,
    Carrier,
    ManyCarrier,
    SingleCarrier,
    bind_udp,
    open_carrier,
)

WAIT_S = 5.0


class Line:
    """A carrier, and clients that are connected to its socket."""

    def __init__(self, make: Callable[[socket.socket], Carrier], address: str) -> None:
        self._stack = ExitStack()
        self.server = self._stack.enter_context(bind_udp(Listen(address, 0)))
        self.carrier = make(self.server)
        self.clients = [self._client() for _ in range(3)]

    def _client(self) -> socket.socket:
        client = self._stack.enter_context(socket.socket(self.server.family, socket.SOCK_DGRAM))
        client.settimeout(WAIT_S)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_SIZE)
        client.connect(self.server.getsockname())
        return client

    def received(self) -> list[tuple[bytes, str, int, Any]]:
        """Return what arrived of what the clients sent; on loopback it is there at once."""
        return self.carrier.receive()

    def close(self) -> None:
        self._stack.close()


@pytest.fixture(params=["127.0.0.1", "::1"])
def address(request: pytest.FixtureRequest) -> str:
    if request.param == "::1" and not socket.has_dualstack_ipv6():
        pytest.skip("there is no IPv6 here")
    return str(request.param)


@pytest.fixture(params=[SingleCarrier, ManyCarrier])
def line(request: pytest.FixtureRequest, address: str) -> Iterator[Line]:
    if request.param is ManyCarrier and not sys.platform.startswith("linux"):
        pytest.skip("recvmmsg is a call of Linux")
    line = Line(request.param, address)
    yield line
    line.close()


def test_each_datagram_comes_with_its_source_and_each_answer_reaches_it(line: Line) -> None:
    sent = [b"one", b"", b"three" * 200]
    for client, data in zip(line.clients, sent, strict=True):
        client.send(data)
    found = line.received()
    assert [(data, source, port) for data, source, port, _ in found] == [
        (data, *client.getsockname()[:2]) for client, data in zip(line.clients, sent, strict=True)
    ]
    line.carrier.send([(b"to " + data, peer) for data, _, _, peer in reversed(found)])
    assert [client.recv(2000) for client in line.clients] == [b"to " + data for data in sent]
    assert line.received() == []


def test_a_drain_takes_so_many_and_leaves_the_rest_for_the_next(line: Line) -> None:
    sent = [f"{number}".encode() for number in range(DRAIN_MAX + 9)]
    for data in sent:
        line.clients[0].send(data)
    first = line.received()
    assert len(first) == DRAIN_MAX
    found = first + line.received()
    assert [data for data, *_ in found] == sent
    line.carrier.send([(data, peer) for data, _, _, peer in found])
    assert [line.clients[0].recv(99) for _ in sent] == sent


def test_an_answer_that_cannot_be_sent_keeps_none_of_the_others_back(line: Line) -> None:
    for client in line.clients:
        client.send(b"q")
    peers = [peer for *_, peer in line.received()]
    nowhere = peers[1][:2] + b"\0\0" + peers[1][4:] if isinstance(peers[1], bytes) else None
    broken = nowhere or (peers[1][0], 0, *peers[1][2:])
    line.carrier.send([(b"-", broken), (b"a", peers[0]), (b"-", broken), (b"-", broken)])
    too_long = b"x" * (DATAGRAM_SIZE_MAX + 1)
    line.carrier.send([(too_long, peers[0]), (b"c", peers[2]), (b"-", broken)])
    line.carrier.send([(b"b", peers[0])])
    assert [line.clients[0].recv(9999) for _ in range(2)] == [b"a", b"b"]
    assert line.clients[2].recv(9999) == b"c"


def test_a_longer_datagram_is_cut_and_shows_nothing_of_another(line: Line) -> None:
    for data in (b"x" * (DATAGRAM_SIZE_MAX + 50), b"y", b"z" * DATAGRAM_SIZE_MAX):
        line.clients[0].send(data)
    found = [data for data, *_ in line.received()]
    assert found == [b"x" * DATAGRAM_SIZE_MAX, b"y", b"z" * DATAGRAM_SIZE_MAX]
    line.clients[0].send(b"short")
    assert [data for data, *_ in line.received()] == [b"short"]


def test_a_closed_socket_neither_gives_nor_takes(line: Line) -> None:
    line.clients[0].send(b"q")
    [(_, _, _, peer)] = line.received()
    line.server.close()
    # Another descriptor may have the number by now: nothing may be sent through it.
    with socket.socket(line.clients[0].family, socket.SOCK_DGRAM):
        line.carrier.send([(b"late", peer)])
        assert line.received() == []
    line.clients[0].setblocking(False)
    with pytest.raises(OSError):
        line.clients[0].recv(9)


def test_an_icmp_error_ends_nothing(line: Line) -> None:
    for client in line.clients[:2]:
        client.send(b"q")
    gone, there = [peer for *_, peer in line.received()]
    line.clients[0].close()
    line.carrier.send([(b"a", gone), (b"b", there), (b"c", gone)])
    line.clients[1].send(b"again")
    assert line.clients[1].recv(9) == b"b"
    assert [data for data, *_ in line.received() or line.received()] == [b"again"]


def test_where_the_system_has_no_such_calls_each_datagram_takes_its_own() -> None:
    with bind_udp(Listen("127.0.0.1", 0)) as sock:
        if sys.platform.startswith("linux"):
            assert isinstance(open_carrier(sock), ManyCarrier)
    # Of a closed socket the calls cannot be tried, as where they are missing or forbidden.
    assert isinstance(open_carrier(sock), SingleCarrier)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the layout is that of Linux")
def test_the_text_of_an_address_is_what_python_says_and_few_are_remembered() -> None:
    with bind_udp(Listen("::1", 0)) as sock:
        carrier = ManyCarrier(sock)
        scope, port = (1).to_bytes(4, sys.byteorder), b"\0\x35"
        link = socket.inet_pton(socket.AF_INET6, "fe80::7")
        peer = b"\x0a\0" + port + bytes(4) + link + scope
        assert carrier._source(peer) == f"fe80::7%{socket.if_indextoname(1)}"
        for number in range(SOURCES_MAX + 10):
            address = socket.inet_pton(socket.AF_INET6, f"2001:db8::{number:x}")
            text = carrier._source(b"\x0a\0" + port + bytes(4) + address + bytes(4))
            assert text == socket.inet_ntop(socket.AF_INET6, address)
        assert len(carrier._sources) <= SOURCES_MAX
