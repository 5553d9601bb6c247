"""`python -m bench [--quick] [CASE ...]`: measure, print one table, write `RESULTS.md`.

The bench reports and does not gate: a missed target is a word in the table, not an exit status.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.alerting import measure_alerts
from bench.fronts import measure_dns, measure_http
from bench.idle import measure_idle
from bench.machine import describe_machine
from bench.million import measure_tokens
from bench.plan import Plan, quick
from bench.recording import measure_worker
from bench.report import Report
from bench.wrappers import measure_wrappers

CASES: dict[str, Callable[[Report, Plan], None]] = {
    "dns": measure_dns,
    "http": measure_http,
    "alerts": measure_alerts,
    "worker": measure_worker,
    "tokens": measure_tokens,
    "idle": measure_idle,
    "wrappers": measure_wrappers,
}


def main() -> None:
    """Run the cases that were asked for, or all."""
    words = argparse.ArgumentParser(prog="make bench", description=__doc__)
    words.add_argument("--quick", action="store_true", help="about three minutes; writes no file")
    words.add_argument("--scratch", default="/var/tmp", help="folder on the disk to measure")
    words.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)}; default: all")
    given = words.parse_args()
    unknown = set(given.cases) - set(CASES)
    if unknown:
        words.error(f"there is no case {', '.join(sorted(unknown))}")
    began = time.monotonic()
    report = Report()
    with tempfile.TemporaryDirectory(prefix="serinus-bench-", dir=given.scratch) as scratch:
        # The peers run as another user and must reach their folders.
        Path(scratch).chmod(0o711)
        plan = quick(Path(scratch)) if given.quick else Plan(Path(scratch))
        facts = describe_machine(plan.scratch)
        for name, case in CASES.items():
            if not given.cases or name in given.cases:
                report.run(name, partial(case, report, plan))
    took = f"{time.monotonic() - began:.0f} s"
    facts.append(("Rounds", f"{plan.rounds} interleaved, {plan.round_s:g} s each; took {took}"))
    print("\n".join(f"{name}: {value}" for name, value in facts), "", report.table(), "", sep="\n")
    print("\n".join(report.remarks))
    if not given.quick and not given.cases:
        report.write(facts)


if __name__ == "__main__":
    main()
