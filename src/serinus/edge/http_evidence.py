"""How the evidence of an HTTP hit is written: as `write_touch` does it, in a fourth of the time.

Nothing is gathered only to be written a moment later, and what requests have in common is written
once: most clients send the same headers again and again.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from serinus.base.ids import IdKeys, TokenId
from serinus.model.touch import Evidence, Touch, Transport, WrittenTouch, quote
from serinus.wire.http1 import BLOCK_SIZE_MAX, BLOCKS_MAX, Request

BODY_WRITTEN_MAX: Final = 4096
"""Bytes of a body that are written at once. A larger one waits for its commit as it came: written,
each of its bytes may take six, and what waits is bounded."""

_write: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode
_JOINT: Final = '","'
_NOTHING: Final = '""'
_NULL: Final = "null"


class HTTPEvidence:
    """Writes the touches of one front.

    Args:
        keys: Tell what may be an id.
        edge_id: Letters and digits, unique over all edges and restarts; ids begin with them.
    """

    def __init__(self, keys: IdKeys, edge_id: str) -> None:
        self._keys = keys
        self._edge_id = edge_id
        self._count = 0
        self._now, self._now_text = 0.0, "0.0"
        self._known: dict[bytes, tuple[bool, str]] = {}

    def may_hold_ids(self, request: Request) -> bool:
        """Tell whether the headers have any stretch that may be an id, or become one."""
        return self._know(request.text)[0]

    def write(
        self,
        now: float,
        transport: Transport,
        source: tuple[str, int],
        tokens: Sequence[TokenId],
        places: Sequence[str],
        request: Request,
        local: str,
        peer: str | None,
        tls: dict[str, Any] | None,
    ) -> Evidence:
        """Return the touch; see `Touch` and `HTTPDetail` for what its parts mean."""
        self._count += 1
        address, port = source
        if len(request.body) > BODY_WRITTEN_MAX:
            head = request.line + b"\n" + request.text if request.headers else request.line
            detail = {
                "head": head.decode("latin-1"),
                "body": request.body.decode("latin-1"),
                "body_size": request.body_size,
                "found": places,
                "local": local,
                "peer": peer,
                "tls": tls,
            }
            id_ = f"{self._edge_id}-{self._count}"
            return Touch(id_, now, "http", transport, address, port, tuple(tokens), detail)
        if now != self._now:
            self._now, self._now_text = now, repr(now)
        line = quote(request.line.decode("latin-1"))
        if request.headers:
            line = line[:-1] + self._know(request.text)[1]
        found = ",".join([quote(place) for place in places])
        return WrittenTouch(
            f'["{self._edge_id}-{self._count}",{self._now_text},"http","{transport}",'
            f'{quote(address)},{port},["{_JOINT.join(tokens)}"],{{"head":{line},'
            f'"body":{quote(request.body.decode("latin-1")) if request.body else _NOTHING},'
            f'"body_size":{request.body_size},"found":[{found}],"local":{quote(local)},'
            f'"peer":{quote(peer) if peer else _NULL},"tls":{_write(tls) if tls else _NULL}}}]'
        )

    def _know(self, text: bytes) -> tuple[bool, str]:
        """Return what is to be known of the text of headers: whether to search it, and as JSON."""
        known = self._known.get(text)
        if known is None:
            may_hold = self._keys.has_run(text) or b"%" in text
            known = may_hold, quote("\n" + text.decode("latin-1"))[1:]
            if len(text) <= BLOCK_SIZE_MAX:
                if len(self._known) >= BLOCKS_MAX:
                    self._known.clear()
                self._known[text] = known
        return known
