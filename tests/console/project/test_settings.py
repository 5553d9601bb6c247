from pathlib import Path

from django.conf import settings
from django.db import connection

from serinus.base.settings import Settings, write_settings
from serinus.console.project.settings import _read_instance, _read_secret


def test_the_secret_is_the_files_or_new_for_each_process(tmp_path: Path) -> None:
    path = tmp_path / "web-secret"
    assert _read_secret(path) != _read_secret(path)
    path.write_text("kept\n")
    assert _read_secret(path) == "kept"


def test_the_instances_settings_are_read_or_the_defaults(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    assert _read_instance(path) == Settings()
    path.write_text(write_settings(Settings(console="127.0.0.1:9000")))
    assert _read_instance(path).console == "127.0.0.1:9000"


def test_the_database_is_durable_and_waits_for_other_writers() -> None:
    with connection.cursor() as cursor:
        for pragma, expected in (
            ("journal_mode", "wal"),
            ("synchronous", 2),
            ("busy_timeout", 10000),
            ("foreign_keys", 1),
        ):
            cursor.execute(f"PRAGMA {pragma}")
            assert cursor.fetchone() == (expected,)
    assert settings.AUTH_USER_MODEL == "console.User"
