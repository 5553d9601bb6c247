"""The dialect of nginx 1.22 serving static files; transcripts in `tests/transcripts/http/nginx`.

It answers any method but GET, HEAD and POST with 405, and a POST for a file too; it closes after
TRACE and CONNECT.
"""

import itertools
from collections.abc import Mapping

from serinus.edge.dialects import REASONS, Dialect, File, Reply
from serinus.edge.dialects.conditions import (
    Version,
    is_conditional,
    judge_nginx,
    ranges_nginx,
    serve_ranges,
)
from serinus.wire.http1 import Fault, Request
from serinus.wire.tls_manner import TLSManner

SERVER = "nginx/1.22.1"
BODY_SIZE_MAX = 1024 * 1024
"""Bytes: the default of client_max_body_size."""
IDLE_S = 75.0
"""Seconds: the default of keepalive_timeout."""
REQUESTS_MAX = 1000
"""The default of keepalive_requests since 1.19.10."""
TLS = TLSManner(
    ciphers="HIGH:!aNULL:!MD5",
    prefers_own_ciphers=True,
    protocols=("http/1.1", "http/1.0", "http/0.9"),
    insists=True,
    tickets=True,
)
"""The default of ssl_ciphers; Debian's nginx.conf adds ssl_prefer_server_ciphers."""

_REASONS = {
    **REASONS,
    302: "Moved Temporarily",
    405: "Not Allowed",
    414: "Request-URI Too Large",
    503: "Service Temporarily Unavailable",
}
_ORDER = (
    *("server", "date", "content-type", "content-length", "last-modified"),
    *("connection", "etag", "*", "accept-ranges"),
)
_TOLERATES = frozenset({Fault.HEADERS_TOO_MANY, Fault.BAD_EXPECTATION, Fault.ODD_HOST})
_PART_NAMES = ("Content-Type", "Content-Range")
_LARGE = "Request Header Or Cookie Too Large"
_STATUSES = {
    Fault.BAD_VERSION: 505,
    Fault.LINE_TOO_LONG: 414,
    Fault.BAD_CODING: 501,
    Fault.BODY_TOO_LARGE: 413,
}


def make_nginx(modified_at: float, server: str = SERVER) -> Dialect:
    """Return the dialect.

    Args:
        modified_at: When the served files were made, Unix seconds. There is no default: one that
            all installations share would be a tell.
        server: Text of the Server header and of the foot of error pages.
    """
    boundaries = itertools.count(1)

    def page(
        status: int, note: str = "", close: bool = False, reasons: Mapping[int, str] = _REASONS
    ) -> Reply:
        text = f"{status} {reasons[status]}"
        title = f"{status} {note}" if note else text
        middle = f"<center>{note}</center>\r\n" if note else ""
        body = (
            f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
            f"<center><h1>{text}</h1></center>\r\n{middle}<hr><center>{server}</center>\r\n"
            "</body>\r\n</html>\r\n"
        )
        return Reply(status, (("Content-Type", "text/html"),), body.encode("latin-1"), close)

    def serve(request: Request, file: File | None) -> Reply:
        if request.method in (b"TRACE", b"CONNECT"):
            return page(405, close=True)
        if request.target == b"*":
            return page(400, close=True)
        if request.method not in (b"GET", b"HEAD", b"POST"):
            return page(405)
        if file is None:
            return page(404)
        if request.method == b"POST":
            return page(405)
        version = Version(f'"{int(modified_at):x}-{len(file.body):x}"', int(modified_at))
        if is_conditional(request):
            less = under_conditions(request, file, version)
            if less is not None:
                return less
        headers = (
            ("Content-Type", file.media_type),
            *version.headers(),
            ("Accept-Ranges", "bytes"),
        )
        return Reply(200, headers, file.body)

    def under_conditions(request: Request, file: File, version: Version) -> Reply | None:
        """Return the answer that is not the whole file, if there is one."""
        status = judge_nginx(request, version)
        if status == 304:
            return Reply(304, version.headers(), b"")
        if status == 412:
            # It says that the connection stays, and closes it.
            says = (("Connection", "keep-alive" if request.keep_alive else "close"),)
            reply = page(412, close=True)
            return reply._replace(headers=reply.headers + says, announce=False)
        ranges = ranges_nginx(request, version, len(file.body))
        if ranges is None:
            return None
        if not ranges:
            reply = page(416)
            place = ("Content-Range", f"bytes */{len(file.body)}")
            return reply._replace(headers=(*reply.headers, place))
        more, body = serve_ranges(file, ranges, lambda: f"{next(boundaries):020}", _PART_NAMES)
        return Reply(206, (*version.headers(), *more), body)

    def refuse(fault: Fault, request: Request) -> Reply:
        if fault in (Fault.HEADER_TOO_LARGE, Fault.HEADERS_TOO_LARGE):
            return page(400, _LARGE, close=True)
        if fault is Fault.BAD_CHUNK and request.method not in (b"GET", b"HEAD"):
            return page(405, close=True)
        return page(_STATUSES.get(fault, 400), close=True)

    def redirect(_request: Request, status: int, location: str) -> Reply:
        # Its page of 302 has not the words of its status line.
        reply = page(status, reasons=REASONS)
        return reply._replace(headers=(*reply.headers, ("Location", location)))

    def refuse_plain(fault: Fault | None, request: Request) -> Reply:
        if fault is None:
            return page(400, "The plain HTTP request was sent to HTTPS port", close=True)
        return refuse(fault, request)

    return Dialect(
        server,
        _ORDER,
        _REASONS,
        _TOLERATES,
        BODY_SIZE_MAX,
        IDLE_S,
        REQUESTS_MAX,
        serve,
        refuse,
        refuse_plain,
        redirect,
        _persistence,
        TLS,
    )


def _persistence(_request: Request, keep: bool, _left: int) -> tuple[tuple[str, str], ...]:
    return (("Connection", "keep-alive" if keep else "close"),)
