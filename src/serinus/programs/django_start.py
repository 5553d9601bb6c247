"""Starts Django on a data folder and brings its database up to date.

Only after it may anything of `serinus.console` that knows models be imported, so a program that
needs it gets its core by `import_string` once this has returned.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder

SETTINGS_MODULE = "serinus.console.project.settings"
FILE_MODE = 0o600


def start_django(folder: DataFolder) -> None:
    """Set Django up on the folder and migrate; several processes may do so at once.

    Raises:
        OperatorError: The settings cannot be read; the database is damaged, of a newer version,
            or takes no writes.
    """
    os.environ["SERINUS_DATA"] = str(folder.root)
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS_MODULE
    try:
        django.setup()
    except (OSError, ValueError) as error:
        raise OperatorError(
            f"{folder.settings} cannot be read ({error}); start `serinus up`, which writes it."
        ) from error
    try:
        _migrate(folder)
    finally:
        connection.close()


def lock_path(folder: DataFolder) -> Path:
    """The file that whoever migrates holds."""
    return folder.database.with_name("migrate.lock")


def _migrate(folder: DataFolder) -> None:
    path = folder.database
    try:
        # Two that look first and migrate later would both make the same tables.
        with _hold(lock_path(folder)):
            executor = MigrationExecutor(connection)
            _refuse_newer(path, executor)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                call_command("migrate", interactive=False, verbosity=0)
    except OSError as error:
        raise OperatorError(f"{path.parent} cannot be written: {error.strerror}.") from error
    except OperationalError as error:
        raise OperatorError(
            f"{path} takes no writes ({error}): check its disk's space, its owner and its mode."
        ) from error
    except DatabaseError as error:
        raise OperatorError(
            f"{path} is damaged ({error}): stop Serinus and restore it from a backup with "
            "`serinus restore`."
        ) from error


def _refuse_newer(path: Path, executor: MigrationExecutor) -> None:
    loader = executor.loader
    unknown = sorted(
        f"{label}.{name}"
        for label, name in loader.applied_migrations or ()
        if label in loader.migrated_apps and (label, name) not in loader.graph.nodes
    )
    if unknown:
        raise OperatorError(
            f"{path} was written by a newer Serinus (it knows {unknown[-1]}): run that version "
            "again, or restore a backup that is older."
        )


@contextmanager
def _hold(path: Path) -> Iterator[None]:
    """Hold the lock; the kernel takes it from a holder that dies, so the wait always ends."""
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE), "r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
