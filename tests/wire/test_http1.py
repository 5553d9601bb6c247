import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.wire.http1 import (
    BLOCK_SIZE_MAX,
    BLOCKS_MAX,
    BODY_KEPT_MAX,
    HEADERS_SIZE_MAX,
    Blocks,
    Continue,
    Fault,
    Request,
    RequestError,
    RequestReader,
)

HOST = ((b"Host", b"x"),)
LINE_FAULTS = (
    *(Fault.BAD_LINE, Fault.BAD_METHOD, Fault.ODD_METHOD, Fault.BAD_TARGET, Fault.BAD_PROTOCOL),
    *(Fault.BAD_VERSION, Fault.LINE_TOO_LONG),
)


def write_request(
    method: bytes, target: bytes, headers: tuple[tuple[bytes, bytes], ...], body: bytes = b""
) -> bytes:
    """Return an HTTP/1.1 request; the caller's headers frame the body (RFC 9112 §3, §5)."""
    fields = b"".join(b"%s: %s\r\n" % pair for pair in headers)
    return b"%s %s HTTP/1.1\r\n%s\r\n%s" % (method, target, fields, body)


def write_chunks(pieces: tuple[bytes, ...]) -> bytes:
    """Return a chunked body of these pieces; empty ones are left out (RFC 9112 §7.1)."""
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces if piece) + (
        b"0\r\n\r\n"
    )


def read_all(pieces: list[bytes]) -> list[object]:
    reader, out = RequestReader(), list[object]()
    try:
        for piece in pieces:
            reader.feed(piece)
            while (found := reader.read()) is not None:
                out.append(found)
    except RequestError as error:
        out.append((error.fault, whatever_came(error)))
    return out


def whatever_came(error: RequestError) -> Request:
    """What was read whichever way the bytes were cut: behind a line that is a fault, nothing."""
    if error.fault not in LINE_FAULTS:
        return error.request
    return error.request.with_headers(())._replace(body=b"", body_size=0)


def test_order_and_case_of_headers_are_kept() -> None:
    [request] = read_all([b"GET /a HTTP/1.1\r\nhOsT: x\r\nB: 1 \r\nA:2\r\n\r\n"])
    assert isinstance(request, Request)
    assert request.headers == ((b"hOsT", b"x"), (b"B", b"1"), (b"A", b"2"))
    assert request.keep_alive


def test_the_first_of_several_headers_of_one_name_counts() -> None:
    [request] = read_all([b"GET / HTTP/1.1\r\nHost: x\r\nRange: 1\r\nrange: 2\r\n\r\n"])
    assert isinstance(request, Request)
    assert request.value(b"range") == b"1"


def test_a_large_body_is_counted_and_its_beginning_kept() -> None:
    body = b"a" * (BODY_KEPT_MAX + 9)
    head = (*HOST, (b"Content-Length", str(len(body)).encode()))
    [request] = read_all([write_request(b"POST", b"/", head, body)])
    assert isinstance(request, Request)
    assert (len(request.body), request.body_size) == (BODY_KEPT_MAX, BODY_KEPT_MAX + 9)


def test_expect_is_answered_before_the_body() -> None:
    head = (*HOST, (b"Content-Length", b"2"), (b"Expect", b"100-continue"))
    out = read_all([write_request(b"PUT", b"/", head), b"ab"])
    assert out[0] == Continue()
    assert isinstance(out[1], Request) and out[1].body == b"ab"


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"garbage\r\n", Fault.BAD_LINE),
        (b"G@T / HTTP/1.1\r\n", Fault.BAD_METHOD),
        (b"GET / HTTP/9.9\r\n", Fault.BAD_VERSION),
        (b"GET / HTTX\r\n", Fault.BAD_PROTOCOL),
        (b"GET /" + b"a" * 9000, Fault.LINE_TOO_LONG),
        (b"GET / HTTP/1.1\r\n\r\n", Fault.BAD_HOST),
        (b"GET / HTTP/1.1\r\nA: " + b"a" * 33000, Fault.HEADER_TOO_LARGE),
        (b"GET / HTTP/1.1\r\n" + b"A: aaaaaaa\r\n" * 3000, Fault.HEADERS_TOO_LARGE),
        (b"GET / HTTP/1.1\r\n" + b"A: a\r\n" * 101 + b"\r\n", Fault.HEADERS_TOO_MANY),
        (b"P / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", Fault.BAD_LENGTH),
        (b"P / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", Fault.BODY_TOO_LARGE),
        (b"P / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n", Fault.BAD_CODING),
        (b"P / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n", Fault.BAD_CHUNK),
    ],
)
def test_each_fault_is_told_apart(data: bytes, fault: Fault) -> None:
    last = read_all([data])[-1]
    assert isinstance(last, tuple) and last[0] is fault


PIECES = st.sampled_from(
    [
        *(b"GET /a HTTP/1.1\r\n", b"Host: x\r\n", b"\r\n", b"\n", b"GET /\r\n", b"A: b\r\n c\r\n"),
        *(b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"3\r\nabc\r\n0\r\n\r\n"),
        *(b"Expect: 100-continue\r\n", b"abc", b"A" * 9000, b"\0", b"Connection: close\r\n"),
        *(b"GET /%", b"zz", b"..", b"Host: a/b\r\n", b"Host: a,b\r\n", b"\r\n\r\n", b"\n\n"),
    ]
)
WIRE = st.lists(PIECES | st.binary(max_size=9), max_size=12).map(b"".join)


@given(WIRE, st.lists(st.integers(0, 400), max_size=8))
def test_any_bytes_are_lawful_and_cutting_elsewhere_changes_nothing(
    data: bytes, cuts: list[int]
) -> None:
    edges = [0, *sorted(cuts), len(data)]
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert read_all(pieces) == read_all([data])


@given(
    st.lists(
        st.tuples(
            st.from_regex(rb"X-[A-Za-z]{1,9}", fullmatch=True),
            st.from_regex(rb"[!-~]{0,20}", fullmatch=True),
        ),
        max_size=9,
    ),
    st.lists(st.binary(max_size=40), max_size=5),
)
def test_what_we_write_is_read_back(fields: list[tuple[bytes, bytes]], body: list[bytes]) -> None:
    head = (*HOST, *fields, (b"Transfer-Encoding", b"chunked"))
    data = write_request(b"POST", b"/p?q", head, write_chunks(tuple(body)))
    out = read_all([data + data])
    assert len(out) == 2
    for request in out:
        assert isinstance(request, Request)
        assert (request.headers, request.body) == (head, b"".join(body))


@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [b"Host", b"host", b"Connection", b"Accept", b"Content-Length", b"X y"]
            ),
            st.sampled_from(
                [
                    *(b"a", b" a", b"a ", b"", b" ", b"close", b"keep-alive", b"3", b"\ta\t"),
                    *(b"a..b", b"a:80", b"a:", b"a,b", b"a.", b"-", b"[::1]", b"."),
                    *(b"\xff", b"a\0", b"a\rb", b"a\nb", b"a\nHost: b", b"\n"),
                ]
            ),
        ),
        max_size=5,
    ),
    st.sampled_from(
        [
            *(b"GET / HTTP/1.1", b"PUT /a%20b?c HTTP/1.1", b"get / HTTP/1.1", b"GET / HTTP/1.0"),
            *(b"GET /.. HTTP/1.1", b"GET /a?%z.. HTTP/1.1", b"GET /a#%z HTTP/1.1"),
            *(b"GET /a..b HTTP/1.1", b"GET /\x7f HTTP/1.1", b"GET /a?\x01 HTTP/1.1"),
        ]
    ),
)
def test_the_short_way_reads_what_the_long_way_reads(
    headers: list[tuple[bytes, bytes]], line: bytes
) -> None:
    fields = b"".join(name + b":" + value + b"\r\n" for name, value in headers)
    data = line + b"\r\n" + fields + b"\r\n" + b"abc"

    def read(pieces: list[bytes]) -> object:
        reader = RequestReader()
        found: object = None
        for piece in pieces:
            reader.feed(piece)
            try:
                found = found or reader.read()
            except RequestError as error:
                return error.fault, whatever_came(error)
        return found

    # A line alone takes the short way from the reader: it is no whole request.
    at = len(line) + 2
    assert read([data]) == read([data[:at], data[at:]])


@pytest.mark.parametrize("end", [b"a" * 9, b"", b"z"])
def test_a_request_that_waits_for_its_body_holds_little_more_than_was_sent(end: bytes) -> None:
    coded = b"Content-Length: 9" if end == b"a" * 9 else b"Transfer-Encoding: chunked"
    fields = b"".join(b"%04x:yz\r\n" % number for number in range(3200))
    asked = b"POST /m HTTP/1.1\r\nHost: x\r\n" + coded + b"\r\n" + fields + b"\r\n"
    readers = []
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            reader = RequestReader(frozenset({Fault.HEADERS_TOO_MANY}))
            reader.feed(bytes(bytearray(asked)))
            assert reader.read() is None
            readers.append(reader)
        held = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    assert held < 20 * 2 * len(asked)
    # Whole, cut off or broken: the evidence has every field.
    found: object = None
    if not end:
        found = reader.unfinished()
    else:
        reader.feed(end + b"\r\n")
        try:
            found = reader.read()
        except RequestError as error:
            found = error.request
    assert isinstance(found, Request)
    assert (len(found.headers), found.value(b"0c7f")) == (3202, b"yz")


def test_a_block_is_read_once_while_it_is_remembered_and_what_is_remembered_is_bounded() -> None:
    blocks = Blocks()
    sent = [b"Host: x\r\nCookie: %d\r\n" % number for number in range(BLOCKS_MAX + 1)]
    first = blocks.read(sent[0])
    assert first is not None and blocks.read(bytes(bytearray(sent[0]))) is first
    for block in sent:
        found = blocks.read(block)
        assert found is not None and found.fields[b"cookie"] == block[17:-2]
        assert len(blocks._known) <= BLOCKS_MAX
    again = blocks.read(sent[0])
    assert again == first and again is not first
    large = b"Host: x\r\nCookie: " + b"a" * BLOCK_SIZE_MAX + b"\r\n"
    assert blocks.read(large) is not blocks.read(large)


def test_a_header_block_is_read_alike_however_slowly_it_drips() -> None:
    for ending in (b"\r\n\r\n", b"\n\n", b"\n\r\n", b"\r\n\n"):
        data = b"GET / HTTP/1.1\r\nHost: x\r\nA:\r\r b" + ending + b"GET /2 HTTP/1.1\n"
        assert read_all([bytes((byte,)) for byte in data]) == read_all([data])


def test_a_block_that_ends_at_the_bound_is_read_and_one_beyond_it_is_not() -> None:
    start = b"GET / HTTP/1.1\r\n"
    for over in (0, 1):
        lines = b"Host: x\r\n" + b"A: aaaa\r\n" * ((HEADERS_SIZE_MAX - 40) // 9)
        size = HEADERS_SIZE_MAX - len(lines) - len(b"B: \r\n\r\n") + over
        reader = RequestReader(frozenset({Fault.HEADERS_TOO_MANY}))
        reader.feed(start + lines + b"B: " + b"b" * size + b"\r\n\r\n")
        if over:
            with pytest.raises(RequestError):
                reader.read()
        else:
            assert isinstance(reader.read(), Request)
