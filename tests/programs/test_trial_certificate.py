from datetime import timedelta
from pathlib import Path

import pytest

from serinus.base.certificates import key_matches, make_certificate, read_certificate
from serinus.base.clock import as_datetime, unix_time
from serinus.base.entropy import system_entropy
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.programs.first_start import prepare
from serinus.programs.trial_certificate import main


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return prepared(tmp_path, "files.example")


def prepared(path: Path, *zones: str) -> DataFolder:
    folder = DataFolder(path)
    prepare(folder, Settings(data=str(path), domain=zones))
    assert main([str(path)]) == 0
    return folder


def test_one_is_made_for_the_zones_and_its_owner_alone(folder: DataFolder) -> None:
    chain, key = folder.trial_certificate.read_bytes(), folder.trial_certificate_key.read_bytes()
    assert read_certificate(chain).covers("abc.files.example")
    assert key_matches(chain, key)
    assert folder.trial_certificate_key.stat().st_mode & 0o077 == 0


def test_one_that_holds_is_kept(folder: DataFolder) -> None:
    before = folder.trial_certificate.read_bytes()
    main([str(folder.root)])
    assert folder.trial_certificate.read_bytes() == before


def test_another_zone_gets_another_one(folder: DataFolder) -> None:
    prepared(folder.root, "files.example", "other.example")
    assert read_certificate(folder.trial_certificate.read_bytes()).covers("a.other.example")


@pytest.mark.parametrize("damage", ["old", "other key", "no key", "no certificate in it"])
def test_one_that_does_not_serve_is_replaced(folder: DataFolder, damage: str) -> None:
    zones = ("files.example",)
    now = as_datetime(unix_time())
    if damage == "old":
        chain, key = make_certificate(zones, system_entropy, now - timedelta(days=360))
        folder.trial_certificate.write_text(chain)
        folder.trial_certificate_key.write_text(key)
    elif damage == "other key":
        folder.trial_certificate_key.write_text(make_certificate(zones, system_entropy, now)[1])
    elif damage == "no key":
        folder.trial_certificate_key.unlink()
    else:
        folder.trial_certificate.write_text("")
    main([str(folder.root)])
    chain_now = folder.trial_certificate.read_bytes()
    assert key_matches(chain_now, folder.trial_certificate_key.read_bytes())
    assert read_certificate(chain_now).ends_at > now + timedelta(days=200)
