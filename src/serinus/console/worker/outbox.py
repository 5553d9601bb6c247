"""Sends what is due, each destination in a thread of its own, so that none waits for another."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from serinus.alerts.alert import Alert
from serinus.alerts.destination import Outcome, Verdict
from serinus.base.clock import as_datetime, monotonic_time, unix_time
from serinus.base.entropy import system_entropy
from serinus.console.actions.alerting import read_alert
from serinus.console.actions.deliveries import (
    Attempt,
    claim_due,
    due_destinations,
    release_claims,
    settle,
)
from serinus.console.models import Delivery, Destination
from serinus.net.carrier import Carrier

CLAIM_MAX = 32
"""Deliveries of one claim: few enough that a crash sends little twice."""
THREADS_MAX = 32
"""Destinations that are sent to at one time."""
JOB_S = 20.0
"""After so long a thread begins no further delivery of its claim, long before the lease is over."""
LOOK_S = 1.0
"""Between two looks for what has become due by itself, or was sent again by a person."""
REMEMBER_S = 30.0
"""Between two looks at which destinations there are, for the day when nobody can look."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Letter:
    """A claimed delivery: its number of attempts, this one included, and what to send."""

    delivery_id: int
    number: int
    alert: Alert


@dataclass(frozen=True, slots=True)
class _Address:
    """A destination as a thread needs it."""

    pk: int
    kind: str
    settings: dict[str, Any]


class Outbox:
    """Claims, hands to threads, and notes what came of it; for one thread at a time.

    Args:
        allow: Networks of the setting outgoing_allow.
        console_base: What a link to the Console begins with.
        wake: Called in a thread when it has ended.
    """

    def __init__(self, allow: tuple[str, ...], console_base: str, wake: Callable[[], None]) -> None:
        self._allow = allow
        self._console_base = console_base
        self._wake = wake
        self._carriers: dict[int, Carrier] = {}
        self._busy: set[int] = set()
        self._attempts: SimpleQueue[Attempt] = SimpleQueue()
        self._ended: SimpleQueue[int] = SimpleQueue()
        self._unsettled: list[Attempt] = []
        self._addresses: list[_Address] = []
        self._look_at = self._remember_at = 0.0
        self._stopping = False
        self._shouts: list[bool] = []
        self._shouting: list[Thread] = []

    @property
    def is_busy(self) -> bool:
        """Whether a thread is sending, or an outcome is not in the database yet."""
        return bool(self._busy or self._unsettled)

    @property
    def next_look_at(self) -> float:
        """When `step` shall be called at the latest, in monotonic seconds."""
        return self._look_at

    def begin(self, now: datetime) -> None:
        """Take over what a worker that was killed had claimed."""
        count = release_claims(now)
        if count:
            log.info("%d deliveries of the worker before are sent again", count)

    def step(self, now: datetime, look: bool) -> None:
        """Settle what has come back, and send what is due; `look` says that something may be."""
        freed = self._settle(now)
        at = monotonic_time()
        if at >= self._remember_at:
            self._remember()
            self._remember_at = at + REMEMBER_S
        if look or freed or at >= self._look_at:
            self._look_at = at + LOOK_S
            self._send_due(now)

    def stop(self) -> None:
        """Let the threads begin nothing more."""
        self._stopping = True

    def shout(self, alert: Alert) -> None:
        """Send an alert at once to every destination that is remembered, without the database."""
        self._shouts = []
        for address in self._addresses[:THREADS_MAX]:
            thread = Thread(target=self._shout_at, args=(address, alert), daemon=True)
            self._shouting.append(thread)
            thread.start()

    def was_heard(self) -> bool:
        """Say whether every destination has taken what was shouted."""
        ended = not any(thread.is_alive() for thread in self._shouting)
        return ended and all(self._shouts) and len(self._shouts) > 0

    def _settle(self, now: datetime) -> bool:
        freed = False
        for destination_id in _drain(self._ended):
            self._busy.discard(destination_id)
            freed = True
        self._unsettled += _drain(self._attempts)
        if self._unsettled:
            settle(self._unsettled, system_entropy, now)
            self._unsettled = []
        return freed

    def _send_due(self, now: datetime) -> None:
        for row in due_destinations(now):
            if row.pk in self._busy or self._stopping:
                continue
            if len(self._busy) >= THREADS_MAX:
                log.warning("%d destinations are being sent to; others wait", THREADS_MAX)
                return
            letters = [
                letter
                for delivery in claim_due(row.pk, now, CLAIM_MAX)
                if (letter := self._write_letter(delivery)) is not None
            ]
            if letters:
                self._start(_Address(row.pk, row.kind, row.settings), letters)

    def _write_letter(self, row: Delivery) -> _Letter | None:
        try:
            return _Letter(row.pk, row.attempts, read_alert(row.alert, self._console_base))
        except (KeyError, TypeError, ValueError) as fault:
            log.exception("alert %d cannot be read", row.alert_id)
            words = f"The stored alert cannot be read: {type(fault).__name__}."
            self._attempts.put(Attempt(row.pk, row.attempts, Verdict(Outcome.GIVE_UP, words)))
            return None

    def _start(self, address: _Address, letters: Sequence[_Letter]) -> None:
        self._busy.add(address.pk)
        carrier = self._carriers.setdefault(address.pk, Carrier(self._allow))
        # Daemons: a server that never answers may not hold up the end of the program.
        Thread(target=self._work, args=(address, carrier, letters), daemon=True).start()

    def _work(self, address: _Address, carrier: Carrier, letters: Sequence[_Letter]) -> None:
        deadline = monotonic_time() + JOB_S
        for letter in letters:
            verdict = None
            if monotonic_time() < deadline and not self._stopping:
                verdict = _attempt(carrier, address, letter.alert)
            self._attempts.put(Attempt(letter.delivery_id, letter.number, verdict))
        self._ended.put(address.pk)
        self._wake()

    def _shout_at(self, address: _Address, alert: Alert) -> None:
        carrier = Carrier(self._allow)
        verdict = _attempt(carrier, address, alert)
        carrier.close()
        self._shouts.append(verdict.outcome is Outcome.DELIVERED)

    def _remember(self) -> None:
        found = Destination.objects.filter(enabled=True).order_by("pk")
        self._addresses = [_Address(row.pk, row.kind, row.settings) for row in found]
        known = {address.pk for address in self._addresses} | self._busy
        for pk in self._carriers.keys() - known:
            self._carriers.pop(pk).close()


def _attempt(carrier: Carrier, address: _Address, alert: Alert) -> Verdict:
    try:
        return carrier.attempt(address.kind, address.settings, alert, as_datetime(unix_time()))
    except Exception as fault:
        # The outermost loop of its thread: without a verdict the destination would stay busy.
        log.exception("destination %d failed", address.pk)
        return Verdict(Outcome.AGAIN, f"It could not be sent: {type(fault).__name__}.")


def _drain(queue: "SimpleQueue[Any]") -> list[Any]:
    found: list[Any] = []
    while True:
        try:
            found.append(queue.get_nowait())
        except Empty:
            return found
