"""What kinds read of a touch's detail: any JSON value may stand anywhere, and nothing raises."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl


def read_headers(detail: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Yield names in lower case and values of a request's headers, in their order."""
    found = detail.get("headers")
    for pair in found if isinstance(found, (list, tuple)) else ():
        if isinstance(pair, (list, tuple)) and len(pair) == 2 and isinstance(pair[0], str):
            yield pair[0].lower(), pair[1]


def read_fields(
    text: str, count_max: int, *, keep_blank: bool = True
) -> list[tuple[str, str]] | None:
    """Return names and values of a query or form; None where it has more than `count_max`."""
    try:
        return parse_qsl(text, keep_blank_values=keep_blank, max_num_fields=count_max)
    except ValueError:
        return None
