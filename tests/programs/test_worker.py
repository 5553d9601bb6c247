"""The worker as a process, with real receivers on loopback; the test stands in for the edge."""

import json
import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

from clients.ground import free_port, until
from net.receivers import Quiet, receiving
from serinus.base.folder import DataFolder
from serinus.base.ids import TokenId
from serinus.ledger.store import LedgerWriter
from serinus.model.touch import Touch

SEED = Path(__file__).with_name("seed.py")
SIZE = 1024**3
STOP_MAX_S = 30.0
SILENCE_MAX_S = 25.0
"""Less than the worker waits for a mail server's greeting."""


class Bench:
    """A data folder with tokens and destinations, its ledger, and a worker that comes and goes."""

    def __init__(self, root: Path, tokens: int, *destinations: tuple[str, dict[str, Any]]) -> None:
        self.folder = DataFolder(root)
        self.log = root.with_name(root.name + ".log")
        made = subprocess.run(
            [sys.executable, str(SEED), str(root)],
            input=json.dumps({"tokens": tokens, "destinations": destinations}),
            capture_output=True,
            text=True,
            check=True,
        )
        self.tokens: list[str] = json.loads(made.stdout)
        self.writer = LedgerWriter(self.folder.ledger, SIZE)
        self.process: subprocess.Popen[bytes] | None = None
        self._count = self.seen_before = 0

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "serinus.programs.worker", str(self.folder.root)],
                stderr=log,
            )

    def kill(self) -> None:
        assert self.process is not None and self.process.poll() is None, self.words()
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_MAX_S)

    def touch(self, *tokens: str, source: str = "192.0.2.1") -> None:
        """Let the edge see a touch of each of these tokens."""
        rows = []
        for token in tokens:
            self._count += 1
            detail = {"method": "GET", "target": "/x", "headers": [["Host", "files.example"]]}
            at, name = time.time(), f"touch-{self._count}"
            rows.append(Touch(name, at, "http", "tcp", source, 4711, (TokenId(token),), detail))
        self.writer.append(rows)

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.folder.database}?mode=ro", uri=True, timeout=10)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def count(self, statement: str) -> int:
        return int(self.ask(f"SELECT count(*) FROM {statement}")[0][0])  # noqa: S608

    def words(self) -> str:
        return self.log.read_text()[-4000:]

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.writer.close()


@pytest.fixture
def receiver() -> Iterator[Quiet]:
    with receiving() as server:
        yield server


@pytest.fixture
def benches() -> Iterator[list[Bench]]:
    made: list[Bench] = []
    yield made
    for bench in made:
        bench.close()


def documents(receiver: Quiet) -> list[dict[str, Any]]:
    return [json.loads(body) for _, _, _, body in list(receiver.seen)]


def hook(receiver: Quiet, path: str = "/") -> tuple[str, dict[str, Any]]:
    return "webhook", {"url": receiver.url(path)}


def test_a_touch_is_an_alert_and_the_end_loses_nothing(
    tmp_path: Path, receiver: Quiet, benches: list[Bench]
) -> None:
    bench = Bench(tmp_path / "data", 3, hook(receiver))
    benches.append(bench)
    bench.touch(bench.tokens[0])
    bench.start()
    until(lambda: receiver.seen, "the alert of what was there before")
    bench.touch(bench.tokens[1], bench.tokens[1])
    until(lambda: len(receiver.seen) == 2, "the alert of what came later")
    one, two = documents(receiver)
    assert (one["memo"], two["memo"]) == ("memo 0", "memo 1")
    assert one["source"]["address"] == "192.0.2.1" and one["reason"] == "opened"
    assert one["link"].endswith(f"/incidents/{one['incident']}")
    assert not any(token in json.dumps(one) for token in bench.tokens)
    until(lambda: bench.count("console_delivery WHERE state = 'delivered'") == 2, "both marks")
    bench.touch(*bench.tokens * 400)
    assert bench.stop() == 0, bench.words()
    assert bench.count("console_incidenttouch") == 3 + 1200
    assert bench.count("console_delivery WHERE state = 'sending'") == 0


def test_a_worker_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, receiver: Quiet, benches: list[Bench]
) -> None:
    bench = Bench(tmp_path / "data", 150, hook(receiver))
    benches.append(bench)
    chance = random.Random(7)
    for _ in range(4):
        bench.seen_before = bench.count("console_incidenttouch")
        bench.start()
        until(lambda: touch_until_recorded(bench), "the first touch of this worker")
        for _ in range(chance.randrange(5, 25)):
            touch_one(bench)
            time.sleep(chance.random() * 0.02)
        bench.kill()
    bench.start()
    sent = bench._count
    until(lambda: bench.count("console_incidenttouch") == sent, "every touch")
    until(lambda: bench.count("console_delivery WHERE state != 'delivered'") == 0, "every delivery")
    assert bench.stop() == 0, bench.words()
    assert bench.count("(SELECT DISTINCT touch_id FROM console_incidenttouch)") == sent
    assert bench.ask("SELECT sum(touches) FROM console_incident WHERE kind = 'web'") == [(sent,)]
    assert bench.ask("SELECT sum(touches) FROM console_token") == [(sent,)]
    # One source at one token is one incident, and each is told once, though perhaps twice sent.
    pairs = bench.count("(SELECT DISTINCT token_id, source FROM console_incidenttouch)")
    told = Counter(d["incident"] for d in documents(receiver) if d["reason"] == "opened")
    opened = bench.ask("SELECT id FROM console_incident WHERE kind = 'web'")
    assert len(opened) == pairs and {str(pk) for (pk,) in opened} <= told.keys()
    ids = {d["id"] for d in documents(receiver) if d["reason"] == "opened"}
    assert len(ids) == bench.count("console_alert WHERE reason = 'opened'")


def touch_until_recorded(bench: Bench) -> bool:
    """Touch once more, and say whether the worker has recorded more than were there before."""
    touch_one(bench)
    return bench.count("console_incidenttouch") > bench.seen_before


def touch_one(bench: Bench) -> None:
    """A touch of the next token."""
    bench.touch(bench.tokens[bench._count % len(bench.tokens)])


class Mailbox:
    """What a mail server was given."""

    def __init__(self) -> None:
        self.seen: list[bytes] = []

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        self.seen.append(envelope.content)
        return "250 taken"


def mail(port: int) -> tuple[str, dict[str, Any]]:
    return "email", {
        "to": "team@files.example",
        "sender": "alerts@files.example",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
    }


def test_a_mail_server_that_never_speaks_delays_no_other_destination(
    tmp_path: Path, receiver: Quiet, benches: list[Bench]
) -> None:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        dead, alive = mail(silent.getsockname()[1]), mail(controller.port)
        bench = Bench(tmp_path / "data", 15, dead, alive, hook(receiver))
        benches.append(bench)
        bench.start()
        for token in bench.tokens:
            bench.touch(token)
        until(lambda: len(receiver.seen) == 15, "every webhook", SILENCE_MAX_S)
        until(lambda: len(mailbox.seen) == 15, "every mail", SILENCE_MAX_S)
        # The silent one still holds its first letter: nobody has waited for it.
        assert bench.count("console_delivery WHERE last_error != ''") == 0
        assert bench.stop() == 0, bench.words()
    controller.stop()
    message = message_from_bytes(mailbox.seen[0], policy=policy.default)
    assert message["To"] == "team@files.example" and "memo 0" in message.as_string()
    assert bench.count("console_delivery WHERE state = 'delivered'") == 30
    # What was on its way to the silent one is taken up again at the next start.
    assert bench.count("console_delivery WHERE state != 'delivered'") == 15


def test_a_dead_letter_is_told_at_the_other_destination(
    tmp_path: Path, receiver: Quiet, benches: list[Bench]
) -> None:
    bench = Bench(tmp_path / "data", 2, hook(receiver, "/bad"), hook(receiver, "/good"))
    benches.append(bench)
    bench.start()
    bench.touch(*bench.tokens)
    until(lambda: any(d["reason"] == "alarm" for d in documents(receiver)), "the alarm")
    until(lambda: bench.count("console_delivery WHERE state = 'dead'") == 2, "both dead letters")
    assert bench.stop() == 0, bench.words()
    told = [path for _, path, _, body in receiver.seen if json.loads(body)["reason"] == "alarm"]
    assert told == ["/good"]


def test_a_damaged_database_ends_it_with_one_sentence(tmp_path: Path, benches: list[Bench]) -> None:
    bench = Bench(tmp_path / "data", 0)
    benches.append(bench)
    for path in bench.folder.database.parent.glob("serinus.db*"):
        path.write_bytes(b"this is no database" * 500)
    bench.start()
    assert bench.process is not None and bench.process.wait(STOP_MAX_S) == 1
    (line,) = bench.words().splitlines()
    assert "is damaged" in json.loads(line)["message"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_full_disk_under_the_database_is_told_from_memory_and_recovers(
    tmp_path: Path, receiver: Quiet, benches: list[Bench]
) -> None:
    state = tmp_path / "data" / "state"
    state.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(state)], check=True)
    try:
        bench = Bench(tmp_path / "data", 5, hook(receiver))
        benches.append(bench)
        bench.start()
        bench.touch(bench.tokens[0])
        until(lambda: any(d["reason"] == "opened" for d in documents(receiver)), "the first alert")
        fill(state / "filler")
        for _ in range(10):
            bench.touch(*bench.tokens * 100)
        told = until(lambda: find_outage(receiver), "the alarm from memory")
        assert "no writes" in told["headline"] and told["incident"] == ""
        assert bench.count("console_incidenttouch") < 5001
        assert bench.process is not None and bench.process.poll() is None
        (state / "filler").unlink()
        until(lambda: bench.count("console_incidenttouch") == 5001, "what was kept meanwhile")
        until(lambda: bench.ask(DATABASE_ALARM) == [("closed",)], "the end of the alarm")
        assert bench.stop() == 0, bench.words()
        assert sum(d["incident"] == "" for d in documents(receiver)) == 1
        assert bench.count("(SELECT DISTINCT touch_id FROM console_incidenttouch)") == 5001
        bench.close()
    finally:
        subprocess.run(["umount", "-l", str(state)], check=True)


DATABASE_ALARM = "SELECT state FROM console_incident WHERE place = 'alarm database'"


def find_outage(receiver: Quiet) -> dict[str, Any] | None:
    return next((d for d in documents(receiver) if d["incident"] == ""), None)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with path.open("wb", buffering=0) as file:
        for size in (65536, 512):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
