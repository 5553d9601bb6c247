"""The one shape of everything that speaks on a stream: events in, commands out.

The shell that drives a conversation obeys its commands in order and knows nothing else of the
protocol. One rule is the shell's law, *evidence first*: a command that follows a `Report` is
carried out only after that report is durable. If it cannot be made durable the connection is
closed without an answer.

A datagram needs no conversation: it is one plain call, bytes in and bytes (or nothing) out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from serinus.model.touch import Touch


@dataclass(frozen=True, slots=True)
class Send:
    """Send these bytes."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection after all that was sent."""


@dataclass(frozen=True, slots=True)
class Wake:
    """Call `woken` at this time (Unix seconds) unless a later `Wake` replaces it."""

    at: float


@dataclass(frozen=True, slots=True)
class Report:
    """Make this touch durable before going on."""

    touch: Touch


Command = Send | Close | Wake | Report


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
