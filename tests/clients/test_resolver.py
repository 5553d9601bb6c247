"""Tokens looked up through a real recursive resolver: unbound, as Debian ships it, on loopback."""

import subprocess
from collections.abc import Iterator

import pytest

from clients.ground import client, free_port, until
from clients.stack import ZONE, Stack, running
from serinus.base.ids import read_keys


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("stack") / "data", address=("127.0.0.1", "::1")) as stack:
        yield stack


@pytest.fixture(scope="module", params=["plain", "strict", "0x20"])
def resolver(
    request: pytest.FixtureRequest, stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[int]:
    """A resolver to which our zone is delegated, and to which no other server is known."""
    root, port = tmp_path_factory.mktemp("unbound"), free_port()
    extra = {
        "plain": "qname-minimisation: yes",
        "strict": "qname-minimisation: yes\n qname-minimisation-strict: yes",
        "0x20": "use-caps-for-id: yes",
    }[request.param]
    config = root / "unbound.conf"
    config.write_text(
        f"""
server:
 interface: 127.0.0.1@{port}
 username: ""
 chroot: ""
 directory: "{root}"
 pidfile: "{root}/unbound.pid"
 use-syslog: no
 logfile: "{root}/unbound.log"
 do-daemonize: no
 do-not-query-localhost: no
 module-config: "iterator"
 local-zone: "{ZONE}." nodefault
 {extra}
stub-zone:
 name: "{ZONE}"
 stub-addr: 127.0.0.1@{stack.dns}
"""
    )
    process = subprocess.Popen([client("unbound"), "-c", str(config)])
    try:
        until(lambda: ask(port, f"ns.{ZONE}") is not None, "unbound")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def ask(port: int, name: str, kind: str = "A") -> str | None:
    """Return the answer as dig prints it, or None while there is no resolver."""
    done = subprocess.run(
        [client("dig"), "@127.0.0.1", "-p", str(port), "+time=5", "+tries=1", name, kind],
        capture_output=True,
        text=True,
    )
    return done.stdout if done.returncode == 0 else None


def test_a_look_up_through_a_resolver_is_an_incident(stack: Stack, resolver: int) -> None:
    token = stack.mint("dns", memo=f"asked through {resolver}")
    answer = ask(resolver, f"web01.{token['hostname']}")
    assert answer is not None
    assert "status: NOERROR" in answer
    assert "127.0.0.1" in answer
    (row,) = until(lambda: stack.incidents(f"&token={token['id']}"), "the incident")
    assert row["memo"] == token["memo"]

    def labels() -> set[str]:
        found = stack.api("GET", f"incidents/{row['id']}/touches")["items"]
        return {label.lower() for t in found for label in t["evidence"]["detail"]["left"]}

    assert until(lambda: "web01" in labels(), "the label that rode along")


def test_other_types_are_answered_and_nothing_is_out_of_order(stack: Stack, resolver: int) -> None:
    token = stack.mint("dns", memo="other types")
    for kind, words in (("AAAA", "::1"), ("TXT", "ANSWER: 0"), ("MX", "ANSWER: 0")):
        answer = ask(resolver, token["hostname"], kind)
        assert answer is not None
        assert "status: NOERROR" in answer, (kind, answer)
        assert words in answer, (kind, answer)


def test_live_dead_and_unknown_names_are_told_alike(stack: Stack, resolver: int) -> None:
    live = stack.mint("dns", memo="live")
    dead = stack.mint("dns", memo="dead")
    stack.api("DELETE", f"tokens/{dead['id']}")
    keys = read_keys(stack.folder.id_keys.read_text())
    last = live["id"][-1]
    other = next(c for c in keys.shape.alphabet if c != last)
    names = (live["hostname"], dead["hostname"], f"{live['id'][:-1]}{other}.{ZONE}")
    told = set()
    for name in names:
        answer = ask(resolver, f"x.{name}") or ""
        lines = [
            line.replace(name, "NAME")
            for line in answer.splitlines()
            if line.startswith(("x.", ";; ->>HEADER"))
        ]
        told.add("\n".join(line.partition(", id:")[0] for line in lines))
    assert len(told) == 1, told
