import stat
from pathlib import Path

from serinus.base.folder import DataFolder
from serinus.base.ids import read_keys
from serinus.base.settings import Settings, read_settings
from serinus.model.front import read_front
from serinus.programs.first_start import prepare


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
