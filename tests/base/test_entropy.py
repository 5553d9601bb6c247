"""Chance is drawn without bias and only from what is handed in."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from serinus.base.entropy import Entropy, draw_index, draw_text, system_entropy


def replay(data: bytes) -> Entropy:
    """Entropy that gives `data` over and over."""

    def endless() -> Iterator[int]:
        while True:
            yield from data

    source = endless()
    return lambda size: bytes(next(source) for _ in range(size))


@given(st.integers(0, 4096))
def test_the_system_gives_as_many_bytes_as_asked_for(size: int) -> None:
    assert len(system_entropy(size)) == size


def test_the_system_does_not_give_the_same_bytes_twice() -> None:
    assert system_entropy(32) != system_entropy(32)


@given(st.binary(min_size=8, max_size=8), st.integers(1, 2**24))
def test_an_index_lies_within_the_count(data: bytes, count: int) -> None:
    assert 0 <= draw_index(replay(data), count) < count


@given(st.sets(st.characters(), min_size=1, max_size=256), st.integers(0, 100))
def test_text_has_the_length_and_the_alphabet_asked_for(characters: set[str], length: int) -> None:
    alphabet = "".join(sorted(characters))
    text = draw_text(replay(bytes(range(256))), alphabet, length)
    assert len(text) == length
    assert set(text) <= characters


@given(st.integers(1, 256))
def test_each_character_is_drawn_equally_often(size: int) -> None:
    alphabet = "".join(chr(0x100 + i) for i in range(size))
    lawful = 256 - 256 % size
    text = draw_text(replay(bytes(range(256))), alphabet, lawful)
    assert {text.count(character) for character in alphabet} == {256 // size}


def test_a_byte_that_would_bias_is_thrown_away() -> None:
    assert draw_text(replay(bytes([255, 0])), "abc", 2) == "aa"
