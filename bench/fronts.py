"""Cases 1 to 3: the edge against Knot and nginx, answers per second of the server's processor."""

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.deployment import ZONE, Deployment
from bench.load import Round, ask_dns, ask_http, write_paths
from bench.peers import knot, nginx
from bench.plan import Plan
from bench.processes import find_program
from bench.report import Report, Row, Series, at_least, ratios
from serinus.model.front import read_front

NAMES = 50_000
ANSWERS = 100
"""Tokens that are there besides those hit, with an answer of their own."""
WARM_S = 1.0
SEED = 1

Ask = Callable[[float], Round]
"""Loads one server for so many seconds."""


class _Sides(NamedTuple):
    """Who takes turns."""

    ours: Ask
    interpreted: Ask
    theirs: Ask


_PACKAGES = {"knotd": "knot", "nginx": "nginx-light"}


def measure_dns(report: Report, plan: Plan) -> None:
    """Noise of our ids' shape, and hits of which each is durable before its answer."""
    cases = {"noise": "DNS noise, id-shaped", "hits": "DNS hits, durable before the answer"}
    if _skip(report, list(cases.values()), "knotd", "dnsperf"):
        return
    deployment, plain = _deployments(plan, "dns")
    files = _write_queries(deployment, plan)
    with (
        deployment.edge() as edge,
        plain.edge() as plain_edge,
        knot(plan.scratch) as (peer, port),
    ):
        for name, bound in (("noise", 0.5), ("hits", 0.2)):
            queries = files[name]

            def ours(seconds: float, queries: Path = queries) -> Round:
                return ask_dns(edge.pid, deployment.dns, queries, seconds)

            def interpreted(seconds: float, queries: Path = queries) -> Round:
                return ask_dns(plain_edge.pid, plain.dns, queries, seconds)

            def theirs(seconds: float, queries: Path = queries) -> Round:
                return ask_dns(peer.pid, port, queries, seconds)

            sides = _Sides(ours, interpreted, theirs)
            _compare(report, plan, deployment, cases[name], bound, sides, name == "hits")


def measure_http(report: Report, plan: Plan) -> None:
    """Hits on new connections against a static picture of the same bytes."""
    case = "HTTP hits on new connections, durable before the answer"
    if _skip(report, [case], "nginx", "wrk"):
        return
    deployment, plain = _deployments(plan, "http")
    for one in (deployment, plain):
        one.answer(one.ids(ANSWERS))
    pixel = bytes.fromhex(read_front(deployment.folder.front.read_text()).pixel)
    ids = deployment.ids(NAMES)
    hits = write_paths(plan.scratch, "hits", [f"/assets/{i}/pixel.gif" for i in ids])
    # The same length, and a path that nginx serves without any rule.
    static = write_paths(plan.scratch, "static", [f"/assets/pixel.gif?{i}" for i in ids])
    with (
        deployment.edge() as edge,
        plain.edge() as plain_edge,
        nginx(plan.scratch, pixel) as (peer, port),
    ):

        def ours(seconds: float) -> Round:
            return ask_http(edge.pid, deployment.http, hits, seconds)

        def interpreted(seconds: float) -> Round:
            return ask_http(plain_edge.pid, plain.http, hits, seconds)

        def theirs(seconds: float) -> Round:
            return ask_http(peer.pid, port, static, seconds)

        sides = _Sides(ours, interpreted, theirs)
        _compare(report, plan, deployment, case, 0.5, sides, True)


def _compare(
    report: Report,
    plan: Plan,
    deployment: Deployment,
    case: str,
    bound: float,
    sides: _Sides,
    durable: bool,
) -> None:
    for side in sides:
        side(WARM_S)
    found: list[tuple[Round, Round]] = []
    plain: list[Round] = []
    before = deployment.touches()
    for _ in range(plan.rounds):
        plain.append(sides.interpreted(plan.round_s))
        found.append((sides.ours(plan.round_s), sides.theirs(plan.round_s)))
    kept = deployment.touches() - before
    answered = sum(one.answered for one, _ in found)
    if kept < answered if durable else kept:
        raise AssertionError(f"{answered} answers and {kept} touches in the ledger")
    report.rows.append(
        at_least(
            case,
            Series([one.rate for one, _ in found]),
            Series([other.rate for _, other in found]),
            bound,
            "per CPU second",
        )
    )
    latency = Series([one.latency_ms for one, _ in found])
    theirs_ms = Series([other.latency_ms for _, other in found])
    wall = Series([one.answered / plan.round_s for one, _ in found])
    theirs_wall = Series([other.answered / plan.round_s for _, other in found])
    report.remarks.append(
        f"{case}: ours {wall.shown()} a second by the clock at {latency.shown(2)} ms, peer "
        f"{theirs_wall.shown()} at {theirs_ms.shown(2)} ms; lost or wrong: ours "
        f"{sum(one.wrong for one, _ in found)}, peer {sum(other.wrong for _, other in found)}"
        + (f"; {kept} touches in the ledger for {answered} answers" if durable else "")
        + "."
    )
    interpreted = Series([one.rate for one in plain])
    ratio = ratios(interpreted, Series([other.rate for _, other in found]))
    report.remarks.append(
        f"{case}, interpreted: {interpreted.shown()} per CPU second, {ratio.shown(2)} × peer."
    )


def _deployments(plan: Plan, name: str) -> tuple[Deployment, Deployment]:
    """Return two that are ready, as it ships and interpreted; the one not asked idles."""
    both = Deployment(plan.folder(name)), Deployment(plan.folder(f"{name}-interpreted"), False)
    for one in both:
        one.prepare()
    # The same ids for both, so that the same queries hit.
    shutil.copy(both[0].folder.id_keys, both[1].folder.id_keys)
    return both


def _skip(report: Report, cases: list[str], *programs: str) -> bool:
    missing = [name for name in programs if find_program(name) is None]
    if missing:
        why = "needs " + ", ".join(_PACKAGES.get(name, name) for name in missing)
        report.rows.extend(Row(case, value=why) for case in cases)
    return bool(missing)


def _write_queries(deployment: Deployment, plan: Plan) -> dict[str, Path]:
    """Write names under our zone: half in mixed case, every tenth asked for AAAA."""
    draw = random.Random(SEED)
    shape = deployment.keys.shape
    noise = ["".join(draw.choices(shape.alphabet, k=shape.length)) for _ in range(NAMES)]
    files = {}
    for name, labels in (("noise", noise), ("hits", deployment.ids(NAMES))):
        lines = []
        for number, label in enumerate(labels):
            text = f"{label}.{ZONE}"
            if number % 2:
                text = "".join(draw.choice((c.lower(), c.upper())) for c in text)
            lines.append(f"{text} {'A' if number % 10 else 'AAAA'}")
        files[name] = plan.scratch / f"{name}-queries.txt"
        files[name].write_text("\n".join(lines) + "\n")
    return files
