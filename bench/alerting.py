"""Case 4: from a touch to its alert at a webhook, through edge, ledger, worker and outbox."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from bench.deployment import Deployment
from bench.plan import Plan
from bench.processes import free_port
from bench.report import Report, Row

RATE = 100
"""Hits a second."""
WARM_HITS = 50
ARRIVE_MAX_S = 30.0
MEDIAN_MAX_MS = 100.0
P99_MAX_MS = 1000.0
MINT_MAX = 1000
REPLY = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@dataclass(slots=True)
class _Watch:
    """When each token was hit, and when its alerts came."""

    hit_at: dict[str, float] = field(default_factory=dict)
    told_at: dict[str, list[float]] = field(default_factory=dict)

    def untold(self) -> int:
        return sum(memo not in self.told_at for memo in self.hit_at)


def measure_alerts(report: Report, plan: Plan) -> None:
    """Hit distinct tokens at a steady pace and time the alerts."""
    deployment = Deployment(plan.folder("alerts"))
    count = int(RATE * plan.alert_s)
    sink = free_port()
    with deployment.serving():
        url = f"http://127.0.0.1:{sink}/alerts"
        deployment.api(
            "POST",
            "destinations",
            {"kind": "webhook", "name": "bench", "settings": {"url": url}},
        )
        tokens = mint(deployment, [f"alert {n}" for n in range(WARM_HITS + count)])
        watch = asyncio.run(_run(tokens, sink, deployment.http))
    warm = {token["memo"] for token in tokens[:WARM_HITS]}
    delays = sorted(
        (watch.told_at[memo][0] - at) * 1000
        for memo, at in watch.hit_at.items()
        if memo in watch.told_at and memo not in warm
    )
    told = sum(len(times) for times in watch.told_at.values())
    median, p99 = delays[len(delays) // 2], delays[int(len(delays) * 0.99)]
    exact = told == len(tokens) and not watch.untold()
    report.rows.append(
        Row(
            f"Touch to webhook at {RATE} hits/s on distinct tokens",
            f"median {median:.0f} ms, p99 {p99:.0f} ms",
            "",
            f"{delays[0]:.0f} to {delays[-1]:.0f} ms; {told} alerts for {len(tokens)} hits",
            f"median ≤ {MEDIAN_MAX_MS:.0f} ms, p99 ≤ {P99_MAX_MS:.0f} ms, each once",
            exact and median <= MEDIAN_MAX_MS and p99 <= P99_MAX_MS,
        )
    )


def mint(deployment: Deployment, memos: list[str], kind: str = "web") -> list[dict[str, Any]]:
    """Mint tokens through the bulk API, and return them in the order of their memos."""
    found: list[dict[str, Any]] = []
    for at in range(0, len(memos), MINT_MAX):
        wanted = [{"kind": kind, "memo": memo} for memo in memos[at : at + MINT_MAX]]
        found += deployment.api("POST", "tokens/bulk", {"tokens": wanted})["items"]
    return found


async def _run(tokens: list[dict[str, Any]], sink: int, http: int) -> _Watch:
    watch = _Watch()
    senders: list[asyncio.StreamWriter] = []

    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        senders.append(writer)
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                size = head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]
                alert = json.loads(await reader.readexactly(int(size)))
                watch.told_at.setdefault(alert["memo"], []).append(time.monotonic())
                writer.write(REPLY)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(receive, "127.0.0.1", sink)
    async with server, asyncio.TaskGroup() as group:
        start = time.monotonic()
        for number, token in enumerate(tokens):
            await asyncio.sleep(start + number / RATE - time.monotonic())
            group.create_task(_hit(token, http, watch))
        until = time.monotonic() + ARRIVE_MAX_S
        while watch.untold() and time.monotonic() < until:
            await asyncio.sleep(0.05)
        # Whatever is told twice comes soon after.
        await asyncio.sleep(1.0)
        # Python 3.11 waits for no handler, and would say of each that it was cut off.
        for sender in senders:
            sender.close()
        await asyncio.sleep(0.1)
    return watch


async def _hit(token: dict[str, Any], http: int, watch: _Watch) -> None:
    parts = urlsplit(token["url"])
    reader, writer = await asyncio.open_connection("127.0.0.1", http)
    try:
        watch.hit_at[token["memo"]] = time.monotonic()
        writer.write(
            f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUser-Agent: bench\r\n"
            "Connection: close\r\n\r\n".encode()
        )
        answer = await reader.read()
        if b" 200 " not in answer[:16]:
            raise RuntimeError(f"a hit was answered {answer[:60]!r}, not {HTTPStatus.OK}")
    finally:
        writer.close()
