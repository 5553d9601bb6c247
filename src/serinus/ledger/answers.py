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

REFRESH_S = 0.2
"""How old the knowledge may be that no token at all has an answer, or one with NXDOMAIN."""

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
        self._any = self._any_nxdomain = False
        self._refreshed_at: float | None = None

    def get(self, token_id: TokenId) -> Answer | None:
        """Return what the token answers, or `None` for the default surface."""
        row = self._one(
            "SELECT status, headers, body, nxdomain, posted_to FROM answer WHERE token_id = ?",
            token_id,
        )
        return None if row is None else _answer(*row)

    def look_up(self, token_id: TokenId, now: float) -> Answer | None:
        """Return what `get` does, free of cost when no token has an answer.

        Args:
            token_id: The token.
            now: A clock in seconds; a first answer is seen within `REFRESH_S`.
        """
        self._refresh(now)
        return self.get(token_id) if self._any else None

    def nxdomain(self, token_id: TokenId, now: float) -> bool:
        """Say whether the token's name does not exist; free of cost when no token is of this sort.

        Args:
            token_id: The token.
            now: A clock in seconds; a new first token of this sort is seen within `REFRESH_S`.
        """
        self._refresh(now)
        if not self._any_nxdomain:
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

    def _refresh(self, now: float) -> None:
        if self._refreshed_at is None or not 0 <= now - self._refreshed_at < REFRESH_S:
            self._any = self._one("SELECT 1 FROM answer LIMIT 1") is not None
            self._any_nxdomain = self._one("SELECT 1 FROM answer WHERE nxdomain") is not None
            self._refreshed_at = now

    # A row's cells are of any type; `_answer` gives them theirs.
    def _one(self, statement: str, *values: str) -> tuple[Any, ...] | None:
        try:
            connection = self._open()
            if connection is None:
                return None
            with closing(connection.execute(statement, values)) as cursor:
                row: tuple[Any, ...] | None = cursor.fetchone()
                return row
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
