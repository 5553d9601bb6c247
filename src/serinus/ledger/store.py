"""The ledger's file: touches and noise counts in SQLite, written by the edge, read by the worker.

Rules: what `append` returned from survives a crash of the process and of the machine (WAL with
`synchronous=FULL`). Sequence numbers rise and are never used twice. A touch that was refused may
still turn up after a crash in the middle of a commit; whatever follows is idempotent on its id.
Whether there is room depends on what is there, never on what is to be written: a sender who can
choose the size of his touches learns nothing from which of them are taken.
"""

import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from serinus.base.errors import StorageError
from serinus.model.touch import Evidence, Touch, read_touch, write_touch

FILE_MODE = 0o600
"""Evidence is for our own user only; SQLite gives its side files the mode of the main one."""

PAGE_SIZE = 4096
"""Bytes of one page, SQLite's default; stated because the size bound is counted in pages."""

LOCK_WAIT_S = 5.0
"""Longest wait for the other process's transaction, each of which takes milliseconds."""

CHECKPOINT_PAGES = 8000
"""WAL pages (32 MB) before they are moved home: fewer and larger moves than SQLite's 1000."""

WAL_SIZE_MAX = 256 * 1024 * 1024
"""Bytes of WAL that a stuck reader may make us keep before we refuse: 8 times the usual."""

PRUNE_SLICE = 500
"""Touches deleted in one transaction, so that the edge waits for the lock only milliseconds."""

PRUNE_PAUSE_S = 0.002
"""Between slices, longer than SQLite's first retry, so that a waiting edge gets the lock."""

SLICE_SIZE_MAX = 1024 * 1024
"""Bytes of touches in one transaction: more than the largest touch, and a thousand usual ones."""

SLICE_ROOM = 2 * SLICE_SIZE_MAX + 128 * 1024
"""Bytes that a slice takes at most: rows of just over half a page leave the other half empty. The
rest is for inner pages. A probe writes as much, so that whatever comes after it finds room."""

INSERT_ROWS_MAX = 256
"""Touches in one statement. In each the thread gives up its turn in Python several times, so there
are few. Each count is prepared once; the 128 that Python remembers take 6 MB at most."""

DAMAGE_SIZE_MAX = 16 * 1024
"""Bytes kept of a row that cannot be read: all of most touches."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS touch(seq INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS noise(
    minute INTEGER NOT NULL, network TEXT NOT NULL, channel TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY(minute, network, channel)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS probe(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
"""


class NoiseKey(NamedTuple):
    """What noise is counted by.

    Attributes:
        minute: Unix time in whole minutes.
        network: The /24 or /48 in CIDR form, or "other".
        channel: The front that saw it.
    """

    minute: int
    network: str
    channel: str


class Damage(NamedTuple):
    """A row that holds no touch.

    Attributes:
        body: What it holds, the first `DAMAGE_SIZE_MAX` bytes.
        size: All of its bytes.
    """

    body: bytes
    size: int


class LedgerWriter:
    """The edge's end. Opens the file at the first call; for one thread at a time.

    After a fault the file is closed, and opened anew by the next call.

    Args:
        path: The file; its folder must exist.
        size_max_bytes: Filled so far, the main file takes no more; what was begun below may pass
            it by `SLICE_ROOM`. Pruned room inside is used again. The WAL comes on top, up to
            `WAL_SIZE_MAX`.
    """

    def __init__(self, path: Path, size_max_bytes: int) -> None:
        self._path = path
        self._file, self._wal = str(path), f"{path}-wal"
        self._pages_max = max(1, size_max_bytes // PAGE_SIZE)
        self._connection: sqlite3.Connection | None = None

    def append(self, touches: Iterable[Evidence]) -> None:
        """Commit the touches durably, in order.

        Raises:
            StorageError: The disk or the size bound is full, or the file cannot be written. The
                first of the touches may be durable all the same.
        """
        for bodies in _slices(
            [one if isinstance(one, str) else write_touch(one) for one in touches]
        ):
            if len(bodies) <= INSERT_ROWS_MAX:
                # A statement alone is a transaction: half of the turns, and of the waits for them.
                with self._faults() as connection:
                    _insert(connection, bodies)
            else:
                with self._transaction() as connection:
                    for at in range(0, len(bodies), INSERT_ROWS_MAX):
                        _insert(connection, bodies[at : at + INSERT_ROWS_MAX])

    def count_noise(self, counts: Mapping[NoiseKey, int]) -> None:
        """Add the counts to those in the file, all or none.

        Raises:
            StorageError: As in `append`.
        """
        with self._transaction() as connection:
            connection.executemany(
                "INSERT INTO noise VALUES(?, ?, ?, ?) ON CONFLICT DO UPDATE"
                " SET count = count + excluded.count",
                ((*key, count) for key, count in counts.items()),
            )

    def probe(self) -> None:
        """Write `SLICE_ROOM` bytes durably and take them away again.

        Raises:
            StorageError: As in `append`.
        """
        self._forget_probe()  # One that a crash left behind would count as filled.
        with self._faults() as connection:
            connection.execute("INSERT INTO probe VALUES(1, randomblob(?))", (SLICE_ROOM,))
        self._forget_probe()

    def size(self) -> int:
        """Return the bytes that the file and its WAL take on the disk."""
        return _file_size(self._file) + _file_size(self._wal)

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        if self._connection is not None:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def _forget_probe(self) -> None:
        with self._faults(bounded=False) as connection:
            connection.execute("DELETE FROM probe")

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._faults() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _faults(self, *, bounded: bool = True) -> Iterator[sqlite3.Connection]:
        try:
            connection = self._open()
            self._bound_wal(connection)
            if bounded:
                self._bound_file(connection)
            yield connection
        except (sqlite3.Error, OSError) as error:
            self._abandon()
            raise StorageError(f"{self._path} takes no writes: {error}") from error
        except BaseException:
            self._abandon()
            raise

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            create_private(self._path)
            connection = connect(self._path, "rw", LOCK_WAIT_S)
            pages_max = self._pages_max + SLICE_ROOM // PAGE_SIZE
            try:
                connection.execute(f"PRAGMA page_size={PAGE_SIZE}")
                connection.execute("PRAGMA journal_mode=WAL")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
                connection.execute(f"PRAGMA journal_size_limit={CHECKPOINT_PAGES * PAGE_SIZE}")
                connection.execute(f"PRAGMA max_page_count={pages_max}")
                connection.executescript(f"BEGIN IMMEDIATE; {SCHEMA} COMMIT;")
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _bound_wal(self, connection: sqlite3.Connection) -> None:
        if _file_size(self._wal) > WAL_SIZE_MAX:
            busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise sqlite3.OperationalError("a reader holds the WAL at its bound")

    def _bound_file(self, connection: sqlite3.Connection) -> None:
        [pages] = connection.execute("PRAGMA page_count").fetchone()
        if pages < self._pages_max:
            return
        # As two statements, for speed; what is pruned in between only makes room.
        [free] = connection.execute("PRAGMA freelist_count").fetchone()
        if pages - free >= self._pages_max:
            raise sqlite3.OperationalError("the ledger is filled to its bound")

    def _abandon(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            with suppress(sqlite3.Error):
                self._connection.execute("ROLLBACK")
        self.close()


class LedgerReader:
    """The worker's end. A ledger that does not exist yet is an empty one. For one thread at a time.

    Every method raises `StorageError` when the file is there and cannot be read (or pruned).
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None

    def read(self, after_seq: int, count_max: int) -> list[tuple[int, Touch]]:
        """Return those of `read_rows` that hold a touch."""
        rows = self.read_rows(after_seq, count_max)
        return [(seq, row) for seq, row in rows if isinstance(row, Touch)]

    def read_rows(self, after_seq: int, count_max: int) -> list[tuple[int, Touch | Damage]]:
        """Return the oldest rows after `after_seq`, at most `count_max`, in order."""
        rows = self._select(
            # As bytes: text that is not UTF-8 would fail here, for all of them.
            "SELECT seq, CAST(body AS BLOB) FROM touch WHERE seq > ? ORDER BY seq LIMIT ?",
            after_seq,
            count_max,
        )
        return [(seq, _read_row(body)) for seq, body in rows]

    def noise(self, since_minute: int) -> dict[NoiseKey, int]:
        """Return the counts of `since_minute` and later; the last minute may still grow."""
        rows = self._select(
            "SELECT minute, network, channel, count FROM noise WHERE minute >= ?", since_minute
        )
        return {NoiseKey(minute, network, channel): n for minute, network, channel, n in rows}

    def newest(self) -> int:
        """Return the highest sequence number ever given, pruned or not; 0 before the first."""
        rows = self._select("SELECT seq FROM sqlite_sequence WHERE name = 'touch'")
        return int(rows[0][0]) if rows else 0

    def filled(self) -> int:
        """Return the bytes that `size_max_bytes` bounds: pages in use, without pruned room."""
        rows = self._select(
            "SELECT (c.page_count - f.freelist_count) * s.page_size"
            " FROM pragma_page_count c, pragma_freelist_count f, pragma_page_size s"
        )
        return int(rows[0][0]) if rows else 0

    def changed(self) -> bool:
        """Say whether anybody else committed since the last call; costs no read of the tables."""
        rows = self._select("PRAGMA data_version")
        version = int(rows[0][0]) if rows else None
        changed, self._version = version != self._version, version
        return changed

    def prune(self, through_seq: int) -> int:
        """Delete the touches up to and including `through_seq`; return how many there were."""
        return self._delete(
            "DELETE FROM touch WHERE seq IN"
            " (SELECT seq FROM touch WHERE seq <= ? ORDER BY seq LIMIT ?)",
            through_seq,
        )

    def prune_noise(self, before_minute: int) -> int:
        """Delete the counts before `before_minute`; return how many there were."""
        return self._delete(
            "DELETE FROM noise WHERE (minute, network, channel) IN"
            " (SELECT minute, network, channel FROM noise WHERE minute < ? LIMIT ?)",
            before_minute,
        )

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._version = None

    # A row's cells are of any type; each caller knows those of its columns.
    def _select(self, statement: str, *values: int) -> list[tuple[Any, ...]]:
        with self._faults():
            connection = self._open()
            return connection.execute(statement, values).fetchall() if connection else []

    def _delete(self, statement: str, limit: int) -> int:
        deleted = 0
        with self._faults():
            while connection := self._open():
                count = connection.execute(statement, (limit, PRUNE_SLICE)).rowcount
                deleted += count
                if count < PRUNE_SLICE:
                    break
                time.sleep(PRUNE_PAUSE_S)
        return deleted

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is None and self._path.exists():
            connection = connect(self._path, "rw", LOCK_WAIT_S)
            # A pruning that a power cut undoes is done again: the writer's FULL is not needed.
            connection.execute("PRAGMA synchronous=NORMAL")
            if has_table(connection, "probe"):
                self._connection = connection
            else:
                connection.close()
        return self._connection

    @contextmanager
    def _faults(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self.close()
            raise StorageError(f"{self._path} cannot be read: {error}") from error


def _slices(bodies: Sequence[str]) -> Iterator[list[str]]:
    """Cut into lists of at most `SLICE_SIZE_MAX` bytes; a body is one at least."""
    piece: list[str] = []
    size = 0
    for body in bodies:
        if piece and size + len(body) > SLICE_SIZE_MAX:
            yield piece
            piece, size = [], 0
        piece.append(body)
        size += len(body)
    if piece:
        yield piece


def _read_row(body: bytes) -> Touch | Damage:
    try:
        touch = read_touch(body.decode())
        # Compiled, each look at a field that has another type than it says raises TypeError.
        texts = (touch.id, touch.channel, touch.transport, touch.source, *touch.tokens)
        is_whole = (
            all(type(text) is str for text in texts)
            and isinstance(touch.at, float | int)
            and isinstance(touch.source_port, int)
            and isinstance(touch.detail, dict)
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        is_whole = False
    return touch if is_whole else Damage(body[:DAMAGE_SIZE_MAX], len(body))


def _insert(connection: sqlite3.Connection, bodies: Sequence[str]) -> None:
    if bodies:
        rows = ",(?)" * (len(bodies) - 1)
        connection.execute(f"INSERT INTO touch(body) VALUES(?){rows}", bodies)


def connect(path: Path, mode: str, wait_s: float) -> sqlite3.Connection:
    """Open an existing SQLite file, with transactions only where we begin them.

    Args:
        path: The file.
        mode: SQLite's URI mode, "ro" or "rw".
        wait_s: Longest wait for a lock.

    Raises:
        sqlite3.Error: It is missing or cannot be opened.
    """
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=wait_s,
        isolation_level=None,
        check_same_thread=False,
    )


def create_private(path: Path) -> None:
    """Create the file, empty and for our user only, if there is none.

    An existing file is not opened: closing it would drop the locks that SQLite holds on it here.

    Raises:
        OSError: It cannot be created.
    """
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE_MODE))


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Say whether the file's owner has made this table yet."""
    statement = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    with closing(connection.execute(statement, (name,))) as cursor:
        return cursor.fetchone() is not None


def _file_size(path: str) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116 - a path object takes four times as long
    except FileNotFoundError:
        return 0
