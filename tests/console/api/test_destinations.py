from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest

from console.api.client import APIClient, read, trip
from serinus.console.actions.deliveries import mark_dead
from serinus.console.models import Delivery, Destination

SECRET = "a secret of sixteen"
WEBHOOK = {"url": "https://hooks.example/x", "secret": SECRET}


@pytest.fixture
def added(owner_api: APIClient) -> Any:
    given = {"kind": "webhook", "name": "the hook", "settings": WEBHOOK}
    return read(owner_api.post("destinations", given), 201)


class Receiver(BaseHTTPRequestHandler):
    """Refuses whatever is posted, in its own words."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(418)
        self.end_headers()
        self.wfile.write(b"I am a teapot")

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture
def receiver() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join(10)


def test_every_kind_is_listed_with_its_settings(colleague_api: APIClient) -> None:
    found = {k["name"]: k for k in read(colleague_api.get("destination-kinds"))["items"]}
    assert set(found) == {"email", "webhook", "apprise"}
    settings = {s["name"]: s for s in found["webhook"]["settings"]}
    assert settings["url"]["required"] and settings["secret"]["secret"]


def test_a_destination_is_added_shown_changed_and_removed(
    added: Any, colleague_api: APIClient, stranger_api: APIClient
) -> None:
    path = f"destinations/{added['id']}"
    read(stranger_api.get(path), 401)
    read(stranger_api.ask("DELETE", path), 401)
    assert read(colleague_api.get(path)) == added
    assert read(colleague_api.get("destinations"))["items"] == [added]
    url = "https://other.example/"
    assert read(colleague_api.patch(path, {"settings": {"url": url}})) == added
    assert Destination.objects.get().settings == {"url": url, "secret": SECRET}
    assert read(colleague_api.patch(path, {"enabled": False}))["enabled"] is False
    assert read(colleague_api.patch(path, {"name": "new"}))["name"] == "new"
    assert colleague_api.ask("DELETE", path).status_code == 204
    read(colleague_api.get(path), 404)
    read(colleague_api.ask("DELETE", path), 404)


def test_a_secret_is_never_shown_and_a_masked_one_stays(added: Any, owner_api: APIClient) -> None:
    assert SECRET not in str(added) and added["settings"]["secret"]
    path = f"destinations/{added['id']}"
    assert read(owner_api.patch(path, {"settings": added["settings"]})) == added
    assert Destination.objects.get().settings == WEBHOOK


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "pigeon", "name": "x", "settings": {}}, "kind"),
        ({"kind": "webhook", "name": "", "settings": WEBHOOK}, "name"),
        ({"kind": "webhook", "name": "x", "settings": {}}, "url"),
        ({"kind": "webhook", "name": "x", "settings": {**WEBHOOK, "url": "x"}}, "url"),
        ({"kind": "webhook", "name": "x", "settings": {**WEBHOOK, "more": "x"}}, "more"),
        ({"kind": "webhook", "name": "x"}, "settings"),
        ({"kind": "webhook", "name": "x", "settings": []}, "settings"),
    ],
    ids=str,
)
def test_a_wrong_value_is_named_and_adds_nothing(
    given: dict[str, Any], field: str, owner_api: APIClient
) -> None:
    assert read(owner_api.post("destinations", given), 422)["field"] == field
    assert not Destination.objects.exists()


def test_a_test_says_what_the_guard_or_the_server_says(receiver: str, owner_api: APIClient) -> None:
    given = {"kind": "webhook", "name": "x", "settings": {**WEBHOOK, "url": receiver}}
    path = f"destinations/{read(owner_api.post('destinations', given), 201)['id']}"
    found = read(owner_api.post(f"{path}/test"))
    assert found["outcome"] in ("again", "give_up") and found["words"]
    assert read(owner_api.get(path))["last_outcome"] == found["words"]
    assert read(owner_api.get(path))["failures"] == 1
    read(owner_api.post("destinations/99/test"), 404)


def test_deliveries_are_listed_and_dead_ones_sent_again(
    added: Any, owner_api: APIClient, now: datetime
) -> None:
    incident = trip(owner_api.mint()["id"], now)
    path = f"destinations/{added['id']}/deliveries"
    (found,) = read(owner_api.get(path))["items"]
    assert (found["incident"], found["state"], found["reason"]) == (incident, "waiting", "opened")
    again = f"deliveries/{found['id']}/resend"
    assert "under way" in read(owner_api.post(again), 409)["detail"]
    mark_dead(found["id"], "410 Gone", now)
    (dead,) = read(owner_api.get(path))["items"]
    assert (dead["state"], dead["last_error"], dead["next_at"]) == ("dead", "410 Gone", None)
    assert read(owner_api.post(again))["state"] == "waiting"
    assert Delivery.objects.get().attempts == 0
    read(owner_api.post("deliveries/999/resend"), 404)
