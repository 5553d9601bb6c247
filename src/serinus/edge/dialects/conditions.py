"""Conditional and partial requests for a file (RFC 9110 §13, §14), as nginx and Apache read them.

The two differ where the standard leaves room, and where they do not keep to it; the transcripts
hold every difference. Nothing here words an answer.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from serinus.edge.dialects import MONTHS, File, date_text
from serinus.wire.http1 import Request

RANGES_MAX = 200
"""Ranges of one request that are looked at (Apache's MaxRanges); with more, the file is whole."""

Ranges = list[tuple[int, int]]
"""First and last place of each stretch of the file; an empty list when none lies in it."""

_DATE = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?P<day>\d\d) (?P<month>[A-Z][a-z]{2}) (?P<year>\d{4}) "
    rb"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) GMT"
)
_RFC850_DATE = re.compile(
    rb"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?P<day>\d\d)-(?P<month>[A-Z][a-z]{2})-"
    rb"(?P<year>\d\d) (?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) GMT"
)
_ASCTIME_DATE = re.compile(
    rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (?P<month>[A-Z][a-z]{2}) (?P<day>[ \d]\d) "
    rb"(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d) (?P<year>\d{4})"
)
CENTURY_AT = 70
"""A year of two digits below it is in the 2000s; both servers draw the line here."""
_CONDITIONS = frozenset(
    (
        *(b"range", b"if-range", b"if-match", b"if-none-match"),
        *(b"if-modified-since", b"if-unmodified-since"),
    )
)
_TAG = re.compile(rb'(?:W/)?"[^"]*"')
_UNIT = b"bytes="
_NGINX_RANGE = re.compile(rb" *(?:(\d{1,18}) *- *(\d{1,18})?|-()(\d{1,18})) *")
_APACHE_RANGE = re.compile(rb"[ \t]*(?:(\d{1,18})-(\d{1,18})?|-()(\d{1,18}))[ \t]*")


class Version(NamedTuple):
    """What tells one version of a file from another: its ETag, and its whole Unix second."""

    etag: str
    modified: int

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Return the two headers that say so."""
        return (("Last-Modified", date_text(self.modified)), ("ETag", self.etag))


def read_date(text: bytes) -> int | None:
    """Return the Unix time of an HTTP date (RFC 9110 §5.6.7, all three forms), or None."""
    match = _DATE.fullmatch(text) or _RFC850_DATE.fullmatch(text) or _ASCTIME_DATE.fullmatch(text)
    if match is None or match["month"].decode() not in MONTHS:
        return None
    day, hour, minute, second = (int(match[part]) for part in ("day", "hour", "minute", "second"))
    month, year = MONTHS.index(match["month"].decode()), int(match["year"])
    if len(match["year"]) == 2:
        year += 2000 if year < CENTURY_AT else 1900
    # Days of the civil calendar, counted from March, in eras of 400 years.
    year -= month < 2
    shifted = (month - 2) % 12
    days = year * 365 + year // 4 - year // 100 + year // 400 + (153 * shifted + 2) // 5 + day
    return (days - 719469) * 86400 + hour * 3600 + minute * 60 + second


def is_conditional(request: Request) -> bool:
    """Tell whether a request asks for less than the whole file, or for it under a condition."""
    return not _CONDITIONS.isdisjoint(request.fields)


def judge_nginx(request: Request, version: Version) -> int:
    """Return 200, 304 or 412; If-Modified-Since has to name the very second."""
    asked = request.value(b"if-unmodified-since")
    if asked is not None:
        date = read_date(asked)
        if date is None or date < version.modified:
            return 412
    if not _matches(request.value(b"if-match"), version, strong=True):
        return 412
    since, tags = request.value(b"if-modified-since"), request.value(b"if-none-match")
    if since is None and tags is None:
        return 200
    if since is not None and read_date(since) != version.modified:
        return 200
    return 304 if _matches(tags, version, strong=False) else 200


def judge_apache(request: Request, version: Version) -> int:
    """Return 200, 304 or 412; a date that cannot be read counts as not given."""
    reads = request.method in (b"GET", b"HEAD")
    if not _matches(request.value(b"if-match"), version, strong=True):
        return 412
    unmodified = read_date(request.value(b"if-unmodified-since") or b"")
    if unmodified is not None and unmodified < version.modified:
        return 412
    tags = request.value(b"if-none-match")
    if not _matches(tags, version, strong=False):
        return 200
    if tags is not None and not reads:
        return 412
    text = request.value(b"if-modified-since")
    since = read_date(text or b"")
    if text is not None and reads:
        return 304 if since is not None and since >= version.modified else 200
    return 304 if tags is not None else 200


def ranges_nginx(request: Request, version: Version, size: int) -> Ranges | None:
    """Return the stretches asked for, or None for the whole file."""
    asked = _read_ranges(request, version, _NGINX_RANGE)
    if not asked or request.value(b"range") == _UNIT:
        return None
    found: Ranges = []
    for first, last in asked:
        if first is None and last is None:
            return []
        start = max(0, size - (last or 0)) if first is None else first
        end = size if first is None or last is None else min(last + 1, size)
        if start < end:
            found.append((start, end - 1))
        elif start == 0:
            return None
    if sum(last - first + 1 for first, last in found) > size:
        return None
    return found


def ranges_apache(request: Request, version: Version, size: int) -> Ranges | None:
    """Return the stretches asked for, those that meet joined, or None for the whole file."""
    asked = _read_ranges(request, version, _APACHE_RANGE)
    if not asked or not size:
        return None
    found: Ranges = []
    for first, last in asked:
        if first is None:
            if not last:
                return None
            first, last = max(0, size - last), size - 1
        elif last is not None and last < first:
            return None
        if first >= size:
            continue
        stretch = (first, size - 1 if last is None else min(last, size - 1))
        if found and stretch[0] <= found[-1][1] + 1 and stretch[1] >= found[-1][0] - 1:
            before = found.pop()
            stretch = (min(before[0], stretch[0]), max(before[1], stretch[1]))
        found.append(stretch)
    return None if sum(last - first + 1 for first, last in found) > size else found


def write_parts(file: File, ranges: Ranges, boundary: str, names: tuple[str, str]) -> bytes:
    """Return a body of several stretches (RFC 9110 §14.6).

    Args:
        file: What they are stretches of.
        ranges: The stretches.
        boundary: Text between them.
        names: How the server spells Content-Type and Content-Range inside a body.
    """
    pieces = []
    for first, last in ranges:
        head = f"\r\n--{boundary}\r\n{names[0]}: {file.media_type}\r\n"
        head += f"{names[1]}: bytes {first}-{last}/{len(file.body)}\r\n\r\n"
        pieces += [head.encode("latin-1"), file.body[first : last + 1]]
    return b"".join(pieces) + f"\r\n--{boundary}--\r\n".encode("latin-1")


def serve_ranges(
    file: File,
    ranges: Ranges,
    boundary: Callable[[], str],
    names: tuple[str, str],
) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Return the headers that a 206 adds, with its media type, and its body."""
    if len(ranges) > 1:
        line = boundary()
        kind = ("Content-Type", f"multipart/byteranges; boundary={line}")
        return (kind,), write_parts(file, ranges, line, names)
    [(first, last)] = ranges
    place = ("Content-Range", f"bytes {first}-{last}/{len(file.body)}")
    return (("Content-Type", file.media_type), place), file.body[first : last + 1]


def _asks(request: Request, version: Version) -> bool:
    """Tell whether a range is asked for of this version (RFC 9110 §13.1.5)."""
    if request.value(b"range") is None:
        return False
    wanted = request.value(b"if-range")
    if wanted is None:
        return True
    if wanted.endswith(b'"'):
        return wanted == version.etag.encode()
    return read_date(wanted) == version.modified


def _read_ranges(
    request: Request, version: Version, form: re.Pattern[bytes]
) -> list[tuple[int | None, int | None]]:
    """Return first and last of each range as written; (None, None) is one that cannot be read.

    In a range that counts from the file's end, the first is None.
    """
    text = request.value(b"range") or b""
    if not _asks(request, version) or text[: len(_UNIT)].lower() != _UNIT:
        return []
    words = text[len(_UNIT) :].split(b",", RANGES_MAX)
    if len(words) > RANGES_MAX:
        return []
    found: list[tuple[int | None, int | None]] = []
    for word in words:
        match = form.fullmatch(word)
        if match is None:
            found.append((None, None))
        elif match[3] is not None:
            found.append((None, int(match[4])))
        else:
            found.append((int(match[1]), int(match[2]) if match[2] else None))
    return found


def _matches(text: bytes | None, version: Version, strong: bool) -> bool:
    """Tell whether a list of ETags names this version; without the header it does."""
    if text is None:
        return True
    if text.strip() == b"*":
        return True
    own = version.etag.encode()
    tags = _TAG.findall(text)
    return any(tag == own or (not strong and tag == b"W/" + own) for tag in tags)
