"""Migrations on a database that an older version has filled."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.first_start import prepare

TIME_S = 60.0
OLD = """
INSERT INTO console_token(id, token_id, kind, memo, options, enabled, created_at, touches)
    VALUES (1, 't0', 'web', 'memo', '{}', 1, '2026-03-01 00:00:00', 0);
INSERT INTO console_incident(id, kind, memo, source, source_port, source_facts, resolver, place,
    resolver_place, channels, headline, first_seen, last_seen, touches, state, changed,
    told_touches, token_id)
VALUES
    (1, 'web', 'payroll', '192.0.2.1', 1, '{}', '', '1 192.0.2.1', '', 'http', 'GET',
     '1970-01-01 12:00:00', '1970-01-02 23:59:59.999999', 1, 'new', 1, 1, 1),
    (2, 'web', 'payroll', '192.0.2.2', 1, '{}', '', '1 192.0.2.2', '', 'http', 'GET',
     '1970-01-03 00:00:00', '1970-01-03 00:00:00', 1, 'new', 2, 1, 1),
    (3, 'alarm', '', '', 0, '{}', '', 'alarm disk', '', '', 'full',
     '1970-01-03 00:00:00', '1970-01-03 00:00:00', 1, 'new', 3, 1, NULL);
"""


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    prepare(made, Settings(data=str(made.root), domain=("files.example",)))
    return made


def migrate(folder: DataFolder, *target: str) -> None:
    settings = "serinus.console.project.settings"
    environment = os.environ | {
        "SERINUS_DATA": str(folder.root),
        "DJANGO_SETTINGS_MODULE": settings,
    }
    command = [sys.executable, "-m", "django", "migrate", "--verbosity=0", *target]
    subprocess.run(command, env=environment, check=True, timeout=TIME_S)


def test_stored_incidents_get_their_day_and_keep_their_search(folder: DataFolder) -> None:
    migrate(folder, "console", "0005")
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.executescript(OLD)
    migrate(folder)
    with closing(sqlite3.connect(folder.database)) as connection:
        days = connection.execute("SELECT id, day FROM console_incident ORDER BY id").fetchall()
        assert days == [(1, 1), (2, 2), (3, None)]
        connection.execute("UPDATE console_incident SET memo = 'vault' WHERE id = 2")
        found = "SELECT rowid FROM console_incident_search WHERE console_incident_search MATCH ?"
        assert connection.execute(found, ("payroll",)).fetchall() == [(1,)]
        assert connection.execute(found, ("vault",)).fetchall() == [(2,)]
