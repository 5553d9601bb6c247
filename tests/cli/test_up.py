import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from serinus.cli.main import main

ZONES = ["--domain", "a.example,b.example", "--domain", "c.example"]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SERINUS_")]:
        monkeypatch.delenv(name)


def settings(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, dict[str, object]]:
    assert main(["settings", "--json", *words]) == 0
    found: dict[str, dict[str, object]] = json.loads(capsys.readouterr().out)
    return found


def test_lists_are_repeated_or_separated_by_commas(capsys: pytest.CaptureFixture[str]) -> None:
    found = settings(capsys, *ZONES)
    assert found["domain"] == {
        "value": ["a.example", "b.example", "c.example"],
        "source": "flag",
    }


def test_every_source_of_a_setting_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "there"
    data.mkdir()
    (data / "serinus.toml").write_text('console_url = "https://console.example"\n')
    (tmp_path / "level").write_text("debug\n")
    monkeypatch.setenv("SERINUS_LEDGER_SIZE_MAX", "7")
    monkeypatch.setenv("SERINUS_LOG_LEVEL_FILE", str(tmp_path / "level"))
    monkeypatch.setenv("SERINUS_DATA", str(data))
    found = settings(capsys, "--reverse-names")
    assert {name: (f["value"], f["source"]) for name, f in found.items()}.items() >= {
        "reverse_names": (True, "flag"),
        "ledger_size_max": (7, "SERINUS_LEDGER_SIZE_MAX"),
        "log_level": ("debug", "SERINUS_LOG_LEVEL_FILE"),
        "console_url": ("https://console.example", "settings file"),
        "labels": ("", "default"),
    }.items()


def test_another_settings_file_can_be_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "other.toml").write_text("https = 'off'\n")
    found = settings(capsys, "--config", "other.toml")
    assert found["https"] == {"value": [], "source": "settings file"}
    assert main(["settings", "--config", "none.toml"]) == 1
    assert "none.toml" in capsys.readouterr().err


def test_settings_without_json_are_one_line_each_in_a_pipe(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["settings", "--https", "off", *ZONES]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "domain\ta.example, b.example, c.example\tflag" in lines
    assert "https\t\tflag" in lines


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--dns", "53"], "ADDRESS:PORT"),
        (["--http", "0.0.0.0:99999"], "ADDRESS:PORT"),
        (["--domain", "not a zone"], "domain"),
        (["--address", "here"], "not an IP address"),
        (["--ledger-size-max", "0"], "ledger_size_max"),
        (["--certificate", "a.pem"], "certificate_key"),
        (["--log-level", "loud"], "log_level"),
    ],
)
def test_a_wrong_setting_is_one_sentence_that_names_it(
    capsys: pytest.CaptureFixture[str], words: list[str], named: str
) -> None:
    assert main(["up", *words]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert named in shown.err
    assert shown.err.count("\n") == 1


def test_up_keeps_nothing_of_the_environment_but_what_is_resolved(tmp_path: Path) -> None:
    # The data folder is a file: `up` becomes the supervisor, which says so and ends.
    (tmp_path / "file").write_text("")
    environ = {**os.environ, "SERINUS_API_KEY": "a-key", "SERINUS_DATA": str(tmp_path / "file")}
    (tmp_path / "serinus").mkdir()
    (tmp_path / "serinus" / "__init__.py").write_text("raise SystemExit('another serinus')")
    done = subprocess.run(
        [Path(sys.executable).with_name("serinus"), "up"],
        env=environ,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert f"{tmp_path / 'file'} cannot be used" in done.stderr
    assert "another serinus" not in done.stderr
