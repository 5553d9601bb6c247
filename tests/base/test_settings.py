"""Settings are read once, from the first place that gives them, and a wrong one names itself."""

from collections.abc import Callable
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import OperatorError
from serinus.base.settings import (
    Listen,
    Settings,
    read_listen,
    read_settings,
    resolve,
    write_settings,
)


def no_file(path: str) -> str:
    raise FileNotFoundError(path)


def resolved(
    flags: dict[str, Any] | None = None,
    environ: dict[str, str] | None = None,
    toml: str = "",
    read_file: Callable[[str], str] = no_file,
) -> tuple[Settings, dict[str, str]]:
    found = resolve(flags or {}, environ or {}, toml, read_file)
    return found.settings, dict(found.sources)


def test_a_value_comes_from_the_first_place_that_gives_it() -> None:
    flags = {"data": "by-flag"}
    environ = {"SERINUS_DATA": "by-variable", "SERINUS_DATA_FILE": "/name"}
    toml = 'data = "by-toml"'
    places = [
        (resolved(flags, environ, toml, lambda _: "by-file\n"), "by-flag", "flag"),
        (resolved({}, environ, toml, lambda _: "by-file\n"), "by-variable", "SERINUS_DATA"),
        (
            resolved({}, {"SERINUS_DATA_FILE": "/name"}, toml, lambda _: "by-file\n"),
            "by-file",
            "SERINUS_DATA_FILE",
        ),
        (resolved({}, {}, toml), "by-toml", "settings file"),
        (resolved(), "data", "default"),
    ]
    for (settings, sources), value, source in places:
        assert (settings.data, sources["data"]) == (value, source)


def test_every_setting_has_a_source_and_a_sentence() -> None:
    _, sources = resolved()
    assert list(sources) == [declared.name for declared in fields(Settings)]
    assert all(declared.metadata["help"].endswith(".") for declared in fields(Settings))


@pytest.mark.parametrize("nothing", [None, (), []])
def test_an_absent_flag_does_not_hide_what_comes_after(nothing: object) -> None:
    settings, sources = resolved({"domain": nothing}, {"SERINUS_DOMAIN": "a.example"})
    assert (settings.domain, sources["domain"]) == (("a.example",), "SERINUS_DOMAIN")


def test_a_list_is_read_from_commas_and_from_toml_alike() -> None:
    by_commas, _ = resolved({}, {"SERINUS_ADDRESS": "192.0.2.1, 2001:db8::1"})
    by_toml, _ = resolved({}, {}, 'address = ["192.0.2.1", "2001:db8::1"]')
    assert by_commas == by_toml
    assert [str(a) for a in by_toml.addresses_v4] == ["192.0.2.1"]
    assert [str(a) for a in by_toml.addresses_v6] == ["2001:db8::1"]


@pytest.mark.parametrize(
    ("toml", "name"),
    [
        ('dns = ["0.0.0.0"]', "dns"),
        ('http = ["localhost:80"]', "http"),
        ('https = ["0.0.0.0:0"]', "https"),
        ('console = "127.0.0.1:65536"', "console"),
        ('console = ["127.0.0.1:80"]', "console"),
        ("domain = []", "domain"),
        ("domain = 5", "domain"),
        ('domain = "exämple.net"', "domain"),
        ('domain = "a..b"', "domain"),
        (f'domain = "{"a." * 100}b"', "domain"),
        ('address = ["host"]', "address"),
        ('trusted_proxy = ["10.0.0.0/33"]', "trusted_proxy"),
        ('outgoing_allow = ["intranet"]', "outgoing_allow"),
        ('certificate = "a.pem"', "certificate"),
        ('certificate_key = "a.pem"', "certificate"),
        ("ledger_size_max = 0", "ledger_size_max"),
        ('ledger_size_max = "2 GiB"', "ledger_size_max"),
        ("ledger_size_max = 2.5", "ledger_size_max"),
        ("ledger_size_max = inf", "ledger_size_max"),
        ("ledger_size_max = true", "ledger_size_max"),
        ('log_level = "loud"', "log_level"),
        ('console_url = "console.example"', "console_url"),
        ('url_base = "ftp://files.example"', "url_base"),
        ('data = ["a"]', "data"),
        ('dta = "a"', "dta"),
    ],
)
def test_a_wrong_value_names_its_field(toml: str, name: str) -> None:
    with pytest.raises(OperatorError) as caught:
        resolved({}, {}, toml)
    assert caught.value.field == name


def test_a_settings_file_that_is_not_toml_is_refused_in_a_sentence() -> None:
    with pytest.raises(OperatorError, match="not TOML"):
        resolved({}, {}, "data =")


def test_a_named_file_that_cannot_be_read_names_its_setting() -> None:
    with pytest.raises(OperatorError, match="SERINUS_DATA_FILE") as caught:
        resolved({}, {"SERINUS_DATA_FILE": "/missing"})
    assert caught.value.field == "data"


@given(st.ip_addresses().map(str), st.integers(1, 65535))
def test_an_address_to_listen_on_is_read_back_as_it_was_written(address: str, port: int) -> None:
    listen = Listen(address, port)
    assert read_listen(str(listen), "dns") == listen


@given(st.text())
def test_any_text_is_an_address_to_listen_on_or_an_operators_mistake(text: str) -> None:
    try:
        found = read_listen(text, "dns")
    except OperatorError as error:
        assert error.field == "dns"
    else:
        assert 0 < found.port <= 65535


def test_settings_are_handed_on_unchanged() -> None:
    settings, _ = resolved({"domain": ("a.example", "b.example")}, {}, "ledger_size_max = 7")
    assert read_settings(write_settings(settings)) == settings


def test_a_zone_is_known_in_lower_case_without_its_dot() -> None:
    assert resolved({"domain": ("A.Example.",)})[0].zones == ("a.example",)


@pytest.mark.parametrize(
    ("flags", "base"),
    [
        ({"http": ("0.0.0.0:80",)}, "http://a.example"),
        ({"http": ("0.0.0.0:8080",)}, "http://a.example:8080"),
        ({"url_base": "https://files.example/"}, "https://files.example"),
    ],
)
def test_a_web_tokens_url_begins_with_what_people_reach(flags: dict[str, Any], base: str) -> None:
    assert resolved({"domain": "a.example", **flags})[0].token_url_base == base


def test_a_link_to_the_console_begins_with_its_address_or_the_url_given() -> None:
    assert resolved()[0].console_base == "http://127.0.0.1:8000"
    settings, _ = resolved({"console_url": "https://console.example/"})
    assert settings.console_base == "https://console.example"


@pytest.mark.parametrize(("words", "is_yes"), [("Yes true on 1", True), ("NO false off 0", False)])
def test_a_yes_or_no_is_read_from_any_source(words: str, is_yes: bool) -> None:
    places = [resolved({}, {}, f"reverse_names = {str(is_yes).lower()}")]
    for word in words.split():
        places += [
            resolved({"reverse_names": word}),
            resolved({}, {"SERINUS_REVERSE_NAMES": f" {word}\n"}),
            resolved({}, {}, f"reverse_names = '{word}'"),
        ]
    for found, _ in places:
        assert found.reverse_names is is_yes
        assert read_settings(write_settings(found)).reverse_names is is_yes


@pytest.mark.parametrize("toml", ["'maybe'", "''", "2", "[true]"])
def test_what_is_neither_yes_nor_no_names_its_field(toml: str) -> None:
    with pytest.raises(OperatorError) as caught:
        resolved({}, {}, f"reverse_names = {toml}")
    assert caught.value.field == "reverse_names"


@pytest.mark.parametrize("name", ["dns", "http", "https"])
def test_a_listener_is_switched_off_by_a_word_from_any_source(name: str) -> None:
    for found, _ in (
        resolved({name: "off"}),
        resolved({}, {"SERINUS_" + name.upper(): "off"}),
        resolved({}, {}, f"{name} = ['off']"),
        resolved({}, {}, f"{name} = []"),
    ):
        assert getattr(found, name) == ()
    with pytest.raises(OperatorError, match="ADDRESS:PORT"):
        resolved({name: "off,127.0.0.1:5353"})
