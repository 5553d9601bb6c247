"""The one shape of everything that speaks on a stream: events in, commands out.

The shell that drives a conversation obeys its commands in order and knows nothing else of the
protocol. One rule is the shell's law, *evidence first*: a command that follows a `Report` is
carried out only after that report is durable. If it cannot be made durable the connection is
closed without an answer.

A datagram needs no conversation: it is one plain call, bytes in and bytes (or nothing) out.
Commands are named tuples, because some are made for every request: they are told apart by their
type, never by their value.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from serinus.model.touch import Touch


class Send(NamedTuple):
    """Send these bytes."""

    data: bytes


class Close(NamedTuple):
    """Close the connection after all that was sent.

    Attributes:
        unread: The other end may still be sending: read it away for a while, so that a reset does
            not reach it before the answer does (RFC 9112 §9.6).
    """

    unread: bool = False


class Wake(NamedTuple):
    """Call `woken` at this time (Unix seconds) unless a later `Wake` replaces it."""

    at: float


class Report(NamedTuple):
    """Make this touch durable before going on."""

    touch: Touch


class Noise(NamedTuple):
    """Count a contact that held no id of ours.

    Attributes:
        source: Address that it came from.
    """

    source: str


Command = Send | Close | Wake | Report | Noise


class Conversation(Protocol):
    """One connection's mind. After it has returned `Close`, it is not called again."""

    def opened(self, now: float) -> Sequence[Command]:
        """Take note that the connection stands."""

    def received(self, data: bytes, now: float) -> Sequence[Command]:
        """Take bytes from the other end."""

    def woken(self, now: float) -> Sequence[Command]:
        """Take note that the time asked for with `Wake` has come."""

    def closed(self, now: float) -> Sequence[Command]:
        """Take note that the other end sends no more; only reports are still obeyed."""
