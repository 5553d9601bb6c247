"""Writes many rows with few statements, prepared once.

Django's own bulk operations build and compile an expression for every row and field, which costs
the worker more than all the rest that it does with a touch.
"""

from collections.abc import Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field, JSONField, Model

PARAMETERS_MAX = 900
"""Values of one statement; SQLite's oldest bound is 999."""

_PLAIN = frozenset({str, int, type(None)})
"""What the database takes as it is, but for JSON."""

Fields = Sequence["Field[Any, Any]"]


def execute_many(statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """Run one statement for each row of parameters; inside a transaction."""
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(statement, rows)


def insert_values(model: type[Model], fields: Fields, rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows of prepared values; those whose like is there already are left out."""
    marks = _marks(fields)
    execute_many(f"{_insert(model, fields)} VALUES {marks} ON CONFLICT DO NOTHING", rows)


def insert_rows(rows: Sequence[Model]) -> None:
    """Insert rows of one model and give each its primary key; inside a transaction."""
    if not rows:
        return
    model = type(rows[0])
    fields = insert_fields(model)
    size = max(1, PARAMETERS_MAX // len(fields))
    for begin in range(0, len(rows), size):
        part = rows[begin : begin + size]
        marks = ", ".join([_marks(fields)] * len(part))
        values = [value for row in part for value in prepare(row, fields)]
        with connection.cursor() as cursor:
            cursor.execute(f"{_insert(model, fields)} VALUES {marks} RETURNING id", values)
            keys = [key for (key,) in cursor.fetchall()]
        for row, key in zip(part, keys, strict=True):
            row.pk = key
            row._state.adding = False


def insert_fields(model: type[Model]) -> list["Field[Any, Any]"]:
    """Return the fields that an insertion gives."""
    return [f for f in model._meta.concrete_fields if not f.primary_key]


def prepare(row: Model, fields: Fields) -> list[Any]:
    """Return the values of a row as the database takes them."""
    # The one of this thread itself: behind `connection` it is looked up at every attribute.
    database = connections[DEFAULT_DB_ALIAS]
    return [
        value
        if type(value := getattr(row, f.attname)) in _PLAIN and not isinstance(f, JSONField)
        else f.get_db_prep_save(value, database)
        for f in fields
    ]


def _insert(model: type[Model], fields: Fields) -> str:
    return f"INSERT INTO {model._meta.db_table} ({', '.join(str(f.column) for f in fields)})"


def _marks(fields: Fields) -> str:
    return f"({', '.join(['%s'] * len(fields))})"
