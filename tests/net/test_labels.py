import logging
import os
from ipaddress import ip_address
from pathlib import Path

import pytest

from serinus.net.labels import LabelBook


def test_an_address_has_the_labels_of_its_networks_the_narrowest_first(tmp_path: Path) -> None:
    (tmp_path / "cloud.txt").write_text("# ranges\n203.0.114.0/23\n2001:4860::/32 # all\n\n")
    (tmp_path / "tor.txt").write_text("203.0.114.9\n")
    book = LabelBook(tmp_path)
    assert book.refresh() and not book.refresh()
    assert book.find(ip_address("203.0.114.9")) == ["tor", "cloud"]
    assert book.find(ip_address("203.0.115.9")) == ["cloud"]
    assert book.find(ip_address("2001:4860::1")) == ["cloud"]
    assert book.find(ip_address("203.0.116.1")) == []


def test_files_are_read_again_when_they_change_or_go(tmp_path: Path) -> None:
    book = LabelBook(tmp_path)
    book.refresh()
    path = tmp_path / "tor.txt"
    path.write_text("203.0.114.9\n")
    assert book.refresh() and book.find(ip_address("203.0.114.9")) == ["tor"]
    path.write_text("203.0.114.8\n")
    os.utime(path, ns=(1, 1))
    assert book.refresh() and book.find(ip_address("203.0.114.9")) == []
    path.unlink()
    assert book.refresh() and book.find(ip_address("203.0.114.8")) == []


def test_a_line_that_is_no_network_is_left_out_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "x.txt").write_bytes(b"1.2.3.4\n\xff\xfe what\n" + b"9" * 5000 + b"\n1.2.3.5\n")
    (tmp_path / "folder").mkdir()
    book = LabelBook(tmp_path)
    with caplog.at_level(logging.WARNING):
        book.refresh()
    assert "x.txt, line 2 is no network" in caplog.text
    assert book.find(ip_address("1.2.3.4")) == book.find(ip_address("1.2.3.5")) == ["x"]


def test_a_folder_that_is_not_there_has_no_labels_and_is_named_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    book = LabelBook(tmp_path / "gone")
    book.refresh()
    book.refresh()
    assert caplog.text.count("gone cannot be read") == 1
    assert book.find(ip_address("1.2.3.4")) == []


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("127.0.0.9", "loopback"),
        ("::1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("fe80::1", "link-local"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("10.1.2.3", "private"),
        ("fd00::1", "private"),
    ],
)
def test_local_networks_have_labels_without_a_file(address: str, label: str) -> None:
    book = LabelBook(None)
    book.refresh()
    assert book.find(ip_address(address)) == [label]
