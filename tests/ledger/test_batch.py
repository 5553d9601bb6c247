"""What the shells hand over in one turn of the loop."""

from collections.abc import Callable
from pathlib import Path

from serinus.ledger.batch import Batch, ChannelKeeper
from serinus.ledger.committer import GroupCommitter
from serinus.ledger.store import LedgerReader, LedgerWriter, NoiseKey
from serinus.model.touch import WrittenTouch

SIZE_MAX = 1 << 30


def test_what_one_turn_of_the_loop_reads_is_handed_over_at_its_end(tmp_path: Path) -> None:
    soon: list[Callable[[], None]] = []
    told: list[tuple[str, bool]] = []
    path = tmp_path / "l.db"
    committer = GroupCommitter(LedgerWriter(path, SIZE_MAX))
    keeper = ChannelKeeper(committer, Batch(soon.append, committer), "http")
    assert keeper.ready
    keeper.keep((WrittenTouch("a"),), lambda kept: told.append(("a", kept)))
    keeper.keep((WrittenTouch("b"), WrittenTouch("c")), lambda kept: told.append(("bc", kept)))
    keeper.count_noise("192.0.2.1", 3)
    assert len(soon) == 1
    assert not told
    soon[0]()
    keeper.keep((WrittenTouch("d"),), lambda kept: told.append(("d", kept)))
    assert len(soon) == 2
    committer.stop()
    assert told == [("a", True), ("bc", True)]
    reader = LedgerReader(path)
    assert reader.newest() == 3
    [(key, count)] = reader.noise(0).items()
    assert key == NoiseKey(key.minute, "192.0.2.0/24", "http")
    assert count == 3


def test_who_is_refused_hears_it_at_once(tmp_path: Path) -> None:
    soon: list[Callable[[], None]] = []
    told: list[bool] = []
    committer = GroupCommitter(LedgerWriter(tmp_path / "l.db", SIZE_MAX))
    keeper = ChannelKeeper(committer, Batch(soon.append, committer), "dns")
    committer.stop()
    assert not keeper.ready
    keeper.keep((WrittenTouch("a"),), told.append)
    soon[0]()
    assert told == [False]
