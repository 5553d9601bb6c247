"""DNS on one TCP connection: a conversation around the DNS front."""

from collections.abc import Sequence

from serinus.edge.dns import DNSFront
from serinus.wire.conversation import Close, Command, Noise, Report, Send, Wake
from serinus.wire.dns import HEADER_SIZE

IDLE_TIMEOUT_S = 10.0
"""A connection without a whole query for this long is closed (RFC 7766 §6.2.3: some seconds)."""
QUERIES_MAX = 100
"""Queries answered on one connection before it is closed, so that none lives for ever."""
STREAM_QUERY_SIZE_MAX = 4096
"""Bytes of one query on TCP; a lawful one is below 600, padded ones (RFC 8467) reach 1 KiB."""


class DNSStream:
    """DNS on one TCP connection: messages with two length bytes before them (RFC 7766 §8).

    Answers leave in the order of their queries. A message that gets no answer ends the
    connection, and so does a length that no query of ours can have.

    Args:
        front: Answers each query.
        source: Address of the other end.
        source_port: Its port.
        local: "ADDRESS:PORT" that was reached.
    """

    def __init__(self, front: DNSFront, source: str, source_port: int, local: str) -> None:
        self._front = front
        self._source = source
        self._source_port = source_port
        self._local = local
        self._buffer = bytearray()
        self._queries = 0
        self._idle_at = 0.0

    def opened(self, now: float) -> Sequence[Command]:
        """Begin to wait for a query."""
        self._idle_at = now + IDLE_TIMEOUT_S
        return [Wake(self._idle_at)]

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        """Answer the queries that are whole by now."""
        commands: list[Command] = []
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= 2:
            size = int.from_bytes(buffer[at : at + 2], "big")
            if not HEADER_SIZE <= size <= STREAM_QUERY_SIZE_MAX:
                return [*commands, Close()]
            end = at + 2 + size
            if len(buffer) < end:
                break
            if not self._answer(bytes(buffer[at + 2 : end]), now, commands):
                return [*commands, Close()]
            at = end
        del buffer[:at]
        return commands

    def woken(self, now: float) -> Sequence[Command]:
        """Close if no whole query came in time, however many bytes did."""
        return [Close()] if now >= self._idle_at else [Wake(self._idle_at)]

    def closed(self, now: float) -> Sequence[Command]:
        """Let go: what is not whole by now never will be."""
        del now
        self._buffer.clear()
        return []

    def _answer(self, packet: bytes, now: float, commands: list[Command]) -> bool:
        """Add the commands that `packet` leads to; return whether more queries are welcome."""
        self._queries += 1
        outcome = self._front.answer(
            packet, self._source, self._source_port, "tcp", self._local, now
        )
        touch = outcome.touch
        commands.append(Noise(self._source) if touch is None else Report(touch))
        if outcome.response is None:
            return False
        commands.append(Send(len(outcome.response).to_bytes(2, "big") + outcome.response))
        if self._queries >= QUERIES_MAX:
            return False
        self._idle_at = now + IDLE_TIMEOUT_S
        commands.append(Wake(self._idle_at))
        return True
