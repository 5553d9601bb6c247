"""What is surely encoded is decoded; what might be a word is left alone."""

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.tokens.carried.decoding import (
    GUESSED_UNPACKED_MAX,
    UNPACKED_MAX,
    guess,
    one_line,
    read_text,
    unpack,
)

SAID = "root on web1 ran: nc -l 4444"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (SAID.encode().hex(), "hexadecimal"),
        (SAID.encode().hex().upper(), "hexadecimal"),
        (base64.b32encode(SAID.encode()).decode(), "base32"),
        (base64.b32encode(SAID.encode()).decode().rstrip("=").lower(), "base32"),
        (base64.b64encode(SAID.encode()).decode(), "Base64"),
        (base64.urlsafe_b64encode(SAID.encode()).decode().rstrip("="), "Base64"),
        (base64.b64encode(gzip.compress(SAID.encode())).decode(), "gzip in Base64"),
        (gzip.compress(SAID.encode()).hex(), "gzip in hexadecimal"),
    ],
)
def test_what_is_surely_encoded_is_read(text: str, encoding: str) -> None:
    assert guess(text) == (SAID, encoding)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "root",
        "password",
        "administrator",
        "deadbeef",
        "1764014400",
        "20261124201845",
        "PRODUCTIONSERVER",
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "web1.example.net",
        "Mozilla/5.0",
        "00000000000000000000",
        base64.b64encode(bytes(range(32))).decode(),
    ],
)
def test_what_may_be_a_word_a_number_or_a_digest_is_left_alone(text: str) -> None:
    assert guess(text) == ("", "")


@given(st.text())
def test_any_text_is_lawful(text: str) -> None:
    said, encoding = guess(text)
    assert bool(said) == bool(encoding)
    assert said == "" or read_text(said.encode()) == said


@given(st.binary())
def test_any_bytes_are_lawful_and_gzip_is_bounded(data: bytes) -> None:
    assert len(unpack(data)) <= max(len(data), UNPACKED_MAX)
    assert unpack(b"\x1f\x8b" + data) is not None
    assert unpack(gzip.compress(data)) == (data or gzip.compress(data))


def test_a_bomb_gives_no_more_than_its_bound() -> None:
    assert len(unpack(gzip.compress(bytes(50_000_000)))) == UNPACKED_MAX


def test_of_what_unpacks_to_much_the_beginning_is_read() -> None:
    text = "wörd " * 2000
    said, encoding = guess(base64.b64encode(gzip.compress(text.encode())).decode())
    assert encoding == "gzip in Base64"
    assert text.startswith(said) and GUESSED_UNPACKED_MAX / 2 < len(said) < GUESSED_UNPACKED_MAX
    assert read_text(b"a\xc3") == "" and read_text(b"a\xc3", is_cut=True) == "a"


def test_lines_become_one_and_their_ends_are_seen() -> None:
    assert one_line("uid=0(root)\r\n  web1\n\n") == "uid=0(root) ⏎ web1"
    assert one_line(" a\t\n\r\n b  c\n \nd") == "a ⏎ b  c ⏎  ⏎ d"


def test_a_long_run_of_blanks_takes_no_longer_than_other_text() -> None:
    # A pattern that tried again at every blank would take hours.
    text = f"a{' ' * 1_000_000}b"
    assert one_line(text) == text
