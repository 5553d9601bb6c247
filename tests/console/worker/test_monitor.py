import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from serinus.base.certificates import make_certificate
from serinus.base.folder import DataFolder
from serinus.base.settings import Settings
from serinus.console.actions import incidents
from serinus.console.actions.alarms import open_alarms
from serinus.console.models import Alert, Delivery, Destination, Incident
from serinus.console.worker.monitor import Monitor
from serinus.ledger.store import LedgerReader, LedgerWriter
from serinus.model.touch import Touch
from serinus.programs.first_start import prepare

BOUND = 4 * 1024 * 1024
MINUTE = timedelta(minutes=1)


class Watch:
    """A monitor and what it watches; small disks of the machine are none of its business."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.folder = DataFolder(root)
        self.settings = Settings(data=str(root), ledger_size_max=4, **settings)
        prepare(self.folder, self.settings)
        self.reader = LedgerReader(self.folder.ledger)
        self.writer = LedgerWriter(self.folder.ledger, 4 * BOUND)
        self.monitor = Monitor(self.folder, self.settings, self.reader)

    def look(self, now: datetime) -> set[str]:
        """What alarms are open once it has looked."""
        self.monitor.look(now)
        return open_alarms() - {"disk space"}

    def say(self, **processes: Any) -> None:
        path = self.folder.root / "run" / "processes.json"
        path.write_text(json.dumps(processes))

    def close(self) -> None:
        self.reader.close()
        self.writer.close()


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    made = Watch(tmp_path / "data")
    yield made
    made.close()


def fill(watch: Watch, now: datetime, share: float) -> None:
    """Append until the ledger has this share of its bound."""
    some = [
        Touch(f"{n}", now.timestamp(), "http", "tcp", "", 0, (), {"x": "y" * 1000})
        for n in range(20)
    ]
    while watch.reader.filled() < share * BOUND:
        watch.writer.append(some)


def empty(watch: Watch, share: float) -> None:
    """Prune until it has no more than this share."""
    while watch.reader.filled() > share * BOUND:
        watch.reader.prune(watch.reader.read(0, 1)[0][0] + 20)


def test_without_trouble_there_is_no_alarm(watch: Watch, now: datetime) -> None:
    assert watch.look(now) == set()
    watch.writer.append([])
    assert watch.look(now) == set()


def test_a_ledger_near_its_bound_is_an_alarm_until_it_is_well_below(
    watch: Watch, now: datetime
) -> None:
    fill(watch, now, 0.78)
    assert watch.look(now) == set()
    fill(watch, now, 0.82)
    assert "ledger size" in watch.look(now)
    assert "ledger size" in watch.look(now + MINUTE)
    assert Incident.objects.get(place="alarm ledger size").touches == 1
    empty(watch, 0.75)
    assert "ledger size" in watch.look(now)
    empty(watch, 0.68)
    assert "ledger size" not in watch.look(now)
    found = Incident.objects.get(place="alarm ledger size")
    assert found.state == "closed" and "of its 4 MiB" in found.headline


def test_a_ledger_that_takes_no_writes_is_an_alarm(watch: Watch, now: datetime) -> None:
    fill(watch, now, 1.1)
    assert {"ledger writing", "ledger size"} <= watch.look(now)
    empty(watch, 0.1)
    assert watch.look(now) == set()


def test_an_alarm_that_a_person_closed_stays_closed_while_it_lasts(
    watch: Watch, now: datetime
) -> None:
    watch.monitor.ledger_fault = "It cannot be read."
    assert watch.look(now) == {"ledger reading"}
    incidents.close(Incident.objects.get(headline="It cannot be read.").pk, None, now)
    assert watch.look(now) == set()
    watch.monitor.ledger_fault = ""
    assert watch.look(now) == set()
    watch.monitor.ledger_fault = "Again."
    assert watch.look(now) == {"ledger reading"}


def test_another_monitor_knows_what_is_open(watch: Watch, now: datetime) -> None:
    watch.monitor.ledger_fault = "It cannot be read."
    watch.look(now)
    watch.monitor = Monitor(watch.folder, watch.settings, watch.reader)
    watch.monitor.ledger_fault = "It cannot be read."
    assert watch.look(now) == {"ledger reading"}
    assert Incident.objects.get(place="alarm ledger reading").touches == 1
    watch.monitor = Monitor(watch.folder, watch.settings, watch.reader)
    assert watch.look(now) == set()


def test_a_process_that_was_started_again_is_an_alarm_until_it_is_steady(
    watch: Watch, now: datetime
) -> None:
    one = {"pid": 1, "started_at": now.isoformat(), "restarts": 0, "last_end": None}
    watch.say(edge=one, worker=one)
    assert watch.look(now) == set()
    watch.say(edge={**one, "restarts": 1, "last_end": "SIGKILL"}, worker=one)
    assert watch.look(now + MINUTE) == {"process edge"}
    assert "SIGKILL" in Incident.objects.get(place="alarm process edge").headline
    assert watch.look(now + 11 * MINUTE) == set()


@pytest.mark.parametrize("text", ["", "[]", '{"edge": 5}', '{"edge": {"restarts": "x"}}'])
def test_what_the_supervisor_has_not_written_well_is_no_alarm(
    watch: Watch, now: datetime, text: str
) -> None:
    (watch.folder.root / "run" / "processes.json").write_text(text)
    assert watch.look(now) == set()


def test_a_certificate_that_ends_soon_or_cannot_be_read_is_an_alarm(
    watch: Watch, now: datetime, tmp_path: Path
) -> None:
    path = tmp_path / "chain.pem"
    path.write_text(make_certificate(("files.example",), lambda size: bytes(size), now)[0])
    settings = replace(watch.settings, certificate=str(path), certificate_key=str(path))
    watch.monitor = Monitor(watch.folder, settings, watch.reader)
    assert watch.look(now) == set()
    assert watch.look(now + timedelta(days=360)) == {"certificate"}
    assert watch.look(now) == set()
    path.write_text("no certificate")
    assert watch.look(now) == {"certificate"}
    path.unlink()
    watch.look(now)
    assert "chain.pem" in Incident.objects.get(state="new", place="alarm certificate").headline


def test_a_destination_that_fails_for_long_is_an_alarm_at_the_others(
    watch: Watch, now: datetime
) -> None:
    bad = Destination.objects.create(kind="email", name="mail", failures=3, last_outcome="451 no")
    good = Destination.objects.create(kind="webhook", name="hook")
    alert = Alert.objects.create(reason="opened", created_at=now)
    Delivery.objects.create(alert=alert, destination=bad, next_at=now)
    assert watch.look(now + MINUTE) == set()
    assert watch.look(now + 16 * MINUTE) == {f"destination {bad.pk}"}
    told = Delivery.objects.filter(alert__reason="alarm", alert__body__kind="alarm")
    told = told.filter(alert__incident__place=f"alarm destination {bad.pk}")
    assert [d.destination_id for d in told] == [good.pk]
    Destination.objects.filter(pk=bad.pk).update(failures=0)
    assert watch.look(now + 17 * MINUTE) == set()
