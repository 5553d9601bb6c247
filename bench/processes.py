"""Processes under measurement: started on a core of their own, weighed, stopped by their pid."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TypeVar

STOP_MAX_S = 30.0
WAIT_MAX_S = 60.0
PEER_USER = "nobody"

_CORES = sorted(os.sched_getaffinity(0))
SERVER_CORE = _CORES[-1]
"""Whatever is measured runs here, so that it has one core and no more."""
LOAD_CORES = _CORES[:-1] or _CORES
"""Whatever makes load runs here."""

Found = TypeVar("Found")


class Memory(NamedTuple):
    """Resident memory of some processes in MiB; `pss` shares out the pages that they share."""

    rss: float
    pss: float


def find_program(name: str) -> str | None:
    """Return where a program is, also where a user's path leaves out the system's folders."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/sbin")


def free_port() -> int:
    """Return a port on which nothing listens, neither UDP nor TCP."""
    while True:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = int(tcp.getsockname()[1])
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def until(look: Callable[[], Found], what: str, seconds: float = WAIT_MAX_S) -> Found:
    """Look again and again until there is something."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not come within {seconds:g} s")
        time.sleep(0.01)


@contextmanager
def started(
    command: Sequence[str],
    log: Path,
    cores: Sequence[int] = (SERVER_CORE,),
    environment: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a server for the length of a block.

    Args:
        command: Program and arguments.
        log: Takes what it prints.
        cores: Where it may run.
        environment: What is added to ours.
        user: Who runs it, where we are root.
    """
    pinned = ["taskset", "-c", ",".join(map(str, cores)), *command]
    with log.open("ab") as file:
        process = subprocess.Popen(
            pinned,
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **(environment or {})},
            user=user if os.getuid() == 0 else None,
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_MAX_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def tree(pid: int) -> list[int]:
    """Return the process and all that descend from it."""
    found = [pid]
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in children.read_text().split():
            found += tree(int(child))
    return found


def cpu_seconds(pid: int, with_children: bool = True) -> float:
    """Return what all living threads of the process, and by default of its children, have run."""
    total = 0
    for member in tree(pid) if with_children else [pid]:
        for schedule in Path(f"/proc/{member}/task").glob("*/schedstat"):
            total += int(schedule.read_text().split()[0])
    return total / 1e9


def memory(pid: int, with_children: bool = True) -> Memory:
    """Return what the process, and by default its children, hold."""
    sums = {"Rss:": 0, "Pss:": 0}
    for member in tree(pid) if with_children else [pid]:
        for line in Path(f"/proc/{member}/smaps_rollup").read_text().splitlines():
            name, *rest = line.split()
            if name in sums:
                sums[name] += int(rest[0])
    return Memory(sums["Rss:"] / 1024, sums["Pss:"] / 1024)
