"""A Console on a plain SQLite file: migrated once, emptied before every test."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import django
import pytest
from django.core.management import call_command

DATA = tempfile.TemporaryDirectory(prefix="serinus-test-")
(Path(DATA.name) / "state").mkdir()
os.environ["SERINUS_DATA"] = DATA.name
os.environ["DJANGO_SETTINGS_MODULE"] = "serinus.console.project.settings"
django.setup()


@pytest.fixture(scope="session")
def migrated() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture(autouse=True)
def empty(migrated: None) -> None:
    call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
