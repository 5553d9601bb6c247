"""Whether the addresses of the settings can be listened on, and in plain words why not."""

import errno
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Literal

from serinus.base.settings import Listen, Settings, read_listen

Transport = Literal["udp", "tcp"]

DNS_PORT = 53
PRIVILEGED_PORT_MAX = 1023

RESOLVED_REMEDY = (
    "On most Linux systems that is systemd-resolved: write DNSStubListener=no into "
    "/etc/systemd/resolved.conf and run `systemctl restart systemd-resolved`, or give --dns this "
    "machine's own address instead of every address"
)


@dataclass(frozen=True, slots=True)
class Place:
    """One socket that a setting asks for."""

    setting: str
    transport: Transport
    listen: Listen


@dataclass(frozen=True, slots=True)
class PortFault:
    """Why a place cannot be listened on, and what to do about it."""

    place: Place
    wrong: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.wrong} {self.remedy}."


def places(settings: Settings) -> Iterator[Place]:
    """Yield every socket that the processes will open."""
    for text in settings.dns:
        yield Place("dns", "udp", read_listen(text, "dns"))
        yield Place("dns", "tcp", read_listen(text, "dns"))
    for text in settings.http:
        yield Place("http", "tcp", read_listen(text, "http"))
    for text in settings.https:
        yield Place("https", "tcp", read_listen(text, "https"))
    yield Place("console", "tcp", read_listen(settings.console, "console"))


def find_port_faults(settings: Settings) -> list[PortFault]:
    """Open every socket at once and close them again; returns what could not be opened."""
    faults = []
    with ExitStack() as held:
        for place in places(settings):
            try:
                held.enter_context(_bind(place))
            except OSError as error:
                faults.append(explain_port(place, error))
    return faults


def _bind(place: Place) -> socket.socket:
    listen = place.listen
    family = socket.AF_INET6 if ":" in listen.address else socket.AF_INET
    stream = place.transport == "tcp"
    sock = socket.socket(family, socket.SOCK_STREAM if stream else socket.SOCK_DGRAM)
    try:
        if stream:
            # Connections of the last run that still linger are nobody's listener.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind((listen.address, listen.port))
        if stream:
            sock.listen(1)
    except OSError:
        sock.close()
        raise
    return sock


def explain_port(place: Place, error: OSError) -> PortFault:
    """Say in plain words why a place could not be listened on."""
    listen, flag = place.listen, f"--{place.setting}"
    where = f"{place.transport.upper()} port {listen.port} on {listen.address}"
    if error.errno == errno.EADDRINUSE:
        remedy = (
            RESOLVED_REMEDY
            if listen.port == DNS_PORT
            else f"Stop what listens there (`ss -lntup` names it) or give {flag} another port"
        )
        return PortFault(place, f"{flag}: {where} is taken by another program.", remedy)
    if error.errno in (errno.EACCES, errno.EPERM) and listen.port <= PRIVILEGED_PORT_MAX:
        return PortFault(
            place,
            f"{flag}: {where} needs a privilege that this user lacks.",
            "Use the units in deploy/, or run `sysctl net.ipv4.ip_unprivileged_port_start="
            f"{min(DNS_PORT, listen.port)}`, or give {flag} a port above {PRIVILEGED_PORT_MAX}",
        )
    if error.errno == errno.EADDRNOTAVAIL:
        return PortFault(
            place,
            f"{flag}: {listen.address} is not an address of this machine.",
            f"Give {flag} one that `ip address` shows, or 0.0.0.0 or [::] for all",
        )
    reason = os.strerror(error.errno) if error.errno else str(error)
    return PortFault(place, f"{flag}: {where} cannot be opened: {reason}.", f"Change {flag}")
