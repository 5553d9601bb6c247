"""Incidents as files: all the evidence line by line (jsonl), or a table for a spreadsheet (csv).

A cell of the table never begins with what a spreadsheet takes for a formula: such text gets an
apostrophe in front (OWASP, CSV Injection, 2024).
"""

import csv
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from serinus.cli.client import Client
from serinus.cli.output import show

FORMATS = ("jsonl", "csv")
COLUMNS = (
    "id",
    "state",
    "kind",
    "token",
    "memo",
    "source",
    "resolver",
    "headline",
    "first_seen",
    "last_seen",
    "touches",
    "acknowledged_by",
    "acknowledged_at",
    "closed_by",
    "closed_at",
    "page",
)
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
"""Spreadsheets take the full-width signs for the same."""


def export_incidents(
    client: Client, search: Mapping[str, object], format: str, output: str | None
) -> int:
    """Write every incident that the search finds, and count them; without output to our own."""
    count = 0
    with _open(output) as file:
        if format == "csv":
            file.write(_csv_line(COLUMNS))
        for incident in client.items("incidents", **search):
            file.write(_line(client, incident) if format == "jsonl" else _row(incident))
            count += 1
    return count


def guard_cell(value: Any) -> str:
    """Return any value as harmless text that no spreadsheet takes for a formula."""
    text = show(value)
    return "'" + text if text.lstrip().startswith(FORMULA) else text


def _line(client: Client, incident: dict[str, Any]) -> str:
    whole = client.get("incidents", incident["id"])
    touches = client.items("incidents", incident["id"], "touches")
    return json.dumps({**whole, "evidence": list(touches)}) + "\n"


def _row(incident: dict[str, Any]) -> str:
    return _csv_line([guard_cell(incident[name]) for name in COLUMNS])


def _csv_line(cells: Any) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)  # RFC 4180: CR LF and doubled quotes.
    return line.getvalue()


@contextmanager
def _open(output: str | None) -> Iterator[TextIO]:
    if output in (None, "-"):
        yield sys.stdout
        return
    descriptor = os.open(Path(str(output)), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        yield file
