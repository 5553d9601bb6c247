"""Where the Console is, and the key that opens it.

Rules:
- `--data` first; then SERINUS_URL with SERINUS_API_KEY; then SERINUS_DATA; then `./data`. Of a
  variable NAME the value may lie in the file that NAME_FILE names.
- Whoever can read the data folder is its operator: the key lies there, and needs no account.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.settings import PREFIX, Settings, read_listen, read_settings

TEXT_SIZE_MAX = 1024 * 1024
"""Bytes of a file with a value or settings; they have a few hundred."""
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}

Data = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="DIR",
        help="Data folder of the instance on this machine; else SERINUS_URL, SERINUS_DATA, ./data.",
    ),
]


@dataclass(frozen=True, slots=True)
class Place:
    """A Console that can be asked.

    Attributes:
        url: What every request's URL begins with, without a slash at the end.
        key: The bearer key.
        host: What the Host header says, where that is not the URL's own host.
        remedy: What to do when nothing answers there.
        doubt: What to do when something answers strangely.
    """

    url: str
    key: str = field(repr=False)
    host: str | None = None
    remedy: str = "check SERINUS_URL"
    doubt: str = "check SERINUS_URL"


def find_console(data: str | None, environ: Mapping[str, str] = os.environ) -> Place:
    """Return the Console that a command is meant for.

    Raises:
        OperatorError: There is none, or its folder or key cannot be read.
    """
    url = read_variable("URL", environ)
    if data is None and url is not None:
        return _find_remote(url, environ)
    return _find_local(DataFolder(Path(find_data(data, environ)).absolute()))


def find_data(data: str | None, environ: Mapping[str, str]) -> str:
    """Return the data folder: as the flag says, as SERINUS_DATA says, or the default."""
    (declared,) = (known for known in fields(Settings) if known.name == "data")
    return data or read_variable("DATA", environ) or str(declared.default)


def read_variable(name: str, environ: Mapping[str, str]) -> str | None:
    """Return SERINUS_NAME, or what the file that SERINUS_NAME_FILE names holds, or None."""
    variable = PREFIX + name
    if environ.get(variable):
        return environ[variable]
    path = environ.get(variable + "_FILE")
    return read_text(path, variable + "_FILE") if path else None


def read_text(path: str, meaning: str) -> str:
    """Return a small text file without blanks at its ends; OperatorError names its meaning."""
    try:
        with Path(path).open("rb") as file:
            content = file.read(TEXT_SIZE_MAX + 1)
        if len(content) > TEXT_SIZE_MAX:
            raise OperatorError(f"{meaning}: {path} is larger than {TEXT_SIZE_MAX} bytes.")
        return content.decode().strip()
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise OperatorError(f"{meaning}: {path} cannot be read: {reason}.") from error


def _find_remote(url: str, environ: Mapping[str, str]) -> Place:
    try:
        parts = urlsplit(url)
        lawful = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        lawful = False
    if not lawful or "@" in url or not url.isascii() or any(c <= " " for c in url):
        raise OperatorError(
            "SERINUS_URL is not the Console's address, such as https://console.example.net.", "url"
        )
    key = read_variable("API_KEY", environ)
    if key is None:
        raise OperatorError(
            "SERINUS_URL needs a key: set SERINUS_API_KEY or SERINUS_API_KEY_FILE, or give --data "
            "for an instance on this machine.",
            "api_key",
        )
    return Place(url.rstrip("/"), _check_key(key, "SERINUS_API_KEY"))


def _find_local(folder: DataFolder) -> Place:
    try:
        settings = read_settings(folder.settings.read_text("utf-8"))
        key = folder.operator_key.read_text("utf-8").strip()
    except FileNotFoundError as error:
        raise OperatorError(
            f"There is no instance in {folder.root}: start it with "
            f"`serinus up --data {folder.root}`, or name its folder with --data or SERINUS_DATA.",
            "data",
        ) from error
    except OSError as error:
        raise OperatorError(
            f"The data folder {folder.root} cannot be read: {error.strerror}; run this as the user "
            "that runs `serinus up`, or use SERINUS_URL with a key.",
            "data",
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise OperatorError(
            f"{folder.settings} is damaged: start `serinus up --data {folder.root}` again.", "data"
        ) from error
    listen = read_listen(settings.console, "console")
    address = _ANY_ADDRESS.get(listen.address, listen.address)
    host = f"[{address}]" if ":" in address else address
    return Place(
        url=f"http://{host}:{listen.port}",
        key=_check_key(key, str(folder.operator_key)),
        # The one name that a Console takes wherever it listens.
        host="localhost",
        remedy=f"start it with `serinus up --data {folder.root}`",
        doubt="see what `serinus up` has written to its log",
    )


def _check_key(key: str, where: str) -> str:
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise OperatorError(f"{where} holds no API key.", "api_key")
    return key
