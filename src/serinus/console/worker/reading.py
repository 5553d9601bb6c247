"""From the ledger into the database, and the ledger's pruning behind it."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import DatabaseError, InternalError, OperationalError, transaction

from serinus.base.clock import as_datetime
from serinus.base.untrusted import readable
from serinus.console.actions.alarms import raise_alarm
from serinus.console.actions.minting import read_token
from serinus.console.actions.preferences import Preferences
from serinus.console.actions.recording import (
    TOUCH_ID_LENGTH_MAX,
    DescribeSource,
    Interpret,
    Recorded,
    record_touches,
)
from serinus.console.models import LedgerCursor, Token
from serinus.console.models.incidents import ADDRESS_LENGTH_MAX
from serinus.ledger.store import Damage, LedgerReader
from serinus.model.touch import Touch
from serinus.tokens import kind as kinds
from serinus.tokens.catalogue import kind_named

EDGE = "local"
"""The name of the one edge that writes this ledger."""
BATCH_MAX = 500
"""Touches of one transaction: a quarter of a second at most, in which others wait to write."""
PRUNE_STEP = 4096
"""Touches pruned at one go: some ten short transactions of the ledger."""
FILLED_SHARE_MAX = 0.5
"""Of its bound the ledger keeps this much of what is in the database already; the rest is room for
what is to come."""
DAMAGED_TOLD_MAX = 10
"""Damaged rows of one batch that an alert shows."""
DAMAGE_SHOWN_MAX = 300
"""Characters of a damaged row in a sentence."""
NOISE_KEPT = timedelta(days=14)

log = logging.getLogger(__name__)


class Recorder:
    """Reads on from the cursor; whatever it raises, the cursor is where it was.

    Args:
        reader: The ledger.
        describe_source: Facts about a source.
    """

    def __init__(self, reader: LedgerReader, describe_source: DescribeSource) -> None:
        self._reader = reader
        self._describe_source = describe_source
        self._cursor: LedgerCursor | None = None
        self._more = True

    def record(self, preferences: Preferences, now: datetime) -> Recorded | None:
        """Record one batch; None where there is nothing new.

        Raises:
            StorageError: The ledger cannot be read.
            DatabaseError: The database takes no writes.
        """
        if not self.has_news():
            return None
        cursor = self._cursor or self._load()
        rows = self._read_on(cursor, now)
        if not rows:
            self._more = False
            return None
        seq, touch_id = _mark(*rows[-1])
        touches = [(n, row) for n, row in rows if isinstance(row, Touch)]
        if len(touches) == len(rows):
            recorded = self._record(touches, preferences, now)
        else:
            damaged = [(n, row) for n, row in rows if isinstance(row, Damage)]
            with transaction.atomic():
                self._tell_damage(damaged, now)
                recorded = self._record(touches, preferences, now)
                # Where the last row is damaged, it is passed over too.
                LedgerCursor.objects.filter(edge=EDGE).update(seq=seq, touch_id=touch_id)
        cursor.seq, cursor.touch_id = seq, touch_id
        self._more = len(rows) >= BATCH_MAX
        return recorded

    @property
    def is_behind(self) -> bool:
        """Whether the last batch was a full one."""
        return self._more

    def has_news(self) -> bool:
        """Say whether there may be something to record; raises as `record` does."""
        # Until a batch is in the database there is more, whatever happens meanwhile.
        self._more = self._reader.changed() or self._more
        return self._more

    def forget(self) -> None:
        """Read the cursor anew: after a fault nobody knows which transaction counts."""
        self._cursor, self._more = None, True

    def prune(self, keep: timedelta, size_max_bytes: int, now: datetime) -> bool:
        """Prune some of what is recorded and old, or too much; say whether there is more of it."""
        oldest = self._reader.read_rows(0, 1)
        if not oldest or self._cursor is None:
            return False
        # The cursor's own row stays: by it the next batch knows that this is still its ledger.
        last = min(oldest[0][0] + PRUNE_STEP, self._cursor.seq) - 1
        if self._reader.filled() <= size_max_bytes * FILLED_SHARE_MAX:
            last = self._last_before((now - keep).timestamp(), oldest[0][0], last)
        return self._reader.prune(last) >= PRUNE_STEP

    def prune_noise(self, now: datetime) -> None:
        """Prune old counts of noise."""
        self._reader.prune_noise(int((now - NOISE_KEPT).timestamp()) // 60)

    def _load(self) -> LedgerCursor:
        self._cursor, _ = LedgerCursor.objects.get_or_create(edge=EDGE)
        return self._cursor

    def _read_on(self, cursor: LedgerCursor, now: datetime) -> list[tuple[int, Touch | Damage]]:
        if cursor.seq == 0:
            return self._reader.read_rows(0, BATCH_MAX)
        rows = self._reader.read_rows(cursor.seq - 1, BATCH_MAX + 1)
        if rows and rows[0][0] == cursor.seq and _is_same(rows[0][1], cursor):
            return rows[1:]
        self._begin_anew(cursor, now)
        return self._reader.read_rows(0, BATCH_MAX)

    def _begin_anew(self, cursor: LedgerCursor, now: datetime) -> None:
        """Read the whole ledger: it is another one, or an older copy that numbers went on from."""
        with transaction.atomic():
            raise_alarm(
                "ledger replaced",
                f"The ledger is not the one that was read up to number {cursor.seq}: it was "
                "restored, replaced or lost. It is read from its beginning; touches that were in "
                "no copy of it are lost.",
                now,
            )
            LedgerCursor.objects.filter(edge=EDGE).update(seq=0, touch_id="")
        cursor.seq, cursor.touch_id = 0, ""

    def _tell_damage(self, damaged: Sequence[tuple[int, Damage]], now: datetime) -> None:
        """Raise the alarm, which has the rows' own words, because the ledger is pruned one day."""
        seq, first = damaged[0]
        others = f", and so could {len(damaged) - 1} more" if len(damaged) > 1 else ""
        words = readable(first.body, DAMAGE_SHOWN_MAX)
        raise_alarm(
            "ledger row",
            f"A ledger row could not be read: number {seq}{others}. It is passed over. "
            f"It holds {first.size} bytes: {words}",
            now,
            facts=[(f"Row {n}", readable(row.body)) for n, row in damaged[:DAMAGED_TOLD_MAX]],
        )

    def _record(
        self, rows: Sequence[tuple[int, Touch]], preferences: Preferences, now: datetime
    ) -> Recorded:
        """Record the rows; where one of them cannot be, find it by halves and keep it raw."""
        try:
            return self._write(rows, make_interpreter(), preferences, now)
        except Exception as fault:
            if is_outage(fault):
                raise
            if len(rows) > 1:
                half = len(rows) // 2
                first = self._record(rows[:half], preferences, now)
                second = self._record(rows[half:], preferences, now)
                return _both(first, second)
            log.exception("touch %d cannot be recorded as it is", rows[0][0])
        return self._record_raw(rows[0], preferences, now)

    def _record_raw(
        self, row: tuple[int, Touch], preferences: Preferences, now: datetime
    ) -> Recorded:
        seq, touch = row
        try:
            raw = [(seq, _make_harmless(touch, now))]
            return self._write(raw, _read_plainly, preferences, now)
        except Exception as fault:
            if is_outage(fault):
                raise
            log.exception("touch %d cannot be recorded at all", seq)
        raise_alarm(
            "unreadable touch",
            f"Touch {seq} of the ledger cannot be kept in the database; the ledger has it.",
            now,
        )
        nothing = touch._replace(id=readable(str(touch.id), TOUCH_ID_LENGTH_MAX), tokens=())
        return self._write([(seq, nothing)], _read_plainly, preferences, now)

    def _write(
        self,
        rows: Sequence[tuple[int, Touch]],
        interpret: Interpret,
        preferences: Preferences,
        now: datetime,
    ) -> Recorded:
        return record_touches(
            rows,
            interpret,
            now,
            edge=EDGE,
            window=timedelta(seconds=preferences.incident_window_s),
            digest=timedelta(seconds=preferences.digest_s),
            describe_source=self._describe_source,
        )

    def _last_before(self, at: float, first: int, last: int) -> int:
        """Return the last number below `last` whose touch is older than `at`, or first - 1."""
        low, high = first - 1, last
        while low < high:
            middle = (low + high + 1) // 2
            found = self._reader.read(middle - 1, 1)
            if found and found[0][1].at < at:
                low = middle
            else:
                high = middle - 1
        return low


def make_interpreter() -> Interpret:
    """Return what reads touches as the kinds of their tokens do; it never raises.

    It reads each token once, so it is made for each batch: what people change counts for the next.
    """
    tokens: dict[int, kinds.Token] = {}

    def interpret(touch: Touch, row: Token) -> kinds.Trip | None:
        try:
            token = tokens.get(row.pk)
            if token is None:
                token = tokens[row.pk] = read_token(row, with_file=False)
            return kind_named(row.kind).interpret(touch, token)
        except Exception as fault:
            if is_outage(fault):
                raise
            log.exception("token %d: a touch cannot be read", row.pk)
            return _read_plainly(touch, row)

    return interpret


def is_outage(fault: Exception) -> bool:
    """Tell whether the database is at fault and not what it was given."""
    return isinstance(fault, OperationalError | InternalError) or type(fault) is DatabaseError


def _read_plainly(touch: Touch, row: Token) -> kinds.Trip:  # noqa: ARG001 - of Interpret's shape
    return kinds.Trip("A touch that could not be read; its evidence is kept as it came", ())


def _make_harmless(touch: Touch, now: datetime) -> Touch:
    """Return the touch with what no database refuses; the detail is JSON and stays."""
    try:
        at = touch.at if as_datetime(touch.at) else 0.0
    except (TypeError, ValueError, OverflowError, OSError):
        at = now.timestamp()
    return touch._replace(
        id=readable(str(touch.id), TOUCH_ID_LENGTH_MAX),
        at=at,
        source=readable(str(touch.source), ADDRESS_LENGTH_MAX),
        source_port=0,
        tokens=tuple(token for token in touch.tokens if str(token).isascii()),
    )


def _is_same(row: Touch | Damage, cursor: LedgerCursor) -> bool:
    return isinstance(row, Damage) or cursor.touch_id in ("", row.id[:TOUCH_ID_LENGTH_MAX])


def _mark(seq: int, row: Touch | Damage) -> tuple[int, str]:
    """Return how a cursor knows the row again."""
    return seq, row.id[:TOUCH_ID_LENGTH_MAX] if isinstance(row, Touch) else ""


def _both(first: Recorded, second: Recorded) -> Recorded:
    return Recorded(
        first.touches + second.touches,
        first.opened + second.opened,
        first.joined + second.joined,
        second.seq,
        first.waits or second.waits,
    )
