import os
import stat
import subprocess
import sys
from pathlib import Path

from serinus.base.folder import DataFolder
from serinus.base.ids import read_keys
from serinus.base.settings import Settings, read_settings
from serinus.model.front import read_front
from serinus.programs.first_start import prepare, prepare_deployment


def prepared(path: Path) -> DataFolder:
    folder = DataFolder(path)
    prepare(folder, Settings(data=str(path)))
    return folder


def test_what_is_secret_can_be_read_by_its_owner_alone(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "data")
    for path in (folder.root, *folder.root.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_second_start_keeps_what_the_first_one_drew(tmp_path: Path) -> None:
    folder = prepared(tmp_path)
    drawn = {p: p.read_bytes() for p in folder.root.rglob("*") if p.is_file()}
    prepared(tmp_path)
    assert {p: p.read_bytes() for p in folder.root.rglob("*") if p.is_file()} == drawn


def test_two_installations_share_no_key_and_no_face(tmp_path: Path) -> None:
    one, other = prepared(tmp_path / "one"), prepared(tmp_path / "other")
    assert read_keys(one.id_keys.read_text()).keys != read_keys(other.id_keys.read_text()).keys
    assert one.front.read_text() != other.front.read_text()
    assert read_front(one.front.read_text()).pixel != read_front(other.front.read_text()).pixel


def test_the_processes_read_the_settings_that_were_given(tmp_path: Path) -> None:
    settings = Settings(data=str(tmp_path), domain=("a.example", "b.example"))
    prepare(DataFolder(tmp_path), settings)
    assert read_settings(DataFolder(tmp_path).settings.read_text()) == settings


def test_without_a_certificate_of_the_operator_one_for_trials_is_made(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    settings = prepare_deployment(folder, Settings(domain=("a.example",)))
    assert folder.trial_certificate.read_text().startswith("-----BEGIN CERTIFICATE-----")
    assert settings.certificate == ""
    assert read_settings(folder.settings.read_text()) == settings
    assert settings.data == str(folder.root)


def test_without_https_and_with_own_files_none_is_made(tmp_path: Path) -> None:
    own = Settings(certificate="/etc/own.pem", certificate_key="/etc/own.key")
    for number, settings in enumerate((own, Settings(https=()))):
        folder = DataFolder(tmp_path / str(number))
        prepare_deployment(folder, settings)
        assert not folder.trial_certificate.exists()


def test_the_program_takes_settings_from_variables_and_the_folders_file(tmp_path: Path) -> None:
    (tmp_path / "serinus.toml").write_text('domain = "toml.example"\nhttp = "127.0.0.1:8081"\n')
    found = run_program(tmp_path, SERINUS_DOMAIN="variable.example", SERINUS_HTTPS="")
    assert found.returncode == 0, found.stderr
    settings = read_settings(DataFolder(tmp_path).settings.read_text())
    assert settings.domain == ("variable.example",)
    assert settings.http == ("127.0.0.1:8081",)


def test_the_program_says_in_one_sentence_what_is_wrong(tmp_path: Path) -> None:
    found = run_program(tmp_path, SERINUS_DNS="nowhere")
    assert found.returncode == 1
    assert found.stderr.startswith("dns: 'nowhere' is not ADDRESS:PORT")
    assert found.stderr.count("\n") == 1


def run_program(path: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "serinus.programs.first_start", str(path)],
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
