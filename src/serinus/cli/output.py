"""What commands print: one JSON document, a table, labelled facts.

Rules:
- Every text passes `readable` here, whoever wrote it, and Rich's markup is off.
- A terminal gets aligned columns and a little colour (not with NO_COLOR); a pipe gets one line per
  row, its cells separated by tabs, without a heading.
"""

import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from serinus.base.clock import unix_time
from serinus.base.untrusted import READABLE_MAX, readable

AsJSON = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")]

CELL_LENGTH_MAX = 200
"""Characters of a cell on a terminal; a memo may be a page long, and `show` prints all of it."""
GAP = 2
WIDE_MIN = 24
"""Columns of a terminal below which a wide column is not worth reading."""
INDENT = 4
_AGES = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; only a `wide` one is wrapped."""

    title: str
    wide: bool = False
    number: bool = False


def print_json(document: Any) -> None:
    """Print the one document of a command."""
    # ASCII alone: an intruder's text may hold what steers a terminal.
    sys.stdout.write(json.dumps(document, indent=1) + "\n")


def print_table(columns: Sequence[Column], rows: Iterable[Sequence[Any]], nothing: str) -> None:
    """Print rows below their columns; `nothing` is said on a terminal where there are none."""
    length_max = CELL_LENGTH_MAX if is_terminal() else READABLE_MAX
    cells = [[readable(show(cell), length_max) for cell in row] for row in rows]
    if not is_terminal():
        sys.stdout.writelines("\t".join(row) + "\n" for row in cells)
        return
    if not cells:
        print_line(nothing)
        return
    if _width(columns, cells) > _console().width:
        _print_narrow(columns, cells)
        return
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(
            column.title,
            no_wrap=not column.wide,
            overflow="fold",
            justify="right" if column.number else "left",
        )
    for row in cells:
        table.add_row(*map(Text, row))
    _console().print(table)


def print_facts(facts: Iterable[tuple[str, Any]], indent: str = "") -> None:
    """Print labelled values below one another; empty ones are left out."""
    shown = [(label, show(value)) for label, value in facts if value not in (None, "", [], {})]
    if not is_terminal():
        sys.stdout.writelines(f"{indent}{label}\t{value}\n" for label, value in shown)
        return
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, value in shown:
        table.add_row(Text(indent + label, style="dim"), Text(value))
    _console().print(table)


def print_title(text: str) -> None:
    """Print a line that stands out on a terminal."""
    _console().print(Text(show(text), style="bold"), soft_wrap=True)


def print_line(text: str = "") -> None:
    """Print one line as it is, however wide, so that it can be copied whole."""
    sys.stdout.write(readable(text, len(text) * 10 + 1) + "\n")


def write_bytes(content: bytes, output: str | None) -> None:
    """Write to a file that its owner alone can read, or to standard output."""
    if output in (None, "-"):
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    descriptor = os.open(Path(str(output)), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def show(value: Any) -> str:
    """Return any value of the API as one line of harmless text."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return readable(" ".join(value.split("\n")), READABLE_MAX)
        case list() | tuple():
            return ", ".join(map(show, value))
        case dict():
            return "; ".join(f"{show(name)}: {show(found)}" for name, found in value.items())
        case _:
            return readable(str(value))


def show_age(at: str | None) -> str:
    """Return how long ago an RFC 3339 time was; for a pipe, the time itself."""
    if not at or not is_terminal():
        return at or ""
    try:
        seconds = unix_time() - datetime.fromisoformat(at).timestamp()
    except ValueError:
        return at
    for unit, size in _AGES:
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"


def is_terminal() -> bool:
    """Tell whether a person reads standard output."""
    return _console().is_terminal


def _width(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> int:
    """Return how many columns of a terminal a table needs at least."""
    widths = _widths(columns, cells)
    wanted = [
        min(width, WIDE_MIN) if column.wide else width
        for column, width in zip(columns, widths, strict=True)
    ]
    return sum(wanted) + GAP * (len(columns) - 1)


def _widths(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> list[int]:
    return [
        max(cell_len(text) for text in (column.title, *(row[place] for row in cells)))
        for place, column in enumerate(columns)
    ]


def _print_narrow(columns: Sequence[Column], cells: Sequence[Sequence[str]]) -> None:
    """Print the wide cells of a row below the others."""
    console, widths = _console(), _widths(columns, cells)
    heading = _short_line(columns, widths, [column.title for column in columns])
    console.print(Text(heading, style="bold"), soft_wrap=True)
    for row in cells:
        console.print(Text(_short_line(columns, widths, row)), soft_wrap=True)
        for column, cell in zip(columns, row, strict=True):
            if column.wide and cell:
                console.print(Padding(Text(cell, overflow="fold"), (0, 0, 0, INDENT)))


def _short_line(columns: Sequence[Column], widths: Sequence[int], row: Sequence[str]) -> str:
    line = [
        " " * (width - cell_len(text)) + text if column.number else set_cell_size(text, width)
        for column, width, text in zip(columns, widths, row, strict=True)
        if not column.wide
    ]
    return (" " * GAP).join(line).rstrip()


def _console() -> Console:
    # Made anew: it follows the width and sys.stdout of the moment.
    return Console(markup=False, highlight=False, emoji=False)
