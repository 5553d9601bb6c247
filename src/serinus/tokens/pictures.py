"""Pictures of an operator's own: what they are is told by their bytes, never by their name."""

from serinus.base.errors import OperatorError

_BEGINNINGS = (
    (b"\x89PNG\r\n\x1a\n", "image/png", ".png"),
    (b"\xff\xd8\xff", "image/jpeg", ".jpg"),
    (b"GIF87a", "image/gif", ".gif"),
    (b"GIF89a", "image/gif", ".gif"),
    (b"\x00\x00\x01\x00", "image/x-icon", ".ico"),
)
"""W3C PNG §5.2; ITU T.81 B.1.1.3; GIF89a §17; Windows: Icons, ICONDIR."""


def read_picture_type(body: bytes, field: str) -> tuple[str, str]:
    """Return a picture's media type and the ending of its name.

    Raises:
        OperatorError: It is no picture that every browser shows; names `field`.
    """
    for beginning, media_type, ending in _BEGINNINGS:
        if body.startswith(beginning):
            return media_type, ending
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp", ".webp"
    raise OperatorError("Give a picture that is PNG, JPEG, GIF, WebP or an icon (.ico).", field)
