from pathlib import Path

import pytest

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.cli.connection import find_console, find_data, read_variable
from serinus.programs.first_start import prepare


def instance(root: Path, console: str = "127.0.0.1:8000") -> DataFolder:
    folder = DataFolder(root)
    prepare(folder, Settings(data=str(root), console=console))
    return folder


def refusal(data: str | None, environ: dict[str, str]) -> str:
    with pytest.raises(OperatorError) as caught:
        find_console(data, environ)
    return caught.value.sentence


def test_a_data_folder_gives_the_address_and_the_operators_key(tmp_path: Path) -> None:
    folder = instance(tmp_path)
    place = find_console(None, {"SERINUS_DATA": str(tmp_path)})
    assert (place.url, place.host) == ("http://127.0.0.1:8000", "localhost")
    assert place.key == folder.operator_key.read_text()


@pytest.mark.parametrize(
    ("console", "url"),
    [
        ("0.0.0.0:8000", "http://127.0.0.1:8000"),
        ("[::]:8000", "http://[::1]:8000"),
        ("[fd00::1]:80", "http://[fd00::1]:80"),
    ],
)
def test_a_console_on_every_address_is_asked_on_loopback(
    tmp_path: Path, console: str, url: str
) -> None:
    instance(tmp_path, console)
    assert find_console(str(tmp_path), {}).url == url


def test_the_flag_goes_before_the_url_and_the_url_before_the_folder(tmp_path: Path) -> None:
    instance(tmp_path)
    environ = {
        "SERINUS_URL": "https://console.example.net/",
        "SERINUS_API_KEY": "serinus_abc",
        "SERINUS_DATA": str(tmp_path),
    }
    assert find_console(str(tmp_path), environ).url == "http://127.0.0.1:8000"
    place = find_console(None, environ)
    assert (place.url, place.key) == ("https://console.example.net", "serinus_abc")
    assert place.host is None


def test_a_key_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("serinus_abc\n")
    environ = {
        "SERINUS_URL": "https://console.example.net",
        "SERINUS_API_KEY_FILE": str(tmp_path / "key"),
    }
    assert find_console(None, environ).key == "serinus_abc"
    environ["SERINUS_API_KEY_FILE"] = str(tmp_path / "none")
    assert "SERINUS_API_KEY_FILE" in refusal(None, environ)


def test_the_key_is_not_shown_with_the_place() -> None:
    environ = {"SERINUS_URL": "https://console.example.net", "SERINUS_API_KEY": "serinus_abc"}
    assert "serinus_abc" not in repr(find_console(None, environ))


@pytest.mark.parametrize(
    "url", ["console.example.net", "ftp://a.example", "https://", "https://a b/", "http://u@h/"]
)
def test_what_is_no_address_of_a_console_is_refused(url: str) -> None:
    environ = {"SERINUS_URL": url, "SERINUS_API_KEY": "serinus_abc"}
    assert "https://console.example.net" in refusal(None, environ)


def test_a_url_without_a_key_says_where_keys_come_from() -> None:
    sentence = refusal(None, {"SERINUS_URL": "https://console.example.net"})
    assert "SERINUS_API_KEY" in sentence


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schl\u00fcssel"])
def test_a_key_that_no_header_carries_is_refused(key: str) -> None:
    environ = {"SERINUS_URL": "https://console.example.net", "SERINUS_API_KEY": key}
    assert "holds no API key" in refusal(None, environ)


def test_a_folder_without_an_instance_says_how_to_start_one(tmp_path: Path) -> None:
    assert f"serinus up --data {tmp_path}" in refusal(str(tmp_path), {})


def test_a_damaged_settings_file_is_a_sentence(tmp_path: Path) -> None:
    folder = instance(tmp_path)
    for damage in ("{", "[1]", '{"dns": ["nothing"]}', "\x00"):
        folder.settings.write_text(damage)
        refusal(str(tmp_path), {})


def test_an_unreadable_folder_names_the_user_as_the_remedy(tmp_path: Path) -> None:
    folder = instance(tmp_path)
    folder.settings.unlink()
    folder.settings.mkdir()
    sentence = refusal(str(tmp_path), {})
    assert "cannot be read" in sentence
    assert "user" in sentence


def test_the_data_folder_is_data_unless_somebody_says_otherwise(tmp_path: Path) -> None:
    assert find_data(None, {}) == "data"
    assert find_data(None, {"SERINUS_DATA": "there"}) == "there"
    assert find_data("here", {"SERINUS_DATA": "there"}) == "here"


def test_a_file_of_a_variable_has_a_bound(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * (1024 * 1024 + 1))
    with pytest.raises(OperatorError, match="larger"):
        read_variable("API_KEY", {"SERINUS_API_KEY_FILE": str(tmp_path / "big")})
