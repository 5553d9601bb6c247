"""Case 5: the worker alone, on one core: hits of the ledger turned into incidents in SQLite."""

import os
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass

from bench.deployment import ZONE, Deployment
from bench.load import HEADERS
from bench.plan import Plan
from bench.processes import cpu_seconds, until
from bench.report import Report, Row, Series, at_least, ratios
from serinus.base.ids import TokenId
from serinus.ledger.store import LedgerWriter
from serinus.model.touch import Touch

RATE_MIN = 2000
SHARE_MIN = 0.9
"""Of the rate with an empty database that is left with a full one."""
APPEND_BATCH = 2000
BEGIN_SHARE = 0.1
"""Of a round's hits that are not timed: the worker starts meanwhile."""
ROUND_APART_S = 7200
"""Between the times of two rounds' touches, so that none joins an incident of the round before."""
AGE_S = 24 * 3600
RECORD_MAX_S = 300.0


@dataclass(slots=True)
class _Bench:
    """One data folder, and how far it is."""

    deployment: Deployment
    tokens: list[TokenId]
    round: int = 0


def measure_worker(report: Report, plan: Plan) -> None:
    """Compare an empty and a full database, round by round, each first in every other round."""
    empty = _make(plan, "worker-empty", plan.worker_hits)
    full = _make(plan, "worker-full", plan.worker_hits)
    # The first round makes the incidents that the full one's million is copied from.
    for bench in (empty, full):
        _record(bench)
    began = time.monotonic()
    full.deployment.database("fill-incidents", str(plan.stored))
    # What filling left to be written would be written while the first rounds are timed.
    os.sync()
    filled_s = time.monotonic() - began
    found: dict[str, list[tuple[float, float]]] = {"empty": [], "full": []}
    order = [("empty", empty), ("full", full)]
    for _ in range(plan.worker_rounds):
        for name, bench in order:
            found[name].append(_record(bench))
        order.reverse()
    rates, by_cpu = _split(found["empty"])
    full_rates, full_by_cpu = _split(found["full"])
    stored = _one(full, "SELECT count(*) FROM console_incident")
    report.rows.append(
        at_least("Worker: hits turned into incidents, one core", rates, None, RATE_MIN, "per s")
    )
    shares = ratios(full_rates, rates)
    report.rows.append(
        Row(
            f"Worker: the same with {stored:,} incidents stored",
            f"{full_rates.middle:,.0f} per s",
            f"{rates.middle:,.0f} (ours, empty)",
            shares.shown(2),
            f"≥ {SHARE_MIN} × empty",
            shares.middle >= SHARE_MIN,
        )
    )
    report.remarks.append(
        f"Worker, hits per CPU second: {by_cpu.shown()} with an empty database, "
        f"{full_by_cpu.shown()} with {stored:,} incidents, {ratios(full_by_cpu, by_cpu).shown(2)} "
        f"of it; they were stored in {filled_s:.0f} s. "
        "Each hit opens an incident and its alert; there is no destination."
    )


def _split(found: list[tuple[float, float]]) -> tuple[Series, Series]:
    """Return the rates by the clock and by CPU time."""
    return Series([rate for rate, _ in found]), Series([by_cpu for _, by_cpu in found])


def _make(plan: Plan, name: str, count: int) -> _Bench:
    deployment = Deployment(plan.folder(name))
    deployment.prepare()
    deployment.database("mint", str(count))
    with closing(sqlite3.connect(deployment.folder.database)) as connection:
        rows = connection.execute("SELECT token_id FROM console_token ORDER BY id").fetchall()
    return _Bench(deployment, [TokenId(row[0]) for row in rows])


def _record(bench: _Bench) -> tuple[float, float]:
    """Let the worker take one touch of each token; return hits a second, and per CPU second."""
    bench.round += 1
    before = bench.deployment.touches()
    _append(bench)
    hits = len(bench.tokens)
    begin = before + int(hits * BEGIN_SHARE)
    end = before + hits
    with bench.deployment.program("worker") as worker:
        first = until(lambda: _reached(bench, begin), "the worker's first batch", RECORD_MAX_S)
        cpu, at = cpu_seconds(worker.pid), time.monotonic()
        last = until(lambda: _reached(bench, end), "the worker's last batch", RECORD_MAX_S)
        cpu, took = cpu_seconds(worker.pid) - cpu, time.monotonic() - at
    # From "r1-" to before "r1.": the touches of this round.
    of_round = f"touch_id >= 'r{bench.round}-' AND touch_id < 'r{bench.round}.'"
    opened = _one(bench, f"SELECT count(*) FROM console_incidenttouch WHERE {of_round}")  # noqa: S608
    if opened != hits:
        raise AssertionError(f"{hits} hits became {opened} touches of incidents")
    return (last - first) / took, (last - first) / cpu


def _reached(bench: _Bench, seq: int) -> int:
    now = _one(bench, "SELECT coalesce(max(seq), 0) FROM console_ledgercursor")
    return now if now >= seq else 0


def _one(bench: _Bench, statement: str) -> int:
    uri = f"file:{bench.deployment.folder.database}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=10)) as connection:
        return int(connection.execute(statement).fetchone()[0])


def _append(bench: _Bench) -> None:
    """Write one HTTP touch of each token into the ledger, as the edge does."""
    folder = bench.deployment.folder
    folder.ledger.parent.mkdir(exist_ok=True)
    writer = LedgerWriter(folder.ledger, 64 * 1024**3)
    at = time.time() - AGE_S + bench.round * ROUND_APART_S
    touches = [_touch(bench, number, token, at) for number, token in enumerate(bench.tokens)]
    for start in range(0, len(touches), APPEND_BATCH):
        writer.append(touches[start : start + APPEND_BATCH])
    writer.close()


def _touch(bench: _Bench, number: int, token: TokenId, at: float) -> Touch:
    target = f"/assets/{token}/logo.gif"
    host = f"{ZONE}:{bench.deployment.http}"
    headers = [["Host", host], *(line.split(": ", 1) for line in HEADERS)]
    return Touch(
        id=f"r{bench.round}-{number}",
        at=at + number / 1000,
        channel="http",
        transport="tcp",
        source=f"{20 + number % 150}.{number >> 8 & 255}.{number & 255}.7",
        source_port=1024 + number % 60_000,
        tokens=(token,),
        detail={
            "line": f"GET {target} HTTP/1.1",
            "method": "GET",
            "target": target,
            "version": "HTTP/1.1",
            "headers": headers,
            "host": host,
            "body": "",
            "body_size": 0,
            "found": ["path"],
            "local": f"127.0.0.1:{bench.deployment.http}",
            "peer": None,
            "tls": None,
        },
    )
