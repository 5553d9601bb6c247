"""The supervisor with stand-in children, whose behaviour each test chooses; `up` itself is real."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from clients.ground import free_port, until
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings, write_settings
from serinus.programs.up import SETTINGS_VARIABLE, is_running, processes_path

STEADY = (
    "import os, signal, sys, time; from serinus.programs.lifeline import hold_lifeline\n"
    "hold_lifeline()\n"
    "def end(*_):\n"
    "    open(os.environ['ENDS'], 'a').write(sys.argv[1] + ' '); sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end); open(os.environ['ENDS'] + sys.argv[1], 'w').close()\n"
    "while True: time.sleep(60)"
)
STUBBORN = STEADY.replace("sys.exit(0)", "0")
DRIVER = (
    "import os, sys\n"
    "from serinus.base.settings import read_settings\n"
    "from serinus.programs import up\n"
    "up.STOP_S = {'edge': 20.0, 'worker': 0.5, 'console': 20.0}\n"
    "children = {'edge': %r, 'worker': %r, 'console': %r}\n"
    "sys.exit(up.run(read_settings(os.environ['SERINUS_UP_SETTINGS']),\n"
    "    lambda name, data: ('/no/such/program',) if not children[name] else\n"
    "        (sys.executable, '-c', children[name], name)))"
)


class Supervised:
    """One `up` with stand-ins."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder(path / "data")
        self.ends = path / "ends"
        self.dns, self.http = free_port(), free_port()
        self.settings = Settings(
            data=str(self.folder.root),
            domain=("files.example",),
            dns=(f"127.0.0.1:{self.dns}",),
            http=(f"127.0.0.1:{self.http}",),
            https=(),
            console=f"127.0.0.1:{free_port()}",
        )
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *, worker: str = STEADY) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-c", DRIVER % (STEADY, worker, STEADY)],
            env={
                **os.environ,
                SETTINGS_VARIABLE: write_settings(self.settings),
                "ENDS": str(self.ends),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def processes(self) -> dict[str, Any]:
        path = processes_path(self.folder)
        return json.loads(path.read_text()) if path.exists() else {}

    def wait_for(self, *names: str) -> None:
        for name in names:
            until(lambda name=name: Path(f"{self.ends}{name}").exists(), f"the {name}")  # type: ignore[misc]

    def forget(self, name: str) -> None:
        Path(f"{self.ends}{name}").unlink(missing_ok=True)


@pytest.fixture
def supervised(tmp_path: Path) -> Iterator[Supervised]:
    found = Supervised(tmp_path)
    yield found
    for process in found.started:
        if process.poll() is None:
            process.kill()
        process.communicate(timeout=20)


def test_what_stops_is_edge_then_worker_then_console_and_the_end_is_clean(
    supervised: Supervised,
) -> None:
    up = supervised.start()
    supervised.wait_for("edge", "worker", "console")
    assert is_running(supervised.folder)
    up.send_signal(signal.SIGTERM)
    out, _ = up.communicate(timeout=30)
    assert up.returncode == 0
    assert supervised.ends.read_text().split() == ["edge", "worker", "console"]
    assert not is_running(supervised.folder)
    assert {row["pid"] for row in supervised.processes().values()} == {None}
    assert supervised.processes()["edge"]["last_end"] == "status 0, as it was told to"
    assert f"127.0.0.1:{supervised.dns}" in out
    assert "token mint web" in out


def test_a_child_that_is_killed_is_started_again_and_that_is_visible(
    supervised: Supervised,
) -> None:
    supervised.start()
    supervised.wait_for("edge", "worker", "console")
    before = supervised.processes()
    supervised.forget("edge")
    os.kill(before["edge"]["pid"], signal.SIGKILL)
    supervised.wait_for("edge")
    after = until(
        lambda: found if (found := supervised.processes())["edge"]["pid"] else None, "a new edge"
    )
    assert after["edge"]["restarts"] == 1
    assert after["edge"]["last_end"].startswith("SIGKILL at ")
    assert datetime.fromisoformat(after["edge"]["started_at"]).tzinfo is not None
    assert after["edge"]["pid"] != before["edge"]["pid"]
    assert after["worker"] == before["worker"]


def test_a_child_that_ends_at_once_is_started_ever_more_slowly(supervised: Supervised) -> None:
    up = supervised.start(worker="raise SystemExit(3)")
    until(lambda: supervised.processes().get("worker", {}).get("restarts", 0) >= 3, "restarts")
    assert supervised.processes()["worker"]["last_end"].startswith("status 3 at ")
    up.send_signal(signal.SIGTERM)
    _, log = up.communicate(timeout=30)
    waits = [json.loads(line)["message"] for line in log.splitlines() if "again" in line]
    assert [wait.rpartition(" in ")[2] for wait in waits[:3]] == ["0.2 s.", "0.4 s.", "0.8 s."]


def test_a_child_that_cannot_be_started_stops_no_other(supervised: Supervised) -> None:
    up = supervised.start(worker="")
    supervised.wait_for("edge", "console")
    until(lambda: supervised.processes()["worker"]["restarts"] >= 1, "another try")
    assert supervised.processes()["worker"]["last_end"].startswith("could not start: No such file")
    up.send_signal(signal.SIGTERM)
    up.communicate(timeout=30)
    assert up.returncode == 0


def test_a_child_that_does_not_stop_is_killed_after_its_time(supervised: Supervised) -> None:
    up = supervised.start(worker=STUBBORN)
    supervised.wait_for("edge", "worker", "console")
    up.send_signal(signal.SIGINT)
    up.communicate(timeout=30)
    assert up.returncode == 0
    assert supervised.processes()["worker"]["last_end"].startswith("SIGKILL")
    assert supervised.ends.read_text().split() == ["edge", "worker", "console"]


def test_killing_the_supervisor_ends_its_children_and_the_next_one_takes_over(
    supervised: Supervised,
) -> None:
    up = supervised.start()
    supervised.wait_for("edge", "worker", "console")
    up.kill()
    up.wait()
    until(
        lambda: supervised.ends.exists() and len(supervised.ends.read_text().split()) == 3,
        "the end of the children",
    )
    for name in ("edge", "worker", "console"):
        supervised.forget(name)
    second = supervised.start()
    supervised.wait_for("edge", "worker", "console")
    assert second.poll() is None


def test_the_next_one_waits_for_ports_that_children_of_a_killed_one_still_hold(
    supervised: Supervised,
) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import socket, sys; s = socket.socket(); s.bind(('127.0.0.1', int(sys.argv[1])));"
            "s.listen(); print(flush=True); sys.stdin.read()",
            str(supervised.http),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert holder.stdout
    holder.stdout.readline()
    lock = supervised.folder.root / "run" / "up.lock"
    lock.parent.mkdir(parents=True)
    lock.write_text("1")
    up = supervised.start()
    until(lambda: lock.read_text() == str(up.pid), "the lock")
    assert up.poll() is None
    holder.communicate()
    supervised.wait_for("edge", "worker", "console")


def test_ctrl_c_reaches_the_supervisor_alone(supervised: Supervised) -> None:
    up = supervised.start()
    supervised.wait_for("edge", "worker", "console")
    groups = {os.getpgid(row["pid"]) for row in supervised.processes().values()}
    assert len(groups) == 3
    assert os.getpgid(up.pid) not in groups


def test_a_second_one_on_the_same_folder_refuses_in_one_sentence(supervised: Supervised) -> None:
    first = supervised.start()
    supervised.wait_for("edge")
    second = supervised.start()
    out, err = second.communicate(timeout=20)
    assert second.returncode == 1
    assert out == ""
    assert err == (
        f"Serinus runs on {supervised.folder.root} already (process {first.pid}): "
        "stop it first, or give --data another folder.\n"
    )
    assert first.poll() is None


def test_a_taken_port_is_one_sentence_with_a_remedy(supervised: Supervised) -> None:
    supervised.settings = Settings(
        data=str(supervised.folder.root),
        console=f"127.0.0.1:{supervised.http}",
        dns=(),
        https=(),
        http=(f"127.0.0.1:{supervised.http}",),
    )
    up = supervised.start()
    _, err = up.communicate(timeout=20)
    assert up.returncode == 1
    assert err.startswith(f"--console: TCP port {supervised.http} on 127.0.0.1 is taken")
    assert err.count("\n") == 1
    assert "`ss -lntup`" in err
    assert not is_running(supervised.folder)
    assert (supervised.folder.root / "run" / "up.lock").read_text() == ""


def test_a_folder_that_cannot_be_made_is_one_sentence(supervised: Supervised) -> None:
    supervised.folder.root.write_text("in the way")
    up = supervised.start()
    _, err = up.communicate(timeout=20)
    assert up.returncode == 1
    assert err.startswith(f"The data folder {supervised.folder.root} cannot be used")
    assert err.count("\n") == 1


def test_what_says_how_the_children_are_is_for_its_owner_alone(supervised: Supervised) -> None:
    supervised.start()
    supervised.wait_for("edge")
    assert processes_path(supervised.folder).stat().st_mode & 0o077 == 0
