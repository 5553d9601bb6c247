"""Writes many rows with few statements, straight from their values.

Django's own bulk operations build an object for every row and an expression for every field of it,
which costs the worker more than all the rest that it does with a touch.
"""

import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import DateTimeField, Field, JSONField, Model

PARAMETERS_MAX = 900
"""Values of one statement; SQLite's oldest bound is 999."""
TIMES_MAX = 4096
"""Times remembered as the database takes them; the rows of one touch share two."""


class Columns:
    """Columns of one model, for rows that are sequences of their values in the same order.

    Args:
        model: Whose rows they are.
        names: Its fields; an insertion gives the others their defaults.
    """

    def __init__(self, model: type[Model], names: Sequence[str]) -> None:
        given = [model._meta.get_field(name) for name in names]
        fields = [f for f in given if isinstance(f, Field)]
        rest = [f for f in model._meta.concrete_fields if f not in fields and not f.primary_key]
        self._table = model._meta.db_table
        self._names = [str(f.column) for f in fields]
        self._all_names = [*self._names, *(str(f.column) for f in rest)]
        self._converters = [
            (n, _CONVERTERS[type(f)]) for n, f in enumerate(fields) if type(f) in _CONVERTERS
        ]
        database = connections[DEFAULT_DB_ALIAS]
        self._rest = [f.get_db_prep_save(f.get_default(), database) for f in rest]

    def insert(self, rows: Sequence[Sequence[Any]]) -> None:
        """Insert rows; those whose like is there already are left out."""
        values = [self._prepare(row) + self._rest for row in rows]
        execute_many(f"{self._insertion(1)} ON CONFLICT DO NOTHING", values)

    def insert_with_keys(self, rows: Sequence[Sequence[Any]]) -> list[int]:
        """Insert rows and return their primary keys, in the same order; inside a transaction."""
        size = max(1, PARAMETERS_MAX // len(self._all_names))
        keys: list[int] = []
        for begin in range(0, len(rows), size):
            part = rows[begin : begin + size]
            values = [value for row in part for value in self._prepare(row) + self._rest]
            with connection.cursor() as cursor:
                cursor.execute(f"{self._insertion(len(part))} RETURNING id", values)
                keys += [key for (key,) in cursor.fetchall()]
        return keys

    def update(self, rows: Sequence[tuple[int, Sequence[Any]]]) -> None:
        """Change rows, each given with its primary key; inside a transaction."""
        assignments = ", ".join(f"{name} = %s" for name in self._names)
        execute_many(
            f"UPDATE {self._table} SET {assignments} WHERE id = %s",  # noqa: S608
            [[*self._prepare(row), key] for key, row in rows],
        )

    def _prepare(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for n, convert in self._converters:
            values[n] = convert(values[n])
        return values

    def _insertion(self, count: int) -> str:
        marks = f"({', '.join(['%s'] * len(self._all_names))})"
        names = ", ".join(self._all_names)
        return f"INSERT INTO {self._table} ({names}) VALUES {', '.join([marks] * count)}"  # noqa: S608


def execute_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each row of values that the database takes; inside a transaction."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


@lru_cache(maxsize=TIMES_MAX)
def write_time(at: Any) -> Any:
    """Return a time, or None, as the database takes it."""
    return connections[DEFAULT_DB_ALIAS].ops.adapt_datetimefield_value(at)


_write_json = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
"""Made once: `json.dumps` makes an encoder for every call."""

_CONVERTERS: dict[type, Callable[[Any], Any]] = {
    DateTimeField: write_time,
    JSONField: _write_json,
}
