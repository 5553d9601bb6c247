"""The one place that reads the machine's randomness. Cores get entropy as an argument."""

import os
from collections.abc import Callable

Entropy = Callable[[int], bytes]
"""Asked for n, gives n unpredictable bytes."""


def system_entropy(size: int) -> bytes:
    """Return `size` bytes from the kernel's generator."""
    return os.urandom(size)


def draw_index(entropy: Entropy, count: int) -> int:
    """Draw an index in 0 … count - 1, with a bias below 2^-40 for any count up to 2^24."""
    return int.from_bytes(entropy(8), "big") % count


def draw_text(entropy: Entropy, alphabet: str, length: int) -> str:
    """Draw `length` characters from an alphabet of at most 256, without bias."""
    ceiling = 256 - 256 % len(alphabet)
    text = ""
    while len(text) < length:
        text += "".join(
            alphabet[byte % len(alphabet)] for byte in entropy(length) if byte < ceiling
        )
    return text[:length]
