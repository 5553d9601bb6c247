"""Bad input on every port of the edge: a lawful answer or a closed connection, and no growth."""

import random
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import dns.message
import pytest

from clients.ground import until
from clients.lone_edge import ZONE, LoneEdge, running

SEED = 20260301
PATIENCE_S = 30.0
"""How long a peer waits for an answer or a close; every bound of the edge below it is shorter."""
GROWTH_MAX = 48 * 1024 * 1024
"""Bytes that the process may have grown by after a test's load."""


@pytest.fixture(scope="module")
def edge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LoneEdge]:
    with running(tmp_path_factory.mktemp("robust") / "data") as found:
        yield found


def talk(port: int, data: bytes, tls: bool = False, end: bool = True) -> bytes:
    """Send bytes, say that this was all, return what comes until the close."""
    with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as sock:
        stream = wrap(sock) if tls else sock
        try:
            stream.sendall(data)
            if end and not tls:
                sock.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: stream.recv(65536), b""))
        except (ConnectionError, ssl.SSLError):
            return b""


def wrap(sock: socket.socket) -> ssl.SSLSocket:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(sock, server_hostname=f"a.{ZONE}")


def lawful(said: bytes) -> bool:
    """Whether bytes are nothing, an HTTP answer, a TLS record or a body alone (HTTP/0.9)."""
    return said == b"" or said.startswith((b"HTTP/1.1 ", b"\x15\x03", b"<", b"GIF"))


def alive(edge: LoneEdge) -> None:
    """A hit still gets its answer on every port, and is kept."""
    token, before = edge.mint(), len(edge.touches())
    assert talk(edge.http, f"GET /{token} HTTP/1.0\r\n\r\n".encode()).startswith(b"HTTP/1.1 200")
    request = f"GET /{token} HTTP/1.0\r\n\r\n".encode()
    assert talk(edge.https, request, tls=True).startswith(b"HTTP/1.1 200")
    assert "127.0.0.1" in edge.dig(f"{token}.{ZONE}", "+short")
    assert "127.0.0.1" in edge.dig(f"{token}.{ZONE}", "+short", "+tcp")
    assert len(edge.touches()) == before + 4


def random_streams(count: int) -> Iterator[bytes]:
    chance = random.Random(SEED)
    begins = (
        b"",
        b"GET / HTTP/1.1\r\n",
        b"\x16\x03\x01",
        b"POST /x HTTP/1.1\r\nHost: a\r\n",
        b"\0\x20",
    )
    for _ in range(count):
        yield chance.choice(begins) + chance.randbytes(chance.randrange(1, 600))


def hold_random(edge: LoneEdge, count: int) -> None:
    for data in random_streams(count):
        assert lawful(talk(edge.http, data)), data
        assert lawful(talk(edge.https, data)), data
        answer = talk(edge.dns, data)
        while answer:
            size = int.from_bytes(answer[:2], "big")
            dns.message.from_wire(answer[2 : 2 + size])
            answer = answer[2 + size :]
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", edge.dns))
        for data in random_streams(count * 10):
            sock.send(data)
    alive(edge)


def test_random_bytes_get_a_lawful_answer_or_a_close(edge: LoneEdge) -> None:
    hold_random(edge, 40)


@pytest.mark.slow
def test_many_random_bytes_get_a_lawful_answer_or_a_close(edge: LoneEdge) -> None:
    hold_random(edge, 3000)


LOOPS = {
    "itself": b"\xc0\x0c",
    "forwards": b"\xc0\x20",
    "the header": b"\xc0\x00",
    "back and forth": b"\x01a\xc0\x0c",
    "past the end": b"\xff\xff",
    "an endless label": b"\x3f" + b"a" * 10,
}


@pytest.mark.parametrize("name", LOOPS)
def test_compression_loops_are_refused_at_once(edge: LoneEdge, name: str) -> None:
    packet = struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + LOOPS[name] + b"\0\1\0\1"
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.settimeout(PATIENCE_S)
        sock.connect(("127.0.0.1", edge.dns))
        sock.send(packet)
        answer = dns.message.from_wire(sock.recv(4096))
    assert dns.rcode.to_text(answer.rcode()) == "FORMERR"
    alive(edge)


HTTP_BAD: dict[str, Callable[[], bytes]] = {
    "a huge body": lambda: (
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 2**21
    ),
    "a huge chunk": lambda: (
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\n"
        + b"x" * 2**21
    ),
    "many small chunks": lambda: (
        b"POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\nx\r\n" * 2**19
        + b"0\r\n\r\n"
    ),
    "many headers": lambda: b"GET / HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 100_000 + b"\r\n",
    "a long header": lambda: b"GET / HTTP/1.1\r\nHost: a\r\nA: " + b"b" * 2**22 + b"\r\n\r\n",
    "a long line": lambda: b"GET /" + b"b" * 2**22 + b" HTTP/1.1\r\n\r\n",
    "blank lines": lambda: b"\r\n" * 2**20,
    "a nul flood": lambda: b"\0" * 2**22,
}


@pytest.mark.parametrize("name", HTTP_BAD)
@pytest.mark.parametrize("tls", [False, True])
def test_bombs_are_refused_in_bounded_memory(edge: LoneEdge, name: str, tls: bool) -> None:
    data, before = HTTP_BAD[name](), edge.memory()
    said = talk(edge.https if tls else edge.http, data, tls, end=False)
    assert lawful(said)
    assert edge.memory() - before < GROWTH_MAX
    alive(edge)


def test_pipelined_requests_are_all_answered_and_kept(edge: LoneEdge) -> None:
    token, before = edge.mint(), len(edge.touches())
    request = f"GET /{token} HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    last = f"GET /{token} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    for tls in (False, True):
        said = talk(edge.https if tls else edge.http, request * 50 + last, tls)
        assert said.count(b"HTTP/1.1 200") == 51
    assert len(edge.touches()) == before + 102


def test_many_streams_of_dns_in_one_connection_are_answered_in_order(edge: LoneEdge) -> None:
    queries = [dns.message.make_query(f"{number}.{ZONE}", "A", id=number) for number in range(60)]
    wires = [query.to_wire() for query in queries]
    said = talk(edge.dns, b"".join(struct.pack("!H", len(wire)) + wire for wire in wires))
    ids = []
    while said:
        size = int.from_bytes(said[:2], "big")
        ids.append(dns.message.from_wire(said[2 : 2 + size]).id)
        said = said[2 + size :]
    assert ids == list(range(60))


def hold_idle(edge: LoneEdge, count: int, tls: bool) -> None:
    """Hold many connections open that have begun a request and never end it."""
    before = edge.memory()
    with ExitStack() as held:
        for _ in range(count):
            sock = held.enter_context(
                socket.create_connection(
                    ("127.0.0.1", edge.https if tls else edge.http), PATIENCE_S
                )
            )
            stream = wrap(sock) if tls else sock
            held.callback(stream.close)
            stream.sendall(b"GET /slow HTTP/1.1\r\nHost")
        grown = (edge.memory() - before) / count
        alive(edge)
    assert grown < (48 if tls else 8) * 1024, f"{grown:.0f} bytes a connection"
    until(lambda: talk(edge.http, b"GET / HTTP/1.0\r\n\r\n"), "an answer")


@pytest.mark.parametrize("tls", [False, True])
def test_hundreds_of_idle_connections_cost_little(edge: LoneEdge, tls: bool) -> None:
    hold_idle(edge, 300, tls)


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True])
def test_thousands_of_idle_connections_cost_little(edge: LoneEdge, tls: bool) -> None:
    hold_idle(edge, 3000 if tls else 10_000, tls)


@pytest.mark.slow
@pytest.mark.parametrize("tls", [False, True])
def test_a_slow_loris_is_closed_in_bounded_time_and_its_id_is_kept(
    edge: LoneEdge, tls: bool
) -> None:
    token, before = edge.mint(), len(edge.touches())
    with socket.create_connection(("127.0.0.1", edge.https if tls else edge.http)) as sock:
        stream = wrap(sock) if tls else sock
        stream.sendall(f"GET /{token} HTTP/1.1\r\n".encode())
        deadline = time.monotonic() + PATIENCE_S
        stream.settimeout(0.5)
        while time.monotonic() < deadline:
            try:
                stream.sendall(b"A: b\r\n")
                if not stream.recv(100):
                    break
            except TimeoutError:
                continue
            except OSError:
                break
        else:
            pytest.fail("a slow loris is still served")
    until(lambda: len(edge.touches()) > before, "the touch")
    assert edge.touches()[-1].tokens == (token,)
