"""A touch crosses the wall between edge and worker unchanged."""

import json
import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from serinus.base.ids import TokenId
from serinus.model.touch import TOKENS_MAX, Touch, read_touch, write_touch

PROTOCOL = Path(__file__).parents[2] / "docs" / "protocols" / "ledger.md"

latin1 = st.text(st.characters(max_codepoint=255), max_size=30)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | latin1,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(latin1, inner, max_size=4),
    max_leaves=12,
)
touches = st.builds(
    Touch,
    id=latin1,
    at=st.floats(0, 2**33),
    channel=st.sampled_from(["dns", "http"]),
    transport=st.sampled_from(["udp", "tcp", "tls"]),
    source=st.ip_addresses().map(str),
    source_port=st.integers(0, 65535),
    tokens=st.lists(latin1.map(TokenId), max_size=TOKENS_MAX).map(tuple),
    detail=st.dictionaries(latin1.filter("head".__ne__), values, max_size=6),
)


@given(touches)
def test_a_touch_is_read_back_as_it_was_written(touch: Touch) -> None:
    found = read_touch(write_touch(touch))
    assert found == touch
    assert type(found) is Touch
    assert type(found.tokens) is tuple


@given(touches)
def test_a_written_touch_is_one_line_of_ascii(touch: Touch) -> None:
    text = write_touch(touch)
    assert text.isascii()
    assert len(text.splitlines()) == 1


@given(st.binary(max_size=300))
def test_no_byte_of_the_evidence_is_lost(data: bytes) -> None:
    touch = Touch("1", 0.0, "http", "tcp", "::1", 1, (), {"body": data.decode("latin-1")})
    assert read_touch(write_touch(touch)).detail["body"].encode("latin-1") == data


def test_the_fields_stand_in_the_order_that_the_protocol_names() -> None:
    touch = Touch("t1", 1.5, "dns", "udp", "192.0.2.1", 53, (TokenId("abc"),), {"type": "A"})
    assert json.loads(write_touch(touch)) == [
        "t1", 1.5, "dns", "udp", "192.0.2.1", 53, ["abc"], {"type": "A"},
    ]  # fmt: skip


def test_the_protocols_page_names_the_fields_in_their_order() -> None:
    rows = re.findall(r"^\| (\d) \| (\w+) \|", PROTOCOL.read_text(encoding="utf-8"), re.MULTILINE)
    assert [(int(n), name) for n, name in rows] == list(enumerate(Touch._fields))


def test_the_protocols_example_is_what_we_write() -> None:
    (example,) = re.findall(r"```json\n(.+)\n```", PROTOCOL.read_text(encoding="utf-8"))
    assert write_touch(read_touch(example)) == example


def test_the_protocols_heads_stand_for_what_it_says() -> None:
    (block,) = re.findall(r"```text\n(.+?)\n```", PROTOCOL.read_text(encoding="utf-8"), re.DOTALL)
    for vector in block.split("\n\n"):
        head, expected = vector.split("\n")
        detail = {"head": head.replace("\\n", "\n"), "body": ""}
        touch = Touch("1", 0.0, "http", "tcp", "::1", 1, (), detail)
        assert read_touch(write_touch(touch)).detail == {**json.loads(expected), "body": ""}


def test_an_old_row_with_the_parts_of_a_head_is_still_read() -> None:
    detail = {"line": "GET / HTTP/1.1", "headers": [["Host", "x"]], "host": "x", "body": ""}
    touch = Touch("1", 0.0, "http", "tcp", "::1", 1, (TokenId("a"),), detail)
    assert read_touch(write_touch(touch)) == touch
