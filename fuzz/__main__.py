"""`python -m fuzz [NAME ...]`: run each harness for `FUZZ_SECONDS` (30), and say what came of it.

With Atheris (coverage-guided; `make fuzz` installs it where there is one for this Python), else
with Hypothesis. An input that breaks the law stays in `fuzz/crashes/`; run it again with
`python -m fuzz --input FILE NAME`. Mending begins with a test beside the parser that shows it.
"""

import argparse
import importlib.util
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from fuzz.parsers import HARNESSES

HERE = Path(__file__).parent
CRASHES, CORPUS = HERE / "crashes", HERE / "corpus"
SECONDS = int(os.environ.get("FUZZ_SECONDS", "30"))
INPUT_SIZE_MAX = 4096
"""Bytes of one input; the seeds have tens."""
INPUT_TIME_MAX_S = 5
"""A parser that takes this long for one input has no bound."""
MEMORY_MAX_MIB = 1024
GRACE_S = 60


def main() -> int:
    """Run the harnesses; returns 1 when one of them found a fault."""
    words = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    words.add_argument("--input", type=Path, help="run this one input and nothing else")
    words.add_argument("names", nargs="*", help=f"of {', '.join(HARNESSES)}; default: all")
    given = words.parse_args()
    names = given.names or list(HARNESSES)
    unknown = set(names) - set(HARNESSES)
    if unknown:
        words.error(f"there is no harness {', '.join(sorted(unknown))}")
    if given.input:
        for name in names:
            HARNESSES[name].fuzz(given.input.read_bytes())
        return 0
    CRASHES.mkdir(exist_ok=True)
    engine = "atheris" if importlib.util.find_spec("atheris") else "hypothesis"
    print(f"{len(names)} harnesses, {SECONDS} s each, with {engine}", flush=True)
    return max([_run(name, engine) for name in names])


def _run(name: str, engine: str) -> int:
    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(HARNESSES[name].seeds):
        (corpus / f"seed-{number}").write_bytes(seed)
    before = set(CRASHES.iterdir())
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", f"fuzz.{engine}_engine", name, *_flags(name, engine)],
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        timeout=SECONDS + GRACE_S,
    )
    found = sorted(path.name for path in set(CRASHES.iterdir()) - before)
    said = done.stdout + done.stderr
    counted = re.findall(r"(?:number_of_executed_units: |Done |executions: )(\d+)", said)
    count = f"{int(counted[-1]):,}" if counted else "?"
    fault = bool(found) or done.returncode != 0
    print(
        f"{name:13} {count:>12} executions in {time.monotonic() - began:.0f} s, "
        f"{len(found)} crashes {' '.join(found)}",
        flush=True,
    )
    if fault:
        lines = [line for line in said.splitlines() if not line.startswith("INFO: ")]
        print("\n".join(lines)[-3000:], flush=True)
    return int(fault)


def _flags(name: str, engine: str) -> list[str]:
    if engine == "hypothesis":
        return [str(SECONDS), str(CRASHES)]
    return [
        f"-max_total_time={SECONDS}",
        f"-max_len={INPUT_SIZE_MAX}",
        f"-timeout={INPUT_TIME_MAX_S}",
        f"-rss_limit_mb={MEMORY_MAX_MIB}",
        f"-artifact_prefix={CRASHES}/{name}-",
        "-print_final_stats=1",
        "-verbosity=0",
        str(CORPUS / name),
    ]


if __name__ == "__main__":
    sys.exit(main())
