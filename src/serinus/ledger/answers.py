"""The answers snapshot: a SQLite file that the Console writes and the edge only reads.

It has a rollback journal, not a WAL, so that a reader needs no right to write beside it. Several
threads may use one writer; a reader is for one thread at a time.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from serinus.base.errors import StorageError
from serinus.base.ids import TokenId
from serinus.ledger.store import connect, create_private, has_table
from serinus.model.answer import Answer

WRITE_WAIT_S = 5.0
"""Longest wait for another thread of the Console."""

READ_WAIT_S = 0.25
"""Longest wait for a commit of the Console: the edge answers nobody meanwhile."""

REFRESH_S = 0.002
"""How old the knowledge may be of which tokens have an answer, or one with NXDOMAIN: a token that
was minted just now answers before any client has started. Asking whether it changed costs 3 us."""

KNOWN_MAX = 1000
"""Tokens known by name to have an answer: 150 KB, read in 1 ms whenever the snapshot has changed.
Past this, every look-up reads the file."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS answer(
    token_id TEXT PRIMARY KEY, status INTEGER NOT NULL, headers TEXT NOT NULL,
    body BLOB NOT NULL, nxdomain INTEGER NOT NULL, posted_to TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS answer_nxdomain ON answer(token_id) WHERE nxdomain;
CREATE TABLE IF NOT EXISTS text(name TEXT PRIMARY KEY, texts TEXT NOT NULL) WITHOUT ROWID;
"""
HAS_POSTED_TO = "SELECT 1 FROM pragma_table_info('answer') WHERE name = 'posted_to'"
ADD_POSTED_TO = "ALTER TABLE answer ADD COLUMN posted_to TEXT NOT NULL DEFAULT ''"
"""Files of version 0.1.0 lack it."""


class AnswersWriter:
    """The Console's end. Every method is one durable transaction, and makes the file if need be.

    Every method raises `StorageError` when the file cannot be written; then nothing has changed.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def put(self, token_id: TokenId, answer: Answer) -> None:
        """Let the token answer this from now on."""
        self.put_many({token_id: answer})

    def put_many(self, answers: Mapping[TokenId, Answer]) -> None:
        """Let each of the tokens answer this from now on; the other tokens stay as they are."""
        with self._transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO answer VALUES(?, ?, ?, ?, ?, ?)",
                (_row(token_id, answer) for token_id, answer in answers.items()),
            )

    def remove(self, token_id: TokenId) -> None:
        """Let the token answer with the default surface again."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM answer WHERE token_id = ?", (token_id,))

    def clear(self) -> None:
        """Forget every answer; the texts of names stay."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM answer")

    def set_text(self, name: str, values: Sequence[str]) -> None:
        """Set the TXT values of a name, for ACME's DNS challenge (RFC 8555 §8.4).

        Args:
            name: The full name, in any case, without a dot at the end.
            values: One record each; none at all removes the name.
        """
        with self._transaction() as connection:
            connection.execute("DELETE FROM text WHERE name = ?", (name.lower(),))
            if values:
                row = (name.lower(), json.dumps(list(values)))
                connection.execute("INSERT INTO text VALUES(?, ?)", row)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            create_private(self._path)
            # Closing without COMMIT rolls back, so that no fault leaves half a change.
            with closing(connect(self._path, "rw", WRITE_WAIT_S)) as connection:
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("PRAGMA synchronous=FULL")
                connection.execute("BEGIN IMMEDIATE")
                for statement in SCHEMA.split(";"):
                    connection.execute(statement)
                if not connection.execute(HAS_POSTED_TO).fetchone():
                    connection.execute(ADD_POSTED_TO)
                yield connection
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise StorageError(f"{self._path} takes no writes: {error}") from error


class AnswersReader:
    """The edge's end. While there is no file, nothing is special; it is found when it appears.

    Every method raises `StorageError` when the file is there and cannot be read; the caller then
    gives the default surface.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._version: int | None = None
        self._answering: frozenset[str] | None = frozenset()
        self._hidden: frozenset[str] | None = frozenset()
        self._refreshed_at: float | None = None

    def get(self, token_id: TokenId) -> Answer | None:
        """Return what the token answers, or `None` for the default surface."""
        row = self._one(
            "SELECT status, headers, body, nxdomain, posted_to FROM answer WHERE token_id = ?",
            token_id,
        )
        return None if row is None else _answer(*row)

    def look_up(self, token_id: TokenId, now: float) -> Answer | None:
        """Return what `get` does, free of cost for a token without an answer.

        It is free while no more than `KNOWN_MAX` tokens have one.

        Args:
            token_id: The token.
            now: A clock in seconds; an answer where there was none is seen within `REFRESH_S`.
        """
        self._refresh(now)
        if self._answering is not None and token_id not in self._answering:
            return None
        return self.get(token_id)

    def nxdomain(self, token_id: TokenId, now: float) -> bool:
        """Say whether the token's name does not exist; free of cost as in `look_up`.

        Args:
            token_id: The token.
            now: A clock in seconds; a new token of this sort is seen within `REFRESH_S`.
        """
        self._refresh(now)
        if self._hidden is not None and token_id not in self._hidden:
            return False
        statement = "SELECT 1 FROM answer WHERE nxdomain AND token_id = ?"
        return self._one(statement, token_id) is not None

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the TXT values of a name, given in any case without a dot at the end."""
        row = self._one("SELECT texts FROM text WHERE name = ?", name.lower())
        return () if row is None else tuple(json.loads(row[0]))

    def close(self) -> None:
        """Close the file; the next call opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            self._version = None

    def _refresh(self, now: float) -> None:
        if self._refreshed_at is not None and 0 <= now - self._refreshed_at < REFRESH_S:
            return
        row = self._one("PRAGMA data_version")
        version = None if row is None else int(row[0])
        # Of a file opened anew, the number says nothing: `close` forgets the old one.
        if version is None or version != self._version:
            self._answering = self._known("SELECT token_id FROM answer LIMIT ?")
            self._hidden = self._known("SELECT token_id FROM answer WHERE nxdomain LIMIT ?")
            self._version = version
        self._refreshed_at = now

    def _known(self, statement: str) -> frozenset[str] | None:
        """Return the tokens that the statement finds; None where there are more than we keep."""
        rows = self._select(statement, KNOWN_MAX + 1)
        return frozenset([str(row[0]) for row in rows]) if len(rows) <= KNOWN_MAX else None

    def _one(self, statement: str, *values: str) -> tuple[Any, ...] | None:
        rows = self._select(statement, *values)
        return rows[0] if rows else None

    # A row's cells are of any type; `_answer` gives them theirs.
    def _select(self, statement: str, *values: str | int) -> list[tuple[Any, ...]]:
        try:
            connection = self._open()
            return connection.execute(statement, values).fetchall() if connection else []
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self.close()
            raise StorageError(f"{self._path} cannot be read: {error}") from error

    def _open(self) -> sqlite3.Connection | None:
        if self._connection is None and self._path.exists():
            connection = connect(self._path, "ro", READ_WAIT_S)
            if has_table(connection, "text"):
                self._connection = connection
            else:
                connection.close()
        return self._connection


def _row(token_id: TokenId, answer: Answer) -> tuple[str, int, str, bytes, int, str]:
    headers, nxdomain = json.dumps(answer.headers), int(answer.nxdomain)
    return (token_id, answer.status, headers, answer.body, nxdomain, answer.posted_to)


def _answer(status: int, headers: str, body: bytes, nxdomain: int, posted_to: str) -> Answer:
    pairs = tuple((name, value) for name, value in json.loads(headers))
    return Answer(status, pairs, body, bool(nxdomain), posted_to)
