"""The start of Django, by several processes at once and on databases that it must refuse."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.first_start import prepare

START = """
import sys
from pathlib import Path
from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.programs.django_start import start_django
try:
    start_django(DataFolder(Path(sys.argv[1])))
except OperatorError as error:
    sys.exit(error.sentence)
"""
TIME_S = 60.0


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    made = DataFolder(tmp_path / "data")
    prepare(made, Settings(data=str(made.root), domain=("files.example",)))
    return made


def begin(folder: DataFolder) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", START, str(folder.root)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def end(process: "subprocess.Popen[str]") -> tuple[int, str]:
    _, errors = process.communicate(timeout=TIME_S)
    return process.returncode, errors.strip()


def ask(folder: DataFolder, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(folder.database)
    try:
        found = connection.execute(statement).fetchall()
        connection.commit()
        return found
    finally:
        connection.close()


def test_several_may_start_at_once_and_one_migrates(folder: DataFolder) -> None:
    assert [end(process) for process in [begin(folder) for _ in range(3)]] == [(0, "")] * 3
    names = [name for (name,) in ask(folder, "SELECT app || name FROM django_migrations")]
    assert len(names) == len(set(names)) > 5
    assert ask(folder, "SELECT count(*) FROM console_token") == [(0,)]
    assert end(begin(folder)) == (0, "")


def test_a_database_of_a_newer_version_is_refused_in_one_sentence(folder: DataFolder) -> None:
    assert end(begin(folder))[0] == 0
    ask(
        folder,
        "INSERT INTO django_migrations(app, name, applied) VALUES('console', '9999_later', '')",
    )
    status, words = end(begin(folder))
    assert status == 1 and "newer Serinus" in words and "9999_later" in words
    assert len(words.splitlines()) == 1


def test_a_damaged_database_is_refused_in_one_sentence(folder: DataFolder) -> None:
    folder.database.write_bytes(b"this is no database" * 500)
    status, words = end(begin(folder))
    assert status == 1 and "is damaged" in words and str(folder.database) in words
    assert len(words.splitlines()) == 1


def test_damaged_settings_are_refused_in_one_sentence(folder: DataFolder) -> None:
    folder.settings.write_text("{")
    status, words = end(begin(folder))
    assert status == 1 and "settings.json cannot be read" in words
    assert len(words.splitlines()) == 1
