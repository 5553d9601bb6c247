"""What stands between the shells and the committer: touches of one turn of the loop, together."""

from collections.abc import Callable, Sequence
from typing import final

from serinus.base.clock import unix_time
from serinus.ledger.committer import Done, GroupCommitter, Lot
from serinus.model.touch import Channel, Evidence


@final
class Batch:
    """The touches of one turn of the loop, handed to the ledger together at its end.

    Args:
        call_soon: Runs a call when the loop has read all that is readable now.
        committer: Takes them.
    """

    def __init__(
        self, call_soon: Callable[[Callable[[], None]], object], committer: GroupCommitter
    ) -> None:
        self._call_soon, self._committer = call_soon, committer
        self._lots: list[Lot] = []

    def add(self, touches: Sequence[Evidence], done: Done) -> None:
        """Hand the touches over when all that is readable now has been read."""
        if not self._lots:
            self._call_soon(self.flush)
        self._lots.append((touches, done))

    def flush(self) -> None:
        """Hand over what there is."""
        lots, self._lots = self._lots, []
        for _, done in self._committer.submit_all(lots):
            done(False)


@final
class ChannelKeeper:
    """The ledger as the shells of one channel see it: a `Keeper`."""

    def __init__(self, committer: GroupCommitter, batch: Batch, channel: Channel) -> None:
        self._committer, self._batch, self._channel = committer, batch, channel

    @property
    def ready(self) -> bool:
        """Whether a touch would be taken now."""
        return self._committer.ready

    def keep(self, touches: Sequence[Evidence], done: Done) -> None:
        """Make the touches durable with all others of this turn of the loop."""
        self._batch.add(touches, done)

    def count_noise(self, source: str, count: int) -> None:
        """Count contacts from `source` that held no id of ours."""
        self._committer.count_noise(self._channel, source, unix_time(), count)
