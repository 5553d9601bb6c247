"""Backups of a folder whose databases are written by the programs' own writers."""

import fcntl
import io
import json
import os
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from serinus.base.errors import OperatorError
from serinus.base.folder import DataFolder
from serinus.base.ids import TokenId, read_keys
from serinus.base.settings import Settings
from serinus.ledger.answers import AnswersReader, AnswersWriter
from serinus.ledger.store import LedgerReader, LedgerWriter
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.programs import backup as program
from serinus.programs.backup import DATABASES, MEMBERS, restore_backup, write_backup
from serinus.programs.first_start import prepare
from serinus.programs.up import lock_path

MEBIBYTE = 1024 * 1024
Member = tuple[tarfile.TarInfo, bytes]


def touch(number: int) -> Touch:
    return Touch(
        id=f"t{number}",
        at=1_700_000_000.0 + number,
        channel="dns",
        source="192.0.2.1",
        source_port=5353,
        transport="udp",
        tokens=(TokenId("a" * 20),),
        detail={},
    )


def set_cursor(folder: DataFolder, seq: int) -> None:
    with closing(sqlite3.connect(folder.database)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS console_ledgercursor(seq INTEGER)")
        connection.execute("DELETE FROM console_ledgercursor")
        connection.execute("INSERT INTO console_ledgercursor VALUES(?)", (seq,))


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    found = DataFolder(tmp_path / "data")
    prepare(found, Settings(data=str(found.root)))
    LedgerWriter(found.ledger, 64 * MEBIBYTE).append(map(touch, range(10)))
    AnswersWriter(found.answers).put(TokenId("a" * 20), Answer(204, (), b""))
    set_cursor(found, 4)
    return found


def ledger_of(folder: DataFolder) -> list[str]:
    reader = LedgerReader(folder.ledger)
    try:
        return [found.id for _, found in reader.read(0, 1000)]
    finally:
        reader.close()


def rewrite(file: Path, change: Callable[[list[Member]], list[Member]]) -> None:
    with tarfile.open(file) as archive:
        members = [(e, (archive.extractfile(e) or io.BytesIO()).read()) for e in archive]
    with tarfile.open(file, "w:gz") as archive:
        for entry, content in change(members):
            archive.addfile(entry, io.BytesIO(content))


def rewrite_manifest(file: Path, change: Callable[[dict[str, Any]], None]) -> None:
    def act(members: list[Member]) -> list[Member]:
        found = json.loads(members[0][1])
        change(found)
        content = json.dumps(found).encode()
        members[0][0].size = len(content)
        return [(members[0][0], content), *members[1:]]

    rewrite(file, act)


def test_what_comes_back_is_what_was_there(folder: DataFolder, tmp_path: Path) -> None:
    before = {
        name: (folder.root / name).read_bytes()
        for name in MEMBERS
        if name not in DATABASES and (folder.root / name).exists()
    }
    written = write_backup(folder, tmp_path / "one.backup")
    other = DataFolder(tmp_path / "other")
    read, aside = restore_backup(tmp_path / "one.backup", other, replace=False)
    assert aside is None
    assert read == written
    assert {name: (other.root / name).read_bytes() for name in before} == before
    assert ledger_of(other) == [f"t{n}" for n in range(10)]
    answer = AnswersReader(other.answers).get(TokenId("a" * 20))
    assert answer is not None
    assert answer.status == 204
    assert read_keys(other.id_keys.read_text()) == read_keys(folder.id_keys.read_text())


def test_a_restored_ledger_goes_on_behind_its_newest_touch(
    folder: DataFolder, tmp_path: Path
) -> None:
    write_backup(folder, tmp_path / "b")
    other = DataFolder(tmp_path / "other")
    restore_backup(tmp_path / "b", other, replace=False)
    LedgerWriter(other.ledger, 64 * MEBIBYTE).append([touch(99)])
    assert LedgerReader(other.ledger).read(10, 5)[0][0] == 11


def test_backup_and_what_is_restored_are_their_owners_alone(
    folder: DataFolder, tmp_path: Path
) -> None:
    write_backup(folder, tmp_path / "b")
    assert (tmp_path / "b").stat().st_mode & 0o077 == 0
    restore_backup(tmp_path / "b", DataFolder(tmp_path / "other"), replace=False)
    for path in (tmp_path / "other", *(tmp_path / "other").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
    assert {p.name for p in tmp_path.iterdir()} == {"data", "other", "b"}


def test_a_writer_in_the_middle_of_its_work_is_not_waited_for_nor_half_copied(
    folder: DataFolder, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(folder.ledger)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO touch(body) VALUES('not committed')")
        write_backup(folder, tmp_path / "b")
        connection.rollback()
    other = DataFolder(tmp_path / "other")
    restore_backup(tmp_path / "b", other, replace=False)
    assert len(ledger_of(other)) == 10


def test_a_ledger_that_was_pruned_past_the_copied_state_is_copied_again(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = program._copy_database
    pruned: list[int] = []

    def and_prune(source: Path, target: Path) -> None:
        copy(source, target)
        if source == folder.database and not pruned:
            pruned.append(LedgerReader(folder.ledger).prune(8))
            set_cursor(folder, 8)

    monkeypatch.setattr(program, "_copy_database", and_prune)
    write_backup(folder, tmp_path / "b")
    assert pruned == [8]
    other = DataFolder(tmp_path / "other")
    restore_backup(tmp_path / "b", other, replace=False)
    with closing(sqlite3.connect(other.database)) as connection:
        assert connection.execute("SELECT seq FROM console_ledgercursor").fetchone() == (8,)
    assert ledger_of(other) == ["t8", "t9"]


def test_an_older_file_is_never_written_over(folder: DataFolder, tmp_path: Path) -> None:
    (tmp_path / "b").write_text("of last night")
    with pytest.raises(OperatorError, match="exists: give the name of a new file"):
        write_backup(folder, tmp_path / "b")
    assert (tmp_path / "b").read_text() == "of last night"


def test_a_folder_without_an_instance_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="There is no instance in"):
        write_backup(DataFolder(tmp_path), tmp_path / "b")
    assert not list(tmp_path.iterdir())


def test_a_damaged_database_is_no_backup(folder: DataFolder, tmp_path: Path) -> None:
    folder.database.write_bytes(b"SQLite format 3\0" + bytes(5000))
    with pytest.raises(OperatorError, match="cannot be backed up"):
        write_backup(folder, tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_folder_that_is_not_empty_stays_unless_it_is_to_be_replaced(
    folder: DataFolder, tmp_path: Path
) -> None:
    write_backup(folder, tmp_path / "b")
    keys = folder.id_keys.read_bytes()
    folder.id_keys.write_text("lost")
    with pytest.raises(OperatorError, match="is not empty"):
        restore_backup(tmp_path / "b", folder, replace=False)
    assert folder.id_keys.read_text() == "lost"
    _, aside = restore_backup(tmp_path / "b", folder, replace=True)
    assert folder.id_keys.read_bytes() == keys
    assert aside is not None
    assert (aside / "keys" / "ids.json").read_text() == "lost"


def test_an_empty_folder_is_filled(folder: DataFolder, tmp_path: Path) -> None:
    write_backup(folder, tmp_path / "b")
    (tmp_path / "other").mkdir()
    restore_backup(tmp_path / "b", DataFolder(tmp_path / "other"), replace=False)
    assert DataFolder(tmp_path / "other").id_keys.exists()


def test_a_folder_in_use_is_left_alone(folder: DataFolder, tmp_path: Path) -> None:
    write_backup(folder, tmp_path / "b")
    with lock_path(folder).open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OperatorError, match="stop it first"):
            restore_backup(tmp_path / "b", folder, replace=True)


def _add(name: str, **values: Any) -> Callable[[list[Member]], list[Member]]:
    def act(members: list[Member]) -> list[Member]:
        entry = tarfile.TarInfo(name)
        for key, value in values.items():
            setattr(entry, key, value)
        return [*members, (entry, b"")]

    return act


def _as_link(members: list[Member]) -> list[Member]:
    for entry, _ in members:
        if entry.name == "keys/operator":
            entry.type, entry.linkname, entry.size = tarfile.SYMTYPE, "/etc/passwd", 0
    return members


def _other_bytes(members: list[Member]) -> list[Member]:
    return [(e, b"x" * len(c) if e.name == "keys/site-seed" else c) for e, c in members]


CHANGES: dict[str, Callable[[list[Member]], list[Member]]] = {
    "a way out of the folder": _add("../../evil"),
    "a whole path": _add("/tmp/evil"),
    "an unknown name": _add("keys/evil"),
    "a link": _as_link,
    "a device": _add("tls/key.pem", type=tarfile.CHRTYPE),
    "a member twice": lambda members: [*members, members[-1]],
    "a member too few": lambda members: members[:-1],
    "other bytes": _other_bytes,
    "no manifest": lambda members: members[1:],
    "a manifest at the end": lambda members: [*members[1:], members[0]],
    "nothing": lambda _members: [],
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_backup_with_something_else_in_it_is_refused_and_nothing_is_written(
    folder: DataFolder, tmp_path: Path, what: str
) -> None:
    write_backup(folder, tmp_path / "b")
    rewrite(tmp_path / "b", CHANGES[what])
    refuse(tmp_path)


def _set(**values: Any) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest.update(values)


def _resize(name: str, size: int) -> Callable[[dict[str, Any]], None]:
    return lambda manifest: manifest["members"][name].update(size=size)


MANIFESTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "newer": _set(format=2, version="9.0"),
    "no number": _set(format="1"),
    "no members": _set(members={}),
    "members of another shape": _set(members=[1]),
    "a way out": lambda m: m["members"].update({"../x": {"size": 0, "sha256": ""}}),
    "larger than any disk": _resize("ledger/ledger.db", (1 << 40) - 1),
    "larger than any ledger": _resize("ledger/ledger.db", 1 << 41),
    "a large key": _resize("keys/ids.json", 5 * MEBIBYTE),
    "less than nothing": _resize("keys/ids.json", -1),
    "another size": _resize("keys/ids.json", 1),
    "a large manifest": _set(version="x" * 100_000),
}


@pytest.mark.parametrize("what", MANIFESTS)
def test_a_manifest_that_does_not_fit_is_refused(
    folder: DataFolder, tmp_path: Path, what: str
) -> None:
    write_backup(folder, tmp_path / "b")
    rewrite_manifest(tmp_path / "b", MANIFESTS[what])
    sentence = refuse(tmp_path)
    assert what != "newer" or "newer Serinus ('9.0')" in sentence


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.99])
def test_a_backup_that_was_cut_is_refused(folder: DataFolder, tmp_path: Path, share: float) -> None:
    write_backup(folder, tmp_path / "b")
    content = (tmp_path / "b").read_bytes()
    (tmp_path / "b").write_bytes(content[: int(len(content) * share)])
    refuse(tmp_path)


def test_any_file_at_all_is_refused(tmp_path: Path) -> None:
    for content in (b"", b"hello", os.urandom(5000), b"\x1f\x8b" + os.urandom(500)):
        (tmp_path / "b").write_bytes(content)
        refuse(tmp_path)


def refuse(path: Path) -> str:
    other = DataFolder(path / "other")
    with pytest.raises(OperatorError) as caught:
        restore_backup(path / "b", other, replace=False)
    assert not other.root.exists()
    assert not (path / "evil").exists()
    assert not [p for p in path.iterdir() if p.name.startswith(".serinus")]
    assert "\n" not in caught.value.sentence
    return caught.value.sentence
