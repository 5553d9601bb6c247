"""The supervisor: starts edge, worker and console, starts again what ends, and stops all in order.

Rules:
- A child that ends is started again after a delay that doubles up to a bound. How often, since when
  and how the last one ended stands in `run/processes.json`.
- Stopping: the edge first, so that nothing more is promised; the worker, so that it drains; the
  Console last. Each has a bounded time, then it is killed.
- Children end by themselves when the supervisor is gone (`lifeline`), however it went.
- A full disk stops none of this.
- It stays small: no Django, no asyncio, no cryptography.
"""

import fcntl
import json
import logging
import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from serinus.base.clock import as_datetime, monotonic_time, unix_time
from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.log import start_log
from serinus.base.settings import Settings, read_settings
from serinus.programs.first_start import prepare_deployment, write_whole
from serinus.programs.lifeline import VARIABLE
from serinus.programs.ports import find_port_faults

STOP_S: Mapping[str, float] = {"edge": 10.0, "worker": 20.0, "console": 10.0}
"""The children in the order of starting and of stopping, and how long each may take to end after
SIGTERM before SIGKILL; what was promised is in the ledger either way."""
DELAY_MIN_S = 0.2
DELAY_MAX_S = 5.0
"""An edge that can be made to end must not be away for long; a start costs half a second."""
STEADY_S = 60.0
"""A child that ran this long begins again with the shortest delay."""
INHERITED_S = 15.0
"""After a supervisor was killed its children may hold their ports this long; see `lifeline`."""
POLL_S = 0.1
OTHERS = 0o077
"""Every right of anybody but the owner."""
SETTINGS_VARIABLE = "SERINUS_UP_SETTINGS"
"""Holds the resolved settings for `python -m serinus.programs.up`."""

Command = Callable[[str, Path], Sequence[str]]
"""The command of the child with this name on this data folder."""

_log = logging.getLogger(__name__)


def own_command(name: str, data: Path) -> Sequence[str]:
    """Return the command of our own program."""
    return sys.executable, "-m", f"serinus.programs.{name}", str(data)


def run(settings: Settings, command: Command = own_command) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    start_log("up", settings.log_level)
    # Whatever we and the children make is for this user alone: SQLite goes by the mask.
    os.umask(OTHERS)
    folder = DataFolder(Path(settings.data).absolute())
    try:
        with _signals() as wake, _lock(folder) as orphans:
            if _ports_are_free(settings, orphans, wake):
                settings = prepare_deployment(folder, settings)
                _print_banner(settings)
                _Supervisor(folder, command).serve(wake)
    except OperatorError as error:
        _say_fault(error.sentence)
        return 1
    except OSError as error:
        _say_fault(f"The data folder {folder.root} cannot be used: {error}.")
        return 1
    return 0


def lock_path(folder: DataFolder) -> Path:
    """The file that a running supervisor holds; it contains its process id until a clean end."""
    return folder.root / "run" / "up.lock"


def processes_path(folder: DataFolder) -> Path:
    """The file that says of each child `pid`, `started_at`, `restarts` and `last_end`."""
    return folder.root / "run" / "processes.json"


def is_running(folder: DataFolder) -> bool:
    """Tell whether a supervisor holds the data folder."""
    try:
        with lock_path(folder).open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


@contextmanager
def _lock(folder: DataFolder) -> Iterator[bool]:
    """Hold the data folder; yields whether the last holder was killed, children perhaps alive."""
    for path in (folder.root, lock_path(folder).parent):
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(lock_path(folder), os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperatorError(
                f"Serinus runs on {folder.root} already (process {file.read().strip() or '?'}): "
                "stop it first, or give --data another folder.",
                "data",
            ) from None
        orphans = bool(file.read())
        _rewrite(descriptor, str(os.getpid()))
        try:
            yield orphans
        finally:
            _rewrite(descriptor, "")


def _rewrite(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode(), 0)


def _ports_are_free(settings: Settings, orphans: bool, wake: "_Wake") -> bool:
    """Wait for what a killed supervisor left to end; False when told to stop meanwhile."""
    deadline = monotonic_time() + (INHERITED_S if orphans else 0)
    while not wake.stopping:
        faults = find_port_faults(settings)
        if not faults:
            return True
        if monotonic_time() >= deadline:
            raise OperatorError(str(faults[0]), faults[0].place.setting)
        wake.wait(POLL_S)
    return False


class _Wake:
    """Wakes the supervisor when a child ended or it is told to stop."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self.stopping = False

    def wait(self, seconds: float | None) -> None:
        if select.select([self._sock], (), (), seconds)[0]:
            self._sock.recv(4096)

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def note(self, _number: int, _frame: FrameType | None) -> None:
        """Let the socket say it: a signal without a handler would wake nobody."""


@contextmanager
def _signals() -> Iterator[_Wake]:
    """Take SIGTERM, SIGINT and SIGCHLD by way of a socket, so that none falls between two waits."""
    with ExitStack() as held:
        heard, told = (held.enter_context(end) for end in socket.socketpair())
        heard.setblocking(False)
        told.setblocking(False)
        wake = _Wake(heard)
        held.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(told.fileno()))
        for number in (signal.SIGTERM, signal.SIGINT):
            held.callback(signal.signal, number, signal.signal(number, wake.stop))
        held.callback(signal.signal, signal.SIGCHLD, signal.signal(signal.SIGCHLD, wake.note))
        yield wake


@dataclass(slots=True)
class _Child:
    """One supervised process. Monotonic times in seconds, but for `began_at`, a Unix time."""

    name: str
    process: "subprocess.Popen[bytes] | None" = None
    began_at: float | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    delay_s: float = DELAY_MIN_S
    starts: int = 0
    last_end: str | None = None

    def describe(self) -> dict[str, str | int | None]:
        """Return what `processes.json` says of it."""
        return {
            "pid": self.process.pid if self.process else None,
            "started_at": as_datetime(self.began_at).isoformat(timespec="milliseconds")
            if self.began_at
            else None,
            "restarts": max(0, self.starts - 1),
            "last_end": self.last_end,
        }


class _Supervisor:
    """Runs the children of one data folder."""

    def __init__(self, folder: DataFolder, command: Command) -> None:
        self._folder, self._command = folder, command
        self._children = [_Child(name) for name in STOP_S]
        self._lifeline, self._held = os.pipe()

    def serve(self, wake: _Wake) -> None:
        """Keep the children running until told to stop, then stop them."""
        try:
            while not wake.stopping:
                now = monotonic_time()
                for child in self._children:
                    self._tend(child, now)
                wake.wait(self._next_start(now))
        finally:
            for child in self._children:
                _end(child, STOP_S[child.name])
            self._note()
            _log.info("Everything has stopped.")

    def _tend(self, child: _Child, now: float) -> None:
        ended = child.process is not None and child.process.poll() is not None
        if ended:
            self._put_off(child, now, _take_end(child))
        due = child.process is None and child.start_at <= now
        if due:
            self._start(child, now)
        if ended or due:
            self._note()

    def _start(self, child: _Child, now: float) -> None:
        data = self._folder.root
        child.starts += 1
        child.started_at = now
        try:
            child.process = subprocess.Popen(  # noqa: S603 - our own programs
                self._command(child.name, data),
                stdin=subprocess.DEVNULL,
                pass_fds=(self._lifeline,),
                env={**os.environ, "SERINUS_DATA": str(data), VARIABLE: str(self._lifeline)},
                # Of its own group, or Ctrl-C would reach all at once and in no order.
                process_group=0,
            )
            child.began_at = unix_time()
        except OSError as error:
            # No process or no memory to be had now: the same as one that ended at once.
            self._put_off(child, now, f"could not start: {error.strerror}")

    def _put_off(self, child: _Child, now: float, end: str) -> None:
        if now - child.started_at > STEADY_S:
            child.delay_s = DELAY_MIN_S
        child.start_at = now + child.delay_s
        child.last_end = f"{end} at {as_datetime(unix_time()).isoformat(timespec='seconds')}"
        _log.warning(
            "The %s ended (%s); it is started again in %.1f s.", child.name, end, child.delay_s
        )
        child.delay_s = min(DELAY_MAX_S, child.delay_s * 2)

    def _next_start(self, now: float) -> float | None:
        waits = [child.start_at - now for child in self._children if child.process is None]
        return max(0.0, min(waits)) if waits else None

    def _note(self) -> None:
        found = {child.name: child.describe() for child in self._children}
        try:
            write_whole(processes_path(self._folder), json.dumps(found, indent=1))
        except OSError as error:
            _log.warning("%s cannot be written: %s", processes_path(self._folder), error)


def _take_end(child: _Child) -> str:
    """Forget the process that ended; returns how it ended."""
    process, child.process, child.began_at = child.process, None, None
    status = process.returncode if process else 0
    if status >= 0:
        return f"status {status}"
    try:
        return signal.Signals(-status).name
    except ValueError:
        return f"signal {-status}"


def _end(child: _Child, seconds: float) -> None:
    process = child.process
    if process is None:
        return
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        _log.error("The %s did not end within %.0f s and is killed.", child.name, seconds)
        process.kill()
        process.wait()
    child.last_end = f"{_take_end(child)}, as it was told to"


def _print_banner(settings: Settings) -> None:
    ours = f"SERINUS_DATA={shlex.quote(_short(Path(settings.data)))} {_own_name()}"
    lines = [
        f"Console  {settings.console_base}",
        f"Zone     {', '.join(settings.zones)}",
        f"DNS      {', '.join(settings.dns) or 'off'}",
        f"HTTP     {', '.join(settings.http) or 'off'}",
        f"HTTPS    {', '.join(settings.https) or 'off'}",
        f"Mint     {ours} token mint web --memo 'finance share'",
        f"Look     {ours} incident list",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def _own_name() -> str:
    """Return how our program is called from here: `serinus` where the shell finds this one."""
    beside = Path(sys.executable).with_name("serinus")
    found = shutil.which("serinus")
    return "serinus" if found and Path(found) == beside else shlex.quote(_short(beside))


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _say_fault(sentence: str) -> None:
    sys.stderr.write(sentence + "\n")


def main(_arguments: Sequence[str]) -> int:
    """Run with the settings that the command line resolved; returns the exit status."""
    return run(read_settings(os.environ.pop(SETTINGS_VARIABLE)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
