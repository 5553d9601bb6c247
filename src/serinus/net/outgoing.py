"""The guard of outgoing connections: names become addresses once, and only checked ones are used.

Rules:
- One forbidden address among a name's addresses refuses the name: an honest public name has none.
- What was checked is what is connected to; there is no second resolution for a name server to
  answer otherwise (DNS rebinding).
- The system's resolver reads decimal, octal and hexadecimal hosts, and the check is on its answer.
"""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from threading import Timer

from serinus.base.errors import OperatorError
from serinus.base.untrusted import readable

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

ADDRESSES_MAX = 8
"""Addresses of one name that are tried; a name with more is no ordinary server."""

METADATA = frozenset(
    map(
        ip_address,
        (
            "169.254.169.254",  # AWS, Azure, Google Cloud, Oracle, DigitalOcean
            "169.254.170.2",  # AWS ECS credentials
            "100.100.100.200",  # Alibaba Cloud
            "168.63.129.16",  # Azure's host, in public address space
            "192.0.0.192",  # Oracle Cloud Classic
            "fd00:ec2::254",  # AWS over IPv6
        ),
    )
)
_TRANSLATED = tuple(
    map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96"))
)
"""NAT64 (RFC 6052, RFC 8215), 6to4, Teredo and IPv4-compatible: they lead to an IPv4 address."""


def read_networks(texts: Sequence[str]) -> tuple[IPNetwork, ...]:
    """Return the networks of the setting outgoing_allow."""
    return tuple(ip_network(text, strict=False) for text in texts)


def refusal(address: IPAddress) -> str | None:
    """Return what an address is that alerts may not go to, or None where they may."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None:
        return f"IPv4-mapped, {refusal(mapped) or 'public'}"
    if address in METADATA:
        return "a cloud's metadata service"
    if address.is_unspecified:
        return "unspecified"
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if isinstance(address, IPv6Address) and any(address in network for network in _TRANSLATED):
        return "translated to IPv4"
    if address.is_private or (isinstance(address, IPv6Address) and address.is_site_local):
        return "private"
    if address.is_reserved or not address.is_global:
        return "reserved"
    return None


def resolve_allowed(host: str, port: int, allow: Sequence[IPNetwork]) -> tuple[IPAddress, ...]:
    """Return the addresses of `host`, each of which alerts may go to.

    Raises:
        OperatorError: The host cannot be read, or an address is refused; names it and the remedy.
        OSError: The name cannot be resolved now.
    """
    shown = readable(host, 253)
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, 0, socket.SOCK_STREAM)
    except (UnicodeError, ValueError):
        raise OperatorError(f"{shown!r} is not a host name or an address.", "host") from None
    addresses: dict[IPAddress, None] = {}
    for _, _, _, _, target in found:
        address = ip_address(str(target[0]).partition("%")[0])
        addresses[address] = None
    for address in addresses:
        what = refusal(address)
        if what is not None and not any(address in network for network in allow):
            raise OperatorError(
                f"Alerts are not sent to {shown}: its address {address} is {what}. If that is "
                "meant, name its network in the setting outgoing_allow.",
                "outgoing_allow",
            )
    return tuple(addresses)[:ADDRESSES_MAX]


def connect_allowed(
    host: str, port: int, allow: Sequence[IPNetwork], timeout_s: float
) -> socket.socket:
    """Return a TCP connection to the first address of `host` that takes it.

    Raises:
        OperatorError: As `resolve_allowed`.
        OSError: Nothing was reached; the fault of the last address.
    """
    fault: OSError = OSError(f"{readable(host, 253)} has no address")
    for address in resolve_allowed(host, port, allow):
        try:
            connection = socket.create_connection((str(address), port), timeout_s)
        except OSError as error:
            fault = error
            continue
        # Head and body are two segments: the second would wait 40 ms for the first one's ACK.
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection
    raise fault


@contextmanager
def time_limit(connection: socket.socket, seconds: float) -> Iterator[None]:
    """Shut the connection down after `seconds`: a socket's own timeout only bounds each read.

    It holds a descriptor of its own, so that it also works while TLS is wrapped around the socket.
    """
    held = socket.socket(fileno=os.dup(connection.fileno()))

    def shut() -> None:
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # It was over already.

    timer = Timer(seconds, shut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        held.close()
