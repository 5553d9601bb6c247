"""Case 8: what a wrapper adds to the time of the program that it runs.

A process in a network of its own starts the bare program and each wrapper in turns (posix_spawn and
wait): where a name server answers at once, and where every packet vanishes. After each run it
leaves the beacon time to end its work, as it has where programs are run by people. All of it runs
at a real-time priority, so that it is the wrapper that is measured, and not what else is running.
"""

import json
import os
import select
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.plan import Plan
from bench.processes import find_program
from bench.report import Report, Row, Series, at_most
from serinus.base.ids import TokenId
from serinus.tokens.catalogue import kind_named
from serinus.tokens.kind import Token, read_options
from serinus.tokens.site import Site

PROGRAM = "/usr/bin/id"
COMPILED_MAX_MS = 1
SCRIPT_MAX_MS = 3
SCRIPT_IN_SILENCE_MAX_MS = 6
PAIRS_PER_ROUND = 40
SETTLE_S = 0.03
ROOT = Path(__file__).parent.parent
SITE = Site("files.example", "http://files.example", bytes(32))
WRAPPERS = {
    "compiled": {"style": "binary"},
    "script, dns": {"style": "script", "via": "dns"},
    "script, http": {"style": "script", "via": "http"},
    "script, both": {"style": "script", "via": "both"},
}
NETWORKS = {"answered": "127.0.0.1", "silent": "192.0.2.66"}
SETUP = """
mount --bind "$1" /etc/resolv.conf
ip link set lo up
ip link add lan type veth peer name cable
ip link set lan arp off up
ip link set cable up
ip address add 192.0.2.20/24 dev lan
shift
exec "$@"
"""


def measure_wrappers(report: Report, plan: Plan) -> None:
    """Add the rows, the slowest way of each style, and a remark with all of them."""
    lacking = [name for name in ("unshare", "ip", "cc", "curl") if find_program(name) is None]
    if os.getuid() != 0 or lacking:
        why = f"lacks {', '.join(lacking) or 'root'}"
        report.rows.append(Row("Wrapper: time added to a program", value=why))
        return
    folder = plan.folder("wrappers")
    programs = {name: _make(folder, name, values) for name, values in WRAPPERS.items()}
    pairs = plan.rounds * PAIRS_PER_ROUND
    added = {name: _run(folder, server, programs, pairs) for name, server in NETWORKS.items()}
    for network, ways in added.items():
        words = ", ".join(
            f"{name} {Series(times).middle:.2f} (95th percentile {_late(times):.2f})"
            for name, times in ways.items()
        )
        report.remarks.append(f"Wrappers, {network}: ms added to `id`, medians: {words}.")
    medians = {
        (network, name): Series(times).middle
        for network, ways in added.items()
        for name, times in ways.items()
    }
    for case, network, style, bound in (
        ("compiled, a name server answers", "answered", "compiled", COMPILED_MAX_MS),
        ("compiled, packets vanish", "silent", "compiled", COMPILED_MAX_MS),
        ("script, a name server answers", "answered", "script", SCRIPT_MAX_MS),
        ("script, packets vanish", "silent", "script", SCRIPT_IN_SILENCE_MAX_MS),
    ):
        slowest = max(
            value
            for (where, name), value in medians.items()
            if where == network and name.startswith(style)
        )
        report.rows.append(
            at_most(f"Wrapper: median time added, {case}", slowest, bound, "ms", digits=2)
        )


def _late(times: list[float]) -> float:
    return sorted(times)[len(times) * 95 // 100]


def _make(folder: Path, name: str, values: dict[str, str]) -> str:
    """Write one wrapper as its steps say, and return where it is."""
    kind = kind_named("wrapper")
    options = read_options(kind, {"program": PROGRAM, **values})
    token = Token(
        TokenId("k3j5h2g9d8s7a6q1w4e5r6t7"), kind.name, "Bench", options, datetime.now(UTC)
    )
    place = folder / name.replace(", ", "-")
    place.mkdir(parents=True)
    found = {artefact.name: artefact for artefact in kind.artefacts(token, SITE)}
    for artefact in found.values():
        if artefact.file_name:
            (place / artefact.file_name).write_bytes(artefact.content())
    path = place / "id"
    if "source" in found:
        told = found["install"].content().decode().partition("# Then")[0]
        subprocess.run(["sh", "-ec", told], cwd=place, check=True, capture_output=True)
    path.chmod(0o755)
    return str(path)


def _run(folder: Path, server: str, programs: dict[str, str], pairs: int) -> dict[str, list[float]]:
    """Return the milliseconds that each wrapper added, pair by pair."""
    resolver = folder / f"resolv-{server}"
    resolver.write_text(f"nameserver {server}\n")
    within = ["unshare", "-nm", "sh", "-ec", SETUP, "sh", str(resolver)]
    inner = [sys.executable, "-m", "bench.wrappers", str(pairs), json.dumps(programs)]
    done = subprocess.run([*within, *inner], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    times: dict[str, list[float]] = json.loads(done.stdout)
    return times


def _time_pairs(pairs: int, programs: dict[str, str]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {name: [] for name in programs}
    for _ in range(pairs):
        for name, path in programs.items():
            bare = _time(PROGRAM)
            found[name].append(_time(path) - bare)
            time.sleep(SETTLE_S)
    return found


def _time(path: str) -> float:
    """Return the milliseconds from the start of a program to its end."""
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    began = time.perf_counter_ns()
    pid = os.posix_spawn(path, ["id"], os.environ, file_actions=quiet)
    os.waitpid(pid, 0)
    return (time.perf_counter_ns() - began) / 1e6


def _answer_all() -> None:
    """Answer every question with 127.0.0.1, and every request with nothing, until killed."""
    names = socket.socket(type=socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    web = socket.create_server(("127.0.0.1", 80))
    while True:
        ready, _, _ = select.select([names, web], [], [])
        if names in ready:
            question, asker = names.recvfrom(512)
            # QR and RA; the question; for A one record that points at its name (RFC 1035 §4.1).
            end = question.index(0, 12) + 5
            is_address = question[end - 3] == 1
            head = question[:2] + b"\x81\x80\0\1\0" + bytes([is_address]) + bytes(4)
            record = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1" if is_address else b""
            names.sendto(head + question[12:end] + record, asker)
        if web in ready:
            connection, _ = web.accept()
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
            connection.close()


def main(words: list[str]) -> None:
    """Measure in this process's network, and print the times as JSON."""
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    answerer = os.fork()
    if answerer == 0:
        _answer_all()
    try:
        print(json.dumps(_time_pairs(int(words[0]), json.loads(words[1]))))
    finally:
        os.kill(answerer, 15)
        os.waitpid(answerer, 0)


if __name__ == "__main__":
    main(sys.argv[1:])
