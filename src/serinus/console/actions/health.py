"""How the deployment is: its processes, ledger, disk, database, outbox and certificate."""

import json
import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from serinus import __version__
from serinus.base.certificates import CertificateFacts, read_certificate
from serinus.base.errors import OperatorError, StorageError
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.console.actions.minting import show_time
from serinus.console.deployment import load_deployment
from serinus.console.models import Delivery, Destination, LedgerCursor
from serinus.console.models.alerts import DeliveryState
from serinus.ledger.store import LedgerReader

EDGE = "local"
"""The edge whose ledger lies in the data folder."""
MEBIBYTE = 1024 * 1024
LEDGER_SHARE_MAX = 0.8
"""Of its bound: from here on the ledger is a fault, while it still takes touches."""
WAITING_MAX = 10_000
"""Touches that the worker has not read: a few seconds of its work."""
DISK_FREE_MIN = 512 * MEBIBYTE
"""Bytes: below, the ledger's and the database's journals may no longer find room."""
CERTIFICATE_LEFT = timedelta(days=14)
"""Automatic renewal happens a month before the end; two weeks before it has failed."""


def describe_health(now: datetime) -> dict[str, Any]:
    """Return the state of the deployment as JSON values.

    `status` is "ok", or "degraded" with a sentence in `faults` for each thing that needs a person.
    Sizes are in bytes.
    """
    deployment = load_deployment()
    folder, settings = deployment.folder, deployment.settings
    found = {
        "processes": _processes(folder),
        "ledger": _ledger(folder, settings),
        "disk": _disk(folder.root),
        "database": {"size": _size(folder.database)},
        "deliveries": _deliveries(),
        "certificate": _certificate(settings.certificate),
    }
    faults = _faults(found, settings, now)
    return {
        "status": "degraded" if faults else "ok",
        "faults": faults,
        "version": __version__,
        "time": show_time(now),
        **found,
    }


def _processes(folder: DataFolder) -> dict[str, Any] | None:
    """Return what `up` wrote of its children, and whether each is there; None where it did not."""
    try:
        written = json.loads((folder.root / "run" / "processes.json").read_text("utf-8"))
        return {name: _describe_process(facts) for name, facts in written.items()}
    except (OSError, ValueError, AttributeError, TypeError, KeyError):
        return None


def _describe_process(facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "running": _is_running(facts["pid"]),
        "pid": facts["pid"],
        "started_at": facts["started_at"],
        "restarts": facts["restarts"],
        "last_end": facts["last_end"],
    }


def _is_running(pid: object) -> bool:
    if type(pid) is not int or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True


def _ledger(folder: DataFolder, settings: Settings) -> dict[str, Any]:
    reader = LedgerReader(folder.ledger)
    try:
        newest = reader.newest()
    except StorageError:
        newest = None
    finally:
        reader.close()
    read = LedgerCursor.objects.filter(edge=EDGE).values_list("seq", flat=True).first() or 0
    return {
        "size": _size(folder.ledger),
        "size_max": settings.ledger_size_max * MEBIBYTE,
        "newest": newest,
        "read": read,
        "waiting": None if newest is None else max(0, newest - read),
    }


def _disk(root: Path) -> dict[str, int]:
    usage = shutil.disk_usage(root)
    return {"free": usage.free, "size": usage.total}


def _size(path: Path) -> int:
    """Return the bytes of a database and its write-ahead log."""
    files = (path, path.with_name(path.name + "-wal"))
    return sum(file.stat().st_size for file in files if file.exists())


def _deliveries() -> dict[str, int]:
    # Naming the destinations lets the index count; without them every delivery is looked at.
    destinations = list(Destination.objects.values_list("pk", flat=True))
    waiting = (DeliveryState.WAITING, DeliveryState.SENDING)
    found = Delivery.objects.filter(destination_id__in=destinations)
    return {
        "waiting": found.filter(state__in=waiting).count(),
        "dead": found.filter(state=DeliveryState.DEAD).count(),
    }


def _certificate(path: str) -> dict[str, Any] | None:
    try:
        facts: CertificateFacts = read_certificate(Path(path).read_bytes())
    except (OSError, OperatorError):
        return None
    return {"names": list(facts.names), "ends_at": show_time(facts.ends_at)}


def _faults(found: dict[str, Any], settings: Settings, now: datetime) -> list[str]:
    ledger, dead = found["ledger"], found["deliveries"]["dead"]
    certificate = found["certificate"]
    checks = [
        *(
            (not facts["running"], f"The {name} does not run: its log says why.")
            for name, facts in (found["processes"] or {}).items()
        ),
        (ledger["newest"] is None, "The ledger cannot be read: look at the disk and the log."),
        (
            ledger["size"] > LEDGER_SHARE_MAX * ledger["size_max"],
            "The ledger is nearly full: raise ledger_size_max, or keep touches for fewer days.",
        ),
        (
            (ledger["waiting"] or 0) > WAITING_MAX,
            f"{ledger['waiting']} touches wait for the worker: see whether it runs.",
        ),
        (found["disk"]["free"] < DISK_FREE_MIN, "The disk is nearly full: make room."),
        (dead > 0, f"{dead} deliveries were given up: see the destinations, and send them again."),
        (
            bool(settings.https) and certificate is None,
            "The certificate cannot be read: see the setting certificate.",
        ),
        (
            certificate is not None
            and datetime.fromisoformat(certificate["ends_at"]) - now < CERTIFICATE_LEFT,
            "The certificate ends within two weeks, or has ended: renew it.",
        ),
    ]
    return [sentence for is_fault, sentence in checks if is_fault]
