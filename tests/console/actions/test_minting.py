import shlex
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from serinus.base.errors import OperatorError, StorageError
from serinus.base.ids import TokenId
from serinus.base.settings import Settings
from serinus.console.actions import minting
from serinus.console.actions.minting import (
    MintRequest,
    change_token,
    describe_token,
    find_artefacts,
    mint,
    mint_many,
    read_token,
    republish_answers,
    show_time,
    trip_commands,
)
from serinus.console.actions.tokens import delete_tokens, set_enabled
from serinus.console.deployment import load_deployment
from serinus.console.models import Destination, Token, TokenFile, User
from serinus.ledger.answers import AnswersReader
from serinus.model.answer import Answer
from serinus.tokens.kinds.web import WebOptions

TARGET = {"target": "https://www.example.com/"}
FILE = {"surface": "file", "body": b"%PDF" * 1000, "file_name": "plan.pdf"}


def answer_of(row: Token) -> Answer | None:
    reader = AnswersReader(load_deployment().folder.answers)
    try:
        return reader.get(TokenId(row.token_id))
    finally:
        reader.close()


def test_a_token_has_an_id_of_ours_and_who_minted_it(owner: User, now: datetime) -> None:
    row = mint(MintRequest("web", " the wiki "), owner, now)
    keys = load_deployment().keys
    assert keys.recognise(row.token_id.encode()) == row.token_id
    assert (row.memo, row.kind, row.created_by, row.created_at) == ("the wiki", "web", owner, now)


def test_what_a_token_answers_stays_whatever_becomes_of_it(now: datetime) -> None:
    row = mint(MintRequest("redirect", "x", TARGET), None, now)
    answer = answer_of(row)
    assert answer is not None and answer.status == 302
    set_enabled([row.pk], False)
    delete_tokens([row.pk], now)
    assert answer_of(row) == answer


def test_where_the_answers_cannot_be_written_nothing_is_minted(now: datetime) -> None:
    path = load_deployment().folder.answers
    path.unlink(missing_ok=True)
    path.mkdir()
    try:
        with pytest.raises(StorageError):
            mint(MintRequest("redirect", "x", TARGET), None, now)
        assert not Token.objects.exists()
    finally:
        path.rmdir()


def test_many_are_minted_in_order_or_none(now: datetime) -> None:
    where = Destination.objects.create(kind="webhook", name="one")
    rows = mint_many(
        [MintRequest("web", "a", destinations=[where.pk]), MintRequest("dns", "b")], None, now
    )
    assert [row.memo for row in rows] == ["a", "b"] and list(rows[0].destinations.all()) == [where]
    for wrong, field in (
        (MintRequest("web", ""), "tokens.1.memo"),
        (MintRequest("no", "x"), "tokens.1.kind"),
        (MintRequest("redirect", "x"), "tokens.1.target"),
        (MintRequest("web", "x", destinations=[99]), "destinations"),
    ):
        with pytest.raises(OperatorError) as caught:
            mint_many([MintRequest("web", "good"), wrong], None, now)
        assert caught.value.field == field
    assert Token.objects.count() == 2


def test_a_file_lies_beside_its_token_and_is_read_only_where_it_is_needed(now: datetime) -> None:
    pk = mint(MintRequest("web", "x", FILE), None, now).pk
    row = Token.objects.get(pk=pk)
    assert row.options["body"] == {"size": 4000}
    whole = read_token(row).options
    assert isinstance(whole, WebOptions) and whole.body == FILE["body"]
    before = describe_token(row)
    TokenFile.objects.all().delete()
    assert describe_token(Token.objects.get(pk=pk)) == before
    assert before["url"].endswith("/plan.pdf")


def test_artefacts_and_their_description_agree(now: datetime) -> None:
    row = mint(MintRequest("web", "x"), None, now)
    shown = describe_token(row)["artefacts"]
    assert [(a["name"], a["value"]) for a in shown] == [
        (a.name, a.value) for a in find_artefacts(row)
    ]
    assert shown[0]["download"] == f"/api/tokens/{row.token_id}/artefacts/url"


def test_a_change_is_whole_or_not_at_all(now: datetime) -> None:
    row = mint(MintRequest("web", "x"), None, now)
    where = Destination.objects.create(kind="webhook", name="one")
    for values in ({"memo": ""}, {"memo": "\x00"}, {"destinations": [where.pk, 99]}):
        given: dict[str, Any] = {"memo": "y", "enabled": False, **values}
        with pytest.raises(OperatorError) as caught:
            change_token(row, **given)
        assert caught.value.field in values
    fresh = Token.objects.get(pk=row.pk)
    assert (fresh.memo, fresh.enabled, list(fresh.destinations.all())) == ("x", True, [])
    assert change_token(row, memo="y", enabled=False, destinations=[where.pk]).memo == "y"
    assert list(row.destinations.all()) == [where]
    delete_tokens([row.pk], now)
    with pytest.raises(Token.DoesNotExist):
        change_token(row, enabled=True)


def test_a_change_of_settings_keeps_what_the_worker_counts(now: datetime) -> None:
    row = mint(MintRequest("web", "x"), None, now)
    Token.objects.filter(pk=row.pk).update(touches=7)
    change_token(row, enabled=False)
    assert Token.objects.get(pk=row.pk).touches == 7


def test_lost_answers_are_written_again_and_others_stay(
    now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minting, "REPUBLISH_BATCH", 2)
    monkeypatch.setattr(minting, "REPUBLISH_SIZE", 3000)
    rows = mint_many([MintRequest("redirect", "x", TARGET)] * 5, None, now)
    rows += mint_many([MintRequest("web", "x", FILE)] * 2 + [MintRequest("dns", "x")], None, now)
    broken = mint(MintRequest("redirect", "x", TARGET), None, now)
    Token.objects.filter(pk=broken.pk).update(options={})
    kept = answer_of(broken)
    for row in rows[1:]:
        load_deployment().answers.remove(TokenId(row.token_id))
    assert answer_of(rows[2]) is None
    assert republish_answers() == 7
    assert all(answer_of(row) is not None for row in rows[:7]) and answer_of(rows[7]) is None
    found = answer_of(rows[5])
    assert found is not None and found.body == FILE["body"]
    assert kept is not None and answer_of(broken) == kept


def test_a_time_is_told_in_utc(now: datetime) -> None:
    assert show_time(now) == "2026-03-01T03:00:00.000Z" and show_time(None) is None
    there = datetime(2026, 3, 1, 4, 0, tzinfo=timezone(timedelta(hours=1)))
    assert show_time(there) == show_time(there.astimezone(UTC)) == "2026-03-01T03:00:00.000Z"


def test_the_commands_reach_what_listens_here() -> None:
    settings = Settings(
        dns=("0.0.0.0:53",), http=("[::]:8080",), https=("192.0.2.1:8443",), url_base=""
    )
    url = "http://files.example:8080/a/'$(id)/b"
    found = trip_commands(settings, url, "x.files.example")
    assert found["dig"] == "dig @127.0.0.1 -p 53 x.files.example"
    assert shlex.split(found["curl"]) == ["curl", "-i", "--connect-to", "::[::1]:8080", url]
    secure = trip_commands(settings, "https://files.example/a", "x")["curl"]
    assert shlex.split(secure)[2:5] == ["-k", "--connect-to", "::192.0.2.1:8443"]


def test_without_a_listener_there_is_no_command() -> None:
    settings = replace(Settings(), dns=(), http=(), https=())
    assert trip_commands(settings, "", "x.files.example") == {"curl": "", "dig": ""}
    url = "https://files.example/a"
    assert trip_commands(settings, url, "x")["curl"] == f"curl -i {url}"
