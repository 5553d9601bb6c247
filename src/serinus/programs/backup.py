"""Backups: one file that holds everything that cannot be drawn again, taken while Serinus runs.

A backup is a gzip'ed tar: first `manifest.json`, then the members of `MEMBERS` that there are.

Rules:
- A file is written whole or not at all, is read back and verified, and is its owner's alone.
- The state is copied before the ledger, so that no touch of the copied ledger lies behind the
  cursor of the copied state: what the worker had not read is read after a restore, and what it read
  in between is read again, which is harmless. Keys come last: they know every id of the state.
- A restore takes nothing that it does not know: no other name, no link, no other hash, no more
  bytes than the manifest says. It is made beside the data folder, and then renamed into place.
"""

import hashlib
import json
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from serinus import __version__
from serinus.base.clock import as_datetime, unix_time
from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.ledger.store import connect
from serinus.programs.first_start import sync_folder
from serinus.programs.up import is_running

FORMAT = 1
"""Raised when an older Serinus could not restore what this one wrote."""
MANIFEST = "manifest.json"
DATABASES = ("state/serinus.db", "ledger/ledger.db", "answers/answers.db")
"""In the order of copying."""
REQUIRED = ("answers/front.json", "keys/ids.json", "keys/site-seed")
"""Without these a planted token is not known again, or changes its URL."""
MEMBERS = (
    *DATABASES,
    *REQUIRED,
    "keys/operator",
    "keys/web-secret",
    "run/settings.json",
    "serinus.toml",
    "tls/certificate.pem",
    "tls/key.pem",
)
MANIFEST_SIZE_MAX = 64 * 1024
"""Bytes; a dozen members take two thousand."""
FILE_SIZE_MAX = 4 * 1024 * 1024
"""Bytes of a member that is no database; they have some thousand."""
DATABASE_SIZE_MAX = 1 << 40
"""Bytes; beyond a TiB nobody keeps this in SQLite."""
CHUNK_SIZE = 1024 * 1024
PAIR_TRIES = 5
"""Copies of state and ledger until the worker pruned nothing in between; it prunes seldom."""
OPEN_WAIT_S = 30.0
FILE_MODE, FOLDER_MODE = 0o600, 0o700

Consume = Callable[[str, IO[bytes]], str]
"""Takes a member's name and content; returns the content's SHA-256."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: version and time of its writing, and size and SHA-256 of each member."""

    version: str
    at: str
    members: Mapping[str, tuple[int, str]]

    def describe(self) -> dict[str, Any]:
        """Return the manifest as JSON values."""
        rows = {name: {"size": s, "sha256": h} for name, (s, h) in self.members.items()}
        return {"format": FORMAT, "version": self.version, "at": self.at, "members": rows}


def write_backup(folder: DataFolder, file: Path) -> Backup:
    """Write a backup of the data folder to a new file, and verify it.

    Raises:
        OperatorError: There is nothing to back up, the file exists, or a database is damaged.
        OSError: The file cannot be written.
    """
    for name in REQUIRED:
        if not (folder.root / name).is_file():
            raise OperatorError(
                f"There is no instance in {folder.root}: {name} is missing; name its folder with "
                "--data.",
                "data",
            )
    if file.exists():
        raise OperatorError(f"{file} exists: give the name of a new file.", "file")
    with tempfile.TemporaryDirectory(prefix=".serinus-backup-", dir=file.parent) as work:
        copies = Path(work)
        _copy_databases(folder, copies)
        for name in MEMBERS:
            source = folder.root / name
            if name not in DATABASES and source.is_file():
                _make_room(copies / name)
                shutil.copyfile(source, copies / name)
        backup = _take_stock(copies)
        fresh = copies / "backup"
        _write_archive(fresh, copies, backup)
        _read_backup(fresh, lambda _backup: None, lambda _name, content: _digest(content))
        # A link, not a rename: it never replaces a file that came meanwhile.
        os.link(fresh, file)
    sync_folder(file.parent)
    return backup


def restore_backup(file: Path, folder: DataFolder, replace: bool) -> tuple[Backup, Path | None]:
    """Put a backup in the place of the data folder.

    Args:
        file: The backup.
        folder: An empty one, one that is not there yet, or, with `replace`, any.
        replace: Move what is there aside.

    Returns:
        What the backup held, and where what was there has been moved.

    Raises:
        OperatorError: The file is no backup, or the folder is in use or not empty.
        OSError: It cannot be read or written.
    """
    root = folder.root
    if is_running(folder):
        raise OperatorError(f"Serinus runs on {root}: stop it first.", "data")
    if root.exists() and not root.is_dir():
        raise OperatorError(f"{root} is no folder: name another with --data.", "data")
    occupied = root.is_dir() and any(root.iterdir())
    if occupied and not replace:
        raise OperatorError(
            f"{root} is not empty: name another folder with --data, or give --replace, which moves "
            "what is there aside.",
            "replace",
        )
    if os.path.ismount(root):
        raise OperatorError(
            f"{root} is a mount point and cannot be renamed: use a folder inside it as the data "
            "folder.",
            "data",
        )
    root.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".serinus-restore-", dir=root.parent) as work:
        fresh = Path(work) / "data"
        backup = _read_backup(
            file,
            lambda backup: _make_folder(fresh, backup),
            lambda name, content: _write_member(fresh / name, content),
        )
        aside = _put_in_place(fresh, root, occupied)
    sync_folder(root.parent)
    return backup, aside


def _copy_databases(folder: DataFolder, copies: Path) -> None:
    for _ in range(PAIR_TRIES):
        for name in DATABASES:
            (copies / name).unlink(missing_ok=True)
            if (folder.root / name).is_file():
                _make_room(copies / name)
                _copy_database(folder.root / name, copies / name)
        if _is_pair(copies):
            return
    raise OperatorError("The ledger was pruned again and again meanwhile: try once more.")


def _copy_database(source: Path, copy: Path) -> None:
    """Copy as of one moment, also while others write (SQLite's backup API), and look it over."""
    copy.touch(FILE_MODE)
    try:
        with (
            closing(connect(source, "rw", OPEN_WAIT_S)) as one,
            closing(sqlite3.connect(copy)) as other,
        ):
            # In one step: in several, each commit of another process would start it anew.
            one.backup(other)
            other.execute("PRAGMA journal_mode=DELETE")
            (found,) = other.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise OperatorError(
            f"{source} cannot be backed up ({found}): run `serinus doctor`, and keep a copy of the "
            "whole folder."
        )


def _is_pair(copies: Path) -> bool:
    """Tell whether the copied ledger still has every touch behind the copied state's cursor."""
    state, ledger = copies / DATABASES[0], copies / DATABASES[1]
    if not state.exists() or not ledger.exists():
        return True
    cursor = _number(state, "SELECT max(seq) FROM console_ledgercursor")
    newest = _number(ledger, "SELECT seq FROM sqlite_sequence WHERE name = 'touch'")
    oldest = _number(ledger, "SELECT min(seq) FROM touch") or newest + 1
    return newest <= cursor or oldest <= cursor + 1


def _number(path: Path, statement: str) -> int:
    with closing(sqlite3.connect(path)) as connection:
        try:
            row = connection.execute(statement).fetchone()
        except sqlite3.OperationalError:
            return 0  # Its owner has made no table yet.
    return int(row[0] or 0) if row else 0


def _take_stock(copies: Path) -> Backup:
    members = {}
    for name in MEMBERS:
        path = copies / name
        if path.is_file():
            with path.open("rb") as file:
                members[name] = (
                    path.stat().st_size,
                    hashlib.file_digest(file, "sha256").hexdigest(),
                )
    at = as_datetime(unix_time()).isoformat(timespec="seconds")
    return Backup(__version__, at, members)


def _write_archive(fresh: Path, copies: Path, backup: Backup) -> None:
    manifest = json.dumps(backup.describe(), indent=1).encode()
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        with tarfile.open(fileobj=file, mode="w:gz", compresslevel=6) as archive:
            archive.addfile(_entry(MANIFEST, len(manifest)), BytesIO(manifest))
            for name, (size, _) in backup.members.items():
                with (copies / name).open("rb") as source:
                    archive.addfile(_entry(name, size), source)
        file.flush()
        os.fsync(file.fileno())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode, entry.mtime = size, FILE_MODE, int(unix_time())
    return entry


def _read_backup(file: Path, begin: Callable[[Backup], None], consume: Consume) -> Backup:
    """Read a backup through once, and hold every byte of it to its manifest."""
    try:
        with tarfile.open(file, "r|gz") as archive:
            backup = _read_manifest(archive)
            begin(backup)
            _read_members(archive, backup, consume)
    except (tarfile.TarError, zlib.error, EOFError, ValueError, OverflowError) as error:
        raise OperatorError(f"{file} is no whole backup of Serinus: {error}.", "file") from error
    return backup


def _read_manifest(archive: tarfile.TarFile) -> Backup:
    entry = archive.next()
    if entry is None or entry.name != MANIFEST or not entry.isreg():
        raise OperatorError("This is no backup of Serinus: it does not begin with a manifest.")
    if entry.size > MANIFEST_SIZE_MAX:
        raise OperatorError("This is no backup of Serinus: its manifest is too large.")
    content = archive.extractfile(entry)
    found = json.loads(content.read() if content else b"")
    try:
        if not isinstance(found["format"], int) or found["format"] > FORMAT:
            raise OperatorError(
                f"The backup was written by a newer Serinus ({str(found['version'])[:40]!r}): "
                "restore it with that one."
            )
        members = {
            str(name): (int(row["size"]), str(row["sha256"]))
            for name, row in found["members"].items()
        }
        backup = Backup(str(found["version"]), str(found["at"]), members)
    except (KeyError, TypeError, AttributeError) as error:
        raise OperatorError("The backup's manifest is damaged.") from error
    _check_manifest(backup)
    return backup


def _check_manifest(backup: Backup) -> None:
    for name, (size, _) in backup.members.items():
        if name not in MEMBERS:
            raise OperatorError(f"The backup holds {name[:80]!r}, which is no part of a folder.")
        if not 0 <= size <= (DATABASE_SIZE_MAX if name in DATABASES else FILE_SIZE_MAX):
            raise OperatorError(f"The backup's {name} is too large.")
    for name in REQUIRED:
        if name not in backup.members:
            raise OperatorError(f"The backup is not whole: {name} is missing.")


def _read_members(archive: tarfile.TarFile, backup: Backup, consume: Consume) -> None:
    awaited = dict(backup.members)
    while (entry := archive.next()) is not None:
        if entry.name not in awaited or not entry.isreg():
            raise OperatorError(f"The backup holds {entry.name[:80]!r}, which its manifest lacks.")
        size, digest = awaited.pop(entry.name)
        content = archive.extractfile(entry)
        if entry.size != size or content is None:
            raise OperatorError(f"The backup is damaged: {entry.name} has another size.")
        if consume(entry.name, content) != digest:
            raise OperatorError(f"The backup is damaged: {entry.name} has another SHA-256.")
    if awaited:
        raise OperatorError(f"The backup is not whole: {next(iter(awaited))} is missing.")


def _make_folder(root: Path, backup: Backup) -> None:
    needed = sum(size for size, _ in backup.members.values())
    free = shutil.disk_usage(root.parent).free
    if needed > free:
        raise OperatorError(
            f"The backup needs {needed >> 20} MiB, and {root.parent} has {free >> 20} MiB free."
        )
    for part in (root, *DataFolder(root).parts):
        part.mkdir(FOLDER_MODE)


def _write_member(path: Path, content: IO[bytes]) -> str:
    """Write a member durably; returns its SHA-256."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
        digest = _digest(content, file)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)
    return digest


def _digest(content: IO[bytes], copy: IO[bytes] | None = None) -> str:
    digest = hashlib.sha256()
    while chunk := content.read(CHUNK_SIZE):
        digest.update(chunk)
        if copy is not None:
            copy.write(chunk)
    return digest.hexdigest()


def _put_in_place(fresh: Path, root: Path, occupied: bool) -> Path | None:
    """Let the folder be what was restored; returns where what was there has been moved."""
    if not occupied:
        # An empty folder is replaced; one that is not empty by now is a fault.
        fresh.rename(root)
        return None
    stamp = as_datetime(unix_time()).strftime("%Y%m%dT%H%M%SZ")
    aside = root.with_name(f"{root.name}.before-{stamp}")
    if aside.exists():
        raise OperatorError(f"{aside} exists: move it away first.", "replace")
    root.rename(aside)
    try:
        fresh.rename(root)
    except OSError:
        aside.rename(root)
        raise
    return aside


def _make_room(path: Path) -> None:
    path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
