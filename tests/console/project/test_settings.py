import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings, write_settings
from serinus.console.project.settings import _read_instance, _read_secret
from serinus.programs.first_start import prepare


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


def read_fresh(root: Path, instance: Settings, *names: str) -> list[Any]:
    """Return settings as a process of its own reads them for this instance."""
    prepare(DataFolder(root), instance)
    code = (
        "import json, sys\n"
        "from serinus.console.project import settings\n"
        "print(json.dumps([getattr(settings, name) for name in sys.argv[1:]]))"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, *names],
        env={**os.environ, "SERINUS_DATA": str(root)},
        check=True,
        capture_output=True,
    )
    values: list[Any] = json.loads(found.stdout)
    return values


def test_cookies_are_for_https_alone_where_people_use_https(tmp_path: Path) -> None:
    names = ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "ALLOWED_HOSTS")
    instance = Settings(data=str(tmp_path), console_url="https://console.example:8443")
    session, csrf, hosts = read_fresh(tmp_path, instance, *names)
    assert session
    assert csrf
    assert "console.example" in hosts
    assert "*" not in hosts
    session, csrf, hosts = read_fresh(tmp_path, Settings(data=str(tmp_path)), *names)
    assert not session
    assert not csrf
    assert "console.example" not in hosts


def test_nothing_is_debugged_and_no_proxy_is_believed() -> None:
    assert not settings.DEBUG
    assert not settings.USE_X_FORWARDED_HOST
    assert settings.SECURE_PROXY_SSL_HEADER is None
