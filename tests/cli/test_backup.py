"""A deployment is backed up while it is touched, lost, restored, and trips again."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from clients.ground import until
from clients.stack import Stack
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.first_start import prepare


def serinus(*words: str) -> "subprocess.CompletedProcess[str]":
    environ = {n: v for n, v in os.environ.items() if n != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        [sys.executable, "-m", "serinus.cli.main", *words],
        capture_output=True,
        check=False,
        text=True,
        env=environ,
    )


def touches(stack: Stack, token: dict[str, Any]) -> int:
    return sum(row["touches"] for row in stack.incidents(f"&token={token['id']}"))


def test_after_a_loss_planted_tokens_trip_at_their_urls_and_no_evidence_is_missing(
    tmp_path: Path,
) -> None:
    stack, file = Stack(tmp_path / "data"), tmp_path / "one.tar.gz"
    try:
        stack.start()
        token = stack.mint(memo="planted before the loss")
        assert stack.fetch(token) == 200
        until(lambda: touches(stack, token) == 1, "the touch before")
        found = serinus("backup", str(file), "--data", str(stack.folder.root), "--json")
        assert found.returncode == 0, found.stderr
        assert "state/serinus.db" in json.loads(found.stdout)["members"]
        assert stack.fetch(token, "?after") == 200
        stack.stop()
        shutil.rmtree(stack.folder.root)

        found = serinus("restore", str(file), "--data", str(stack.folder.root))
        assert found.returncode == 0, found.stderr
        stack.start()
        same = stack.api("GET", f"tokens/{token['id']}")
        assert {n: same[n] for n in ("url", "hostname", "memo")} == {
            n: token[n] for n in ("url", "hostname", "memo")
        }
        assert touches(stack, token) == 1
        assert stack.fetch(token, "?restored") == 200
        until(lambda: touches(stack, token) == 2, "the touch after")
    finally:
        stack.stop()


def test_a_folder_that_is_not_empty_is_restored_over_only_when_told_to(
    tmp_path: Path,
) -> None:
    folder, file = DataFolder(tmp_path / "data"), tmp_path / "one.tar.gz"
    prepare(folder, Settings(data=str(folder.root)))
    assert serinus("backup", str(file), "--data", str(folder.root)).returncode == 0
    found = serinus("restore", str(file), "--data", str(folder.root), "--json")
    assert found.returncode == 1
    assert json.loads(found.stderr)["field"] == "replace"
    found = serinus("restore", str(file), "--data", str(folder.root), "--replace")
    assert found.returncode == 0
    assert "lies in" in found.stdout


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    prepare(folder, Settings(data=str(folder.root)))
    for target in (tmp_path / "none" / "b", folder.id_keys):
        found = serinus("backup", str(target), "--data", str(folder.root))
        assert found.returncode == 1
        assert found.stderr.count("\n") == 1
        assert str(target.parent) in found.stderr
    found = serinus("restore", str(tmp_path / "missing"), "--data", str(tmp_path / "x"))
    assert found.returncode == 1
    assert "missing" in found.stderr
