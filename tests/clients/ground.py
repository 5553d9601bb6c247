"""What every test with real clients stands on: the clients, ports, and waiting with a limit."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn, TypeVar

import pytest

WAIT_MAX_S = 60.0

Found = TypeVar("Found")


CLIENTS = Path(__file__).parents[2] / ".clients"
"""Where `tests/install-clients` puts those that come from PyPI and npm."""
CLIENTS_PATH = f"{os.environ['PATH']}:/usr/sbin:{CLIENTS}/bin:{CLIENTS}/node/node_modules/.bin"


def client(name: str) -> str:
    """The path of a real client; without it the test is skipped, in CI it fails."""
    return shutil.which(name, path=CLIENTS_PATH) or lacking(name)


def lacking(what: str) -> NoReturn:
    """Skip the test because something is missing here; in CI, fail it."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is missing")
    pytest.skip(f"{what} is missing")


def free_port() -> int:
    """A port on which nothing listens, UDP and TCP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def until(look: Callable[[], Found | None], what: str, seconds: float = WAIT_MAX_S) -> Found:
    """Look again and again until there is something; fail by name when it does not come."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come within {seconds:g} s")
