"""The group commit: a thread that makes touches durable, many per transaction, and says so.

Rules: `done(True)` is called only after the commit. Every `done` of an accepted touch is called
exactly once, in the order of `submit`. While the disk takes nothing, nothing is accepted; the
thread tries again by itself. Noise never delays a touch: it is counted in memory, within bounds,
and written between groups.
"""

import logging
import re
from collections import deque
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from threading import Condition, Lock, Thread

from serinus.base.clock import monotonic_time
from serinus.base.errors import StorageError
from serinus.ledger.store import LedgerWriter, NoiseKey
from serinus.model.touch import Channel, Evidence

QUEUE_MAX = 8192
"""Touches that wait: a tenth of a second at the rate that one processor commits."""

QUEUE_SIZE_MAX = 64 * 1024 * 1024
"""Characters of evidence that wait, so that a flood of large bodies does not fill the memory."""

READY_QUEUE_MAX = QUEUE_MAX - 1024
READY_SIZE_MAX = QUEUE_SIZE_MAX // 2
"""Fill of the queue past which readers pause: what they have in hand already still finds room."""

GROUP_MAX = 2000
"""Touches in one group, and what is left of its last lot; larger groups gain nothing and make the
first of them wait."""

GROUP_SIZE_MAX = 1024 * 1024
"""Characters of evidence in one group: the ledger writes it in a few slices, so that the first of
its touches is answered within a fraction of a second."""

NOISE_FLUSH_S = 5.0
"""Seconds of noise counts that a crash may lose; they are statistics, not evidence."""

NOISE_NETWORKS_MAX = 256
"""Networks counted by name in one minute; a flood from more is one number, "other"."""

NOISE_KEYS_MAX = 4096
"""Counts kept while the disk takes nothing; past this, noise is only added to `noise_lost`."""

BACKOFF_FIRST_S = 0.1
BACKOFF_MAX_S = 5.0
"""Seconds between probes of a disk that takes nothing: soon at first, never a busy loop."""

OTHER = "other"

_IPV4 = re.compile(r"([0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3})\.[0-9]{1,3}")

Done = Callable[[bool], None]
Wake = Callable[[Callable[[], None]], object]

_log = logging.getLogger(__name__)


Lot = tuple[Sequence[Evidence], Done]
"""Touches that are kept together or not at all, and who hears of it, once for all of them."""
_Waiting = tuple[Sequence[Evidence], Done, int]
"""A lot with the characters of its evidence."""


class GroupCommitter:
    """Takes touches from any thread and commits them on its own. Starts at once.

    Args:
        writer: The ledger; from now on this thread's alone. `stop` closes it.
        wake: Given one call per group, which calls every `done` of it, and has to run it:
            `loop.call_soon_threadsafe`, or by default in the committer's thread.

    Attributes:
        accepting: False from a fault of the disk until a probe write succeeds, and after `stop`.
        refused: Touches that `submit` refused.
        failed: Touches that were accepted, and then told `done(False)`.
        faults: Calls of ours that raised what nobody foresaw; each is in the log.
        noise_lost: Noise that is in no count.
    """

    def __init__(self, writer: LedgerWriter, wake: Wake = lambda call: call()) -> None:
        self._writer = writer
        self._wake = wake
        self._queue: deque[_Waiting] = deque()
        self._count = self._size = 0
        self._change = Condition(Lock())
        self._stopping = False
        self._noise = _NoiseCounts()
        self._flush_at = monotonic_time() + NOISE_FLUSH_S
        self.accepting = True
        self.refused = 0
        self.failed = 0
        self.faults = 0
        self._commit_thread = Thread(target=self._run, name="ledger", daemon=True)
        self._commit_thread.start()

    @property
    def ready(self) -> bool:
        """Whether what is read now will be taken; without a lock, so a moment old."""
        return self.accepting and self._count < READY_QUEUE_MAX and self._size < READY_SIZE_MAX

    @property
    def noise_lost(self) -> int:
        """Noise that is in no count."""
        return self._noise.lost

    def submit(self, touch: Evidence, done: Done) -> bool:
        """Queue the touch; `done` hears whether it is durable.

        Returns:
            False when it is refused, because the queue is full or the disk takes nothing; then
            `done` is never called.
        """
        return not self.submit_all([((touch,), done)])

    def submit_all(self, lots: Sequence[Lot]) -> Sequence[Lot]:
        """Queue touches in order, as `submit` does, with one turn of the lock for all of them.

        Whoever has many at hand should use this: the thread commits what it finds when it wakes,
        and every commit costs as much as a hundred touches.

        Returns:
            The last of them, which are refused; their `done` is never called.
        """
        waiting = [(touches, done, _size(touches)) for touches, done in lots]
        taken = 0
        with self._change:
            empty = not self._queue
            if self.accepting:
                for touches, done, size in waiting:
                    count, size_then = self._count + len(touches), self._size + size
                    if count > QUEUE_MAX or size_then > QUEUE_SIZE_MAX:
                        break
                    self._queue.append((touches, done, size))
                    self._count, self._size = count, size_then
                    taken += 1
            self.refused += sum([len(touches) for touches, _ in lots[taken:]])
            if empty and taken:
                self._change.notify_all()
        return lots[taken:]

    def count_noise(self, channel: Channel, source: str, now: float, count: int = 1) -> None:
        """Count contacts that hold no id of ours, by minute, network and channel.

        Args:
            channel: The front that saw them.
            source: Address of the other end.
            now: Unix time in seconds.
            count: How many.
        """
        self._noise.add(channel, source, now, count)

    def stop(self) -> None:
        """Accept nothing more, commit what is queued, write the noise, end the thread."""
        with self._change:
            self._stopping = True
            self.accepting = False
            self._change.notify_all()
        self._commit_thread.join()

    def _run(self) -> None:
        while True:
            group = self._take()
            if group:
                self._commit(group)
            if monotonic_time() >= self._flush_at or (self._stopping and not group):
                self._flush_noise()
            if self._stopping and not group:
                break
        self._writer.close()

    def _take(self) -> list[_Waiting]:
        """Wait for touches, a stop or the time to flush; return the next group, or none."""
        group: list[_Waiting] = []
        count = size = 0
        with self._change:
            while not self._queue and not self._stopping:
                if not self._change.wait(max(0.0, self._flush_at - monotonic_time())):
                    break
            while self._queue and count < GROUP_MAX and size < GROUP_SIZE_MAX:
                waiting = self._queue.popleft()
                group.append(waiting)
                count += len(waiting[0])
                size += waiting[2]
            self._count -= count
            self._size -= size
        return group

    def _commit(self, group: list[_Waiting]) -> None:
        try:
            self._writer.append([touch for touches, _, _ in group for touch in touches])
        except StorageError as error:
            self._recover(error, group)
        except Exception:
            # One touch that cannot be written must not end the thread that all others need.
            self.faults += 1
            _log.exception("a group of %d touches could not be written", _count(group))
            self._settle(group, False)
        else:
            self._settle(group, True)

    def _settle(self, group: list[_Waiting], durable: bool) -> None:
        if not durable:
            self.failed += _count(group)

        def tell_all() -> None:
            for _, done, _ in group:
                try:
                    done(durable)
                except Exception:
                    self.faults += 1
                    _log.exception("the answer to a committed touch failed")

        try:
            self._wake(tell_all)
        except Exception:
            # The loop is closed: those who waited are gone, the evidence is kept.
            self.faults += 1
            _log.exception("%d touches were settled with nobody to tell", _count(group))

    def _recover(self, error: StorageError, failed: Sequence[_Waiting] = ()) -> None:
        """Refuse everything, and only then say what failed, until a probe succeeds, or `stop`."""
        _log.error("nothing is accepted: %s", error)
        with self._change:
            self.accepting = False
            queued = [*failed, *self._queue]
            self._queue.clear()
            self._count = self._size = 0
        if queued:
            self._settle(queued, False)
        backoff_s = BACKOFF_FIRST_S
        while not self._stops_within(backoff_s):
            if self._probe():
                with self._change:
                    self.accepting = not self._stopping
                _log.warning("the disk takes writes again")
                return
            backoff_s = min(2 * backoff_s, BACKOFF_MAX_S)

    def _stops_within(self, seconds: float) -> bool:
        with self._change:
            return self._change.wait_for(lambda: self._stopping, seconds)

    def _probe(self) -> bool:
        try:
            self._writer.probe()
        except StorageError:
            return False
        return True

    def _flush_noise(self) -> None:
        self._flush_at = monotonic_time() + NOISE_FLUSH_S
        counts = self._noise.take()
        if counts:
            try:
                self._writer.count_noise(counts)
            except StorageError as error:
                self._noise.give_back(counts)
                self._recover(error)


class _NoiseCounts:
    """Counts of noise in memory, within `NOISE_NETWORKS_MAX` and `NOISE_KEYS_MAX`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[NoiseKey, int] = {}
        self._minute = 0
        self._networks: set[str] = set()
        self.lost = 0

    def add(self, channel: Channel, source: str, now: float, count: int) -> None:
        network, minute = network_of(source), int(now // 60)
        with self._lock:
            if minute > self._minute:
                self._minute = minute
                self._networks.clear()
            if network not in self._networks:
                if len(self._networks) < NOISE_NETWORKS_MAX:
                    self._networks.add(network)
                else:
                    network = OTHER
            self._count(NoiseKey(minute, network, channel), count)

    def take(self) -> dict[NoiseKey, int]:
        with self._lock:
            counts, self._counts = self._counts, {}
        return counts

    def give_back(self, counts: dict[NoiseKey, int]) -> None:
        with self._lock:
            for key, count in counts.items():
                self._count(key, count)

    def _count(self, key: NoiseKey, count: int) -> None:
        if key in self._counts or len(self._counts) < NOISE_KEYS_MAX:
            self._counts[key] = self._counts.get(key, 0) + count
        else:
            self.lost += count


def network_of(source: str) -> str:
    """Return the /24 (IPv4, also mapped into IPv6) or /48 of an address, else "other"."""
    # A flood is mostly of this form, and `ip_address` takes ten times as long.
    plain = _IPV4.fullmatch(source)
    if plain:
        return plain[1] + ".0/24"
    try:
        address: IPv4Address | IPv6Address = ip_address(source)
    except ValueError:
        return OTHER
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is None:
            return f"{IPv6Address(int(address) >> 80 << 80)}/48"
        address = address.ipv4_mapped
    return f"{IPv4Address(int(address) >> 8 << 8)}/24"


def _count(group: Sequence[_Waiting]) -> int:
    return sum([len(touches) for touches, _, _ in group])


def _size(touches: Sequence[Evidence]) -> int:
    """Characters of the evidence that a sender can make long."""
    size = 0
    for touch in touches:
        if isinstance(touch, str):
            size += len(touch)
            continue
        for value in touch.detail.values():
            if type(value) is str:
                size += len(value)
    return size
