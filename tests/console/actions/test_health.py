import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from serinus.base.certificates import make_certificate
from serinus.base.entropy import system_entropy
from serinus.base.settings import Settings
from serinus.console.actions import health
from serinus.console.actions.health import MEBIBYTE, describe_health
from serinus.console.deployment import load_deployment
from serinus.console.models import Alert, Delivery, Destination, LedgerCursor
from serinus.ledger.store import LedgerWriter
from serinus.model.touch import Touch


@pytest.fixture
def ledger() -> Iterator[LedgerWriter]:
    path = load_deployment().folder.ledger
    writer = LedgerWriter(path, 64 * MEBIBYTE)
    yield writer
    writer.close()
    for found in path.parent.iterdir():
        found.unlink()


def test_the_lag_of_the_worker_is_told(ledger: LedgerWriter, now: datetime) -> None:
    ledger.append([Touch(f"t{n}", 1.0, "http", "tcp", "a", 1, (), {}) for n in range(5)])
    LedgerCursor.objects.create(edge="local", seq=3)
    found = describe_health(now)["ledger"]
    assert (found["newest"], found["read"], found["waiting"]) == (5, 3, 2)
    assert found["size"] > 0


def test_a_ledger_that_cannot_be_read_is_a_fault(ledger: LedgerWriter, now: datetime) -> None:
    load_deployment().folder.ledger.write_bytes(b"no database" * 1000)
    found = describe_health(now)
    assert found["ledger"]["newest"] is None and found["ledger"]["waiting"] is None
    assert found["status"] == "degraded" and any("cannot be read" in f for f in found["faults"])


def test_deliveries_are_counted_by_state(now: datetime) -> None:
    where = Destination.objects.create(kind="webhook", name="x")
    for number, state in enumerate(("waiting", "sending", "dead", "delivered")):
        alert = Alert.objects.create(reason="test", number=number, created_at=now)
        Delivery.objects.create(alert=alert, destination=where, state=state, next_at=now)
    found = describe_health(now)
    assert found["deliveries"] == {"waiting": 2, "dead": 1}
    assert any(fault.startswith("1 deliveries were given up") for fault in found["faults"])


def test_a_certificate_near_its_end_is_a_fault(now: datetime) -> None:
    path = load_deployment().folder.trial_certificate
    path.write_text(make_certificate(["files.example"], system_entropy, now)[0])
    found = health._certificate(str(path))
    path.unlink()
    assert found is not None and "files.example" in found["names"]
    ends_at = datetime.fromisoformat(found["ends_at"])
    state = {**describe_health(now), "certificate": found}
    for left, is_fault in ((timedelta(days=15), False), (timedelta(days=13), True)):
        faults = health._faults(state, Settings(), ends_at - left)
        assert any("ends within two weeks" in fault for fault in faults) == is_fault


@pytest.mark.parametrize("text", ["", "[]", "{", '{"edge": 5}', '{"edge": {}}', "\x00"])
def test_a_damaged_account_of_the_processes_counts_as_none(text: str, now: datetime) -> None:
    path = load_deployment().folder.root / "run" / "processes.json"
    path.write_text(text)
    try:
        assert not describe_health(now)["processes"]
    finally:
        path.unlink()


@pytest.mark.parametrize("pid", [None, 0, -1, "1", 2**70, True])
def test_what_is_no_process_id_does_not_run(pid: object, now: datetime) -> None:
    path = load_deployment().folder.root / "run" / "processes.json"
    facts = {"pid": pid, "started_at": None, "restarts": 0, "last_end": None}
    path.write_text(json.dumps({"edge": facts}))
    try:
        assert describe_health(now)["processes"]["edge"]["running"] is False
    finally:
        path.unlink()
