"""Each kind of token, minted as an operator does and tripped by the client that proves it."""

import os
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from clients.ground import client, until
from clients.stack import Stack, running


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    with running(tmp_path_factory.mktemp("stack") / "data") as found:
        yield found


def run(*words: str) -> str:
    done = subprocess.run(
        [client(words[0]), *words[1:]], capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def headline(stack: Stack, token: dict[str, Any]) -> str:
    (row,) = until(lambda: stack.incidents(f"&token={token['id']}"), "the incident")
    assert (row["memo"], row["kind"]) == (token["memo"], token["kind"])
    return str(row["headline"])


def reach(stack: Stack) -> tuple[str, str]:
    return "--connect-to", f"::127.0.0.1:{stack.http}"


def test_curl_trips_a_web_token(stack: Stack) -> None:
    token = stack.mint("web", memo="The link in the wiki")
    run("curl", "-sS", "-A", "somebody", "-o", os.devnull, *reach(stack), token["url"])
    assert headline(stack, token).endswith("with somebody")


def test_wget_trips_a_web_token(stack: Stack) -> None:
    token = stack.mint("web", memo="The link in a script")
    path = token["url"].partition(f":{stack.http}")[2]
    run("wget", "-q", "-O", os.devnull, f"http://127.0.0.1:{stack.http}{path}")
    assert "Wget" in headline(stack, token)


def test_dig_trips_a_dns_token(stack: Stack) -> None:
    token = stack.mint("dns", memo="A host name in a configuration")
    answer = run("dig", "@127.0.0.1", "-p", str(stack.dns), "+short", f"db01.{token['hostname']}")
    assert answer.strip() == "127.0.0.1"
    assert headline(stack, token).startswith("A lookup of db01.")


def test_curl_follows_a_redirect_token(stack: Stack) -> None:
    target = f"http://files.example:{stack.http}/nothing-here"
    token = stack.mint("redirect", memo="The old address of the portal", target=target)
    seen = run(
        *("curl", "-sS", "-L", "-o", os.devnull, "-w", "%{num_redirects} %{url_effective}"),
        *(*reach(stack), token["url"]),
    )
    assert seen == f"1 {target}"
    assert headline(stack, token).startswith("GET for ")
