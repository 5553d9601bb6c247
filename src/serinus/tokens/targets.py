"""Where a token may send people on to: a plain http or https URL that is safe in a header."""

from urllib.parse import urlsplit

from serinus.base.errors import OperatorError

TARGET_LENGTH_MAX = 2000
"""Characters: what every browser takes, and far below any header limit."""


def check_target(target: str, field: str) -> None:
    """Raise OperatorError that names `field` unless `target` is an http(s) URL.

    Only visible ASCII is lawful (RFC 3986 §2), so that no URL can add a line to a header.
    """
    if len(target) > TARGET_LENGTH_MAX:
        raise OperatorError(f"A URL has at most {TARGET_LENGTH_MAX} characters here.", field)
    if not all("!" <= c <= "~" for c in target):
        raise OperatorError(
            "A URL has no spaces, control characters or letters outside ASCII; "
            "write those in percent or xn-- form.",
            field,
        )
    try:
        parts = urlsplit(target)
        lawful = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        lawful = False
    if not lawful or "\\" in target:
        raise OperatorError("Give a whole URL, such as https://www.example.com/news.", field)
