"""What a live token answers: compiled by the Console, served by the edge, never made up there."""

from dataclasses import dataclass

BODY_SIZE_MAX = 5 * 1024 * 1024
"""An operator's own file, in bytes: large enough for a picture or a document."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one token answers where that differs from the surface that any id gets.

    A token with no `Answer` gets the default surface: a picture for a picture's path, else an
    empty page.

    Attributes:
        status: HTTP status, 200 to 599.
        headers: Names and values to send besides those of the dialect, in order; Latin-1, no
            control characters.
        body: At most `BODY_SIZE_MAX` bytes.
        nxdomain: The token's name is answered with NXDOMAIN instead of an address.
        posted_to: Where a POST is sent on to with 302, instead of this answer; "" for nowhere.
    """

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    nxdomain: bool = False
    posted_to: str = ""
