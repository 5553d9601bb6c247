"""The one shape of everything that speaks on a stream: events in, commands out.

The shell that drives a conversation obeys its commands in order and knows nothing else of the
protocol. One rule is the shell's law, *evidence first*: a command that follows a `Report` is
carried out only after that report is durable. If it cannot be made durable the connection is
closed without an answer.

A datagram needs no conversation: it is one plain call, bytes in and bytes (or nothing) out.
Commands are plain classes, because some are made for every request: nothing that Python has for
values is made as fast. They are never changed.
"""

from collections.abc import Sequence
from typing import ClassVar, Protocol, final

from serinus.model.touch import Evidence


class _Command:
    """Equal to another of its type with the same value, which is its only attribute."""

    __slots__ = ()
    __match_args__: ClassVar[Sequence[str]]

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and repr(self) == repr(other)

    def __repr__(self) -> str:
        values = [repr(getattr(self, name)) for name in self.__match_args__]
        return f"{type(self).__name__}({', '.join(values)})"


@final
class Send(_Command):
    """Send these bytes."""

    __slots__ = ("data",)
    __match_args__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


@final
class Close(_Command):
    """Close the connection after all that was sent.

    Args:
        unread: The other end may still be sending: read it away for a while, so that a reset does
            not reach it before the answer does (RFC 9112 §9.6).
    """

    __slots__ = ("unread",)
    __match_args__ = ("unread",)

    def __init__(self, unread: bool = False) -> None:
        self.unread = unread


@final
class Wake(_Command):
    """Call `woken` at this time (Unix seconds) unless a later `Wake` replaces it."""

    __slots__ = ("at",)
    __match_args__ = ("at",)

    def __init__(self, at: float) -> None:
        self.at = at


@final
class Report(_Command):
    """Make this touch durable before going on."""

    __slots__ = ("touch",)
    __match_args__ = ("touch",)

    def __init__(self, touch: Evidence) -> None:
        self.touch = touch


@final
class Noise(_Command):
    """Count a contact from this address that held no id of ours."""

    __slots__ = ("source",)
    __match_args__ = ("source",)

    def __init__(self, source: str) -> None:
        self.source = source


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
