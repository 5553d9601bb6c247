"""The answers snapshot: what the Console puts, the edge gets."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from serinus.base.errors import StorageError
from serinus.base.ids import TokenId
from serinus.ledger.answers import KNOWN_MAX, AnswersReader, AnswersWriter
from serinus.model.answer import Answer

A, B = TokenId("a" * 20), TokenId("b" * 20)
HEADERS = (("Location", "https://a/é"), ("X", "1"), ("X", "2"))
BYTES = Answer(302, HEADERS, bytes(range(256)), False, "/é?1")
GONE = Answer(nxdomain=True)
CHILD = """
import sys
from pathlib import Path
from serinus.ledger.answers import AnswersReader
reader = AnswersReader(Path(sys.argv[1]))
for line in sys.stdin:
    print(repr(reader.get(line.strip())), flush=True)
"""


def test_an_answer_is_read_back_byte_for_byte(tmp_path: Path) -> None:
    writer, reader = AnswersWriter(tmp_path / "a.db"), AnswersReader(tmp_path / "a.db")
    writer.put(A, BYTES)
    assert reader.get(A) == BYTES
    assert reader.get(B) is None
    writer.put(A, Answer(404))
    assert reader.get(A) == Answer(404)
    writer.put_many({A: GONE, B: BYTES})
    assert (reader.get(A), reader.get(B)) == (GONE, BYTES)
    writer.remove(A)
    assert (reader.get(A), reader.get(B)) == (None, BYTES)
    writer.clear()
    assert reader.get(B) is None


def test_without_a_file_nothing_is_special_until_it_appears(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    reader = AnswersReader(path)
    assert (reader.get(A), reader.nxdomain(A, 0.0), reader.texts("a.b")) == (None, False, ())
    path.touch()
    assert (reader.get(A), reader.texts("a.b")) == (None, ())
    AnswersWriter(path).put(A, GONE)
    assert reader.get(A) == GONE
    assert reader.nxdomain(A, 1.0)


def test_the_file_is_for_our_own_user_only(tmp_path: Path) -> None:
    AnswersWriter(tmp_path / "a.db").clear()
    assert [path.stat().st_mode & 0o777 for path in tmp_path.iterdir()] == [0o600]


def test_that_no_name_is_gone_is_known_for_a_while(tmp_path: Path) -> None:
    writer, reader = AnswersWriter(tmp_path / "a.db"), AnswersReader(tmp_path / "a.db")
    writer.put(B, BYTES)
    assert not reader.nxdomain(A, 100.0)
    writer.put(A, GONE)
    assert not reader.nxdomain(A, 100.001)
    assert reader.nxdomain(A, 100.003)
    assert not reader.nxdomain(B, 100.003)
    writer.remove(A)
    assert not reader.nxdomain(A, 100.004)


def test_that_a_token_has_no_answer_is_known_for_a_while(tmp_path: Path) -> None:
    writer, reader = AnswersWriter(tmp_path / "a.db"), AnswersReader(tmp_path / "a.db")
    assert reader.look_up(A, 100.0) is None
    writer.put(A, GONE)
    assert reader.look_up(A, 100.001) is None
    assert reader.look_up(A, 100.003) == GONE
    writer.put(A, BYTES)
    writer.put(B, BYTES)
    assert reader.look_up(A, 100.004) == BYTES
    assert reader.look_up(B, 100.004) is None
    assert reader.look_up(B, 100.006) == BYTES
    writer.remove(B)
    assert reader.look_up(B, 100.007) is None


def test_more_answers_than_are_known_by_name_are_all_found(tmp_path: Path) -> None:
    writer, reader = AnswersWriter(tmp_path / "a.db"), AnswersReader(tmp_path / "a.db")
    tokens = [TokenId(f"a{number}") for number in range(KNOWN_MAX)]
    writer.put_many(dict.fromkeys(tokens, GONE))
    for count, now in ((KNOWN_MAX, 100.0), (KNOWN_MAX + 1, 100.11), (KNOWN_MAX, 100.22)):
        assert reader.look_up(tokens[-1], now) == GONE
        assert reader.nxdomain(tokens[0], now)
        assert reader.look_up(A, now) is None
        assert (reader.look_up(B, now) == GONE) is (count > KNOWN_MAX)
        if count == KNOWN_MAX:
            writer.put(B, GONE)
        else:
            writer.remove(B)


def test_the_texts_of_a_name_are_kept_without_regard_to_case(tmp_path: Path) -> None:
    writer, reader = AnswersWriter(tmp_path / "a.db"), AnswersReader(tmp_path / "a.db")
    writer.set_text("_acme-challenge.Example.ORG", ["one", "two"])
    assert reader.texts("_ACME-challenge.example.org") == ("one", "two")
    writer.set_text("_acme-challenge.example.org", ["three"])
    assert reader.texts("_acme-challenge.example.org") == ("three",)
    writer.set_text("_acme-challenge.example.org", [])
    assert reader.texts("_acme-challenge.example.org") == ()


def test_half_a_change_is_no_change(tmp_path: Path) -> None:
    writer, reader = AnswersWriter(tmp_path / "a.db"), AnswersReader(tmp_path / "a.db")
    writer.put(B, BYTES)
    with pytest.raises(TypeError):
        writer.put_many({A: GONE, B: Answer(headers=((b"not", b"text"),))})  # type: ignore[arg-type]
    assert (reader.get(A), reader.get(B)) == (None, BYTES)


def test_a_reader_in_another_process_sees_each_change(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    writer = AnswersWriter(path)
    command = [sys.executable, "-c", CHILD, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for answer in (None, BYTES, GONE):
            if answer is not None:
                writer.put(A, answer)
            child.stdin.write(f"{A}\n")
            child.stdin.flush()
            assert child.stdout.readline() == f"{answer!r}\n"
        child.stdin.close()
        assert child.wait(20) == 0


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    AnswersWriter(tmp_path / "a.db").put(A, GONE)
    reader = AnswersReader(tmp_path / "a.db")
    with pytest.raises(StorageError):
        reader._one("DELETE FROM answer")
    assert reader.get(A) == GONE


def test_a_file_that_is_no_snapshot_is_a_storage_error(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"something else" * 100)
    with pytest.raises(StorageError):
        AnswersWriter(path).clear()
    with pytest.raises(StorageError):
        AnswersReader(path).get(A)


def test_a_file_of_before_is_taken_on(tmp_path: Path) -> None:
    path = tmp_path / "answers"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TABLE answer(token_id TEXT PRIMARY KEY, status INTEGER NOT NULL,"
            " headers TEXT NOT NULL, body BLOB NOT NULL, nxdomain INTEGER NOT NULL)"
        )
        connection.execute("INSERT INTO answer VALUES('old', 200, '[]', x'61', 0)")
        connection.commit()
    AnswersWriter(path).put(TokenId("new"), Answer(posted_to="/next"))
    reader = AnswersReader(path)
    assert reader.get(TokenId("old")) == Answer(body=b"a")
    assert reader.get(TokenId("new")) == Answer(posted_to="/next")
