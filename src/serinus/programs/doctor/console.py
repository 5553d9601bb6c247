"""What the doctor asks the Console: where alerts go, and one touch by each primitive of its own.

The self-trip plants a token, touches it as an intruder would, and waits until its touches stand in
an incident. Nobody is alarmed: the token's one destination is a switched-off one, and both are gone
afterwards.
"""

import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import urlsplit

from serinus.base.clock import monotonic_time
from serinus.base.entropy import system_entropy
from serinus.base.errors import OperatorError, RemoteProtocolError
from serinus.base.settings import Listen, Settings, read_listen
from serinus.base.untrusted import readable
from serinus.net.resolver import ask
from serinus.programs.doctor.check import Check, fail, ok, skipped, warn
from serinus.wire.dns import Type

MEMO = "Self-trip of `serinus doctor`: a moment, then it is gone"
NOWHERE = "https://doctor.invalid/"
"""RFC 6761: a name that leads nowhere."""
NONCE_SIZE = 6
ANSWER_S = 10.0
APPEAR_S = 20.0
"""From an answered touch to its incident; usually a fraction of a second."""
POLL_S = 0.2
WORDS_MAX = 300
"""Characters of what a server said that are shown."""
_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class API(Protocol):
    """The Console's API; every method raises OperatorError where it is refused or not reached."""

    def get(self, *path: object, **query: object) -> Any:
        """Return what stands at a path."""

    def post(self, *path: object, body: Any = None) -> Any:
        """Return what a POST of a JSON body gives."""

    def patch(self, *path: object, body: Any) -> Any:
        """Return what a PATCH with a JSON body gives."""

    def delete(self, *path: object) -> Any:
        """Return what a DELETE gives."""

    def items(self, *path: object, **query: object) -> Iterator[dict[str, Any]]:
        """Yield the items of every page."""


def check_destinations(api: API, send_test: bool) -> list[Check]:
    """Tell of every destination how its last alert went, or how a test goes now."""
    name = "destinations"
    try:
        found = [row for row in api.items("destinations") if row["enabled"]]
        if not found:
            return [
                warn(
                    name,
                    "There is no destination: alerts are seen in the Console alone.",
                    "Add one: serinus destination add --help",
                )
            ]
        return [_check_destination(api, row, send_test) for row in found]
    except OperatorError as error:
        return [skipped(name, error.sentence)]


def _check_destination(api: API, row: Mapping[str, Any], send_test: bool) -> Check:
    name = readable(f"destination {row['name']}")
    remedy = f"serinus destination test {row['id']}"
    if send_test:
        outcome = api.post("destinations", row["id"], "test")
        words = readable(str(outcome["words"]), WORDS_MAX)
        if outcome["outcome"] == "delivered":
            return ok(name, f"A test was delivered: {words}")
        return fail(
            name, f"A test was not delivered: {words}", "Mend its settings, then try again."
        )
    words = readable(str(row["last_outcome"]), WORDS_MAX)
    if row["failures"]:
        return fail(name, f"The last {row['failures']} attempts failed: {words}", remedy)
    if row["last_at"] is None:
        return warn(name, "Nothing was ever sent there.", remedy)
    return ok(name, f"At {row['last_at']} it took an alert: {words}")


def check_self_trip(api: API, settings: Settings, resolver: Listen | None) -> list[Check]:
    """Touch a token of our own by HTTP and DNS; proves edge, ledger, worker and incident."""
    name = "self-trip"
    try:
        with planted(api) as token:
            return _trip(api, settings, token, resolver)
    except OperatorError as error:
        return [skipped(name, error.sentence)]


@contextmanager
def planted(api: API) -> Iterator[Mapping[str, Any]]:
    """Plant a token that alarms nobody, and leave nothing of it but its closed incident."""
    destination = api.post(
        "destinations",
        body={"kind": "webhook", "name": "serinus doctor", "settings": {"url": NOWHERE}},
    )["id"]
    try:
        api.patch("destinations", destination, body={"enabled": False})
        token = api.post(
            "tokens", body={"kind": "web", "memo": MEMO, "destinations": [destination]}
        )
        try:
            yield token
        finally:
            # First the token, so that nothing comes after the incidents are closed.
            api.delete("tokens", token["id"])
            for incident in api.items("incidents", token=token["id"]):
                api.post("incidents", incident["id"], "close")
    finally:
        api.delete("destinations", destination)


def _trip(
    api: API, settings: Settings, token: Mapping[str, Any], resolver: Listen | None
) -> list[Check]:
    checks: list[Check] = []
    waiting: dict[str, str] = {}
    for way, touch in _ways(settings, token, resolver):
        name, nonce = f"self-trip by {way}", system_entropy(NONCE_SIZE).hex()
        try:
            touch(nonce)
            waiting[nonce] = name
        except (OSError, RemoteProtocolError, http.client.HTTPException) as error:
            said = readable(str(error) or type(error).__name__, WORDS_MAX)
            checks.append(fail(name, f"There was no answer: {said}.", _remedy(way)))
    began = monotonic_time()
    while waiting and monotonic_time() - began < APPEAR_S:
        evidence = _evidence(api, token)
        for nonce in [n for n in waiting if n in evidence]:
            took = monotonic_time() - began
            sentence = f"It was answered, and stood in its incident after {took:.1f} s."
            checks.append(ok(waiting.pop(nonce), sentence))
        if waiting:
            time.sleep(POLL_S)
    checks += [
        fail(
            name,
            f"It was answered, but stood in no incident after {APPEAR_S:.0f} s.",
            "The touch is in the ledger and is not lost: look at the worker's log.",
        )
        for name in waiting.values()
    ]
    return checks


def _remedy(way: str) -> str:
    if way.startswith("DNS through"):
        return "See what is said of the delegation above."
    return "See what is said of processes and ports above, and at the edge's log."


def _ways(
    settings: Settings, token: Mapping[str, Any], resolver: Listen | None
) -> Iterator[tuple[str, Callable[[str], object]]]:
    """Yield each way to the token: its name, and a function that goes it with a nonce."""
    path = urlsplit(token["url"]).path
    host = urlsplit(token["url"]).netloc
    if settings.http:
        http_at = _local(settings.http[0])
        yield "HTTP", lambda nonce: _fetch(http_at, f"{path}?{nonce}", host, None)
    if settings.https:
        https_at = _local(settings.https[0])
        yield "HTTPS", lambda nonce: _fetch(https_at, f"{path}?{nonce}", host, settings.zones[0])
    if settings.dns:
        dns_at = _local(settings.dns[0])
        name = token["hostname"]
        yield "DNS", lambda nonce: ask(dns_at, f"{nonce}.{name}", Type.A, recursion=False)
        yield (
            "DNS on TCP",
            lambda nonce: ask(dns_at, f"{nonce}.{name}", Type.A, recursion=False, tcp=True),
        )
    if resolver is not None:
        name = token["hostname"]
        yield f"DNS through {resolver}", lambda nonce: ask(resolver, f"{nonce}.{name}", Type.A)


def _local(text: str) -> Listen:
    """Return how this machine itself reaches what listens there."""
    found = read_listen(text, "listen")
    return Listen(_ANY_ADDRESS.get(found.address, found.address), found.port)


def _fetch(where: Listen, target: str, host: str, server_name: str | None) -> None:
    """Fetch a URL from one listener, whatever the name in it leads to; raises OSError."""
    connection = http.client.HTTPConnection(where.address, where.port, timeout=ANSWER_S)
    try:
        connection.connect()
        if server_name is not None:
            context = ssl.create_default_context()
            # Whether clients trust the certificate is a check of its own.
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection.sock = context.wrap_socket(connection.sock, server_hostname=server_name)
        connection.request("GET", target, headers={"Host": host, "User-Agent": "doctor"})
        connection.getresponse().read()
    finally:
        connection.close()


def _evidence(api: API, token: Mapping[str, Any]) -> str:
    """Return every touch of the token as text; names may come in any case (0x20)."""
    return "".join(
        json.dumps(touch).lower()
        for incident in api.items("incidents", token=token["id"])
        for touch in api.items("incidents", incident["id"], "touches")
    )
