"""Reverse names of sources: asked of the resolver, bounded, remembered, never waited for."""

import socket
from collections import OrderedDict
from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Thread

from serinus.alerts.source import VALUE_LENGTH_MAX
from serinus.base.clock import monotonic_time
from serinus.base.untrusted import readable

THREADS = 4
"""Questions under way; each may take as long as the resolver's own time limit."""
WAITING_MAX = 256
"""Questions that wait for a thread; more come from a flood, whose names are worth little."""
ASKERS_MAX = 64
"""Who is told of one answer: one source at this many tokens at once."""
KEPT_MAX = 10_000
KEPT_S = 3600.0
"""An answer, or that there is none, is remembered this long."""

Ask = Callable[[str], str | None]


def ask_resolver(address: str) -> str | None:
    """Return the name that the system's resolver gives an address, or None."""
    try:
        return socket.gethostbyaddr(address)[0]
    except (OSError, UnicodeError):
        return None


class ReverseNames:
    """Finds names in threads of its own; whoever asks collects them later.

    Args:
        found: Called in one of the threads when there is something to collect.
        ask: Looks one address up, and may block.
    """

    def __init__(self, found: Callable[[], None], ask: Ask = ask_resolver) -> None:
        self._found = found
        self._ask = ask
        self._questions: Queue[str] = Queue(WAITING_MAX)
        self._answers: Queue[tuple[str, str | None]] = Queue()
        self._known: OrderedDict[str, tuple[float, str | None]] = OrderedDict()
        self._asked: dict[str, set[int]] = {}
        self._threads: list[Thread] = []

    def look_up(self, address: str, asker: int) -> str | None:
        """Return the name where it is known; else ask, unless too much is being asked already."""
        known = self._known.get(address)
        if known is not None and monotonic_time() - known[0] < KEPT_S:
            return known[1]
        if address not in self._asked:
            self._start()
            try:
                self._questions.put_nowait(address)
            except Full:
                return None
        askers = self._asked.setdefault(address, set())
        if len(askers) < ASKERS_MAX:
            askers.add(asker)
        return None

    def collect(self) -> list[tuple[int, str, str]]:
        """Return the names found since the last call: who asked, the address, the name."""
        names: list[tuple[int, str, str]] = []
        while True:
            try:
                address, name = self._answers.get_nowait()
            except Empty:
                return names
            askers = self._asked.pop(address)
            self._known[address] = monotonic_time(), name
            self._known.move_to_end(address)
            while len(self._known) > KEPT_MAX:
                self._known.popitem(last=False)
            if name is not None:
                names += [(asker, address, name) for asker in sorted(askers)]

    def _start(self) -> None:
        if len(self._threads) < THREADS:
            thread = Thread(target=self._work, name="reverse-names", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            address = self._questions.get()
            name = self._ask(address)
            # A resolver that finds nothing may give the address back.
            shown = readable(name.rstrip("."), VALUE_LENGTH_MAX) if name else None
            self._answers.put((address, None if shown == address else shown))
            self._found()
