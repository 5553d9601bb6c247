import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.api.client import APIClient, read
from serinus import __version__
from serinus.console.actions.preferences import Preferences, read_preferences
from serinus.console.deployment import load_deployment
from serinus.ledger.answers import AnswersReader


@pytest.fixture
def processes() -> Iterator[Path]:
    path = load_deployment().folder.root / "run" / "processes.json"
    yield path
    path.unlink(missing_ok=True)


def test_an_owner_changes_preferences_and_everybody_reads_them(
    owner_api: APIClient, colleague_api: APIClient, stranger_api: APIClient
) -> None:
    read(stranger_api.get("preferences"), 401)
    before = read(colleague_api.get("preferences"))
    assert before["digest_s"] == Preferences().digest_s
    read(colleague_api.patch("preferences", {"digest_s": 60}), 403)
    assert read(owner_api.patch("preferences", {"digest_s": 60})) == {**before, "digest_s": 60}
    assert read_preferences().digest_s == 60
    for value in (59, "60", 1.5, True, 2**70):
        assert read(owner_api.patch("preferences", {"digest_s": value}), 422)["field"] == "digest_s"
    assert read(owner_api.patch("preferences", {"other": 1}), 422)["field"] == "other"


def test_a_challenge_is_answered_and_taken_away(owner_api: APIClient) -> None:
    reader = AnswersReader(load_deployment().folder.answers)
    name = "_acme-challenge.files.example"
    found = read(owner_api.ask("PUT", f"challenges/{name.upper()}", {"values": ["abc", "def"]}))
    assert found == {"name": name, "values": ["abc", "def"]}
    assert reader.texts(name) == ("abc", "def")
    read(owner_api.ask("PUT", f"challenges/{name}", {"values": []}))
    assert reader.texts(name) == ()
    reader.close()


def test_a_challenge_outside_our_zones_is_refused(owner_api: APIClient) -> None:
    found = owner_api.ask("PUT", "challenges/_acme-challenge.example", {"values": ["x"]})
    assert read(found, 422)["field"] == "name"
    path = "challenges/_acme-challenge.files.example"
    assert read(owner_api.ask("PUT", path, {"values": ["a b"]}), 422)["field"] == "values.0"
    assert read(owner_api.ask("PUT", path, {"values": ["x"] * 17}), 422)["field"] == "values"


def test_health_says_how_everything_is(colleague_api: APIClient, processes: Path) -> None:
    found = read(colleague_api.get("health"))
    assert found["version"] == __version__ and found["processes"] is None
    assert found["ledger"]["size_max"] > 0 and found["disk"]["free"] > 0
    assert found["database"]["size"] > 0 and found["deliveries"] == {"waiting": 0, "dead": 0}
    written: dict[str, dict[str, object]] = {
        "edge": {"pid": os.getpid(), "started_at": "x", "restarts": 3, "last_end": "status 1"},
        "worker": {"pid": None, "started_at": None, "restarts": 0, "last_end": None},
    }
    processes.write_text(json.dumps(written))
    found = read(colleague_api.get("health"))
    assert found["processes"]["edge"] == {**written["edge"], "running": True}
    assert found["processes"]["worker"]["running"] is False
    assert found["status"] == "degraded"
    assert any("worker does not run" in fault for fault in found["faults"])
    processes.write_text("[")
    assert read(colleague_api.get("health"))["processes"] is None
