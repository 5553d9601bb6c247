"""What the transcripts leave open of conditional and partial requests: dates, bounds, any bytes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.edge.dialects import File, date_text
from serinus.edge.dialects.apache import make_apache
from serinus.edge.dialects.conditions import (
    RANGES_MAX,
    Version,
    is_conditional,
    judge_apache,
    judge_nginx,
    ranges_apache,
    ranges_nginx,
    read_date,
    serve_ranges,
)
from serinus.edge.dialects.nginx import make_nginx
from serinus.wire.http1 import Request

FILE = File("image/gif", bytes(range(43)))
VERSION = Version('"a-b"', 1763949267)
NAMES = ("Content-Type", "Content-Range")
FIELDS = (b"If-Match", b"If-None-Match", b"If-Modified-Since", b"If-Unmodified-Since", b"If-Range")


def ask(*headers: tuple[bytes, bytes], method: bytes = b"GET") -> Request:
    request = Request(b"", method, b"/", b"HTTP/1.1", keep_alive=True)
    return request.with_headers(headers)


@given(st.integers(0, 4_102_444_800))
def test_a_date_that_is_written_is_read_back(at: int) -> None:
    assert read_date(date_text(at).encode()) == at


@pytest.mark.parametrize("text", [b"", b"0", b"Mon, 24 Nov 2025 01:54:27", b"Sun, 1 Jan 2026"])
def test_what_is_no_date_is_none(text: bytes) -> None:
    assert read_date(text) is None


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (b"Monday, 24-Nov-25 01:54:27 GMT", 1763949267),
        (b"Mon Nov 24 01:54:27 2025", 1763949267),
        (b"Sunday, 06-Nov-94 08:49:37 GMT", 784111777),
        (b"Sun Nov  6 08:49:37 1994", 784111777),
        (b"Wednesday, 01-Jan-69 00:00:00 GMT", 3124224000),
        (b"Thursday, 01-Jan-70 00:00:00 GMT", 0),
    ],
)
def test_the_older_forms_of_a_date_are_read_as_both_servers_do(text: bytes, at: int) -> None:
    assert read_date(text) == at


@given(
    st.lists(
        st.tuples(
            st.sampled_from((*FIELDS, b"Range")),
            st.binary(max_size=40)
            | st.from_regex(rb"bytes=(\d{0,3}-\d{0,3},?){0,5}", fullmatch=True)
            | st.just(VERSION.etag.encode())
            | st.just(date_text(VERSION.modified).encode()),
        ),
        max_size=4,
    ),
    st.sampled_from([b"GET", b"HEAD", b"POST"]),
)
def test_any_headers_lead_to_a_lawful_reply(
    headers: list[tuple[bytes, bytes]], method: bytes
) -> None:
    request = ask(*headers, method=method)
    for make in (make_nginx, make_apache):
        reply = make(VERSION.modified).serve(request, FILE)
        assert reply.status in (200, 206, 304, 405, 412, 416)
    for judge in (judge_nginx, judge_apache):
        assert judge(request, VERSION) in (200, 304, 412)
    for find in (ranges_nginx, ranges_apache):
        ranges = find(request, VERSION, len(FILE.body))
        for first, last in ranges or ():
            assert 0 <= first <= last < len(FILE.body)
        assert sum(last - first + 1 for first, last in ranges or ()) <= len(FILE.body)


def test_too_many_ranges_get_the_whole_file() -> None:
    text = b"bytes=" + b",".join(b"0-0" for _ in range(RANGES_MAX + 1))
    for find in (ranges_nginx, ranges_apache):
        assert find(ask((b"Range", text)), VERSION, 43) is None


def test_several_stretches_are_parts_of_one_body() -> None:
    headers, body = serve_ranges(FILE, [(0, 1), (5, 6)], lambda: "B", NAMES)
    assert headers == (("Content-Type", "multipart/byteranges; boundary=B"),)
    assert body.count(b"--B") == 3 and body.endswith(b"\r\n--B--\r\n")
    assert FILE.body[5:7] in body


def test_only_conditions_and_ranges_are_conditional() -> None:
    assert is_conditional(ask((b"RANGE", b""))) and is_conditional(ask((b"if-match", b"")))
    assert not is_conditional(ask((b"Pragm", b""), (b"Accept", b"")))
