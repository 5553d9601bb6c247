"""Watches this deployment itself, raises an alarm when a trouble begins, clears it when it ends.

Between the bound at which an alarm is raised and the one at which it is cleared nothing changes, so
that what wavers does not ring again and again. An alarm that a person closes stays closed until its
trouble was over once.
"""

import json
import logging
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from serinus.base.certificates import read_certificate
from serinus.base.errors import OperatorError, StorageError
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.console.actions.alarms import clear_alarm, open_alarms, raise_alarm
from serinus.console.actions.deliveries import (
    DESTINATION_ALARM,
    destination_alarm,
    failing_destinations,
)
from serinus.console.models import Destination
from serinus.ledger.store import LedgerReader, LedgerWriter

MEBIBYTE = 1024 * 1024
FILLED_RAISED, FILLED_CLEARED = 0.8, 0.7
"""Shares of the ledger's bound."""
FREE_RAISED, FREE_CLEARED = 256 * MEBIBYTE, 512 * MEBIBYTE
"""Bytes free on a disk; the ledger's and the database's WAL need some of them at any time."""
STEADY = timedelta(minutes=10)
"""A process that has run this long since its restart is well again."""
CERTIFICATE_LEFT = timedelta(days=14)
FAILING = timedelta(minutes=15)
"""An alert that waits longer for a destination that fails is an alarm."""

log = logging.getLogger(__name__)


class Finding(NamedTuple):
    """What one look has found.

    Attributes:
        name: Of the alarm.
        trouble: True raises it, False clears it, None leaves it as it is.
        headline: The sentence that people read.
        except_destination: Not told, because the alarm is about it.
    """

    name: str
    trouble: bool | None
    headline: str = ""
    except_destination: int | None = None


class Monitor:
    """Looks when told to.

    Args:
        folder: Where everything lies.
        settings: Its bounds and its certificate.
        reader: The ledger.
    """

    def __init__(self, folder: DataFolder, settings: Settings, reader: LedgerReader) -> None:
        self._folder = folder
        self._settings = settings
        self._reader = reader
        self._raised: set[str] | None = None
        self.ledger_fault = ""
        """Why the ledger cannot be read, as whoever reads it noticed."""

    def look(self, now: datetime) -> None:
        """Look at everything, and raise and clear alarms."""
        opened = open_alarms()
        raised = self._raised if self._raised is not None else set(opened)
        for finding in [*self._find(now), *_find_destinations(opened, now)]:
            if finding.trouble and finding.name not in raised:
                raise_alarm(finding.name, finding.headline, now, finding.except_destination)
                raised.add(finding.name)
            elif finding.trouble is False and finding.name in raised | opened:
                clear_alarm(finding.name, now)
                raised.discard(finding.name)
        # Only now: after a fault of the database everything is looked at from the beginning.
        self._raised = raised

    def _find(self, now: datetime) -> Iterator[Finding]:
        yield self._find_filled()
        yield Finding("ledger reading", bool(self.ledger_fault), self.ledger_fault)
        yield self._find_probe()
        yield self._find_space()
        yield from _find_restarts(self._folder.root / "run" / "processes.json", now)
        if self._settings.certificate:
            yield _find_certificate(Path(self._settings.certificate), now)

    def _find_filled(self) -> Finding:
        bound = self._settings.ledger_size_max * MEBIBYTE
        try:
            share = self._reader.filled() / bound
        except StorageError as fault:
            log.warning("%s", fault)
            return Finding("ledger size", None)
        return Finding(
            "ledger size",
            _waver(share >= FILLED_RAISED, share < FILLED_CLEARED),
            f"The ledger is at {share:.0%} of its {self._settings.ledger_size_max} MiB; when it is "
            "full no touch is answered. Raise ledger_size_max, or see why the worker is behind.",
        )

    def _find_probe(self) -> Finding:
        name = "ledger writing"
        if not self._folder.ledger.exists():
            return Finding(name, False)
        writer = LedgerWriter(self._folder.ledger, self._settings.ledger_size_max * MEBIBYTE)
        try:
            writer.probe()
        except StorageError as fault:
            return Finding(name, True, f"No touch can be kept, so none is answered: {fault}")
        finally:
            writer.close()
        return Finding(name, False)

    def _find_space(self) -> Finding:
        places = {self._folder.ledger.parent, self._folder.database.parent}
        free, place = min((shutil.disk_usage(place).free, str(place)) for place in places)
        return Finding(
            "disk space",
            _waver(free < FREE_RAISED, free > FREE_CLEARED),
            f"The disk of {place} has {free // MEBIBYTE} MiB left: make room before it is full.",
        )


def _waver(begins: bool, ends: bool) -> bool | None:
    return True if begins else False if ends else None


def _find_restarts(path: Path, now: datetime) -> Iterator[Finding]:
    for name, about in _read_processes(path).items():
        restarts = about.get("restarts")
        try:
            fresh = now - datetime.fromisoformat(str(about.get("started_at"))) < STEADY
        except (TypeError, ValueError):
            fresh = True  # It is not running at all.
        if not isinstance(restarts, int):
            continue
        yield Finding(
            f"process {name}",
            restarts > 0 and fresh,
            f"The {name} ended and was started again: {about.get('last_end')}. Its log says why.",
        )


def _read_processes(path: Path) -> dict[str, dict[str, Any]]:
    """Return what the supervisor wrote; nothing where there is none, or none yet."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, dict)} if type(found) is dict else {}


def _find_certificate(path: Path, now: datetime) -> Finding:
    name = "certificate"
    try:
        ends_at = read_certificate(path.read_bytes()).ends_at
    except OSError as fault:
        return Finding(name, True, f"The certificate {path} cannot be read: {fault.strerror}.")
    except OperatorError as fault:
        return Finding(name, True, f"{path}: {fault.sentence}")
    return Finding(
        name,
        ends_at - now < CERTIFICATE_LEFT,
        f"The certificate {path} ends on {ends_at:%Y-%m-%d}: put a new one in its place.",
    )


def _find_destinations(opened: set[str], now: datetime) -> Iterator[Finding]:
    for row in failing_destinations(now, FAILING):
        yield Finding(
            destination_alarm(row.pk),
            True,
            f"The destination {row.name} has taken no alert for "
            f"{FAILING.seconds // 60} minutes: {row.last_outcome}",
            row.pk,
        )
    suspects = Destination.objects.filter(enabled=True, failures__gt=0).values_list("pk", flat=True)
    failing = {destination_alarm(pk) for pk in suspects}
    for name in opened:
        if name.startswith(DESTINATION_ALARM) and name not in failing:
            yield Finding(name, False)
