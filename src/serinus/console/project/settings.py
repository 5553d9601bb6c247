"""Django's settings, worked out from the data folder that `SERINUS_DATA` names.

The folder's `run/settings.json` holds what `up` resolved; without it the defaults hold, so that
migrations and type checks need no running instance.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings, read_settings

BUSY_TIMEOUT_S = 10
"""A writer waits this long for another; the worker's batches take a fraction of a second."""

FOLDER = DataFolder(Path(os.environ.get("SERINUS_DATA", "data")))


def _read_instance(path: Path) -> Settings:
    return read_settings(path.read_text("utf-8")) if path.exists() else Settings()


def _read_secret(path: Path) -> str:
    """Without the file every start has a secret of its own, and sessions end with the process."""
    return path.read_text("utf-8").strip() if path.exists() else secrets.token_urlsafe(48)


INSTANCE = _read_instance(FOLDER.settings)
_URL = urlsplit(INSTANCE.console_base)

SECRET_KEY = _read_secret(FOLDER.web_secret)
DEBUG = False
ALLOWED_HOSTS = [_URL.hostname or "localhost", "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [f"{_URL.scheme}://{_URL.netloc}"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "serinus.console",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(FOLDER.database),
        "OPTIONS": {
            "timeout": BUSY_TIMEOUT_S,
            # A transaction that reads first and writes later would fail, not wait, when another
            # wrote in between; taking the write lock at once makes it wait.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "console.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _URL.scheme == "https"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
