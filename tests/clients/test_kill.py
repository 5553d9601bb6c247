"""Kills every process of a loaded deployment in random order: what was answered is never lost.

Each request carries a number of its own, so that each answer that a client got can be looked for
in the evidence, and each touch of the ledger in exactly one incident.
"""

import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import dns.message
import pytest

from clients.ground import until
from clients.stack import ZONE, Stack, running
from serinus.ledger.store import LedgerReader

TOKENS = 12
CLIENTS = 4
PAUSE_S = 0.004
"""Between requests of one client: some hundred hits a second in all, also while others work."""


class Client(threading.Thread):
    """Sends numbered requests, each once, and remembers which were answered."""

    def __init__(self, stack: Stack, tokens: list[dict[str, str]], number: int) -> None:
        super().__init__(daemon=True)
        self.stack, self.tokens, self.number = stack, tokens, number
        self.answered: list[str] = []
        self.sent = 0
        self.ending = threading.Event()

    def run(self) -> None:
        send = self._ask_dns if self.number % 2 else self._ask_http
        while not self.ending.is_set():
            nonce = f"n{self.number}x{self.sent}z"
            self.sent += 1
            try:
                if send(random.choice(self.tokens), nonce):
                    self.answered.append(nonce)
            except (OSError, http.client.HTTPException):
                time.sleep(0.02)  # The edge is being started again.
            time.sleep(PAUSE_S)

    def _ask_http(self, token: dict[str, str], nonce: str) -> bool:
        parts = urlsplit(token["url"])
        connection = http.client.HTTPConnection("127.0.0.1", self.stack.http, timeout=2)
        try:
            connection.request("GET", f"{parts.path}?{nonce}", headers={"Host": parts.netloc})
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def _ask_dns(self, token: dict[str, str], nonce: str) -> bool:
        query = dns.message.make_query(f"{nonce}.{token['id']}.{ZONE}", "A").to_wire()
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.settimeout(2)
            sock.connect(("127.0.0.1", self.stack.dns))
            sock.send(query)
            answer = sock.recv(1500)
            # While nobody listens, a socket may be given that very port and hear itself: a query.
            return answer[:2] == query[:2] and bool(answer[2] & 0x80)


def kill_one(stack: Stack, draw: random.Random, kills: Counter[str]) -> None:
    name = draw.choice(("edge", "worker", "console"))
    pid = stack.pid(name)
    if pid is not None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # It ended a moment ago, and is being started again.
        kills[name] += 1


def evidence(stack: Stack) -> list[tuple[str, int, int, str]]:
    """Every place of every touch: touch id, token, incident, raw evidence."""
    with closing(sqlite3.connect(stack.folder.database)) as database:
        return database.execute(
            "SELECT touch_id, token_id, incident_id, evidence FROM console_incidenttouch"
        ).fetchall()


def play(tmp_path: Path, kills_wanted: int, seed: int) -> None:
    draw, kills = random.Random(seed), Counter[str]()
    with running(tmp_path / "data") as stack:
        tokens = [stack.mint(memo=f"token {n}") for n in range(TOKENS)]
        clients = [Client(stack, tokens, n) for n in range(CLIENTS)]
        for client in clients:
            client.start()
        while sum(kills.values()) < kills_wanted:
            time.sleep(draw.uniform(0.1, 1.0))
            kill_one(stack, draw, kills)
        time.sleep(1)
        for client in clients:
            client.ending.set()
        for client in clients:
            client.join(10)
        answered = {nonce for client in clients for nonce in client.answered}

        def nonces() -> Counter[str]:
            return Counter(
                part
                for _, _, _, raw in evidence(stack)
                for part in [_nonce(json.loads(raw)["detail"])]
            )

        until(lambda: _settled(stack), "the last touch of the ledger in an incident")
    rows = evidence(stack)
    counted = nonces()
    sys.stdout.write(
        f"kills {dict(kills)}; sent {sum(c.sent for c in clients)}, answered {len(answered)},"
        f" touches {len(rows)}, lost {len(answered - set(counted))}\n"
    )
    assert not answered - set(counted), "answered, and in no incident"
    assert max(counted.values()) == 1, "a touch is in two places"
    assert len({(touch, token) for touch, token, _, _ in rows}) == len(rows)
    with closing(sqlite3.connect(stack.folder.database)) as database:
        sums = database.execute(
            "SELECT i.touches, count(t.id) FROM console_incident i LEFT JOIN"
            " console_incidenttouch t ON t.incident_id = i.id WHERE i.token_id IS NOT NULL"
            " GROUP BY i.id"
        ).fetchall()
    assert all(told == counted for told, counted in sums)


def _settled(stack: Stack) -> bool:
    """Whether the worker has read the ledger to its end."""
    reader = LedgerReader(stack.folder.ledger)
    try:
        newest = reader.newest()
    finally:
        reader.close()
    with closing(sqlite3.connect(stack.folder.database)) as database:
        return bool(
            database.execute("SELECT max(seq) FROM console_ledgercursor").fetchone()[0] == newest
        )


def _nonce(detail: dict[str, object]) -> str:
    target = detail.get("target")
    if isinstance(target, str):
        return target.partition("?")[2]
    left = detail["left"]
    assert isinstance(left, list)
    return str(left[0])


def test_kill_9_of_any_process_under_load_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    play(tmp_path, kills_wanted=9, seed=20261)


@pytest.mark.slow
def test_many_kills_of_any_process_under_load_lose_nothing(tmp_path: Path) -> None:
    play(tmp_path, kills_wanted=50, seed=20262)
