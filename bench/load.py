"""The load generators: dnsperf and wrk, on the cores that the servers leave them."""

import re
import subprocess
from pathlib import Path
from typing import NamedTuple

from bench.processes import LOAD_CORES, cpu_seconds

CLIENTS = 16
OUTSTANDING = 200
CONNECTIONS = 64
GRACE_S = 30.0

HEADERS = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/webp,*/*;q=0.8",
    "Accept-Language: en-GB,en;q=0.5",
    "Accept-Encoding: gzip, deflate",
    "Upgrade-Insecure-Requests: 1",
    "Sec-Fetch-Dest: document",
    "Connection: close",
)
WRK = """
local requests, count = {{}}, 0
init = function()
  for path in io.lines("{paths}") do
    count = count + 1
    requests[count] = wrk.format("GET", path)
  end
end
local at = 0
request = function()
  at = at % count + 1
  return requests[at]
end
"""


class Round(NamedTuple):
    """One run of load at one server.

    Attributes:
        answered: Answers that came.
        wrong: Answers of another kind than expected, and requests without one.
        cpu_s: What the server ran meanwhile.
        latency_ms: Mean (dnsperf) or median (wrk), as the generator says it.
    """

    answered: int
    wrong: int
    cpu_s: float
    latency_ms: float

    @property
    def rate(self) -> float:
        """Answers per second of the server's processor."""
        return self.answered / self.cpu_s


def ask_dns(pid: int, port: int, queries: Path, seconds: float) -> Round:
    """Ask as fast as the server answers; EDNS on, 16 clients, 200 queries outstanding."""
    before = cpu_seconds(pid)
    text = _run(
        *("dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(queries), "-e"),
        *("-l", f"{seconds:g}", "-c", str(CLIENTS), "-q", str(OUTSTANDING)),
        *("-T", "1", "-b", "4096"),
        seconds=seconds,
    )
    cpu_s = cpu_seconds(pid) - before
    answered = int(_find(r"Queries completed:\s+(\d+)", text))
    lost = int(_find(r"Queries lost:\s+(\d+)", text))
    right = int(_find(r"NOERROR (\d+)", text))
    latency = float(_find(r"Average Latency \(s\):\s+([\d.]+)", text))
    return Round(answered, lost + answered - right, cpu_s, latency * 1000)


def ask_http(pid: int, port: int, script: Path, seconds: float) -> Round:
    """Ask on a new connection each time, with the headers of a browser, 64 at once."""
    before = cpu_seconds(pid)
    headers = [word for header in HEADERS for word in ("-H", header)]
    text = _run(
        *("wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency"),
        *("-s", str(script), *headers, f"http://127.0.0.1:{port}/"),
        seconds=seconds,
    )
    cpu_s = cpu_seconds(pid) - before
    answered = int(_find(r"(\d+) requests in", text))
    wrong = int(_find(r"Non-2xx or 3xx responses: (\d+)", text, "0"))
    # wrk counts a reply that ends with the connection as read whole; other errors are lost ones.
    errors = re.search(
        r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text
    )
    lost = sum(map(int, errors.groups())) if errors else 0
    number, unit = re.search(r"50%\s+([\d.]+)(us|ms|s)", text).groups()  # type: ignore[union-attr]
    return Round(
        answered, wrong + lost, cpu_s, float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[unit]
    )


def write_paths(folder: Path, name: str, paths: list[str]) -> Path:
    """Write wrk's script that asks for these paths in turn."""
    listed = folder / f"{name}.txt"
    listed.write_text("\n".join(paths) + "\n")
    script = folder / f"{name}.lua"
    script.write_text(WRK.format(paths=listed))
    return script


def _run(*command: str, seconds: float) -> str:
    cores = ",".join(map(str, LOAD_CORES))
    return subprocess.run(
        ["taskset", "-c", cores, *command],
        capture_output=True,
        text=True,
        check=True,
        timeout=seconds + GRACE_S,
    ).stdout


def _find(pattern: str, text: str, default: str | None = None) -> str:
    found = re.search(pattern, text)
    if found:
        return found.group(1)
    if default is None:
        raise ValueError(f"the load generator did not say {pattern!r}: {text[-500:]}")
    return default
