"""Case 6: a deployment with a million tokens: its edge, its bulk mint, its lists and searches."""

import socket
import time
from collections.abc import Callable

from bench.alerting import MINT_MAX
from bench.deployment import ZONE, Deployment
from bench.plan import Plan
from bench.processes import memory
from bench.report import Report, Row, Series, at_least, at_most
from serinus.base.ids import TokenId

FEW = 1000
"""Tokens of the comparison: enough that the edge has its snapshot open."""
GROWTH_MAX = 1.05
MINT_RATE_MIN = 500
PAGE_MAX_MS = 300.0
HITS = 20_000
"""Hits before the edge is weighed, the same for both, on as many ids as there are."""
PIPELINED = 25
PER_CONNECTION = 50
"""Requests on one connection; every dialect allows more."""
MINT_CALLS = 10
PAGE_CALLS = 15


def measure_tokens(report: Report, plan: Plan) -> None:
    """Weigh the edge before and after, then ask the Console."""
    deployment = Deployment(plan.folder("tokens"))
    deployment.prepare()
    deployment.database("fill-tokens", str(FEW))
    few = _weigh_edge(deployment, _stored_ids(deployment))
    began = time.monotonic()
    deployment.database("fill-tokens", str(plan.stored))
    report.remarks.append(f"{plan.stored:,} tokens stored in {time.monotonic() - began:.0f} s.")
    full = _weigh_edge(deployment, _stored_ids(deployment))
    ratio = full / few
    report.rows.append(
        Row(
            f"Edge memory with {plan.stored:,} tokens",
            f"{full:.1f} MiB",
            f"{few:.1f} (ours, {FEW:,} tokens)",
            f"{ratio:.3f}",
            f"≤ {GROWTH_MAX} × few",
            ratio <= GROWTH_MAX,
        )
    )
    cookie = deployment.database("session")
    with deployment.serving():
        report.rows.append(_mint(deployment, plan))
        _ask_pages(report, deployment, plan, cookie)


def _mint(deployment: Deployment, plan: Plan) -> Row:
    rates = []
    for call in range(MINT_CALLS):
        wanted = [{"kind": "web", "memo": f"bulk {call} {n}"} for n in range(MINT_MAX)]
        began = time.monotonic()
        items = deployment.api("POST", "tokens/bulk", {"tokens": wanted})["items"]
        rates.append(len(items) / (time.monotonic() - began))
    case = f"Bulk mint through the API with {plan.stored:,} tokens stored"
    return at_least(case, Series(rates), None, MINT_RATE_MIN, "per s")


def _ask_pages(report: Report, deployment: Deployment, plan: Plan, cookie: str) -> None:
    first = deployment.api("GET", "tokens?limit=50")
    deep = plan.stored // 2
    searches = {
        "newest": "",
        "deep": f"cursor={deep}",
        "kind": "kind=redirect",
        "state": "state=disabled",
        "common word": "text=invoice",
        "two words": "text=invoice+host",
        "one token": f"text=number+{deep}",
        "id": f"text={first['items'][0]['id']}",
        "no match": "text=nowhere",
    }
    for title, path, with_cookie in (
        ("API", "/api/tokens?limit=50&", ""),
        ("page", "/tokens?", cookie),
    ):
        slowest: tuple[float, str] = (0.0, "")
        medians = []
        for name, query in searches.items():

            def ask(query: str = query, path: str = path, cookie: str = with_cookie) -> None:
                status, text = deployment.ask("GET", path + query, cookie=cookie)
                if status != 200:
                    raise RuntimeError(f"{path}{query}: {status} {text[:200]!r}")

            times = _times_ms(ask)
            medians.append(f"{name} {times[len(times) // 2]:.0f}")
            slowest = max(slowest, (times[int(len(times) * 0.95)], name))
        case = f"Token list and search, {title}, {plan.stored:,} tokens: p95 of the slowest"
        report.rows.append(at_most(f"{case} ({slowest[1]})", slowest[0], PAGE_MAX_MS, "ms"))
        report.remarks.append(f"Tokens, {title}, medians in ms: {', '.join(medians)}.")


def _times_ms(ask: Callable[[], None]) -> list[float]:
    """Return how long each call took, the shortest first."""
    times = []
    for _ in range(PAGE_CALLS):
        began = time.monotonic()
        ask()
        times.append((time.monotonic() - began) * 1000)
    return sorted(times)


def _stored_ids(deployment: Deployment) -> list[TokenId]:
    ids = [TokenId(text) for text in deployment.database("ids", str(HITS)).split()]
    return [ids[number % len(ids)] for number in range(HITS)]


def _weigh_edge(deployment: Deployment, ids: list[TokenId]) -> float:
    """Return the MiB that an edge holds after a fixed number of hits; the ledger is thrown away."""
    with deployment.edge() as edge:
        for at in range(0, len(ids), PER_CONNECTION):
            _hit(deployment.http, ids[at : at + PER_CONNECTION])
        held = memory(edge.pid).rss
    for path in deployment.folder.ledger.parent.iterdir():
        path.unlink()
    return held


def _hit(port: int, ids: list[TokenId]) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as sock:
        sock.settimeout(30)
        for at in range(0, len(ids), PIPELINED):
            part = ids[at : at + PIPELINED]
            sock.sendall(
                b"".join(
                    f"GET /a/{i}/logo.gif HTTP/1.1\r\nHost: {ZONE}\r\n\r\n".encode() for i in part
                )
            )
            seen = b""
            while seen.count(b"HTTP/1.1 ") < len(part):
                data = sock.recv(1 << 20)
                if not data:
                    raise ConnectionError("the edge closed a connection that it might keep")
                seen += data
