"""The doctor at a whole deployment on loopback: every process is real."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.ground import free_port
from clients.stack import Stack, running
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.cli.client import Client
from serinus.cli.connection import find_console
from serinus.programs.doctor.console import planted
from serinus.programs.first_start import prepare

SERINUS = (sys.executable, "-m", "serinus.cli.main")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("doctor") / "data") as found:
        yield found


def doctor(folder: DataFolder, *words: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Call the doctor; returns its exit status and its checks by name."""
    environ = {n: v for n, v in os.environ.items() if n != "DJANGO_SETTINGS_MODULE"}
    found = subprocess.run(
        [*SERINUS, "doctor", "--data", str(folder.root), "--json", *words],
        capture_output=True,
        check=False,
        text=True,
        env=environ,
    )
    assert not found.stderr
    return found.returncode, {row["name"]: row for row in json.loads(found.stdout)["checks"]}


def test_a_deployment_that_works_passes_from_the_disk_to_the_incident(stack: Stack) -> None:
    status, checks = doctor(stack.folder, "--resolver", f"127.0.0.1:{stack.dns}")
    trips = [n for n in checks if n.startswith("self-trip")]
    assert [name.removeprefix("self-trip by ") for name in trips] == [
        "HTTP",
        "HTTPS",
        "DNS",
        "DNS on TCP",
        f"DNS through 127.0.0.1:{stack.dns}",
    ]
    assert {checks[name]["health"] for name in trips} == {"ok"}
    assert status == 0
    assert checks["processes"]["health"] == "ok"
    assert checks["delegation of files.example"]["health"] == "ok"
    assert checks["certificate"]["health"] == "warn"


def test_the_self_trip_alarms_nobody_and_leaves_a_closed_incident_alone(stack: Stack) -> None:
    told = stack.api(
        "POST",
        "destinations",
        {"kind": "webhook", "name": "ours", "settings": {"url": "http://127.0.0.1:9/"}},
    )
    try:
        doctor(stack.folder)
        assert stack.api("GET", f"destinations/{told['id']}/deliveries")["items"] == []
        assert [row["id"] for row in stack.api("GET", "destinations")["items"]] == [told["id"]]
    finally:
        stack.api("DELETE", f"destinations/{told['id']}")
    assert stack.api("GET", "tokens")["items"] == []
    assert {row["state"] for row in stack.incidents()} == {"closed"}


def test_what_is_planted_alerts_to_one_destination_alone_which_is_switched_off(
    stack: Stack,
) -> None:
    with planted(Client(find_console(str(stack.folder.root)))) as token:
        (chosen,) = stack.api("GET", f"tokens/{token['id']}")["destinations"]
        assert stack.api("GET", f"destinations/{chosen}")["enabled"] is False
    assert stack.api("GET", "destinations")["items"] == []
    assert stack.api("GET", f"tokens/{token['id']}")["deleted"] is True


def test_a_destination_that_refuses_is_found_by_a_test_and_remembered(stack: Stack) -> None:
    bad = stack.api(
        "POST",
        "destinations",
        {
            "kind": "webhook",
            "name": "bad",
            "settings": {"url": f"http://127.0.0.1:{free_port()}/"},
        },
    )
    try:
        _, before = doctor(stack.folder)
        assert before["destination bad"]["health"] == "warn"
        status, checks = doctor(stack.folder, "--send-test")
        assert (status, checks["destination bad"]["health"]) == (1, "fail")
        _, after = doctor(stack.folder)
        assert after["destination bad"]["health"] == "fail"
        assert after["destination bad"]["remedy"] == [f"serinus destination test {bad['id']}"]
    finally:
        stack.api("DELETE", f"destinations/{bad['id']}")


def test_a_resolver_that_does_not_answer_is_a_fault(stack: Stack) -> None:
    status, checks = doctor(stack.folder, "--resolver", f"127.0.0.1:{free_port()}")
    assert status == 1
    assert checks["delegation of files.example"]["health"] == "fail"
    assert checks["self-trip by HTTP"]["health"] == "ok"


def test_where_nothing_runs_the_rest_is_still_looked_at(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    ports = [f"127.0.0.1:{free_port()}" for _ in range(3)]
    prepare(
        folder,
        Settings(data=str(folder.root), dns=ports[:1], http=ports[1:2], https=(), console=ports[2]),  # type: ignore[arg-type]
    )
    status, checks = doctor(folder)
    assert status == 0
    assert checks["data folder"]["health"] == "ok"
    assert checks["ports"]["health"] == "ok"
    assert checks["processes"]["health"] == "warn"
    assert checks["self-trip"]["health"] == "skipped"


def test_before_the_first_start_it_says_how_to_begin(tmp_path: Path) -> None:
    status, checks = doctor(DataFolder(tmp_path / "none"))
    assert status == 1
    assert "serinus up --data" in checks["data folder"]["remedy"][0]
