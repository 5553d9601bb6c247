"""Every check of the doctor, in the order in which one thing rests on another."""

from collections.abc import Iterator
from dataclasses import dataclass

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.settings import Listen, Settings
from serinus.model.front import Front, read_front
from serinus.net.resolver import system_resolver
from serinus.programs.doctor.check import Check, fail, skipped
from serinus.programs.doctor.console import API, check_destinations, check_self_trip
from serinus.programs.doctor.delegation import check_addresses, check_delegation
from serinus.programs.doctor.machine import (
    check_clock,
    check_databases,
    check_disk,
    check_folder,
    check_ports,
    check_processes,
)
from serinus.programs.doctor.tls import check_certificate
from serinus.programs.up import is_running


@dataclass(frozen=True, slots=True)
class Visit:
    """What the doctor is called to.

    Attributes:
        folder: The data folder.
        settings: Of the instance that runs on it, or that shall.
        api: Its Console, where that answers.
        resolver: The resolver that the operator named.
        send_test: Send a test alert to every destination.
    """

    folder: DataFolder
    settings: Settings
    api: API | None
    resolver: Listen | None = None
    send_test: bool = False


def examine(visit: Visit) -> Iterator[Check]:
    """Yield every check as soon as it is made."""
    folder, settings = visit.folder, visit.settings
    yield check_folder(folder)
    yield check_processes(folder)
    yield check_ports(settings, visit.api is not None or is_running(folder))
    yield check_addresses(settings)
    yield from _delegations(visit)
    yield check_certificate(folder, settings)
    yield check_clock(folder)
    if folder.root.is_dir():
        yield check_disk(folder, settings)
        yield check_databases(folder)
    if visit.api is None:
        yield skipped(
            "self-trip",
            "The Console does not answer, so nothing was planted and destinations are not known.",
            "Start Serinus, then run this again.",
        )
        return
    yield from check_destinations(visit.api, visit.send_test)
    yield from check_self_trip(visit.api, settings, visit.resolver)


def _delegations(visit: Visit) -> Iterator[Check]:
    front = _front(visit.folder)
    if isinstance(front, Check):
        yield front
        return
    system = system_resolver()
    for zone in visit.settings.zones:
        yield check_delegation(visit.settings, front, zone, visit.resolver, system)


def _front(folder: DataFolder) -> Front | Check:
    name = "delegation"
    try:
        return read_front(folder.front.read_text("utf-8"))
    except FileNotFoundError:
        return skipped(
            name,
            "The names of the name servers are drawn at first start.",
            f"Start `serinus up --data {folder.root}`, then run this again.",
        )
    except (OSError, UnicodeError) as error:
        return fail(name, f"{folder.front} cannot be read: {error}.")
    except OperatorError as error:
        return fail(name, error.sentence)
