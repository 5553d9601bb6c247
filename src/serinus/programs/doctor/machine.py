"""What the doctor sees on this machine: the folder, processes, ports, disk, database and clock."""

import ctypes
import json
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from serinus.base.clock import as_datetime, monotonic_time, unix_time
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.ledger.store import connect
from serinus.programs.doctor.check import Check, fail, ok, skipped, warn
from serinus.programs.ports import find_port_faults
from serinus.programs.up import OTHERS, is_running, processes_path

MEBIBYTE = 1024 * 1024
DISK_FREE_MIN = 200 * MEBIBYTE
"""With less, the ledger's WAL and a checkpoint of it soon find no room."""
DISK_FREE_LOW = 1024 * MEBIBYTE
LEDGER_FILLED_HIGH = 0.8
"""The worker raises its alarm here."""
QUICK_CHECK_S = 60.0
"""A database of some million incidents is read in this time."""
PROGRESS_STEPS = 100_000
"""Steps of SQLite's machine between two looks at the clock: some milliseconds."""
OPEN_WAIT_S = 5.0
_TIME_ERROR = 5
"""Linux, ntp_gettime(3): nobody keeps the clock right."""


def check_folder(folder: DataFolder) -> Check:
    """Look whether the data folder is its owner's alone, and whole."""
    name = "data folder"
    try:
        found = folder.root.stat()
    except OSError as error:
        return fail(
            name,
            f"{folder.root} cannot be looked at: {error.strerror}.",
            f"Start `serinus up --data {folder.root}`, which makes it, or name another folder.",
        )
    if os.geteuid() not in (0, found.st_uid):
        return fail(
            name, f"{folder.root} belongs to another user.", "Run this as the user who owns it."
        )
    open_to_others = [p for p in _private(folder) if stat.S_IMODE(p.stat().st_mode) & OTHERS]
    if open_to_others:
        shown = open_to_others[0]
        mode = stat.S_IMODE(shown.stat().st_mode)
        return fail(
            name,
            f"{shown} has mode {mode:04o}, which gives rights to others.",
            f"chmod -R go= {folder.root}",
        )
    missing = [p for p in (folder.id_keys, folder.front, folder.site_seed) if not p.exists()]
    if missing:
        return fail(
            name,
            f"{missing[0]} is missing; without it no planted token is known again.",
            "Restore the folder with `serinus restore`; on a new installation start `serinus up`.",
        )
    return ok(name, f"{folder.root} is whole, and nobody but its owner can read it.")


def check_processes(folder: DataFolder) -> Check:
    """Look whether edge, worker and console run, and how often they had to be started again."""
    name = "processes"
    if not is_running(folder):
        return warn(
            name,
            "`serinus up` does not run on this folder.",
            f"Start `serinus up --data {folder.root}`; under systemd look at "
            "`systemctl status 'serinus-*'`.",
        )
    try:
        found: dict[str, dict[str, Any]] = json.loads(processes_path(folder).read_text())
    except (OSError, ValueError) as error:
        return warn(name, f"{processes_path(folder)} cannot be read: {error}.")
    down = [child for child, row in found.items() if row["pid"] is None]
    if down:
        return fail(
            name,
            f"The {down[0]} does not run; it ended with {found[down[0]]['last_end']}.",
            "The output of `serinus up` says why.",
        )
    restarted = [child for child, row in found.items() if row["restarts"]]
    if restarted:
        row = found[restarted[0]]
        return warn(
            name,
            f"All run, but the {restarted[0]} was started again {row['restarts']} times; it last "
            f"ended with {row['last_end']}.",
            "The output of `serinus up` says why; nothing that was answered is lost.",
        )
    return ok(name, f"{', '.join(found)} run, and none had to be started again.")


def check_ports(settings: Settings, running: bool) -> Check:
    """Look whether every port can be had, where nothing of ours holds them."""
    name = "ports"
    if running:
        return ok(name, "Serinus holds its ports.")
    faults = find_port_faults(settings)
    if not faults:
        return ok(name, "Every port is free.")
    return fail(
        name,
        " ".join(fault.wrong for fault in faults),
        *dict.fromkeys(f"{fault.remedy}." for fault in faults),
    )


def check_disk(folder: DataFolder, settings: Settings) -> Check:
    """Look whether the disk and the ledger have room."""
    name = "disk"
    free = shutil.disk_usage(folder.root).free
    ledger = _size(folder.ledger) / (settings.ledger_size_max * MEBIBYTE)
    sentence = (
        f"{free // MEBIBYTE} MiB are free; the ledger fills {ledger:.0%} of its "
        f"{settings.ledger_size_max} MiB."
    )
    if free < DISK_FREE_MIN:
        return fail(name, sentence, "Make room: without it touches cannot be kept nor answered.")
    if ledger >= LEDGER_FILLED_HIGH:
        return warn(
            name,
            sentence,
            "The ledger shrinks when the worker has read it; look at its log, or raise "
            "--ledger-size-max.",
        )
    if free < DISK_FREE_LOW:
        return warn(name, sentence, "Make room before it is needed.")
    return ok(name, sentence)


def check_databases(folder: DataFolder) -> Check:
    """Let SQLite look over every database."""
    name = "databases"
    unfinished = []
    for path in (folder.database, folder.ledger, folder.answers):
        if not path.exists():
            continue
        found = quick_check(path)
        if found is None:
            unfinished.append(path.name)
        elif found != "ok":
            return fail(
                name,
                f"{path} is damaged: {found}.",
                "Stop Serinus, keep a copy of the folder, and restore a backup with "
                "`serinus restore`.",
            )
    if unfinished:
        return skipped(
            name,
            f"{', '.join(unfinished)} is too large to be looked over in {QUICK_CHECK_S:.0f} s.",
        )
    return ok(name, "SQLite finds no fault in them.")


def quick_check(path: Path, seconds: float = QUICK_CHECK_S) -> str | None:
    """Return "ok", SQLite's first complaint, or None when it took too long."""
    deadline = monotonic_time() + seconds
    try:
        with closing(connect(path, "rw", OPEN_WAIT_S)) as connection:
            connection.set_progress_handler(
                lambda: int(monotonic_time() > deadline), PROGRESS_STEPS
            )
            row = connection.execute("PRAGMA quick_check(1)").fetchone()
            return str(row[0])
    except sqlite3.OperationalError as error:
        return None if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT else str(error)
    except sqlite3.DatabaseError as error:
        return str(error)


def check_clock(folder: DataFolder) -> Check:
    """Look whether something keeps the clock right, and whether it went back."""
    name = "clock"
    now = unix_time()
    newest = max(
        (p.stat().st_mtime for p in (folder.ledger, folder.database) if p.exists()), default=now
    )
    said = f"It is {as_datetime(now).isoformat(timespec='seconds')}"
    if newest > now + 60:
        return fail(
            name,
            f"{said}, but the databases were written later than that: the clock went back.",
            "Set the clock; the times of alerts follow it.",
        )
    kept = is_clock_kept()
    if kept is None:
        return skipped(name, f"{said}; whether something keeps the clock right is not known here.")
    if not kept:
        return warn(
            name,
            f"{said}, and nothing keeps the clock right.",
            "timedatectl set-ntp true",
        )
    return ok(name, f"{said}, and the clock is kept right.")


def is_clock_kept() -> bool | None:
    """Tell whether the kernel holds the clock for synchronised; None where it does not say."""
    try:
        ask = ctypes.CDLL(None).ntp_gettime
    except (OSError, AttributeError):
        return None  # No glibc.
    # struct ntptimeval has 72 bytes on 64-bit machines.
    state = int(ask(ctypes.create_string_buffer(512)))
    return None if state < 0 else state != _TIME_ERROR


def _private(folder: DataFolder) -> Iterator[Path]:
    """Yield what nobody else may read: the folder itself keeps others out of the rest."""
    yield folder.root
    secrets = (
        folder.id_keys,
        folder.operator_key,
        folder.web_secret,
        folder.site_seed,
        folder.trial_certificate_key,
        folder.database,
        folder.ledger,
        folder.answers,
    )
    yield from (path for path in secrets if path.exists())


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
