import fcntl
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from clients.ground import free_port
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.ledger.store import LedgerWriter
from serinus.programs.doctor.check import Health
from serinus.programs.doctor.machine import (
    check_clock,
    check_databases,
    check_disk,
    check_folder,
    check_ports,
    check_processes,
    is_clock_kept,
    quick_check,
)
from serinus.programs.first_start import prepare
from serinus.programs.up import lock_path, processes_path


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    found = DataFolder(tmp_path / "data")
    prepare(found, Settings(data=str(found.root)))
    return found


def test_a_folder_as_first_start_makes_it_is_in_order(folder: DataFolder) -> None:
    assert check_folder(folder).health is Health.OK


def test_a_folder_that_is_not_there_is_told_with_the_command_that_makes_it(tmp_path: Path) -> None:
    check = check_folder(DataFolder(tmp_path / "none"))
    assert check.health is Health.FAIL
    assert f"serinus up --data {tmp_path}/none" in check.remedy[0]


@pytest.mark.parametrize("name", [".", "keys/ids.json", "keys/operator"])
def test_what_others_can_read_is_named_with_the_command_that_mends_it(
    folder: DataFolder, name: str
) -> None:
    (folder.root / name).chmod(0o755)
    check = check_folder(folder)
    assert check.health is Health.FAIL
    assert str(folder.root / name) in check.sentence
    os.system(check.remedy[0])  # noqa: S605 - what we tell people to type must work
    assert check_folder(folder).health is Health.OK


def test_a_key_that_is_missing_is_named(folder: DataFolder) -> None:
    folder.site_seed.unlink()
    check = check_folder(folder)
    assert check.health is Health.FAIL
    assert str(folder.site_seed) in check.sentence


def test_that_nothing_runs_is_a_warning(folder: DataFolder) -> None:
    assert check_processes(folder).health is Health.WARN


@pytest.mark.parametrize(
    ("edge", "health", "words"),
    [
        ({"pid": 7, "restarts": 0, "last_end": None}, Health.OK, "none had to be"),
        ({"pid": 7, "restarts": 3, "last_end": "SIGKILL"}, Health.WARN, "3 times"),
        ({"pid": None, "restarts": 3, "last_end": "status 1"}, Health.FAIL, "status 1"),
    ],
)
def test_restarts_and_ends_are_told(
    folder: DataFolder, edge: dict[str, Any], health: Health, words: str
) -> None:
    processes_path(folder).write_text(json.dumps({"edge": edge}))
    with lock_path(folder).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        check = check_processes(folder)
    assert check.health is health
    assert words in check.sentence


def test_a_taken_port_is_a_fault_only_while_we_do_not_run() -> None:
    where = f"127.0.0.1:{free_port()}"
    settings = Settings(dns=(), http=(where,), https=(where,), console=f"127.0.0.1:{free_port()}")
    assert check_ports(settings, running=True).health is Health.OK
    check = check_ports(settings, running=False)
    assert check.health is Health.FAIL
    assert "is taken by another program" in check.sentence
    assert "`ss -lntup`" in check.remedy[0]


def test_a_ledger_near_its_bound_is_a_warning(folder: DataFolder) -> None:
    LedgerWriter(folder.ledger, 1024 * 1024).probe()
    assert check_disk(folder, Settings(ledger_size_max=100)).health is not Health.FAIL
    with folder.ledger.open("ab") as file:
        file.truncate(900 * 1024)
    check = check_disk(folder, Settings(ledger_size_max=1))
    assert check.health is Health.WARN
    assert "88%" in check.sentence


def test_sound_databases_are_in_order_and_a_damaged_one_is_named(folder: DataFolder) -> None:
    with closing(sqlite3.connect(folder.database)) as connection, connection:
        connection.execute("CREATE TABLE t(x)")
        connection.executemany("INSERT INTO t VALUES(?)", [("x" * 500,)] * 200)
    assert check_databases(folder).health is Health.OK
    content = folder.database.read_bytes()
    folder.database.write_bytes(content[:8192] + os.urandom(8192) + content[16384:])
    check = check_databases(folder)
    assert check.health is Health.FAIL
    assert str(folder.database) in check.sentence
    assert "serinus restore" in check.remedy[0]


def test_a_look_that_takes_too_long_is_given_up(folder: DataFolder) -> None:
    with closing(sqlite3.connect(folder.database)) as connection, connection:
        connection.execute("CREATE TABLE t(x)")
        connection.executemany("INSERT INTO t VALUES(?)", [("x" * 50,)] * 200_000)
    assert quick_check(folder.database, -1.0) is None
    assert quick_check(folder.database) == "ok"


def test_a_clock_that_went_back_is_a_fault(folder: DataFolder) -> None:
    assert check_clock(folder).health is not Health.FAIL
    folder.database.touch()
    os.utime(folder.database, (4e9, 4e9))
    check = check_clock(folder)
    assert check.health is Health.FAIL
    assert "the clock went back" in check.sentence


def test_the_kernel_says_whether_the_clock_is_kept() -> None:
    assert is_clock_kept() in (True, False, None)
