import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.flags
import dns.message
import dns.rrset
import pytest

from clients.ground import free_port
from serinus.base.errors import OperatorError, RemoteProtocolError
from serinus.base.settings import Listen
from serinus.net.resolver import ask, read_resolver, system_resolver
from serinus.wire.dns import Type

NAME = "files.example"


@contextmanager
def server(answer: Callable[[bytes], list[bytes]], stream: bytes | None = None) -> Iterator[Listen]:
    """A name server of one question over UDP, and over TCP where `stream` is given."""
    with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        where = ("127.0.0.1", free_port())
        udp.bind(where)
        tcp.bind(where)
        tcp.listen()

        def serve() -> None:
            packet, peer = udp.recvfrom(4096)
            for reply in answer(packet):
                udp.sendto(reply, peer)
            if stream is not None:
                connection, _ = tcp.accept()
                with connection:
                    query = connection.recv(4096)[2:]
                    connection.sendall(stream or _framed(full(query)))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield Listen("127.0.0.1", udp.getsockname()[1])
        thread.join(10)


def full(query: bytes) -> bytes:
    reply = dns.message.make_response(dns.message.from_wire(query))
    reply.answer = [dns.rrset.from_text(f"{NAME}.", 60, "IN", "A", "192.0.2.7")]
    return reply.to_wire()


def cut(query: bytes) -> bytes:
    reply = dns.message.make_response(dns.message.from_wire(query))
    reply.flags |= dns.flags.TC
    return reply.to_wire()


def _framed(packet: bytes) -> bytes:
    return struct.pack("!H", len(packet)) + packet


def test_an_answer_is_read() -> None:
    with server(lambda query: [full(query)]) as where:
        assert ask(where, NAME, Type.A).texts(Type.A) == ("192.0.2.7",)


def test_a_stray_datagram_is_passed_over() -> None:
    with server(lambda query: [b"stray", full(query)]) as where:
        assert ask(where, NAME, Type.A).texts(Type.A) == ("192.0.2.7",)


def test_what_was_cut_is_asked_for_on_tcp() -> None:
    with server(lambda query: [cut(query)], stream=b"") as where:
        assert ask(where, NAME, Type.A).texts(Type.A) == ("192.0.2.7",)


def test_a_connection_that_ends_early_is_a_fault() -> None:
    with (
        server(lambda query: [cut(query)], stream=b"\0\x50half") as where,
        pytest.raises(RemoteProtocolError, match="ended within"),
    ):
        ask(where, NAME, Type.A)


def test_where_nobody_listens_it_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        ask(Listen("127.0.0.1", port), NAME, Type.A)


@pytest.mark.parametrize(
    ("text", "address", "port"),
    [
        ("192.0.2.1", "192.0.2.1", 53),
        ("192.0.2.1:5353", "192.0.2.1", 5353),
        ("2001:db8::1", "2001:db8::1", 53),
        ("[2001:db8::1]", "2001:db8::1", 53),
        ("[2001:db8::1]:54", "2001:db8::1", 54),
    ],
)
def test_a_resolver_is_an_address_with_or_without_port(text: str, address: str, port: int) -> None:
    assert read_resolver(text) == Listen(address, port)


@pytest.mark.parametrize("text", ["", "dns.example", "192.0.2.1:x", "[::1", ":53"])
def test_what_is_no_resolver_is_refused_by_name(text: str) -> None:
    with pytest.raises(OperatorError) as caught:
        read_resolver(text)
    assert caught.value.field == "resolver"


def test_the_systems_resolver_is_the_first_that_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    assert system_resolver(path) is None
    path.write_text("# none\nsearch example\nnameserver\nnameserver x\nnameserver fe80::1%eth0\n")
    assert system_resolver(path) == Listen("fe80::1%eth0", 53)
    path.write_text("")
    assert system_resolver(path) is None
