"""Nothing that an intruder sends steers a terminal, a page, a log or an eye."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.untrusted import READABLE_MAX, masked, readable

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
BIDIRECTIONAL = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}
any_text = st.text(st.characters(exclude_categories=()))


@given(st.binary() | any_text)
def test_no_control_or_bidirectional_character_is_left(value: bytes | str) -> None:
    shown = readable(value)
    assert not {unicodedata.category(character) for character in shown} & HIDDEN
    assert not {unicodedata.bidirectional(character) for character in shown} & BIDIRECTIONAL
    assert len(shown.splitlines()) <= 1


@given(st.binary() | any_text, st.integers(1, 40))
def test_the_bound_holds_and_a_cut_is_shown(value: bytes | str, length_max: int) -> None:
    shown = readable(value, length_max)
    whole = readable(value, READABLE_MAX)
    assert len(shown) <= length_max
    if len(whole) <= length_max:
        assert shown == whole
    else:
        assert shown == whole[: length_max - 1] + "…"


def test_the_usual_bound_holds_for_a_megabyte() -> None:
    assert len(readable(b"\x00" * 1_000_000)) == READABLE_MAX


@given(st.text(st.characters(categories=("L", "N", "P", "S"))))
def test_harmless_text_is_left_as_it_is(text: str) -> None:
    assert readable(text) == text
    assert readable(text.encode()) == text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"caf\xc3\xa9", "café"),
        (b"\xff\xfe", "\\xff\\xfe"),
        (b"a\r\nb\x1b[2J", "a\\x0d\\x0ab\\x1b[2J"),
        ("\u202eexe.gpj", "\\u202eexe.gpj"),
        ("\x9b31m", "\\x9b31m"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_what_would_steer_is_spelled_out(value: bytes | str, shown: str) -> None:
    assert readable(value) == shown


def test_a_secret_is_shown_by_its_first_character_and_its_length() -> None:
    assert masked("hunter2") == "h••• (7 characters)"
    assert masked("short") == "••• (5 characters)"
    assert masked("\x1b[31mred") == "\\x1b••• (8 characters)"
    assert masked("") == "(empty)"
