"""A Console on a plain SQLite file: prepared and migrated once, emptied before every test."""

import os
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import django
import pytest
from django.core.management import call_command
from django.test import Client

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.first_start import prepare

DATA = tempfile.TemporaryDirectory(prefix="serinus-test-")
prepare(DataFolder(Path(DATA.name)), Settings(data=DATA.name, domain=("files.example",)))
os.environ["SERINUS_DATA"] = DATA.name
os.environ["DJANGO_SETTINGS_MODULE"] = "serinus.console.project.settings"
django.setup()

from serinus.console.models import User  # noqa: E402 - models exist once Django is set up
from serinus.console.models.people import Role  # noqa: E402

PASSWORD = "a long enough passphrase"


@pytest.fixture(scope="session")
def migrated() -> None:
    call_command("migrate", verbosity=0)


@pytest.fixture(autouse=True)
def empty(migrated: None) -> None:
    call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 3, 1, 3, 0, tzinfo=UTC)


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("olivia", password=PASSWORD, role=Role.OWNER)


@pytest.fixture
def colleague() -> User:
    return User.objects.create_user("casper", password=PASSWORD, role=Role.COLLEAGUE)


def signed_in(user: User) -> Client:
    """A browser in which this person has signed in."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


@pytest.fixture
def owners_browser(owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def colleagues_browser(colleague: User) -> Client:
    return signed_in(colleague)


@pytest.fixture
def strangers_browser() -> Client:
    """A browser of somebody without an account, who must see nothing."""
    return Client(SERVER_NAME="localhost")
