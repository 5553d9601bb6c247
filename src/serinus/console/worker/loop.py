"""The worker's loop: reads on, sends, looks after itself, and goes on after any fault."""

import gc
import logging
import select
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from serinus.alerts.alert import Alert, AlertId, Reason
from serinus.base.clock import as_datetime, monotonic_time, unix_time
from serinus.base.errors import StorageError
from serinus.console.actions.alarms import clear_alarm, raise_alarm
from serinus.console.actions.alerting import next_digest, write_digests
from serinus.console.actions.carrying import PARTS_WAIT
from serinus.console.actions.changes import take_changes
from serinus.console.actions.incidents import add_source_facts
from serinus.console.actions.preferences import Preferences, read_preferences
from serinus.console.actions.recording import Recorded
from serinus.console.deployment import Deployment, load_deployment
from serinus.console.models import Incident
from serinus.console.worker.monitor import MEBIBYTE, Monitor
from serinus.console.worker.outbox import Outbox
from serinus.console.worker.reading import Recorder
from serinus.ledger.store import LedgerReader
from serinus.net.names import ReverseNames
from serinus.net.sources import SourceBook

POLL_S = 0.02
"""Between two looks at whether the ledger has changed, while touches come."""
IDLE_POLL_S = 0.05
"""The same when none has come for `IDLE_S`: what an idle worker costs, and the longest that a first
touch waits for it."""
IDLE_S = 2.0
MINUTE_S = 60.0
REFRESH_MIN_S, REFRESH_S = 0.5, 5.0
"""Between two looks for digests and for what people changed; sooner where a digest is due."""
PRUNE_S = 0.5
"""Between two steps of pruning while there is more to prune."""
BACKOFF_MIN_S, BACKOFF_MAX_S = 0.1, 5.0
"""After a fault; doubled with each."""
OUTAGE_TOLD_S = 5.0
"""A database that takes no writes for so long is told without it."""
DRAIN_S = 10.0
"""Time at the end for what is in the ledger."""
SENDING_S = 3.0
"""Time at the end for what is being sent; what takes longer is sent again at the next start."""
LEDGER_RETRY_S = 1.0
CACHE_KIBIBYTES = 64 * 1024
"""Of the database, in this process: a million incidents' inner pages, which each touch reads."""
CHECKPOINT_PAGES = 8000
"""WAL pages (32 MB) before they are moved home: pages that many touches change are moved once."""

log = logging.getLogger(__name__)


def run() -> None:
    """Work until SIGTERM or SIGINT; what is in the ledger by then is recorded first."""
    # What is there by now stays; looking at it again and again costs a tenth of the time.
    gc.freeze()
    connection_created.connect(_tune)
    with _wake_on_signals() as waker:
        _Worker(load_deployment(), waker).work()


def _tune(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
            cursor.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")


class _Waker:
    """Ends the loop's wait: from a thread, and by a signal, which also asks it to stop."""

    def __init__(self, wake: socket.socket, told: socket.socket) -> None:
        self._wake, self._told = wake, told
        self.stopping = False

    def wake(self) -> None:
        try:
            self._told.send(b"\0")
        except BlockingIOError:
            return  # It is full of calls that were not heard yet.

    def wait(self, seconds: float) -> bool:
        if not select.select([self._wake], (), (), seconds)[0]:
            return False
        self._wake.recv(4096)
        return True

    def stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping = True


@contextmanager
def _wake_on_signals() -> Iterator[_Waker]:
    wake, told = socket.socketpair()
    with wake, told:
        wake.setblocking(False)
        told.setblocking(False)
        waker = _Waker(wake, told)
        before = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, waker.stop)
        try:
            yield waker
        finally:
            signal.set_wakeup_fd(before)


class _Worker:
    """Everything that one worker has, and what it does next."""

    def __init__(self, deployment: Deployment, waker: _Waker) -> None:
        settings = deployment.settings
        self._settings = settings
        self._waker = waker
        self._reader = LedgerReader(deployment.folder.ledger)
        self._ledger = deployment.folder.ledger
        labels = Path(settings.labels) if settings.labels else None
        self._sources = SourceBook([Path(path) for path in settings.mmdb], labels)
        self._recorder = Recorder(self._reader, self._sources.describe)
        self._outbox = Outbox(settings.outgoing_allow, settings.console_base, waker.wake)
        self._monitor = Monitor(deployment.folder, settings, self._reader)
        self._names = ReverseNames(waker.wake) if settings.reverse_names else None
        self._preferences = Preferences()
        self._begun = False
        self._refresh_at = self._minute_at = self._prune_at = self._ledger_at = 0.0
        self._touched_at = 0.0
        self._inode: int | None = None
        self._outage = _Outage()

    def work(self) -> None:
        """Step until told to stop, whatever a step raises."""
        while not self._waker.stopping:
            try:
                self._step()
                self._end_outage()
            except Exception as fault:
                self._note_outage(fault)
                self._waker.wait(self._outage.backoff())
            else:
                self._rest()
        self._drain()

    def _rest(self) -> None:
        """Wait for something to do; while nothing happens this is all that an idle worker does."""
        until = min(self._refresh_at, self._minute_at, self._prune_at, self._outbox.next_look_at)
        poll_s = IDLE_POLL_S if monotonic_time() - self._touched_at > IDLE_S else POLL_S
        # Not without a pause: a few touches at a time cost ten times what a full batch costs.
        while not (self._waker.stopping or self._is_behind()):
            if self._waker.wait(poll_s) or self._has_news() or monotonic_time() >= until:
                return

    def _is_behind(self) -> bool:
        return self._recorder.is_behind and monotonic_time() >= self._ledger_at

    def _has_news(self) -> bool:
        try:
            return monotonic_time() >= self._ledger_at and self._recorder.has_news()
        except StorageError:
            return True  # The next step meets it again, and says so.

    def _step(self) -> None:
        """Do what is to be done now."""
        now, at = _now(), monotonic_time()
        if self._outage.began_at is not None or not self._begun:
            self._prove_writes()
        if not self._begun:
            self._outbox.begin(now)
            self._begun = True
        if at >= self._refresh_at:
            self._refresh_at = at + self._refresh(now)
        recorded = self._record(now, at)
        self._outbox.step(now, look=bool(recorded and recorded.touches))
        if self._names is not None:
            self._name_sources(self._names, recorded)
        if at >= self._minute_at:
            self._tend(now)
            self._minute_at = at + MINUTE_S
        if at >= self._prune_at:
            more = self._prune(now)
            self._prune_at = at + (PRUNE_S if more else MINUTE_S)

    def _record(self, now: datetime, at: float) -> Recorded | None:
        if at < self._ledger_at:
            return None
        try:
            recorded = self._recorder.record(self._preferences, now)
        except StorageError as fault:
            log.warning("%s", fault)
            self._monitor.ledger_fault = f"The worker cannot read the ledger: {fault}"
            self._ledger_at = at + LEDGER_RETRY_S
            return None
        self._monitor.ledger_fault = ""
        if recorded is not None:
            self._touched_at = at
            if recorded.waits:
                self._refresh_at = min(self._refresh_at, at + PARTS_WAIT.total_seconds() + POLL_S)
        return recorded

    def _refresh(self, now: datetime) -> float:
        """Look for digests and for what people changed; return seconds until the next look."""
        self._preferences = read_preferences()
        self._sources.refresh(monotonic_time())
        self._notice_other_file()
        due = next_digest()
        if due is not None and due <= now:
            write_digests(now)
            self._outbox.step(now, look=True)
            due = next_digest()
        left_s = (due - now).total_seconds() if due is not None else REFRESH_S
        return min(max(left_s + POLL_S, REFRESH_MIN_S), REFRESH_S)

    def _notice_other_file(self) -> None:
        """Open the ledger anew where another file has taken its place."""
        try:
            inode = self._ledger.stat().st_ino
        except OSError:
            return
        if self._inode not in (None, inode):
            self._reader.close()
            self._recorder.forget()
        self._inode = inode

    def _tend(self, now: datetime) -> None:
        self._prove_writes()
        self._monitor.look(now)

    def _prune(self, now: datetime) -> bool:
        try:
            self._recorder.prune_noise(now)
            keep = timedelta(days=self._preferences.keep_touches_days)
            return self._recorder.prune(keep, self._settings.ledger_size_max * MEBIBYTE, now)
        except StorageError as fault:
            log.warning("the ledger cannot be pruned: %s", fault)
            return False

    def _name_sources(self, names: ReverseNames, recorded: Recorded | None) -> None:
        """Ask for the names of new sources, and keep those that were found meanwhile."""
        pks = (*recorded.opened, *recorded.joined) if recorded else ()
        rows = Incident.objects.filter(pk__in=pks).values_list("pk", "source", "source_facts")
        for pk, source, facts in rows:
            if "reverse" not in facts and (name := names.look_up(source, pk)) is not None:
                add_source_facts(pk, source, {"reverse": name})
        for pk, source, name in names.collect():
            add_source_facts(pk, source, {"reverse": name})

    def _prove_writes(self) -> None:
        """Write, so that a database that takes no writes says so."""
        with transaction.atomic():
            take_changes(0)

    def _note_outage(self, fault: Exception) -> None:
        outage, at = self._outage, monotonic_time()
        if outage.began_at is None:
            outage.began_at, outage.since = at, _now()
            log.exception("the worker cannot go on, and tries again")
        connection.close()
        self._recorder.forget()
        if not outage.told and at - outage.began_at >= OUTAGE_TOLD_S:
            outage.told = True
            self._outbox.shout(self._describe_outage(fault))

    def _describe_outage(self, fault: Exception) -> Alert:
        what = "The database takes no writes" if isinstance(fault, DatabaseError) else "The worker"
        since = self._outage.since
        return Alert(
            id=AlertId(f"outage-{since.timestamp():.0f}"),
            reason=Reason.ALARM,
            headline=f"{what}: touches are kept, but no alert is sent until this is mended",
            at=since,
            kind="alarm",
            facts=(("Fault", f"{type(fault).__name__}: {fault}"),),
            link=self._settings.console_base,
        )

    def _end_outage(self) -> None:
        outage = self._outage
        if outage.began_at is None:
            return
        if outage.told:
            sentence = (
                f"The worker could not write from {outage.since:%Y-%m-%d %H:%M:%S} to "
                f"{_now():%Y-%m-%d %H:%M:%S} UTC. Touches were kept, and are recorded by now."
            )
            raise_alarm("database", sentence, _now(), tell=not self._outbox.was_heard())
            clear_alarm("database", _now())
        log.warning("the worker goes on")
        self._outage = _Outage()

    def _drain(self) -> None:
        """Record what the ledger holds, and note what the senders still bring back."""
        deadline = monotonic_time() + DRAIN_S
        try:
            while self._begun and self._record(_now(), monotonic_time()) is not None:
                if monotonic_time() > deadline:
                    break
            # Nobody knows when the next worker starts: what waits for missing parts is told now.
            write_digests(_now(), PARTS_WAIT)
            self._outbox.step(_now(), look=True)
            self._outbox.stop()
            deadline = monotonic_time() + SENDING_S
            while self._outbox.is_busy and monotonic_time() < deadline:
                self._waker.wait(POLL_S)
                self._outbox.step(_now(), look=False)
        except Exception:
            # What is not done now is done at the next start.
            log.exception("the worker ends with work left")
        connection.close()
        self._reader.close()
        log.info("The worker has stopped.")


class _Outage:
    """A time in which the worker cannot go on."""

    def __init__(self) -> None:
        self.began_at: float | None = None
        self.since = as_datetime(0)
        self.told = False
        self._backoff_s = BACKOFF_MIN_S

    def backoff(self) -> float:
        """Return how long to wait before the next attempt."""
        wait = self._backoff_s
        self._backoff_s = min(BACKOFF_MAX_S, wait * 2)
        return wait


def _now() -> datetime:
    return as_datetime(unix_time())
