"""Token ids: text that proves by itself that this deployment minted it.

An id is `head + tail`, both in the deployment's own alphabet of 32 characters:

- head: drawn at random, `length - TAIL_LENGTH` characters of 5 bits each;
- tail: keyed BLAKE2s (RFC 7693 §2.9, key 32 bytes) over the lower-case ASCII head, digest size
  `TAIL_LENGTH` bytes, each byte mapped to one character (byte mod 32): 45 bits.

Rules:
- Ids are compared as text and without regard to case, because resolvers change the case of names.
- Length and alphabet are drawn once per deployment, so that no two installations share a shape.
- A wrong tail costs one keyed hash per key and no look-up: noise is cheap. A forged id passes with
  probability 2^-45 and then has no owner.
- Keys rotate: the first key mints, every key is accepted.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import NewType

from serinus.base.entropy import Entropy, draw_index, draw_text
from serinus.base.errors import OperatorError

TokenId = NewType("TokenId", str)

ID_LENGTH_MIN = 20
ID_LENGTH_MAX = 40
TAIL_LENGTH = 9
KEY_SIZE = 32
ALPHABET_SIZE = 32
"""A power of two, so that a digest byte maps to a character without bias."""
KEYS_MAX = 16
"""Each key costs one hash per look at an id; rotating monthly for a year stays below it."""

_LETTERS_AND_DIGITS = "abcdefghijklmnopqrstuvwxyz0123456789"
_LETTER = b"a"
_LETTERS = bytes(
    _LETTER[0] if chr(byte).lower() in _LETTERS_AND_DIGITS else 0 for byte in range(256)
)
"""Makes every letter and digit of ASCII the same letter and all else NUL: a run of them is then
found as fixed text, which takes a tenth of a regular expression's time."""


@dataclass(frozen=True, slots=True)
class IdShape:
    """What an id of this deployment looks like: its length and its 32 characters."""

    length: int
    alphabet: str

    def __post_init__(self) -> None:
        if not ID_LENGTH_MIN <= self.length <= ID_LENGTH_MAX:
            raise OperatorError(f"An id has {ID_LENGTH_MIN} to {ID_LENGTH_MAX} characters.")
        characters = set(self.alphabet)
        if (
            len(self.alphabet) != ALPHABET_SIZE
            or len(characters) != ALPHABET_SIZE
            or characters - set(_LETTERS_AND_DIGITS)
        ):
            raise OperatorError("An id alphabet is 32 different characters of a-z and 0-9.")


def draw_shape(entropy: Entropy) -> IdShape:
    """Draw the shape of a new deployment's ids."""
    letters = list(_LETTERS_AND_DIGITS)
    while len(letters) > ALPHABET_SIZE:
        letters.pop(draw_index(entropy, len(letters)))
    span = ID_LENGTH_MAX - ID_LENGTH_MIN + 1
    return IdShape(ID_LENGTH_MIN + draw_index(entropy, span), "".join(letters))


@dataclass(frozen=True, slots=True)
class IdKeys:
    """The shape and the keys of a deployment's ids; mints and recognises them.

    Args:
        shape: Drawn at first start; never changes, because planted ids do not.
        keys: 32 bytes each, newest first; at most `KEYS_MAX`.
    """

    shape: IdShape
    keys: tuple[bytes, ...] = field(repr=False)
    _alphabet: bytes = field(init=False, repr=False, compare=False)
    _table: bytes = field(init=False, repr=False, compare=False)
    _keyed: tuple[blake2s, ...] = field(init=False, repr=False, compare=False)
    _run: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not 1 <= len(self.keys) <= KEYS_MAX or any(len(k) != KEY_SIZE for k in self.keys):
            raise OperatorError(f"Id keys are 1 to {KEYS_MAX} keys of {KEY_SIZE} bytes.")
        alphabet = self.shape.alphabet.encode()
        object.__setattr__(self, "_alphabet", alphabet)
        object.__setattr__(self, "_table", bytes(alphabet[i % ALPHABET_SIZE] for i in range(256)))
        keyed = tuple(blake2s(key=key, digest_size=TAIL_LENGTH) for key in self.keys)
        object.__setattr__(self, "_keyed", keyed)
        object.__setattr__(self, "_run", _LETTER * self.shape.length)

    def mint(self, entropy: Entropy) -> TokenId:
        """Make a new id with the newest key."""
        head = draw_text(entropy, self.shape.alphabet, self.shape.length - TAIL_LENGTH)
        return TokenId(head + self._tail(head.encode(), self.keys[0]).decode())

    def recognise(self, text: bytes) -> TokenId | None:
        """Return the id that lower-case `text` is, or None if we did not mint it."""
        if len(text) != self.shape.length:
            return None
        head, tail = text[:-TAIL_LENGTH], text[-TAIL_LENGTH:]
        table = self._table
        for keyed in self._keyed:
            # For the hot path: one hash per key, begun already, compared as text.
            hashed = keyed.copy()
            hashed.update(head)
            if hashed.digest().translate(table) == tail:
                return TokenId(text.decode())
        return None

    def has_shape(self, text: bytes) -> bool:
        """Tell whether lower-case `text` looks like one of our ids, minted or not."""
        return len(text) == self.shape.length and not text.translate(None, self._alphabet)

    def has_run(self, text: bytes) -> bool:
        """Tell whether `text` has any stretch that may be an id."""
        return self._run in text.translate(_LETTERS)

    def candidates(self, text: bytes, count_max: int) -> Sequence[bytes]:
        """Return up to `count_max` lower-case stretches of `text` that may be ids.

        In each run of letters and digits at least as long as an id, the first and the last
        stretch of an id's length are looked at, so that an id stays found when something is glued
        before it (`%2F` leaves `2f`) or behind it.
        """
        length = len(self._run)
        stretches: list[bytes] = []
        if len(text) < length:
            return stretches
        traced = text.translate(_LETTERS)
        start = traced.find(self._run)
        while start >= 0 and len(stretches) < count_max:
            end = traced.find(b"\0", start)
            run = (text[start:end] if end >= 0 else text[start:]).lower()
            if len(run) == length:
                stretches.append(run)
            else:
                stretches.append(run[:length])
                stretches.append(run[-length:])
            start = traced.find(self._run, start + len(run))
        return stretches if len(stretches) <= count_max else stretches[:count_max]

    def find(self, text: bytes, count_max: int) -> list[TokenId]:
        """Return the ids found in `text`, in order, each once, looking at `count_max` stretches."""
        found: dict[TokenId, None] = {}
        for stretch in self.candidates(text, count_max):
            token_id = self.recognise(stretch)
            if token_id is not None:
                found[token_id] = None
        return list(found)

    def rotate(self, entropy: Entropy) -> "IdKeys":
        """Return keys with a new one in front; raises OperatorError when there are too many."""
        if len(self.keys) == KEYS_MAX:
            raise OperatorError(
                f"There are {KEYS_MAX} id keys already; ids of the oldest would be lost."
            )
        return IdKeys(self.shape, (entropy(KEY_SIZE), *self.keys))

    def _tail(self, head: bytes, key: bytes) -> bytes:
        return blake2s(head, key=key, digest_size=TAIL_LENGTH).digest().translate(self._table)


def draw_keys(entropy: Entropy) -> IdKeys:
    """Draw the shape and the first key of a new deployment."""
    return IdKeys(draw_shape(entropy), (entropy(KEY_SIZE),))


def write_keys(keys: IdKeys) -> str:
    """Return the text of a key file: JSON with `length`, `alphabet` and hexadecimal `keys`."""
    return json.dumps(
        {
            "length": keys.shape.length,
            "alphabet": keys.shape.alphabet,
            "keys": [key.hex() for key in keys.keys],
        }
    )


def read_keys(text: str) -> IdKeys:
    """Return the keys of a key file; raises OperatorError if it is not one."""
    try:
        found = json.loads(text)
        shape = IdShape(int(found["length"]), str(found["alphabet"]))
        return IdKeys(shape, tuple(bytes.fromhex(key) for key in found["keys"]))
    except (ValueError, KeyError, TypeError, OverflowError, OperatorError) as error:
        raise OperatorError(
            "The id key file is damaged; restore it from a backup, or planted tokens stay silent."
        ) from error
