"""Django's settings, worked out from the data folder that `SERINUS_DATA` names.

The folder's `run/settings.json` holds what `up` resolved; without it the defaults hold, so that
migrations and type checks need no running instance.
"""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from serinus.base.folder import DataFolder
from serinus.base.settings import Settings, read_listen, read_settings

UPLOAD_SIZE_MAX = 28 * 1024 * 1024
"""Bytes of one request: a token's file of 20 MiB as Base64 text, and what is around it."""
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
ALLOWED_HOSTS = [
    _URL.hostname or "localhost",
    str(read_listen(INSTANCE.console, "console")).rpartition(":")[0],
    "localhost",
    "127.0.0.1",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [f"{_URL.scheme}://{_URL.netloc}"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "serinus.console",
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "serinus.console.pages.headers.PageHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "serinus.console.pages.access.SignInRequired",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]

ROOT_URLCONF = "serinus.console.project.urls"
APPEND_SLASH = False
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parents[1] / "pages" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "serinus.console.pages.context.describe_visit",
            ],
            "builtins": ["serinus.console.pages.tags"],
        },
    }
]
# What a page posts; the whole of a request is held to UPLOAD_SIZE_MAX before Django reads it.
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_SIZE_MAX
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 8

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

# It holds the counts of failed sign-ins. Django's default of 300 entries would be pushed out by as
# many made-up user names, and with them the count of the name that is being tried.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

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
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _URL.scheme == "https"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
# "no-referrer" would make browsers post forms with the origin "null", which no check accepts.
SECURE_REFERRER_POLICY = "same-origin"

ACCOUNT_ADAPTER = "serinus.console.pages.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
MFA_TOTP_ISSUER = "Serinus"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
# Browsers let http use WebAuthn on this machine alone; the library wants to be told.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = _URL.scheme == "http"

# Requests are not logged: a path may hold the secret of a link. `asgi` logs what fails.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django": {"level": "CRITICAL"}},
}

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = False
