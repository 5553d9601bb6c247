"""What a picture is."""

import pytest

from serinus.base.errors import OperatorError
from serinus.tokens.pictures import read_picture_type


@pytest.mark.parametrize(
    ("body", "media_type", "ending"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png", ".png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg", ".jpg"),
        (b"GIF89a", "image/gif", ".gif"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp", ".webp"),
        (b"\0\0\1\0\1\0", "image/x-icon", ".ico"),
    ],
)
def test_its_bytes_tell_its_type(body: bytes, media_type: str, ending: str) -> None:
    assert read_picture_type(body, "picture") == (media_type, ending)


@pytest.mark.parametrize("body", [b"", b"<svg>", b"%PDF", b"<html>.png", b"RIFF\0\0\0\0WAVE"])
def test_what_is_no_picture_is_named(body: bytes) -> None:
    with pytest.raises(OperatorError, match="PNG") as caught:
        read_picture_type(body, "picture")
    assert caught.value.field == "picture"
