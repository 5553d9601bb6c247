"""SSH keys are read by what reads OpenSSH's own."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_ssh_private_key,
)

from serinus.base.ssh_keys import make_ssh_key


def counting() -> Callable[[int], bytes]:
    taken = 0

    def take(size: int) -> bytes:
        nonlocal taken
        taken += size
        return bytes((taken + number) % 256 for number in range(size))

    return take


@pytest.mark.parametrize("comment", ["", "a@b", "alice@build-02", "x" * 50])
def test_a_key_is_read_back_and_fits_its_public_line(comment: str) -> None:
    private, line = make_ssh_key(counting(), comment)
    public = load_ssh_private_key(private.encode(), None).public_key()
    written = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert line == f"{written} {comment}"
    assert max(map(len, private.splitlines())) == 70


def test_the_same_entropy_makes_the_same_key() -> None:
    assert make_ssh_key(counting(), "a") == make_ssh_key(counting(), "a")
