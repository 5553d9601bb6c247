"""Where and with what a run was made."""

import os
import platform
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.native import native_environment
from bench.processes import find_program

ROOT = Path(__file__).parent.parent
PEERS = ("knot", "nginx-light", "dnsperf", "wrk")


def describe_machine(scratch: Path) -> list[tuple[str, str]]:
    """Return names and values; `scratch` is where the ledgers of the run lie."""
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    return [
        ("Date", datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")),
        ("Processor", f"{_processor()}, {os.cpu_count()} cores; load average {load}"),
        ("Kernel", f"{platform.system()} {platform.release()}; {_distribution()}"),
        ("Disk", _file_system(scratch)),
        ("Serinus", f"{version('serinus')}, commit {_commit()}"),
        ("Build", _build()),
        ("Python", f"{platform.python_version()}; SQLite {sqlite3.sqlite_version}"),
        ("Peers", ", ".join(f"{name} {_package(name)}" for name in PEERS)),
    ]


def _build() -> str:
    if not native_environment():
        return "interpreted: there is no C compiler, or no header of Python"
    return "as it ships, the edge's busiest modules compiled; remarks tell the interpreted figures"


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return "unknown distribution"


def _file_system(path: Path) -> str:
    kind = _output("stat", "-f", "-c", "%T", str(path)) or "unknown"
    remark = " (in memory: durable rows are flattered)" if kind == "tmpfs" else ""
    return f"{kind}{remark}"


def _commit() -> str:
    commit = _output("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD") or "unknown"
    changed = _output("git", "-C", str(ROOT), "status", "--porcelain", "src")
    return f"{commit} with changes" if changed else commit


def _package(name: str) -> str:
    return _output("dpkg-query", "-W", "-f=${Version}", name) or "missing"


def _output(*command: str) -> str:
    if find_program(command[0]) is None:
        return ""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""
