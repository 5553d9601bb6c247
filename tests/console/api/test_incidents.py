from datetime import datetime, timedelta

import pytest

from console.api.client import APIClient, read, trip
from serinus.console.api.incidents import TOUCHES_MAX
from serinus.console.models import Incident


@pytest.fixture
def number(operator_api: APIClient, now: datetime) -> int:
    return trip(operator_api.mint()["id"], now)


def test_an_incident_says_what_happened(
    number: int, colleague_api: APIClient, stranger_api: APIClient
) -> None:
    read(stranger_api.get(f"incidents/{number}"), 401)
    found = read(colleague_api.get(f"incidents/{number}"))
    assert found["headline"] == "GET for /x of the wiki" and found["memo"] == "the wiki"
    assert (found["source"], found["touches"], found["state"]) == ("192.0.2.1", 1, "new")
    assert found["first_seen"] == "2026-03-01T03:00:00.000Z" and found["notes"] == []
    assert found["page"].endswith(f"/incidents/{number}")
    (listed,) = read(colleague_api.get("incidents"))["items"]
    assert {**listed, "notes": [], "carried": []} == found


def test_touches_come_with_their_evidence_and_in_pages(
    operator_api: APIClient, now: datetime
) -> None:
    token = operator_api.mint()["id"]
    for name in "abcde":
        number = trip(token, now, name)
    seen: list[str] = []
    cursor = ""
    while True:
        page = read(operator_api.get(f"incidents/{number}/touches?limit=2{cursor}"))
        seen += [touch["touch"] for touch in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == list("abcde")
    assert page["items"][0]["evidence"]["detail"] == {"line": "GET /"}
    assert page["items"][0]["facts"] == [["Host", "a"]]
    read(operator_api.get(f"incidents/{number + 1}/touches"), 404)


def test_a_page_of_touches_is_bounded_whatever_is_asked(
    operator_api: APIClient, now: datetime
) -> None:
    token = operator_api.mint()["id"]
    for count in range(TOUCHES_MAX + 2):
        number = trip(token, now, f"t{count}")
    page = read(operator_api.get(f"incidents/{number}/touches?limit=500"))
    assert len(page["items"]) == TOUCHES_MAX
    rest = read(operator_api.get(f"incidents/{number}/touches?cursor={page['next']}"))
    assert len(rest["items"]) == 2 and rest["next"] is None


def test_people_acknowledge_close_reopen_and_note(
    number: int, owner_api: APIClient, colleague_api: APIClient, operator_api: APIClient
) -> None:
    path = f"incidents/{number}"
    found = read(colleague_api.post(f"{path}/acknowledge"))
    assert (found["state"], found["acknowledged_by"]) == ("acknowledged", "casper")
    found = read(owner_api.post(f"{path}/close"))
    assert (found["state"], found["closed_by"]) == ("closed", "olivia")
    found = read(colleague_api.post(f"{path}/reopen"))
    assert (found["state"], found["closed_by"]) == ("acknowledged", None)
    note = read(colleague_api.post(f"{path}/notes", {"text": "Asked.\nAnd told."}), 201)
    assert (note["author"], note["text"]) == ("casper", "Asked.\nAnd told.")
    read(operator_api.post(f"{path}/notes", {"text": "By the operator."}), 201)
    found = read(owner_api.get(path))
    assert [n["author"] for n in found["notes"]] == ["casper", None]
    for text in ("", " ", "x" * 10_001, "\x1b[2J"):
        assert read(owner_api.post(f"{path}/notes", {"text": text}), 422)["field"] == "text"
    for action in ("acknowledge", "close", "reopen"):
        read(owner_api.post(f"incidents/{number + 1}/{action}"), 404)
    read(owner_api.post(f"incidents/{number + 1}/notes", {"text": "x"}), 404)


def test_a_stranger_changes_nothing(number: int, stranger_api: APIClient) -> None:
    for action in ("acknowledge", "close", "reopen"):
        read(stranger_api.post(f"incidents/{number}/{action}"), 401)
    read(stranger_api.post(f"incidents/{number}/notes", {"text": "x"}), 401)
    assert Incident.objects.get().state == "new"


def test_incidents_are_searched_filtered_and_paged(operator_api: APIClient, now: datetime) -> None:
    one = operator_api.mint("finance share")["id"]
    two = operator_api.mint("payroll laptop", "dns")["id"]
    first = trip(one, now, "a", "192.0.2.1")
    second = trip(two, now, "b", "192.0.2.10")
    third = trip(one, now + timedelta(hours=1), "c", "2001:db8::7")
    read(operator_api.post(f"incidents/{first}/close"))

    def ids(query: str) -> list[int]:
        return [i["id"] for i in read(operator_api.get(f"incidents?{query}"))["items"]]

    assert ids("") == [third, second, first]
    assert ids("text=fin") == [third, first] and ids("text=192.0.2.10") == [second]
    assert ids("text=2001:db8::7") == [third] and ids("text=%00%22*") == []
    assert ids("state=new") == [third, second] and ids("kind=dns") == [second]
    assert ids(f"token={one.upper()}") == [third, first] and ids("token=x") == []
    assert ids("source=192.0.2.1") == [first] and ids("text=share&state=closed") == [first]
    page = read(operator_api.get("incidents?limit=2"))
    assert ids(f"limit=2&cursor={page['next']}") == [first]


def test_the_feed_of_changes_misses_nothing(operator_api: APIClient, now: datetime) -> None:
    token = operator_api.mint()["id"]
    numbers = [trip(token, now, f"x{n}", f"192.0.2.{n}") for n in range(5)]
    read(operator_api.post(f"incidents/{numbers[0]}/close"))
    seen: list[int] = []
    path = "incidents?limit=2&changed_after=0"
    page = read(operator_api.get(path))
    while page["next"] is not None:
        seen += [i["id"] for i in page["items"]]
        page = read(operator_api.get(f"{path}&cursor={page['next']}"))
    seen += [i["id"] for i in page["items"]]
    assert seen == [*numbers[1:], numbers[0]]
    last = page["items"][-1]["changed"]
    assert read(operator_api.get(f"incidents?changed_after={last}"))["items"] == []
    read(operator_api.post(f"incidents/{numbers[2]}/acknowledge"))
    (changed,) = read(operator_api.get(f"incidents?changed_after={last}"))["items"]
    assert changed["id"] == numbers[2] and changed["changed"] > last


@pytest.mark.parametrize("query", ["state=gone", "changed_after=x", "changed_after=-1", "limit=-1"])
def test_a_wrong_query_is_named(query: str, operator_api: APIClient) -> None:
    found = read(operator_api.get(f"incidents?{query}"), 422)
    assert found["field"] == query.partition("=")[0]
