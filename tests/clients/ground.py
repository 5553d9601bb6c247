"""What every test with real clients stands on: the clients, ports, and waiting with a limit."""

import os
import shutil
import socket
import time
from collections.abc import Callable
from typing import TypeVar

import pytest

WAIT_MAX_S = 60.0

Found = TypeVar("Found")


def client(name: str) -> str:
    """The path of a real client; without it the test is skipped, in CI it fails."""
    found = shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")
    if found is None:
        if os.environ.get("CI") == "true":
            pytest.fail(f"{name} is missing")
        pytest.skip(f"{name} is missing")
    return found


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
