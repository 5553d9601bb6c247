"""Messages in the names of lookups: the protocol's vectors, and any order, loss and hostility."""

import re
import zlib
from base64 import b32encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.untrusted import readable
from serinus.tokens.carried.decoding import one_line
from serinus.tokens.carried.lookup import (
    GAP,
    MESSAGE_LENGTH_MAX,
    NAME_LENGTH_MAX,
    PARTS_MAX,
    SHORT_LENGTH_MAX,
    Message,
    assemble,
    read_part,
)

PAGE = Path(__file__).parents[3] / "docs" / "protocols" / "carried-data.md"
VECTORS = re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)

# Half a character is shown as bytes, so a text survives only where it is lawful UTF-8 and visible.
texts = st.text(st.characters(codec="utf-8"), min_size=1, max_size=300)


def encode(text: str, width: int = 56, nonce: str = "k7f3", hexadecimal: bool = False) -> list[str]:
    """Write the names of a message as the protocol's page says, each label as long as `width`."""
    data = text.encode()
    code = data.hex() if hexadecimal else b32encode(data).decode().rstrip("=").lower()
    parts = [code[n : n + width * 2] for n in range(0, len(code), width * 2)]
    sign = "x" if hexadecimal else ""
    return [
        ".".join([*filter(None, (part[:width], part[width:])), f"{sign}{n}-{len(parts)}-{nonce}"])
        for n, part in enumerate(parts, 1)
    ]


def read(names: list[str]) -> Message:
    """Read names of one message, in whatever order and however often they come."""
    parts = [part for name in names if (part := read_part(name.split("."))) is not None]
    assert len(parts) == len(names)
    (message,) = {part.message for part in parts}
    assert len(message) <= NAME_LENGTH_MAX
    return assemble(message, {part.number: part.text for part in parts})


@pytest.mark.parametrize(("names", "text"), VECTORS, ids=range(len(VECTORS)))
def test_the_protocols_vectors_hold(names: str, text: str) -> None:
    assert read(names.split()).sentence == text


def test_the_protocols_page_has_a_vector_for_each_form() -> None:
    assert len(VECTORS) == 12


@given(texts, st.sampled_from([8, 24, 56]), st.booleans(), st.data())
def test_what_is_written_is_read_back_in_any_order_twice_and_in_any_case(
    text: str, width: int, hexadecimal: bool, data: st.DataObject
) -> None:
    names = encode(text, max(width, len(text) // 8 * 8), hexadecimal=hexadecimal)
    again = data.draw(st.permutations([*names, *names]))
    case = data.draw(st.sampled_from([str.lower, str.upper, str.swapcase, str.title]))
    message = read([case(name) for name in again])
    assert message.is_whole
    assert message.text == message.sentence == readable(one_line(text), 10_000)


@given(st.text("abcdefgh /:-", min_size=50, max_size=300), st.data())
def test_what_is_lost_leaves_a_gap_and_the_rest_is_read(text: str, data: st.DataObject) -> None:
    names = encode(text, 8)
    lost = data.draw(st.sets(st.integers(0, len(names) - 1), min_size=1, max_size=len(names) - 1))
    message = read([name for n, name in enumerate(names) if n not in lost])
    assert not message.is_whole
    assert message.sentence.endswith(
        f"(incomplete: {len(names) - len(lost)} of {len(names)} parts)"
    )
    kept = "".join(GAP if n in lost else text[n * 10 : n * 10 + 10] for n in range(len(names)))
    collapsed = re.sub(rf"({re.escape(GAP)})+", GAP, kept)
    assert message.text == one_line(collapsed)


@given(st.lists(st.text(max_size=70), max_size=6) | st.lists(st.from_regex(r"[A-Za-z0-9.-]{1,63}")))
def test_any_labels_are_lawful_and_harmless(labels: list[str]) -> None:
    part = read_part(labels)
    if part is not None:
        assert part.alone.isprintable() or part.alone == ""
        assert len(part.message) <= NAME_LENGTH_MAX and 1 <= part.number <= PARTS_MAX


@given(st.recursive(st.none() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_any_value_in_the_place_of_labels_is_lawful(value: object) -> None:
    read_part(value)


@pytest.mark.parametrize(
    "name",
    [
        "ojxw65a",  # No mark at all.
        "1-1-k7f3",  # No data.
        "ojxw65a.0-1-k7f3",
        "ojxw65a.01-1-k7f3",
        "ojxw65a.2-1-k7f3",
        "ojxw65a.1-65-k7f3",
        "ojxw65a.1-1-k7f",
        "ojxw65a.1-1-k7f3k7f3k7f3k7f3x",
        "ojxw65a.1-1-k7-3",
        "ojxw18a.1-1-k7f3",  # No base32.
        "ojxw.x1-1-k7f3",  # No hexadecimal.
        "oj_w.1-1-k7f3",
        "db01",
        "www.db01",
        "web.07",
        "_dmarc",
    ],
)
def test_what_is_not_of_a_form_is_mere_labels(name: str) -> None:
    assert read_part(name.split(".")) is None


def test_parts_of_different_nonces_counts_and_encodings_are_different_messages() -> None:
    names = ("me.1-2-aaaa", "me.1-2-bbbb", "me.1-3-aaaa", "6162.x1-2-aaaa")
    parts = [read_part(name.split(".")) for name in names]
    assert len({part.message for part in parts if part}) == 4


def test_a_part_can_be_read_alone_and_says_which_it_is() -> None:
    one, other = (read_part(name.split(".")) for name in encode("some words, and more", 8))
    assert one is not None and other is not None
    assert (one.alone, one.number, one.total) == ("some words", 1, 2)
    assert (other.alone, other.number, other.total) == (", and more", 2, 2)


@pytest.mark.parametrize("text", ["\x1b[31mred\x07", "<script>alert(1)</script>", "=1+1", "a\nb"])
def test_what_is_hostile_is_shown_and_does_nothing(text: str) -> None:
    shown = read(encode(text)).text
    assert shown.isprintable() and "\x1b" not in shown and "\n" not in shown


def test_gzip_within_a_message_is_unpacked_and_bounded() -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = packer.compress(b"A" * 10_000_000) + packer.flush()
    code = bomb[:6000].hex()
    names = [f"{code[n : n + 200]}.x{n // 200 + 1}-60-beef" for n in range(0, len(code), 200)]
    message = read(names)
    assert message.text.startswith("AAAA") and len(message.text) <= 10_000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mzxw6===.G01", "foo"),
        ("MZXW6---.g01", "foo"),
        ("mzxw.6.G01", "foo"),
        ("gezdgnbvgy3tqojqgezdgnbvgy3tqojqgezdgnbv.gy3tqojq.G99", "1234567890" * 3),
        ("x10.0.0.1.L4J", "computer 10.0.0.1"),
        ("JOHN.ws1.corp.example.INI", "user JOHN, computer ws1, domain corp.example"),
        ("Y29ycFxqb2hu.07", "user corp\\john"),
    ],
)
def test_what_canarytokens_users_have_planted_is_read(name: str, text: str) -> None:
    assert read([name]).sentence == text


def test_the_same_name_is_an_echo_for_as_long_as_its_form_allows() -> None:
    days = [
        part.echo.days
        for name in ("ojxw65a.1-1-k7f3", "ca.UN.ub.CMD.a1b2c3d4", "mzxw6.G01", "xa.L4J")
        if (part := read_part(name.split("."))) is not None
    ]
    assert days[0] == days[1] > 365 and days[2:] == [1, 0]


def test_a_bomb_that_is_no_text_is_shown_packed() -> None:
    """Each of its bytes would take four characters, and most of a microsecond."""
    packed = zlib.compress(b"\xff" * 65_000, 9, wbits=zlib.MAX_WBITS | 16)
    code = b32encode(packed).decode().rstrip("=").lower()
    message = assemble("b64-k7f3", dict.fromkeys(range(1, 65, 2), code))
    assert message.text.startswith("\\x8b")
    assert len(message.text) <= MESSAGE_LENGTH_MAX


def test_a_part_alone_is_short() -> None:
    packed = zlib.compress(b"word " * 2000, 9, wbits=zlib.MAX_WBITS | 16)
    code = b32encode(packed).decode().rstrip("=").lower()
    part = read_part([code[n : n + 60] for n in range(0, len(code), 60)] + ["1-1-k7f3"])
    assert part is not None
    assert len(part.alone) == SHORT_LENGTH_MAX
    assert assemble(part.message, {1: part.text}).text == ("word " * 2000).strip()
