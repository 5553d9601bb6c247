"""What the edge remembers of the answers snapshot for a moment."""

import logging
from collections.abc import Callable
from typing import Generic, TypeVar

from serinus.base.clock import monotonic_time
from serinus.base.errors import StorageError
from serinus.model.answer import Answer

MEBIBYTE = 1024 * 1024
REMEMBERED_S = 0.1
"""So long an id keeps what it answered last; nobody asks for one before it is minted."""
REMEMBERED_MAX = 10_000
"""Ids whose answers, or whose lack of one, are remembered."""
REMEMBERED_SIZE_MAX = 16 * MEBIBYTE
"""Bytes of the answers that are remembered: three of the largest, thousands of the usual."""

_log = logging.getLogger(__name__)
_Key = TypeVar("_Key")
_Found = TypeVar("_Found")


class Lookup(Generic[_Key, _Found]):
    """Looks up in the snapshot; while that cannot be read, every id gets the default surface.

    What is found, or that there is nothing, is remembered for a moment: somebody who asks again
    and again for one token costs no disk, however large its answer is.
    """

    def __init__(self, look_up: Callable[[_Key], _Found], nothing: _Found) -> None:
        self._look_up, self._nothing = look_up, nothing
        self._fails = False
        self._found: dict[_Key, _Found] = {}
        self._size = 0
        self._until = 0.0

    def __call__(self, key: _Key) -> _Found:
        """Return what the key's token answers, as it was `REMEMBERED_S` ago or later."""
        now = monotonic_time()
        if now >= self._until:
            self._forget()
            self._until = now + REMEMBERED_S
        if key in self._found:
            return self._found[key]
        found = self._read(key)
        size = _size(found)
        if len(self._found) >= REMEMBERED_MAX or self._size + size > REMEMBERED_SIZE_MAX:
            self._forget()
        self._found[key] = found
        self._size += size
        return found

    def _forget(self) -> None:
        self._found.clear()
        self._size = 0

    def _read(self, key: _Key) -> _Found:
        try:
            found = self._look_up(key)
        except StorageError as error:
            if not self._fails:
                self._fails = True
                _log.warning("The default answers are given: %s", error)
            return self._nothing
        if self._fails:
            self._fails = False
            _log.warning("The answers snapshot can be read again.")
        return found


def _size(found: object) -> int:
    """Return the bytes of an answer that the owner can make large; all else is small."""
    if not isinstance(found, Answer):
        return 0
    return len(found.body) + sum(len(name) + len(value) for name, value in found.headers)
