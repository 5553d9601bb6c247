"""Whether the world finds this deployment, and which records it needs for that."""

import socket
from ipaddress import ip_address

from serinus.base.entropy import system_entropy
from serinus.base.errors import RemoteProtocolError
from serinus.base.settings import Listen, Settings, read_listen
from serinus.model.front import Front
from serinus.net.resolver import ask
from serinus.programs.doctor.check import Check, fail, ok, skipped, warn
from serinus.wire.dns import Type

RECORD_TTL_S = 3600
TRIAL_ZONES = ("localhost", "test", "example", "invalid", "internal", "local")
"""Nobody can delegate these (RFC 6761, RFC 6762, ICANN's .internal)."""


def delegation_records(settings: Settings, front: Front, zone: str) -> tuple[str, ...]:
    """Return the records that the zone above needs, in the form of a zone file (RFC 1035 §5)."""
    hosts = [f"{label}.{zone}." for label in front.name_servers]
    servers = [f"{zone}. {RECORD_TTL_S} IN NS {host}" for host in hosts]
    glue = [
        f"{host} {RECORD_TTL_S} IN {'A' if ip_address(a).version == 4 else 'AAAA'} {a}"
        for host in hosts
        for a in settings.address
    ]
    return (*servers, *glue)


def check_addresses(settings: Settings) -> Check:
    """Hold the public addresses against this machine's own and the listeners."""
    name = "addresses"
    given = ", ".join(settings.address)
    inner = [a for a in settings.address if not ip_address(a).is_global]
    if inner:
        return warn(
            name,
            f"{inner[0]} is no public address: tokens can be touched from where it leads alone.",
            "For the open internet give your public addresses with --address.",
        )
    listens = [read_listen(text, "listen").address for text in (*settings.dns, *settings.http)]
    if listens and all(ip_address(address).is_loopback for address in listens):
        return warn(
            name,
            f"Tokens lead to {given}, but DNS and HTTP listen on this machine alone.",
            "Give --dns and --http an address that is reached from outside, such as 0.0.0.0:53, "
            "unless something forwards to them.",
        )
    foreign = [a for a in settings.address if not is_own_address(a)]
    if foreign:
        return ok(
            name,
            f"{foreign[0]} is not an address of this machine, so a router or proxy forwards to it.",
        )
    return ok(name, f"{given} lead to this machine.")


def is_own_address(address: str) -> bool:
    """Tell whether this machine has the address: it alone can bind to it."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        try:
            sock.bind((address, 0))
        except OSError:
            return False
    return True


def check_delegation(
    settings: Settings, front: Front, zone: str, given: Listen | None, system: Listen | None
) -> Check:
    """Ask a resolver for the zone's name servers, their addresses, its SOA and a random name.

    Args:
        settings: Of the deployment.
        front: Its face.
        zone: One of its zones.
        given: The resolver that the operator named.
        system: The machine's own.
    """
    name = f"delegation of {zone}"
    resolver = given or system
    if resolver is None:
        return skipped(name, "There is no resolver to ask.", "Name one: --resolver 192.0.2.53")
    if given is None and zone.rpartition(".")[2] in TRIAL_ZONES:
        return warn(
            name,
            f"{zone} is for trials: nobody can delegate it.",
            "Give a zone of your own with --domain, then run this again.",
        )
    records = delegation_records(settings, front, zone)
    remedy = (f"At whoever runs {zone.partition('.')[2] or 'the zone above'}, add:", *records)
    try:
        wrong = _find_fault(settings, front, zone, resolver)
    except (OSError, RemoteProtocolError) as error:
        return fail(name, f"The resolver {resolver} gives no answer: {error}.", "Name another one.")
    if wrong:
        return fail(name, wrong, *remedy)
    return ok(
        name, f"{resolver} finds {zone} at {', '.join(settings.address)}, and it is this one."
    )


def _find_fault(settings: Settings, front: Front, zone: str, resolver: Listen) -> str | None:
    soa = ask(resolver, zone, Type.SOA)
    if soa.code != "NOERROR" or not soa.texts(Type.SOA):
        return (
            f"{resolver} finds no zone {zone} ({soa.code}): it is not delegated to this machine, "
            "or its name servers are not reached."
        )
    if soa.texts(Type.SOA) != (str(front.serial),):
        return (
            f"{zone} is answered by another server: its SOA record has the serial "
            f"{soa.texts(Type.SOA)[0]}, ours {front.serial}."
        )
    servers = tuple(sorted(f"{label}.{zone}" for label in front.name_servers))
    found = ask(resolver, zone, Type.NS).texts(Type.NS)
    if found != servers:
        return f"The name servers of {zone} are {_list(found)}; they must be {_list(servers)}."
    random = f"{system_entropy(6).hex()}.{zone}"
    for host in (*servers, random):
        for type_ in (Type.A, Type.AAAA):
            given = {a for a in settings.address if (":" in a) == (type_ is Type.AAAA)}
            found = ask(resolver, host, type_).texts(type_)
            if set(found) != given:
                return (
                    f"{host} leads to {_list(found)} ({type_.name}); it must lead to "
                    f"{_list(tuple(sorted(given)))}."
                )
    return None


def _list(texts: tuple[str, ...]) -> str:
    return ", ".join(texts) or "nothing"
