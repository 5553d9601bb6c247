from collections.abc import Iterator
from pathlib import Path

import pytest

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.console import deployment
from serinus.console.deployment import load_deployment
from serinus.programs.first_start import prepare


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[DataFolder]:
    found = DataFolder(tmp_path)
    prepare(found, Settings(data=str(tmp_path), domain=("Other.Example.", "second.example")))
    yield found
    deployment._load.cache_clear()


def test_the_deployment_is_that_of_djangos_folder_and_made_once() -> None:
    found = load_deployment()
    assert found.settings.zones == ("files.example",) and found is load_deployment()


def test_new_tokens_live_in_the_first_zone(folder: DataFolder) -> None:
    found = deployment._load(folder.root)
    assert found.site.zone == "other.example"
    assert found.site.url_base == "http://other.example:8080"
    assert found.keys.recognise(found.keys.mint(lambda n: b"x" * n).encode())


def test_without_settings_the_defaults_hold(folder: DataFolder) -> None:
    folder.settings.unlink()
    assert deployment._load(folder.root).settings == Settings()


@pytest.mark.parametrize("name", ["id_keys", "site_seed"])
def test_a_missing_file_is_named_with_the_remedy(name: str, folder: DataFolder) -> None:
    path: Path = getattr(folder, name)
    path.unlink()
    with pytest.raises(OperatorError) as caught:
        deployment._load(folder.root)
    assert path.name in caught.value.sentence and "serinus up" in caught.value.sentence


@pytest.mark.parametrize("text", ["", "zz", "aabb"])
def test_a_damaged_seed_is_named(text: str, folder: DataFolder) -> None:
    folder.site_seed.write_text(text)
    with pytest.raises(OperatorError) as caught:
        deployment._load(folder.root)
    assert "site-seed" in caught.value.sentence
