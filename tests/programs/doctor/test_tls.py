from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from serinus.base.certificates import make_certificate
from serinus.base.clock import as_datetime, unix_time
from serinus.base.entropy import system_entropy
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.doctor.check import Health
from serinus.programs.doctor.tls import check_certificate
from serinus.programs.first_start import prepare_deployment

ZONE = "files.example"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    found = DataFolder(tmp_path / "data")
    prepare_deployment(found, Settings(domain=(ZONE,)))
    return found


def own(folder: DataFolder, *zones: str, days_ago: int = 0) -> Settings:
    """Settings with files that the operator had made `days_ago`."""
    at = as_datetime(unix_time()) - timedelta(days=days_ago)
    chain, key = make_certificate(zones, system_entropy, at)
    paths = folder.root / "own.pem", folder.root / "own.key"
    for path, text in zip(paths, (chain, key), strict=True):
        path.write_text(text)
    return Settings(domain=(ZONE,), certificate=str(paths[0]), certificate_key=str(paths[1]))


def test_without_https_there_is_nothing_to_look_at(folder: DataFolder) -> None:
    assert check_certificate(folder, Settings(https=())).health is Health.SKIPPED


def test_the_generated_one_is_a_warning(folder: DataFolder) -> None:
    check = check_certificate(folder, Settings(domain=(ZONE,)))
    assert check.health is Health.WARN
    assert "no client trusts" in check.sentence


def test_ones_own_is_in_order(folder: DataFolder) -> None:
    assert check_certificate(folder, own(folder, ZONE)).health is Health.OK


def test_one_that_ended_is_a_fault_and_one_that_ends_soon_a_warning(folder: DataFolder) -> None:
    found = {
        days: check_certificate(folder, own(folder, ZONE, days_ago=days)).health
        for days in range(300, 400, 4)
    }
    assert found[300] is Health.OK
    assert set(found.values()) == {Health.OK, Health.WARN, Health.FAIL}


def test_one_for_other_names_is_a_fault_that_says_which_are_wanted(folder: DataFolder) -> None:
    check = check_certificate(folder, replace(own(folder, ZONE), domain=(ZONE, "b.example")))
    assert check.health is Health.FAIL
    assert "does not cover b.example" in check.sentence
    assert "b.example, *.b.example" in check.remedy[0]


def test_another_key_is_a_fault(folder: DataFolder) -> None:
    settings = own(folder, ZONE)
    settings = replace(settings, certificate_key=str(folder.trial_certificate_key))
    check = check_certificate(folder, settings)
    assert check.health is Health.FAIL
    assert "is not the key of" in check.sentence


def test_files_that_cannot_be_read_are_named(folder: DataFolder) -> None:
    settings = own(folder, ZONE)
    Path(settings.certificate).write_text("nothing")
    assert "no certificate in PEM form" in check_certificate(folder, settings).sentence
    Path(settings.certificate).unlink()
    check = check_certificate(folder, settings)
    assert check.health is Health.FAIL
    assert settings.certificate in check.sentence
