"""The ledger's file: what it acknowledged it keeps, and what it cannot keep it refuses."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.base.errors import StorageError
from serinus.base.ids import TokenId
from serinus.ledger import store as module
from serinus.ledger.store import SLICE_ROOM, SLICE_SIZE_MAX, LedgerReader, LedgerWriter, NoiseKey
from serinus.model.touch import TOKENS_MAX, Touch, write_touch
from serinus.wire.http1 import BODY_KEPT_MAX, HEADERS_SIZE_MAX, LINE_SIZE_MAX

MEBIBYTE = 1024 * 1024
SIZE_MAX = 64 * 1024 * 1024
CHILD = """
import sys
from pathlib import Path
from serinus.ledger.store import LedgerWriter
from serinus.model.touch import Touch
path, round = Path(sys.argv[1]), sys.argv[2]
writer = LedgerWriter(path, 1 << 30)
for n in range(1_000_000):
    ids = [f"{round}-{n}-{i}" for i in (0, 1)]
    touches = [Touch(id, 0.5, "dns", "udp", "192.0.2.1", 53, (), {}) for id in ids]
    writer.append(touches)
    sys.stdout.write("".join(f"{t.id}\\n" for t in touches))
    sys.stdout.flush()
"""


def touch_of(name: str, body: str = "") -> Touch:
    detail = {"body": body, "headers": [["Host", "a"]], "tls": None}
    tokens = (TokenId("a" * 20), TokenId("b" * 20))
    return Touch(name, 1.25, "http", "tls", "192.0.2.7", 4711, tokens, detail)


def names(reader: LedgerReader) -> list[str]:
    return [touch.id for _, touch in reader.read(0, 1_000_000)]


def test_what_was_appended_is_read_back_in_order(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", SIZE_MAX), LedgerReader(tmp_path / "l.db")
    touches = [touch_of(str(n)) for n in range(10)]
    writer.append(touches[:4])
    writer.append(touches[4:])
    assert reader.read(0, 100) == list(enumerate(touches, 1))
    assert reader.read(3, 2) == [(4, touches[3]), (5, touches[4])]
    assert reader.newest() == 10
    assert writer.size() > 0


def test_the_files_are_for_our_own_user_only(tmp_path: Path) -> None:
    writer = LedgerWriter(tmp_path / "l.db", SIZE_MAX)
    writer.append([touch_of("a")])
    assert {path.name for path in tmp_path.iterdir()} == {"l.db", "l.db-wal", "l.db-shm"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    writer = LedgerWriter(tmp_path / "l.db", SIZE_MAX)
    with writer._transaction() as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_ledger_that_does_not_exist_yet_is_empty_and_found_when_it_appears(
    tmp_path: Path,
) -> None:
    path = tmp_path / "l.db"
    reader = LedgerReader(path)
    assert (reader.read(0, 9), reader.noise(0), reader.newest()) == ([], {}, 0)
    assert (reader.changed(), reader.prune(9), reader.prune_noise(9)) == (False, 0, 0)
    assert not path.exists()
    path.touch()
    assert (reader.read(0, 9), reader.newest()) == ([], 0)
    LedgerWriter(path, SIZE_MAX).append([touch_of("a")])
    assert reader.changed()
    assert names(reader) == ["a"]


def test_a_reader_hears_of_changes_by_others_and_not_of_its_own(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", SIZE_MAX), LedgerReader(tmp_path / "l.db")
    writer.append([touch_of("a")])
    assert reader.changed()
    assert not reader.changed()
    writer.append([touch_of("b")])
    assert reader.changed()
    reader.prune(1)
    assert not reader.changed()


def test_sequence_numbers_are_never_used_twice(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", SIZE_MAX), LedgerReader(tmp_path / "l.db")
    writer.append(touch_of(str(n)) for n in range(1200))
    assert reader.prune(1200) == 1200
    assert (reader.read(0, 9), reader.newest()) == ([], 1200)
    writer.close()
    writer.append([touch_of("next")])
    assert [seq for seq, _ in reader.read(0, 9)] == [1201]


def test_pruning_leaves_what_is_newer(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", SIZE_MAX), LedgerReader(tmp_path / "l.db")
    writer.append(touch_of(str(n)) for n in range(5))
    assert reader.prune(3) == 3
    assert names(reader) == ["3", "4"]


def test_a_reader_reads_and_prunes_while_the_writer_writes(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", SIZE_MAX), LedgerReader(tmp_path / "l.db")
    faults: list[BaseException] = []

    def write() -> None:
        try:
            for n in range(100):
                writer.append(touch_of(f"{n}-{i}") for i in range(20))
        except StorageError as error:
            faults.append(error)

    thread = Thread(target=write)
    thread.start()
    seen: list[str] = []
    last = 0
    while thread.is_alive() or reader.newest() > last:
        rows = reader.read(last, 300)
        seen += [touch.id for _, touch in rows]
        last = rows[-1][0] if rows else last
        reader.prune(last)
    thread.join()
    assert faults == []
    assert seen == [f"{n}-{i}" for n in range(100) for i in range(20)]
    assert reader.read(0, 1) == []


def test_every_acknowledged_touch_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    acknowledged: list[str] = []
    for turn in range(4):
        command = [sys.executable, "-c", CHILD, str(path), str(turn)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            acknowledged += [child.stdout.readline().strip() for _ in range(100 + 37 * turn)]
            os.kill(child.pid, signal.SIGKILL)
            rest = child.stdout.read().split("\n")
            acknowledged += rest[:-1]
        kept = names(LedgerReader(path))
        assert set(acknowledged) <= set(kept)
        # A group is there in whole or not at all.
        assert len(kept) % 2 == 0
        assert len(set(kept)) == len(kept)
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def fill(writer: LedgerWriter, prefix: str) -> list[str]:
    """Append until refused; return the names of what was acknowledged."""
    kept: list[str] = []
    with pytest.raises(StorageError):
        for n in range(10_000):
            group = [touch_of(f"{prefix}{n}-{i}", "x" * 4000) for i in range(10)]
            writer.append(group)
            kept += [touch.id for touch in group]
    return kept


def test_past_its_bound_the_ledger_refuses_until_it_is_pruned(tmp_path: Path) -> None:
    bound = 2 * 1024 * 1024
    writer, reader = LedgerWriter(tmp_path / "l.db", bound), LedgerReader(tmp_path / "l.db")
    kept = fill(writer, "a")
    assert 200 < len(kept) < 600
    assert names(reader) == kept
    writer.close()
    assert (tmp_path / "l.db").stat().st_size <= bound + SLICE_ROOM
    with pytest.raises(StorageError):
        writer.probe()
    reader.prune(200)
    writer.probe()
    writer.append([touch_of("again")])
    assert names(reader) == [*kept[200:], "again"]


def largest(number: int) -> Touch:
    """A touch whose every byte takes six characters when it is written."""
    detail = {
        "head": "\xff" * (LINE_SIZE_MAX + HEADERS_SIZE_MAX),
        "body": "\xff" * BODY_KEPT_MAX,
        "found": ["path"],
    }
    tokens = (TokenId("a" * 40),) * TOKENS_MAX
    return Touch(f"t{number}", 1.0, "http", "tcp", "192.0.2.1", 5, tokens, detail)


def test_the_largest_touch_fits_in_one_slice() -> None:
    assert len(write_touch(largest(0))) < SLICE_SIZE_MAX


@pytest.mark.parametrize("size", [n * MEBIBYTE // 4 for n in range(8, 24)])
def test_near_its_bound_the_ledger_takes_all_sizes_or_none(tmp_path: Path, size: int) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", size), LedgerReader(tmp_path / "l.db")
    with pytest.raises(StorageError):
        for number in range(100):
            writer.append([largest(number)])
    # What is small must not tell by its answer that what is large got none.
    with pytest.raises(StorageError):
        writer.append([touch_of("small")])
    with pytest.raises(StorageError):
        writer.probe()
    while True:
        try:
            writer.probe()
            break
        except StorageError:
            assert reader.prune(reader.read(0, 1)[0][0]) == 1
    writer.append([largest(100)])


@pytest.mark.parametrize("body", [200, 1300, 1950, 2050, 3950, 4100, 6200])
def test_a_slice_takes_no_more_than_a_probe(tmp_path: Path, body: int) -> None:
    path = tmp_path / "l.db"
    writer, reader = LedgerWriter(path, SIZE_MAX), LedgerReader(path)
    writer.append([touch_of("a")])
    before = reader.filled()
    written = len(write_touch(touch_of("n", "x" * body)))
    count = SLICE_SIZE_MAX // written
    writer.append([touch_of("n", "x" * body) for _ in range(count)])
    assert reader.filled() - before <= SLICE_ROOM


def test_a_group_larger_than_a_slice_is_kept_whole_and_in_order(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", 1 << 30), LedgerReader(tmp_path / "l.db")
    writer.append([largest(number) for number in range(4)])
    assert names(reader) == ["t0", "t1", "t2", "t3"]


def test_a_probe_left_behind_by_a_crash_is_no_filling(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    writer, reader = LedgerWriter(path, SLICE_ROOM), LedgerReader(path)
    writer.append([touch_of("a")])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("INSERT INTO probe VALUES(1, randomblob(?))", (SLICE_ROOM,))
    with pytest.raises(StorageError):
        writer.append([touch_of("b")])
    writer.probe()
    writer.append([touch_of("c")])
    assert names(reader) == ["a", "c"]


def test_a_reader_that_holds_the_wal_cannot_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WAL_SIZE_MAX", 200_000)
    monkeypatch.setattr(module, "LOCK_WAIT_S", 0.02)
    path = tmp_path / "l.db"
    writer, reader = LedgerWriter(path, SIZE_MAX), LedgerReader(path)
    writer.append([touch_of("first")])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN")
    holder.execute("SELECT count(*) FROM touch").fetchone()
    kept = ["first", *fill(writer, "a")]
    holder.close()
    writer.append([touch_of("again")])
    assert names(reader) == [*kept, "again"]


def test_a_group_with_one_unwritable_touch_is_refused_whole(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", SIZE_MAX), LedgerReader(tmp_path / "l.db")
    bad = touch_of("bad")._replace(detail={"body": b"bytes are not JSON"})
    with pytest.raises(TypeError):
        writer.append([touch_of("a"), bad])
    writer.append([touch_of("b")])
    assert names(reader) == ["b"]


def test_a_path_that_is_no_file_is_a_storage_error_and_heals(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    path.mkdir()
    writer = LedgerWriter(path, SIZE_MAX)
    with pytest.raises(StorageError):
        writer.append([touch_of("a")])
    path.rmdir()
    writer.append([touch_of("b")])
    assert names(LedgerReader(path)) == ["b"]


def test_a_file_that_is_no_ledger_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    path.write_bytes(b"something else" * 100)
    with pytest.raises(StorageError):
        LedgerWriter(path, SIZE_MAX).append([touch_of("a")])
    with pytest.raises(StorageError):
        LedgerReader(path).read(0, 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("a small disk has to be mounted, which needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_refuses_loses_nothing_and_heals(small_disk: Path) -> None:
    path, ballast = small_disk / "l.db", small_disk / "ballast"
    writer, reader = LedgerWriter(path, 1 << 30), LedgerReader(path)
    writer.append([touch_of("first")])
    ballast.write_bytes(bytes(5 * MEBIBYTE))
    kept = ["first", *fill(writer, "a")]
    assert len(kept) > 10
    with pytest.raises(StorageError):
        writer.probe()
    assert names(reader) == kept
    ballast.unlink()
    writer.probe()
    writer.append([touch_of("again")])
    assert names(reader) == [*kept, "again"]


def test_a_read_only_file_refuses_and_heals(small_disk: Path) -> None:
    path = small_disk / "l.db"
    writer = LedgerWriter(path, SIZE_MAX)
    writer.append([touch_of("a")])
    writer.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(StorageError):
        writer.append([touch_of("b")])
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    writer.append([touch_of("c")])
    assert names(LedgerReader(path)) == ["a", "c"]


def test_noise_counts_add_up_and_are_pruned(tmp_path: Path) -> None:
    writer, reader = LedgerWriter(tmp_path / "l.db", SIZE_MAX), LedgerReader(tmp_path / "l.db")
    old, new = NoiseKey(10, "192.0.2.0/24", "dns"), NoiseKey(11, "other", "http")
    writer.count_noise({old: 3, new: 1})
    writer.count_noise({old: 4})
    assert reader.noise(0) == {old: 7, new: 1}
    assert reader.noise(11) == {new: 1}
    assert reader.prune_noise(11) == 1
    assert reader.noise(0) == {new: 1}


LATIN_1 = st.text(st.characters(max_codepoint=255))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | LATIN_1,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(LATIN_1, inner, max_size=4),
    max_leaves=8,
)


@settings(deadline=None)  # An example takes as long as the disk does.
@given(
    at=st.floats(0, 1e11),
    source=LATIN_1,
    tokens=st.lists(LATIN_1.map(TokenId), max_size=8).map(tuple),
    detail=st.dictionaries(LATIN_1.filter("head".__ne__), JSON, max_size=6),
)
def test_any_latin_1_text_is_read_back(
    at: float, source: str, tokens: tuple[TokenId, ...], detail: dict[str, object]
) -> None:
    touch = Touch("id", at, "dns", "udp", source, 0, tokens, detail)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "l.db"
        writer, reader = LedgerWriter(path, SIZE_MAX), LedgerReader(path)
        writer.append([touch])
        assert reader.read(0, 2) == [(1, touch)]
        reader.close()
        writer.close()
