"""HTTP/1.0 and 1.1 requests, read from bytes as they come (RFC 9112), evidence kept as sent.

States: line -> headers -> body (sized or chunked) -> line. HTTP/0.9's `GET target` is one line.

Rules:
- What is read depends on the bytes, never on how they were cut. One exception: a request line that
  is a fault is answered at once, so what stands behind it is kept as far as it has come.
- Everything kept has a bound; what goes beyond it is counted, or is a fault.
- A fault says which rule was broken and what had been read, so that a dialect answers as the
  product does and the evidence survives. Servers differ in what they put up with: `tolerates`.
- The only exception is `RequestError`, a `RemoteProtocolError`; after it, nothing more is read.

It is one subject: the states of one grammar over one buffer, which no cut would make simpler.
"""

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from serinus.base.errors import RemoteProtocolError
from serinus.wire.http_target import is_host, is_plain_host, leads_somewhere

LINE_SIZE_MAX = 8 * 1024
"""Bytes of a request line or of one header field line; nginx and Apache both stop near here."""
HEADERS_SIZE_MAX = 32 * 1024
"""Bytes of a header block: nginx's four buffers of 8 KiB."""
HEADERS_MAX = 100
"""Header fields: Apache's LimitRequestFields. Where tolerated, HEADERS_SIZE_MAX is the bound."""
BODY_KEPT_MAX = 64 * 1024
"""Bytes of a body kept as evidence; the rest is counted."""
BODY_SIZE_MAX = 10 * 1024 * 1024
"""Bytes of a body read at all; a larger one is refused."""
REQUESTS_MAX = 1000
"""Requests on one connection, the most that any dialect allows (nginx's keepalive_requests)."""
BLANK_LINES_MAX = 10
"""Empty lines put up with before a request line (RFC 9112 §2.2)."""
CHUNK_LINE_SIZE_MAX = 1024
"""Bytes of a chunk's size line with its extensions, or of one trailer field."""
BLOCKS_MAX = 128
BLOCK_SIZE_MAX = 1024
"""Header blocks that are remembered, and the bytes of each: a MiB with what was read of them, and
three where each is a hundred short fields."""
TRAILERS_MAX = 100
"""Trailer field lines after the last chunk; they are dropped."""

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_METHOD = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PLAIN_METHOD = re.compile(rb"[A-Z_-]+")
_VERSION = re.compile(rb"HTTP/(\d)\.(\d)")
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_DIGITS = re.compile(rb"[0-9]{1,18}")
_HEX = re.compile(rb"[0-9A-Fa-f]{1,8}")
_LINE_END = re.compile(rb"\n\r?\n")
_USUAL_LINE = re.compile(rb"(([A-Z]+) (/[^\0- \x7f%#?]*+(?:\?[^\0- \x7f]*+)?+) HTTP/1\.1)\r\n")
_USUAL_HOST = re.compile(rb"[A-Za-z0-9_-]++(?:\.[A-Za-z0-9_-]++)*+(?::[1-9][0-9]{0,4})?+")
_USUAL_FIELD = re.compile(
    rb"^([!#$%&'*+.^_`|~0-9A-Za-z-]++):[ \t]*+([^\r]*+)(?<![ \t])\r\n", re.MULTILINE
)
"""What the short way reads, where each field's only line feed is its last."""
_FRAMES_BODY = frozenset((b"content-length", b"transfer-encoding", b"expect"))
_NO_FIELDS: Mapping[bytes, bytes] = MappingProxyType({})


class Fault(Enum):
    """Which rule a request broke."""

    BAD_LINE = "request line has no method and target"
    BAD_METHOD = "method is not a token"
    ODD_METHOD = "method has other characters than A-Z, _ and -"
    BAD_TARGET = "target is neither a path, a URL nor *, or leads nowhere"
    BAD_PROTOCOL = "third word is no HTTP version"
    BAD_VERSION = "major version is not 1"
    LINE_TOO_LONG = "request line too long"
    BAD_HEADER = "header field cannot be read"
    FOLDED_HEADER = "header field is folded"
    HEADER_TOO_LARGE = "one header field too long"
    HEADERS_TOO_LARGE = "header block too large"
    HEADERS_TOO_MANY = "too many header fields"
    BAD_HOST = "not exactly one Host with a name"
    ODD_HOST = "Host has characters that no name has"
    BAD_LENGTH = "Content-Length is not one number"
    BAD_CODING = "Transfer-Encoding is not chunked"
    LENGTH_AND_CODING = "both Content-Length and Transfer-Encoding"
    BAD_EXPECTATION = "Expect is not 100-continue"
    BODY_TOO_LARGE = "body too large"
    BAD_CHUNK = "chunk cannot be read"


class Request(NamedTuple):
    """One request as sent. A named tuple: one is made for each.

    Attributes:
        line: The request line without its end.
        method: Its first word.
        target: Its second word.
        version: Its third word; `HTTP/0.9` where there is none.
        headers: Names and values in order and case; values without the blanks around them.
        body: Its first `BODY_KEPT_MAX` bytes, chunks joined.
        body_size: Bytes that came, without the framing.
        keep_alive: The client allows another request (RFC 9112 §9.3).
        fields: The first value of each header, by its lower-case name.
        text: The headers again, as one text of `NAME: VALUE` lines, which no line feed ends.
    """

    line: bytes
    method: bytes
    target: bytes
    version: bytes
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    body_size: int = 0
    keep_alive: bool = False
    fields: Mapping[bytes, bytes] = _NO_FIELDS
    text: bytes = b""

    def value(self, name: bytes) -> bytes | None:
        """Return the first value of the lower-case header `name`, or None."""
        return self.fields.get(name)

    def with_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> "Request":
        """Return the request with these headers, and with the `fields` that follow from them."""
        pairs = tuple(headers)
        # The first of those with the same name is the one that stays.
        fields = {name.lower(): value for name, value in reversed(pairs)}
        return self._replace(headers=pairs, fields=fields, text=_write_fields(pairs))


NOTHING = Request(b"", b"", b"", b"")
"""What has been read of a request before its first byte."""


class Continue(NamedTuple):
    """The client waits for a 100 (Continue) before it sends its body (RFC 9110 §10.1.1)."""


class RequestError(RemoteProtocolError):
    """A request that broke a rule.

    Args:
        fault: The rule.
        request: What had been read of it; parts not reached are empty.
    """

    def __init__(self, fault: Fault, request: Request) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.request = request


class Block(NamedTuple):
    """What a usual header block says, in the terms of `Request`."""

    headers: tuple[tuple[bytes, bytes], ...]
    keep_alive: bool
    fields: Mapping[bytes, bytes]
    text: bytes


class Blocks:
    """Reads usual header blocks: those whose fields stand one in a line and frame no body.

    A client that asks again sends the same block as before, which is then read once.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, Block] = {}

    def read(self, block: bytes) -> Block | None:
        """Return what the lines say, each of which ends with CR LF, or None if one is unusual."""
        known = self._known.get(block)
        if known is None:
            known = _read_block(block)
            if known is not None and len(block) <= BLOCK_SIZE_MAX:
                if len(self._known) >= BLOCKS_MAX:
                    self._known.clear()
                self._known[block] = known
        return known


class RequestReader:
    """Reads the requests of one connection.

    Args:
        tolerates: Faults that the imitated product puts up with. Meaningful for ODD_METHOD,
            ODD_HOST, BAD_VERSION, FOLDED_HEADER, HEADERS_TOO_MANY, LENGTH_AND_CODING,
            BAD_EXPECTATION.
        body_size_max: Bytes of a body that the product takes, at most `BODY_SIZE_MAX`.
        blocks: What connections have in common.
    """

    __slots__ = (
        *("_at", "_blank", "_block", "_blocks", "_body", "_body_max", "_buffer", "_left"),
        *("_request", "_searched", "_size", "_state", "_tolerates", "_trailers"),
    )

    def __init__(
        self,
        tolerates: frozenset[Fault] = frozenset(),
        body_size_max: int = BODY_SIZE_MAX,
        blocks: Blocks | None = None,
    ) -> None:
        self._tolerates = tolerates
        self._blocks = blocks or Blocks()
        self._body_max = min(body_size_max, BODY_SIZE_MAX)
        self._buffer = b""
        self._at = 0
        self._state = "line"
        self._request = NOTHING
        self._body = bytearray()
        self._block = b""
        self._size = self._left = self._blank = self._trailers = self._searched = 0

    @property
    def state(self) -> str:
        """What comes next: "line", "headers", or a part of the body."""
        return self._state

    @property
    def begun(self) -> bool:
        """Whether a request has begun that has not ended."""
        return self._state != "line" or bool(self._buffer)

    def feed(self, data: bytes) -> None:
        """Take bytes; the caller reads until None after each, which keeps the buffer bounded."""
        self._buffer = self._buffer + data if self._buffer else data

    def read(self) -> Request | Continue | None:
        """Return the next request, or Continue, or None when more bytes are needed.

        Raises:
            RequestError: A rule was broken; the connection cannot be read further.
        """
        if self._state == "line":
            request = self._read_usual()
            if request is not None:
                return request
            if not self._read_line():
                return None
        if self._request.version == b"HTTP/0.9":
            return self._finish()
        if self._state == "headers":
            if not self._read_headers():
                return None
            if self._state == "line":
                return self._finish()
            expects = self._expects()
            # While a body is awaited its fields stay bytes: objects take thirty times as much.
            self._request = self._request._replace(headers=(), fields=_NO_FIELDS, text=b"")
            if expects:
                return Continue()
        return self._finish() if self._read_body() else None

    def unfinished(self) -> Request | None:
        """Return what came of a request that was cut off, or None if none had begun."""
        if self._state == "line":
            line = self._buffer[:LINE_SIZE_MAX]
            return _split_line(line) if line.strip() else None
        if self._state == "headers":
            return self._partial()
        return self._whole()

    def _fail(self, fault: Fault, request: Request | None = None) -> RequestError:
        return RequestError(fault, request or self._request)

    def _fail_line(self, fault: Fault, request: Request, rest: bytes) -> RequestError:
        """Return the error of a request line with what came behind it."""
        head, body = rest[:HEADERS_SIZE_MAX], b""
        end = _LINE_END.search(b"\n" + head)
        if end is not None:
            head, body = rest[: end.start()], rest[end.end() - 1 :]
        request = request.with_headers(_split_fields(head))
        return RequestError(fault, request._replace(body=body[:BODY_KEPT_MAX], body_size=len(body)))

    def _whole(self) -> Request:
        """Return the request whose body is read, with what has come of it."""
        headers, _ = self._read_fields(self._block)
        request = self._request.with_headers(headers)
        return request._replace(body=bytes(self._body), body_size=self._size)

    def _finish(self) -> Request:
        request = self._request
        if self._state != "line":
            request = self._whole()
            self._body = bytearray()
            self._block = b""
        self._size = self._left = self._blank = self._trailers = 0
        self._state = "line"
        self._request = NOTHING
        return request

    def _read_usual(self) -> Request | None:
        """Return a usual request without a body; for any other, None, and nothing has changed.

        It is a third of the long way's work, and reads exactly what that reads.
        """
        buffer = self._buffer
        end = buffer.find(b"\r\n\r\n", 0, LINE_SIZE_MAX) + 2
        start = _USUAL_LINE.match(buffer, 0, end)
        if start is None:
            return None
        block = self._blocks.read(buffer[start.end() : end])
        if block is None or b".." in start[3]:
            return None
        self._buffer = buffer[end + 2 :]
        self._blank = 0
        line, method, target = start.groups()
        headers, keep, fields, text = block
        return Request(line, method, target, b"HTTP/1.1", headers, b"", 0, keep, fields, text)

    def _read_line(self) -> bool:
        while True:
            buffer = self._buffer
            end = buffer.find(b"\n", 0, LINE_SIZE_MAX + 2)
            if end < 0:
                if len(buffer) >= LINE_SIZE_MAX + 2:
                    line, rest = buffer[:LINE_SIZE_MAX], buffer.partition(b"\n")[2]
                    raise self._fail_line(Fault.LINE_TOO_LONG, _split_line(line), rest)
                return False
            line = buffer[:end]
            if line.endswith(b"\r"):
                line = line[:-1]
            self._buffer = buffer[end + 1 :]
            if line:
                break
            self._blank += 1
            if self._blank > BLANK_LINES_MAX:
                raise self._fail_line(Fault.BAD_LINE, NOTHING, self._buffer)
        self._request = request = _split_line(line)
        if len(line) > LINE_SIZE_MAX:
            raise self._fail_line(Fault.LINE_TOO_LONG, request, self._buffer)
        fault = _judge_line(request, line)
        if fault is not None and fault not in self._tolerates:
            raise self._fail_line(fault, request, self._buffer)
        if request.version != b"HTTP/0.9":
            self._state = "headers"
        return True

    def _read_headers(self) -> bool:
        buffer = self._buffer
        if buffer.startswith((b"\r\n", b"\n")):
            block, rest = b"", buffer.partition(b"\n")[2]
        else:
            bare = _LINE_END.search(buffer, self._searched, HEADERS_SIZE_MAX)
            if bare is None:
                if len(buffer) < HEADERS_SIZE_MAX:
                    self._searched = max(0, len(buffer) - 2)
                    return False
                lines = buffer[:HEADERS_SIZE_MAX].split(b"\n")
                large = any(len(line) > LINE_SIZE_MAX for line in lines)
                fault = Fault.HEADER_TOO_LARGE if large else Fault.HEADERS_TOO_LARGE
                raise self._fail(fault, self._partial())
            block, rest = buffer[: bare.start()], buffer[bare.end() :]
        self._buffer = rest
        self._searched = 0
        self._take_headers(block)
        return True

    def _partial(self) -> Request:
        return self._request.with_headers(_split_fields(self._buffer[:HEADERS_SIZE_MAX]))

    def _take_headers(self, block: bytes) -> None:
        headers, fault = self._read_fields(block)
        self._request = self._request.with_headers(headers)
        if fault is not None:
            raise self._fail(fault)
        self._frame()
        if self._state != "line":
            self._block = block

    def _read_fields(self, block: bytes) -> tuple[list[tuple[bytes, bytes]], Fault | None]:
        """Return the fields of a header block, and the first fault among them."""
        headers: list[tuple[bytes, bytes]] = []
        fault: Fault | None = None
        for line in block.split(b"\n") if block else ():
            name, colon, value = line.partition(b":")
            if len(line) > LINE_SIZE_MAX:
                fault = fault or Fault.HEADER_TOO_LARGE
            if line[:1] in b" \t" and headers and line:
                if Fault.FOLDED_HEADER not in self._tolerates:
                    fault = fault or Fault.FOLDED_HEADER
                key, before = headers[-1]
                headers[-1] = (key, before + b" " + line.strip())
            else:
                if not colon or not _NAME.fullmatch(name) or b"\0" in line:
                    fault = fault or Fault.BAD_HEADER
                headers.append((name, value.strip(b" \t\r")))
        if len(headers) > HEADERS_MAX and Fault.HEADERS_TOO_MANY not in self._tolerates:
            fault = fault or Fault.HEADERS_TOO_MANY
        return headers, fault

    def _frame(self) -> None:
        """Judge the fields that frame the message and choose what comes next (RFC 9112 §6)."""
        hosts: list[bytes] = []
        lengths: list[bytes] = []
        codings: list[bytes] = []
        connection: bytes = b""
        for name, value in self._request.headers:
            key = name.lower()
            if key == b"host":
                hosts.append(value)
            elif key == b"content-length":
                lengths.append(value)
            elif key == b"transfer-encoding":
                codings.append(value.lower())
            elif key == b"connection":
                connection += b"," + value.lower()
            elif (
                key == b"expect"
                and value.lower() != b"100-continue"
                and Fault.BAD_EXPECTATION not in self._tolerates
            ):
                raise self._fail(Fault.BAD_EXPECTATION)
        old = self._request.version == b"HTTP/1.0"
        if len(hosts) > 1 or not (old or hosts) or (hosts and not is_host(hosts[0])):
            raise self._fail(Fault.BAD_HOST)
        if hosts and not is_plain_host(hosts[0]) and Fault.ODD_HOST not in self._tolerates:
            raise self._fail(Fault.ODD_HOST)
        keep = _keeps(connection, old)
        if codings:
            if codings != [b"chunked"]:
                raise self._fail(Fault.BAD_CODING)
            if lengths:
                if Fault.LENGTH_AND_CODING not in self._tolerates:
                    raise self._fail(Fault.LENGTH_AND_CODING)
                # RFC 9112 §6.1: such a connection must not be used again.
                keep = False
            self._state = "chunk"
        elif lengths:
            if len(lengths) > 1 or not _DIGITS.fullmatch(lengths[0]):
                raise self._fail(Fault.BAD_LENGTH)
            self._left = int(lengths[0])
            if self._left > self._body_max:
                raise self._fail(Fault.BODY_TOO_LARGE)
            self._state = "body" if self._left else "line"
        else:
            self._state = "line"
        self._request = self._request._replace(keep_alive=keep)

    def _expects(self) -> bool:
        expect = self._request.value(b"expect")
        return (
            expect is not None
            and expect.lower() == b"100-continue"
            and self._request.version != b"HTTP/1.0"
        )

    def _read_body(self) -> bool:
        # One cut for all chunks that are there: a cut for each would copy the rest each time.
        try:
            return self._read_parts()
        finally:
            self._buffer = self._buffer[self._at :]
            self._at = 0

    def _read_parts(self) -> bool:
        while True:
            if self._state in ("body", "data"):
                self._take_data()
                if self._left:
                    return False
                if self._state == "body":
                    return True
                self._state = "data end"
            line = self._chunk_line()
            if line is None:
                return False
            if self._state == "data end":
                if line:
                    raise self._broken(Fault.BAD_CHUNK)
                self._state = "chunk"
            elif self._state == "chunk":
                self._start_chunk(line)
            elif not line:
                return True
            else:
                self._trailers += 1
                if self._trailers > TRAILERS_MAX:
                    raise self._broken(Fault.BAD_CHUNK)

    def _start_chunk(self, line: bytes) -> None:
        size = line.partition(b";")[0].strip(b" \t")
        if not _HEX.fullmatch(size):
            raise self._broken(Fault.BAD_CHUNK)
        self._left = int(size, 16)
        if self._size + self._left > self._body_max:
            raise self._broken(Fault.BODY_TOO_LARGE)
        self._state = "data" if self._left else "trailer"

    def _chunk_line(self) -> bytes | None:
        end = self._buffer.find(b"\n", self._at, self._at + CHUNK_LINE_SIZE_MAX)
        if end < 0:
            if len(self._buffer) - self._at >= CHUNK_LINE_SIZE_MAX:
                raise self._broken(Fault.BAD_CHUNK)
            return None
        line = self._buffer[self._at : end].removesuffix(b"\r")
        self._at = end + 1
        return line

    def _take_data(self) -> None:
        data = self._buffer[self._at : self._at + self._left]
        self._at += len(data)
        self._left -= len(data)
        self._size += len(data)
        if len(self._body) < BODY_KEPT_MAX:
            self._body += data[: BODY_KEPT_MAX - len(self._body)]

    def _broken(self, fault: Fault) -> RequestError:
        return self._fail(fault, self._whole())


def _read_block(block: bytes) -> Block | None:
    headers = tuple(_USUAL_FIELD.findall(block))
    fields = {name.lower(): value for name, value in headers}
    count = len(headers)
    if (
        count != block.count(b"\n")
        or b"\0" in block
        or count != len(fields)
        or count > HEADERS_MAX
        or not _USUAL_HOST.fullmatch(fields.get(b"host", b""))
        or not _FRAMES_BODY.isdisjoint(fields)
    ):
        return None
    connection = fields.get(b"connection")
    keep = connection is None or _keeps(connection.lower(), old=False)
    return Block(headers, keep, fields, _write_fields(headers))


def _write_fields(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"\n".join([name + b": " + value for name, value in headers])


def _split_line(line: bytes) -> Request:
    words = line.split(b" ")
    if len(words) == 3:
        return Request(line, words[0], words[1], words[2])
    if len(words) == 2:
        return Request(line, words[0], words[1], b"HTTP/0.9")
    return Request(line, words[0], b" ".join(words[1:-1]), words[-1] if len(words) > 1 else b"")


def _judge_line(request: Request, line: bytes) -> Fault | None:
    """Return the first fault of a request line (RFC 9112 §3)."""
    _, method, target, version, *_ = request
    if not method or not target or b"\0" in line:
        return Fault.BAD_LINE
    if not _METHOD.fullmatch(method):
        return Fault.BAD_METHOD
    plain = target.startswith(b"/") or b"://" in target
    star = target == b"*" and method == b"OPTIONS"
    if not (plain or star or method == b"CONNECT") or (plain and not leads_somewhere(target)):
        return Fault.BAD_TARGET
    if version == b"HTTP/0.9":
        return None if method == b"GET" else Fault.BAD_LINE
    match = _VERSION.fullmatch(version)
    if match is None:
        return Fault.BAD_PROTOCOL
    if not _PLAIN_METHOD.fullmatch(method):
        return Fault.ODD_METHOD
    return None if match[1] == b"1" else Fault.BAD_VERSION


def _split_fields(block: bytes) -> Iterable[tuple[bytes, bytes]]:
    """Yield what may be header fields in bytes that need not be a header block."""
    for line in block.split(b"\n")[: HEADERS_MAX + 1]:
        name, colon, value = line.partition(b":")
        if colon:
            yield name, value.strip()


def _keeps(connection: bytes, old: bool) -> bool:
    if not connection:
        return not old
    words = [word.strip() for word in connection.split(b",")]
    return b"close" not in words and (not old or b"keep-alive" in words)
