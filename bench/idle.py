"""Case 7: a first start until its first answered hit, and what doing nothing costs."""

import http.client
import time
from pathlib import Path

from bench.deployment import ZONE, Deployment
from bench.plan import Plan
from bench.processes import cpu_seconds, memory, tree, until
from bench.report import Report, at_most
from serinus.base.entropy import system_entropy
from serinus.base.ids import read_keys

RSS_MAX_MIB = 350
CORE_MAX_PERCENT = 1
START_MAX_S = 5
SETTLE_S = 10.0
"""After the Console answers, before the watch begins."""


def measure_idle(report: Report, plan: Plan) -> None:
    """Start on an empty folder, then watch."""
    deployment = Deployment(plan.folder("idle"))
    began = time.monotonic()
    with deployment.whole() as up:
        until(lambda: deployment.folder.id_keys.exists(), "the id keys")
        until(lambda: _hit(deployment), "the first answered hit")
        started_s = time.monotonic() - began
        until(deployment.answers_api, "the Console")
        console_s = time.monotonic() - began
        time.sleep(SETTLE_S)
        before = {pid: cpu_seconds(pid, False) for pid in tree(up.pid)}
        time.sleep(plan.idle_s)
        shares = {
            pid: (cpu_seconds(pid, False) - spent) / plan.idle_s * 100
            for pid, spent in before.items()
        }
        share = sum(shares.values())
        held = memory(up.pid)
        parts = [
            f"{_name(pid)} {memory(pid, False).rss:.0f} MiB {shares[pid]:.2f} %" for pid in shares
        ]
    report.rows.append(
        at_most("Idle: all processes together, sum of RSS", held.rss, RSS_MAX_MIB, "MiB")
    )
    report.rows.append(at_most("Idle: share of one core", share, CORE_MAX_PERCENT, "%", digits=2))
    report.rows.append(
        at_most("First start of `up` to first answered hit", started_s, START_MAX_S, "s", digits=1)
    )
    report.remarks.append(
        f"Idle: RSS {held.rss:.0f} MiB, PSS {held.pss:.0f} MiB ({', '.join(parts)}); the Console "
        f"answered {console_s:.1f} s after a first start."
    )


def _hit(deployment: Deployment) -> bool:
    keys = read_keys(deployment.folder.id_keys.read_text())
    connection = http.client.HTTPConnection("127.0.0.1", deployment.http, timeout=5)
    try:
        path = f"/assets/{keys.mint(system_entropy)}/logo.gif"
        connection.request("GET", path, headers={"Host": ZONE})
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _name(pid: int) -> str:
    """Return which of our programs a process is."""
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    named = [word.removeprefix("serinus.programs.") for word in words if "serinus.programs" in word]
    return named[0] if named else words[0].rpartition("/")[2]
