"""Asks a DNS server one question: UDP first, TCP where the answer was cut, a few tries in all."""

import socket
import struct
from pathlib import Path

from serinus.base.clock import monotonic_time
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError, RemoteProtocolError
from serinus.base.settings import Listen, read_listen
from serinus.wire.dns import Type
from serinus.wire.dns_client import Response, read_response, write_query

DNS_PORT = 53
TRIES = 3
WAIT_S = 4.0
"""For one try: a resolver that follows a new delegation asks several servers."""
DATAGRAM_SIZE_MAX = 65535
RESOLV_CONF = Path("/etc/resolv.conf")


def read_resolver(text: str) -> Listen:
    """Read `ADDRESS`, `ADDRESS:PORT` or `[IPV6]:PORT`; raises OperatorError."""
    bare = text if text.count(":") > 1 and not text.startswith("[") else None
    if bare is not None or (":" not in text.rpartition("]")[2]):
        address = (bare or text).strip("[]")
        text = f"[{address}]:{DNS_PORT}" if ":" in address else f"{address}:{DNS_PORT}"
    return read_listen(text, "resolver")


def system_resolver(path: Path = RESOLV_CONF) -> Listen | None:
    """Return the first name server of resolv.conf(5), or None without one that can be read."""
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return None
    for line in lines:
        words = line.split()
        if len(words) >= 2 and words[0] == "nameserver":
            try:
                return read_resolver(words[1])
            except OperatorError:
                continue
    return None


def ask(
    server: Listen, name: str, type_: Type, *, recursion: bool = True, tcp: bool = False
) -> Response:
    """Return the server's response to a question.

    Raises:
        OSError: There was none; TimeoutError when it kept silent.
        RemoteProtocolError: It was none that can be read.
    """
    query = write_query(int.from_bytes(system_entropy(2), "big"), name, type_, recursion=recursion)
    if not tcp:
        response = _ask_udp(server, query)
        if not response.truncated:
            return response
    return _ask_tcp(server, query)


def _ask_udp(server: Listen, query: bytes) -> Response:
    fault: OSError | RemoteProtocolError = TimeoutError("no answer in time")
    for _ in range(TRIES):
        with socket.socket(_family(server), socket.SOCK_DGRAM) as sock:
            # Connected, so that the kernel takes answers from that server alone.
            sock.connect((server.address, server.port))
            sock.send(query)
            deadline = monotonic_time() + WAIT_S
            while (left := deadline - monotonic_time()) > 0:
                sock.settimeout(left)
                try:
                    return read_response(sock.recv(DATAGRAM_SIZE_MAX), query)
                except RemoteProtocolError as error:
                    fault = error  # A stray datagram; the right one may follow.
                except OSError as error:
                    fault = error
                    break
    raise fault


def _ask_tcp(server: Listen, query: bytes) -> Response:
    with socket.socket(_family(server), socket.SOCK_STREAM) as sock:
        sock.settimeout(WAIT_S)
        sock.connect((server.address, server.port))
        sock.sendall(struct.pack("!H", len(query)) + query)
        with sock.makefile("rb") as stream:
            head = stream.read(2)
            size = int.from_bytes(head, "big")
            packet = stream.read(size)
    if len(head) != 2 or len(packet) != size:
        raise RemoteProtocolError("the connection ended within an answer")
    return read_response(packet, query)


def _family(server: Listen) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in server.address else socket.AF_INET
