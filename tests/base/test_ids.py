"""An id proves by itself that this deployment minted it, and nothing else passes for one."""

import json
import re
from hashlib import blake2s
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError
from serinus.base.ids import (
    ALPHABET_SIZE,
    ID_LENGTH_MAX,
    ID_LENGTH_MIN,
    KEYS_MAX,
    TAIL_LENGTH,
    IdKeys,
    IdShape,
    TokenId,
    draw_keys,
    draw_shape,
    read_keys,
    write_keys,
)

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocols" / "token-ids.md"
LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"

shapes = st.builds(
    lambda length, letters: IdShape(length, "".join(letters[:ALPHABET_SIZE])),
    st.integers(ID_LENGTH_MIN, ID_LENGTH_MAX),
    st.permutations(LETTERS_AND_DIGITS),
)
deployments = st.builds(
    IdKeys, shapes, st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=3).map(tuple)
)
other_characters = st.text("._-/%?=&: \n", min_size=1, max_size=5)


def vectors() -> list[dict[str, str]]:
    """The test vectors of the protocol's page, each as its name-value rows."""
    sections = PROTOCOL.read_text(encoding="utf-8").split("### Vector ")[1:]
    return [dict(re.findall(r"^\| (\w+) +\| `([^`]+)` +\|$", s, re.MULTILINE)) for s in sections]


def test_the_protocols_page_has_two_vectors() -> None:
    assert len(vectors()) == 2


@pytest.mark.parametrize("vector", vectors(), ids=lambda v: v["id"])
def test_the_protocols_vectors_hold(vector: dict[str, str]) -> None:
    keys = IdKeys(
        IdShape(int(vector["length"]), vector["alphabet"]), (bytes.fromhex(vector["key"]),)
    )
    entropy = bytes.fromhex(vector["entropy"])
    head = vector["head"].encode()
    digest = blake2s(head, key=keys.keys[0], digest_size=TAIL_LENGTH)
    assert digest.hexdigest() == vector["digest"]
    assert vector["id"] == vector["head"] + vector["tail"]
    assert keys.mint(lambda size: entropy[:size]) == vector["id"]
    assert keys.recognise(vector["id"].encode()) == vector["id"]


@given(deployments, st.data())
def test_a_minted_id_is_recognised_in_any_case_once_lower_cased(
    keys: IdKeys, data: st.DataObject
) -> None:
    token_id = keys.mint(system_entropy)
    upper = data.draw(st.lists(st.booleans(), min_size=len(token_id), max_size=len(token_id)))
    spelled = "".join(c.upper() if u else c for c, u in zip(token_id, upper, strict=True)).encode()
    assert keys.recognise(spelled.lower()) == token_id
    assert keys.find(spelled, 1) == [token_id]
    assert keys.has_shape(spelled.lower())


@given(deployments, st.data())
def test_an_id_with_any_one_character_changed_is_refused(keys: IdKeys, data: st.DataObject) -> None:
    token_id = keys.mint(system_entropy)
    place = data.draw(st.integers(0, len(token_id) - 1))
    other = data.draw(st.sampled_from(sorted(set(LETTERS_AND_DIGITS) - {token_id[place]})))
    assert keys.recognise((token_id[:place] + other + token_id[place + 1 :]).encode()) is None


@given(deployments, st.binary(max_size=60))
def test_any_other_bytes_are_no_id(keys: IdKeys, text: bytes) -> None:
    assert keys.recognise(text) is None
    assert keys.find(text, 8) == []


@given(deployments, st.text(LETTERS_AND_DIGITS, max_size=80))
def test_an_id_is_found_with_something_glued_before_it(keys: IdKeys, glued: str) -> None:
    token_id = keys.mint(system_entropy)
    assert keys.find((glued + token_id).encode(), 2) == [token_id]


@given(deployments, st.text(LETTERS_AND_DIGITS, max_size=80))
def test_an_id_is_found_with_something_glued_behind_it(keys: IdKeys, glued: str) -> None:
    token_id = keys.mint(system_entropy)
    assert keys.find((token_id + glued).encode(), 2) == [token_id]


@given(deployments, other_characters, st.integers(1, 4))
def test_ids_are_found_in_order_and_each_once(keys: IdKeys, between: str, count: int) -> None:
    minted = [keys.mint(system_entropy) for _ in range(count)]
    text = between.join(minted + minted).encode()
    assert keys.find(text, 2 * count) == minted


@given(deployments, st.integers(0, 5))
def test_no_more_stretches_are_looked_at_than_allowed(keys: IdKeys, count_max: int) -> None:
    text = b".".join([b"a" * keys.shape.length * 3] * 10)
    assert len(list(keys.candidates(text, count_max))) == count_max


@given(deployments, st.lists(st.binary(max_size=9) | st.text("aB9-", max_size=90), max_size=6))
def test_candidates_begin_and_end_each_long_run(keys: IdKeys, parts: list[bytes | str]) -> None:
    text = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    length, expected = keys.shape.length, list[bytes]()
    for run in re.findall(rb"[0-9a-z]{%d,}" % length, text.lower()):
        expected += [run] if len(run) == length else [run[:length], run[-length:]]
    assert list(keys.candidates(text, 5)) == expected[:5]
    assert keys.has_run(text) == bool(expected)


def test_shapes_differ_between_deployments() -> None:
    shapes_drawn = {draw_shape(system_entropy) for _ in range(50)}
    assert len(shapes_drawn) == 50
    assert len({shape.length for shape in shapes_drawn}) > 1
    assert len({shape.alphabet for shape in shapes_drawn}) > 1


def test_another_deployment_of_the_same_shape_refuses_our_ids() -> None:
    ours = draw_keys(system_entropy)
    theirs = IdKeys(ours.shape, (system_entropy(32),))
    assert theirs.recognise(ours.mint(system_entropy).encode()) is None


def test_old_keys_are_accepted_after_a_rotation_and_the_new_one_mints() -> None:
    old = draw_keys(system_entropy)
    planted = old.mint(system_entropy)
    new = old.rotate(system_entropy)
    fresh = new.mint(system_entropy)
    assert new.shape == old.shape
    assert new.recognise(planted.encode()) == planted
    assert new.recognise(fresh.encode()) == fresh
    assert old.recognise(fresh.encode()) is None


def test_a_rotation_beyond_the_bound_is_refused() -> None:
    keys = draw_keys(system_entropy)
    for _ in range(KEYS_MAX - 1):
        keys = keys.rotate(system_entropy)
    with pytest.raises(OperatorError, match="oldest would be lost"):
        keys.rotate(system_entropy)


@pytest.mark.parametrize(
    ("length", "alphabet"),
    [
        (ID_LENGTH_MIN - 1, LETTERS_AND_DIGITS[:32]),
        (ID_LENGTH_MAX + 1, LETTERS_AND_DIGITS[:32]),
        (24, LETTERS_AND_DIGITS[:31]),
        (24, LETTERS_AND_DIGITS[:33]),
        (24, LETTERS_AND_DIGITS[:32] * 2),
        (24, LETTERS_AND_DIGITS[:31] + "A"),
    ],
)
def test_an_unlawful_shape_is_refused(length: int, alphabet: str) -> None:
    with pytest.raises(OperatorError):
        IdShape(length, alphabet)


def test_keys_do_not_show_in_their_own_description() -> None:
    assert "keys=" not in repr(draw_keys(system_entropy))


@given(deployments)
def test_a_key_file_is_read_back_as_it_was_written(keys: IdKeys) -> None:
    assert read_keys(write_keys(keys)) == keys


WHOLE = json.loads(write_keys(IdKeys(IdShape(24, LETTERS_AND_DIGITS[:32]), (bytes(32),))))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7"]
    + [json.dumps({k: v for k, v in WHOLE.items() if k != name}) for name in WHOLE]
    + [
        json.dumps({**WHOLE, name: value})
        for name, value in [
            ("length", 5),
            ("length", None),
            ("length", float("inf")),
            ("alphabet", "abc"),
            ("keys", []),
            ("keys", None),
            ("keys", ["zz" * 32]),
            ("keys", ["00" * 31]),
            ("keys", ["00" * 32] * (KEYS_MAX + 1)),
        ]
    ],
)
def test_a_damaged_key_file_is_told_to_the_operator(text: str) -> None:
    with pytest.raises(OperatorError, match="key file is damaged"):
        read_keys(text)


@given(st.integers(0, len(json.dumps(WHOLE)) - 1))
def test_a_key_file_cut_short_is_told_to_the_operator(size: int) -> None:
    with pytest.raises(OperatorError, match="key file is damaged"):
        read_keys(json.dumps(WHOLE)[:size])


def test_an_id_has_the_shape_of_its_deployment() -> None:
    keys = draw_keys(system_entropy)
    token_id: TokenId = keys.mint(system_entropy)
    assert len(token_id) == keys.shape.length
    assert set(token_id) <= set(keys.shape.alphabet)
    assert not keys.has_shape(token_id.encode()[:-1])
    assert not keys.has_shape(token_id.encode()[:-1] + b".")
