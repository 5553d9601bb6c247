import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from net.mmdb import write_mmdb
from serinus.base.ids import TokenId
from serinus.model.touch import Touch
from serinus.net.sources import REFRESH_S, SourceBook

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
CITY = {
    "country": {"iso_code": "DE", "names": {"en": "Germany"}},
    "city": {"names": {"en": "Bonn"}},
    "location": {"latitude": 50.7, "longitude": 7.1},
}
NETWORK = {"autonomous_system_number": 64496, "autonomous_system_organization": "Example\x1b Net"}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def touch(source: str = "192.0.2.1", headers: Any = None) -> Touch:
    detail = {"headers": headers}
    return Touch("x", 1.0, "http", "tcp", source, 1, (TokenId("t"),), detail)


def test_the_country_ships_with_us() -> None:
    assert SourceBook().describe(touch("8.8.8.8"))["country"] == "US"
    assert SourceBook().describe(touch("2001:4860:4860::8888"))["country"] == "US"
    assert SourceBook().describe(touch("::ffff:8.8.8.8"))["country"] == "US"


def test_city_and_network_come_from_files_of_the_operator(tmp_path: Path) -> None:
    city, asn = tmp_path / "city.mmdb", tmp_path / "asn.mmdb"
    city.write_bytes(write_mmdb({"8.8.8.0/24": CITY}))
    asn.write_bytes(write_mmdb({"8.8.0.0/16": NETWORK}))
    book = SourceBook([city, asn])
    book.refresh(0.0)
    assert book.describe(touch("8.8.8.8")) == {
        "country": "DE",
        "country_name": "Germany",
        "city": "Bonn",
        "latitude": 50.7,
        "longitude": 7.1,
        "asn": 64496,
        "network": "Example\\x1b Net",
    }
    assert book.describe(touch("8.8.9.9"))["asn"] == 64496
    assert "asn" not in book.describe(touch("9.9.9.9"))


def test_a_file_that_was_replaced_is_opened_again(tmp_path: Path) -> None:
    path, fresh = tmp_path / "city.mmdb", tmp_path / "fresh"
    book = SourceBook([path])
    book.refresh(0.0)
    assert "city" not in book.describe(touch("8.8.8.8"))
    fresh.write_bytes(write_mmdb({"8.8.8.0/24": CITY}))
    fresh.replace(path)
    book.refresh(REFRESH_S / 2)
    assert "city" not in book.describe(touch("8.8.8.8"))
    book.refresh(REFRESH_S)
    assert book.describe(touch("8.8.8.8"))["city"] == "Bonn"
    fresh.write_bytes(b"no database at all")
    fresh.replace(path)
    book.refresh(REFRESH_S * 2)
    assert book.describe(touch("8.8.8.8")) == {"country": "US"}


def test_labels_come_from_their_folder(tmp_path: Path) -> None:
    (tmp_path / "tor.txt").write_text("203.0.114.9\n")
    book = SourceBook(labels=tmp_path)
    book.refresh(0.0)
    assert book.describe(touch("203.0.114.9"))["labels"] == ["tor"]
    assert book.describe(touch("10.0.0.1")) == {"labels": ["private"]}
    assert book.describe(touch("fe80::1%eth0")) == {"labels": ["link-local"]}


def test_the_user_agent_is_read() -> None:
    facts = SourceBook().describe(touch(headers=[["Host", "x"], ["uSER-agent", FIREFOX]]))
    assert (facts["browser"], facts["system"]) == ("Firefox 128", "Linux")


@given(JSON, st.text(max_size=50))
def test_whatever_an_intruder_sends_the_facts_are_json(headers: Any, source: str) -> None:
    book = SourceBook()
    json.dumps(book.describe(touch(source, headers)))
    json.dumps(book.describe(touch(source, [["User-Agent", source]])))
