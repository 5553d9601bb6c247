"""Every page has three people: the owner, a colleague, and a stranger who must see nothing."""

import re
from base64 import b32encode
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from formats.office import DRAFT, parts
from serinus.base.ids import TokenId
from serinus.console.actions.destinations import add_destination
from serinus.console.actions.incidents import record_touches
from serinus.console.actions.minting import MintRequest, mint, read_token
from serinus.console.models import Alert, Delivery, Destination, Incident, Note, Token, User
from serinus.console.models.alerts import DeliveryState
from serinus.formats.word_draft import write_word
from serinus.model.touch import Channel, Touch
from serinus.tokens.catalogue import kind_named
from serinus.tokens.documents import FILE_SIZE_MAX
from serinus.tokens.kind import Trip

SCRIPT = "<script>alert(1)</script>"
MEMO = f"Share FS-01 {SCRIPT}"
AGENT = f"curl/8 {SCRIPT}\x1b[2J\u202e"
LABEL = "<b>left</b>"


def read_trip(touch: Touch, row: Token) -> Trip | None:
    return kind_named(row.kind).interpret(touch, read_token(row))


def trip(row: Token, now: datetime, number: int = 1, channel: Channel = "http") -> Incident:
    """Have an intruder touch the token; return the incident."""
    http = {
        "line": "GET /x HTTP/1.1",
        "method": "GET",
        "target": "/x",
        "headers": [["hOST", "files.example"], ["User-Agent", AGENT.encode().decode("latin-1")]],
        "body": f"user={SCRIPT}",
        "body_size": 30,
        "tls": {"ja4": "t13d1516h2_8daaf6152771_02713d6af862", "ja3": None},
    }
    dns = {"name": f"{LABEL}.{row.token_id}.files.example", "type": "TXT", "left": [LABEL]}
    touch = Touch(
        f"touch{number}",
        now.timestamp(),
        channel,
        "tcp",
        "203.0.113.7",
        4711,
        (row.token_id,),  # type: ignore[arg-type]
        http if channel == "http" else dns,
    )
    recorded = record_touches(
        [(number, touch)], read_trip, now, describe_source=lambda _: {"country": "NL"}
    )
    return Incident.objects.get(pk=(recorded.opened or recorded.joined)[0])


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def token(now: datetime) -> Token:
    return mint(MintRequest("web", MEMO), None, now)


@pytest.fixture
def incident(token: Token, now: datetime) -> Incident:
    return trip(token, now)


@pytest.fixture
def webhook(now: datetime) -> Destination:
    settings = {"url": "http://127.0.0.1:9/in", "secret": "a secret of some length"}
    return add_destination("webhook", "SOC chat", settings, None, now)


@pytest.fixture
def pages(token: Token, incident: Incident, webhook: Destination) -> dict[str, str]:
    """Every page that a person reads, and a text that it shows."""
    return {
        "/": "203.0.113.7",
        f"/incidents/{incident.pk}": "Netherlands",
        "/tokens": token.token_id,
        "/tokens/new": "Hostname",
        "/tokens/new?kind=redirect": "Target",
        f"/tokens/{token.token_id}": "HTML of the picture",
        "/destinations": "SOC chat",
        f"/destinations/{webhook.pk}": "Signing secret",
        "/destinations/new/email": "Mail server",
        "/settings": "Your account",
        "/accounts/2fa/": "Authenticator",
        "/accounts/password/change/": "Password",
        "/accounts/logout/": "Sign",
    }


def test_people_see_every_page(
    pages: dict[str, str], owners_browser: Client, colleagues_browser: Client
) -> None:
    for browser in (owners_browser, colleagues_browser):
        for path, text in pages.items():
            found = browser.get(path)
            assert found.status_code == 200, path
            assert text in found.content.decode(), path


def test_a_stranger_is_sent_to_sign_in_from_every_page(
    pages: dict[str, str], strangers_browser: Client
) -> None:
    for path in pages:
        if path.startswith("/accounts/logout"):
            continue
        found = strangers_browser.get(path)
        assert found.status_code == 302, path
        assert found.headers["Location"].startswith("/accounts/login/?"), path
        assert not found.content, path


def views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[str]:
    """Return an address for every pattern."""
    found = []
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += views(pattern.url_patterns, path)
        else:
            path = re.sub(r"\(\?P<action>(\w+)[^)]*\)", r"\1", path)
            path = re.sub(r"\(\?P<pk>[^)]*\)|<int:\w+>", "1", path)
            path = re.sub(r"\(\?P<token_id>[^)]*\)|<(slug|path):\w+>", "abc", path)
            found.append("/" + re.sub(r"[\^$]", "", path))
    return found


STRANGERS = ("/accounts/login/", "/accounts/logout/", "/setup/", "/invitation/", "/static/")
"""What a stranger may ask for; the API is held by its own tests."""


def test_no_view_but_the_ways_in_answers_a_stranger(strangers_browser: Client) -> None:
    paths = [p for p in views(get_resolver().url_patterns) if not p.startswith("/api/")]
    assert len(paths) > 35
    for path in paths:
        if path.startswith(STRANGERS) or path == "/accounts/inactive/":
            continue
        for method in ("GET", "POST"):
            found = strangers_browser.generic(method, path)
            assert found.status_code == 302, (method, path)
            assert found.headers["Location"].startswith("/accounts/"), (method, path)


def test_a_stranger_learns_nothing_from_what_is_not_there(
    strangers_browser: Client, owners_browser: Client
) -> None:
    for path in (
        "/.env",
        "/admin/",
        "/favicon.ico",
        "/accounts/signup/",
        "/tokens",
        "/incidents/1",
    ):
        found = strangers_browser.get(path)
        assert found.status_code == 302, path
        assert found.headers["Location"].startswith("/accounts/login/?"), path
    assert owners_browser.get("/.env").status_code == 404
    for path in ("/static/nothing.js", "/setup/" + "x" * 40, "/invitation/x"):
        found = strangers_browser.get(path)
        assert found.status_code == 404


def test_nothing_that_a_stranger_reads_names_the_product(strangers_browser: Client) -> None:
    paths = ("/", "/accounts/login/", "/accounts/inactive/", "/setup/x", "/static/x", "/api/", "/x")
    for path in paths:
        for host in ("localhost", "evil.example"):
            found = strangers_browser.get(path, headers={"host": host})
            text = f"{found.headers}\n{found.content.decode()}".lower()
            for word in ("serinus", "console.js", "htmx", "honey", "decoy", "incident", "granian"):
                assert word not in text, (path, word)


def test_only_known_hosts_are_answered(strangers_browser: Client) -> None:
    found = strangers_browser.get("/accounts/login/", headers={"host": "evil.example"})
    assert found.status_code == 400


def test_every_answer_forbids_foreign_and_inline_content(
    pages: dict[str, str], owners_browser: Client, strangers_browser: Client
) -> None:
    answers = [owners_browser.get(path) for path in pages]
    answers += [strangers_browser.get(path) for path in ("/accounts/login/", "/nothing", "/")]
    for found in answers:
        policy = found.headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} < set(policy)
        assert {"form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"} < set(policy)
        assert found.headers["X-Content-Type-Options"] == "nosniff"
        assert found.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        text = found.content.decode()
        assert not re.search(r"<[^>]*\s(style|on\w+)=", text)
        assert not re.search(r"<style|javascript:|<script(?![^>]*(\ssrc=|json))", text)
        assert not re.search(r"(src|href|action)=\"(https?:)?//", text)


def test_an_intruders_text_is_shown_and_does_nothing(
    incident: Incident, token: Token, now: datetime, owners_browser: Client
) -> None:
    lookup = trip(mint(MintRequest("dns", MEMO), None, now), now, 2, "dns")
    assert lookup.pk != incident.pk
    for path in ("/", f"/incidents/{incident.pk}", f"/incidents/{lookup.pk}", "/tokens"):
        text = owners_browser.get(path).content.decode()
        assert SCRIPT not in text, path
        assert LABEL not in text, path
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text, path
        assert "\x1b" not in text, path
        assert "\u202e" not in text, path
    shown = owners_browser.get(f"/incidents/{incident.pk}").content.decode()
    assert r"\x1b[2J" in shown
    assert "hOST: files.example" in shown
    assert "t13d1516h2_8daaf6152771_02713d6af862" in shown
    assert (
        "&lt;b&gt;left&lt;/b&gt;" in owners_browser.get(f"/incidents/{lookup.pk}").content.decode()
    )
    assert token.token_id in shown


def test_a_form_from_elsewhere_changes_nothing(owner: User, incident: Incident) -> None:
    browser = Client(enforce_csrf_checks=True, SERVER_NAME="localhost")
    browser.force_login(owner)
    found = browser.post(f"/incidents/{incident.pk}/acknowledge")
    assert found.status_code == 403
    assert "form was too old" in found.content.decode()
    incident.refresh_from_db()
    assert incident.state == "new"


def test_an_incident_goes_from_new_to_closed_and_back(
    incident: Incident, colleague: User, colleagues_browser: Client
) -> None:
    for action, state in (("acknowledge", "acknowledged"), ("close", "closed")):
        found = colleagues_browser.post(f"/incidents/{incident.pk}/{action}", {"back": "/tokens"})
        assert found.headers["Location"] == "/tokens"
        incident.refresh_from_db()
        assert incident.state == state
    assert incident.closed_by == colleague
    colleagues_browser.post(f"/incidents/{incident.pk}/reopen", headers={"hx-request": "true"})
    incident.refresh_from_db()
    assert incident.state == "acknowledged"


def test_a_script_is_told_that_something_changed(
    incident: Incident, owners_browser: Client
) -> None:
    path = f"/incidents/{incident.pk}/acknowledge"
    found = owners_browser.post(path, headers={"hx-request": "true"})
    assert (found.status_code, found.headers["HX-Trigger"]) == (204, "changed")


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example"])
def test_a_form_never_leads_to_another_site(
    back: str, incident: Incident, owners_browser: Client
) -> None:
    found = owners_browser.post(f"/incidents/{incident.pk}/acknowledge", {"back": back})
    assert found.headers["Location"] == "/"


def test_many_incidents_are_acknowledged_at_once(
    token: Token, incident: Incident, now: datetime, owners_browser: Client
) -> None:
    other = trip(mint(MintRequest("web", "another"), None, now), now, 2)
    left = trip(mint(MintRequest("web", "a third"), None, now), now, 3)
    chosen = [str(incident.pk), str(other.pk), "nonsense"]
    owners_browser.post("/incidents/acknowledge", {"incident": chosen})
    states = dict(Incident.objects.values_list("pk", "state"))
    assert states == {incident.pk: "acknowledged", other.pk: "acknowledged", left.pk: "new"}


def test_the_feed_is_filtered_searched_and_counted(
    incident: Incident, now: datetime, owners_browser: Client
) -> None:
    trip(mint(MintRequest("web", "printer room"), None, now), now, 2)
    owners_browser.post(f"/incidents/{incident.pk}/acknowledge")
    title = "<title>(1) Incidents</title>"
    for query, shown, hidden in (
        ("?state=new", "printer room", "Share FS-01"),
        ("?state=acknowledged", "Share FS-01", "printer room"),
        ("?q=printer", "printer room", "Share FS-01"),
        ("?q=nobody", "Nothing matches", "printer room"),
    ):
        text = owners_browser.get("/" + query).content.decode()
        assert title in text
        assert shown in text
        assert hidden not in text


def test_the_feed_goes_on_with_older_incidents(now: datetime, owners_browser: Client) -> None:
    row = mint(MintRequest("web", "a memo"), None, now)
    Incident.objects.bulk_create(
        Incident(
            token=row,
            kind="web",
            memo=f"memo {number}",
            source="192.0.2.1",
            headline="GET",
            first_seen=now,
            last_seen=now,
            changed=number,
        )
        for number in range(1, 61)
    )
    first = owners_browser.get("/").content.decode()
    older = re.search(r'href="(\?[^"]*before=\d+)"', first)
    assert older is not None
    second = owners_browser.get("/" + older[1].replace("&amp;", "&")).content.decode()
    assert len(re.findall(r'id="incident-', first)) == 50
    assert len(re.findall(r'id="incident-', second)) == 10


def test_an_empty_feed_says_how_to_begin(owners_browser: Client) -> None:
    assert "Plant your first token" in owners_browser.get("/").content.decode()


def test_an_alarm_about_ourselves_is_shown(now: datetime, owners_browser: Client) -> None:
    alarm = Incident.objects.create(
        kind="alarm",
        memo="",
        source="",
        headline="The ledger is nearly full.",
        first_seen=now,
        last_seen=now,
        touches=1,
        changed=1,
    )
    for path in ("/", f"/incidents/{alarm.pk}"):
        assert "The ledger is nearly full." in owners_browser.get(path).content.decode()


def test_a_note_is_kept_with_its_author(
    incident: Incident, colleagues_browser: Client, owners_browser: Client
) -> None:
    path = f"/incidents/{incident.pk}"
    colleagues_browser.post(f"{path}/notes", {"text": f"It was {SCRIPT} the scanner"})
    text = owners_browser.get(path).content.decode()
    assert "casper" in text
    assert "the scanner" in text
    assert SCRIPT not in text
    assert colleagues_browser.post(f"{path}/notes", {"text": " "}).status_code == 422


def test_what_is_not_there_is_not_found(owners_browser: Client) -> None:
    for path in (
        "/incidents/4",
        f"/incidents/{10**30}",
        "/tokens/nothing",
        "/tokens/new?kind=none",
        "/destinations/7",
        "/destinations/new/none",
    ):
        assert owners_browser.get(path).status_code == 404, path
    for path in (
        "/incidents/4/close",
        "/incidents/4/notes",
        "/tokens/x/delete",
        "/destinations/7/test",
    ):
        assert owners_browser.post(path, {"text": "a note"}).status_code == 404, path


def test_a_token_is_minted_from_its_form(colleagues_browser: Client, webhook: Destination) -> None:
    form = {"memo": "Plan", "target": "https://example.org/", "destinations": [str(webhook.pk)]}
    found = colleagues_browser.post("/tokens/new?kind=redirect", form)
    row = Token.objects.get()
    assert found.headers["Location"] == f"/tokens/{row.token_id}"
    assert row.created_by == User.objects.get(username="casper")
    assert [d.pk for d in row.destinations.all()] == [webhook.pk]
    text = colleagues_browser.get(found.headers["Location"]).content.decode()
    assert "Waiting for the first touch" in text
    assert "curl -i --connect-to" in text


def test_a_file_of_the_operators_is_uploaded(owners_browser: Client, tmp_path: Any) -> None:
    path = tmp_path / "plan.pdf"
    path.write_bytes(b"%PDF-1.4 plan")
    with path.open("rb") as file:
        form = {"memo": "Plan", "surface": "file", "body": file, "file_name": "plan.pdf"}
        found = owners_browser.post("/tokens/new?kind=web", form)
    assert found.status_code == 302
    assert bytes(Token.objects.get().file.content) == b"%PDF-1.4 plan"
    assert "13\xa0bytes" in owners_browser.get(found.headers["Location"]).content.decode()


def test_a_document_of_the_operators_is_uploaded_or_refused_by_its_reason(
    colleagues_browser: Client,
) -> None:
    page = "/tokens/new?kind=word"
    assert f'data-max="{FILE_SIZE_MAX}"' in colleagues_browser.get(page).content.decode()
    mine = write_word(DRAFT)
    for content, reason in ((mine[:-9], "is damaged or cut off"), (b"%PDF-", "is a PDF")):
        form = {"memo": "Plan", "file": SimpleUploadedFile("plan.docx", content)}
        found = colleagues_browser.post(page, form)
        assert found.status_code == 422
        assert f"The file {reason}" in found.content.decode()
        assert Token.objects.count() == 0
    form = {"memo": "Plan", "file": SimpleUploadedFile("plan.docx", mine)}
    assert colleagues_browser.post(page, form).status_code == 302
    row = Token.objects.get()
    made = colleagues_browser.get(f"/tokens/{row.token_id}/artefacts/document").content
    assert row.token_id in parts(made)["word/_rels/footer1.xml.rels"]


def test_a_wrong_form_says_what_is_wrong_and_keeps_the_rest(owners_browser: Client) -> None:
    form = {"memo": "A memo to keep", "target": "ftp://example.org/"}
    found = owners_browser.post("/tokens/new?kind=redirect", form)
    text = found.content.decode()
    assert found.status_code == 422
    assert "A memo to keep" in text
    assert "ftp://example.org/" in text
    assert 'aria-invalid="true"' in text
    assert Token.objects.count() == 0
    assert owners_browser.post("/tokens/new?kind=redirect", {}).status_code == 422


def test_a_token_tells_that_it_fired(
    incident: Incident, token: Token, owners_browser: Client
) -> None:
    text = owners_browser.get(f"/tokens/{token.token_id}").content.decode()
    assert "It fired" in text
    assert f"/incidents/{incident.pk}" in text


def test_a_token_is_switched_deleted_and_taken_back(token: Token, owners_browser: Client) -> None:
    path = f"/tokens/{token.token_id}"
    owners_browser.post(f"{path}/disable")
    assert "This token is disabled" in owners_browser.get(path).content.decode()
    owners_browser.post(f"{path}/enable")
    found = owners_browser.post(f"{path}/delete")
    shown = owners_browser.get(found.headers["Location"]).content.decode()
    assert "Undo" in shown
    assert f'href="{path}"' not in shown
    owners_browser.post(f"{path}/undelete")
    assert f'href="{path}"' in owners_browser.get("/tokens").content.decode()


def test_a_tokens_memo_and_destinations_are_changed(
    token: Token, webhook: Destination, colleagues_browser: Client
) -> None:
    path = f"/tokens/{token.token_id}"
    colleagues_browser.post(f"{path}/edit", {"memo": "Moved", "destinations": str(webhook.pk)})
    token.refresh_from_db()
    assert token.memo == "Moved"
    assert token.destinations.get() == webhook
    wrong = colleagues_browser.post(f"{path}/edit", {"memo": "", "destinations": "99"})
    assert wrong.status_code == 422
    gone = colleagues_browser.post(f"{path}/edit", {"memo": "Again", "destinations": "99"})
    assert "There is no destination 99" in gone.content.decode()
    token.refresh_from_db()
    assert token.memo == "Moved"


def test_an_artefact_is_downloaded_as_a_file(token: Token, owners_browser: Client) -> None:
    found = owners_browser.get(f"/tokens/{token.token_id}/artefacts/html")
    assert found.headers["Content-Disposition"] == 'attachment; filename="html.txt"'
    assert found.content.startswith(b"<img src=")
    assert owners_browser.get(f"/tokens/{token.token_id}/artefacts/none").status_code == 404


def test_tokens_are_searched_and_filtered(
    token: Token, now: datetime, owners_browser: Client
) -> None:
    mint(MintRequest("dns", "Printer"), None, now)
    for query, shown, hidden in (
        ("q=printer", "Printer", "FS-01"),
        ("kind=web", "FS-01", "Printer"),
        ("state=disabled", "Nothing matches", "FS-01"),
    ):
        text = owners_browser.get(f"/tokens?{query}").content.decode()
        assert shown in text
        assert hidden not in text


def test_a_destination_is_added_and_its_secrets_stay_hidden(colleagues_browser: Client) -> None:
    form = {"name": "Hook", "url": "http://127.0.0.1:9/x", "secret": "a secret of some length"}
    found = colleagues_browser.post("/destinations/new/webhook", form)
    path = found.headers["Location"]
    shown = colleagues_browser.get(path).content.decode()
    assert "a secret of some length" not in shown
    assert "127.0.0.1:9" not in shown
    form = {"name": "Hook 2", "enabled": "yes", "url": "••••", "secret": "••••"}
    assert colleagues_browser.post(path, form).status_code == 302
    row = Destination.objects.get()
    assert (row.name, row.enabled) == ("Hook 2", True)
    assert row.settings["secret"] == "a secret of some length"
    wrong = colleagues_browser.post(path, {**form, "url": "ftp://x"})
    assert wrong.status_code == 422
    assert "URL is an http" in wrong.content.decode()


def test_a_wrong_destination_names_the_field(owners_browser: Client) -> None:
    found = owners_browser.post("/destinations/new/email", {"name": "Mail", "to": "nobody"})
    assert found.status_code == 422
    assert 'aria-invalid="true"' in found.content.decode()
    assert Destination.objects.count() == 0


def test_a_test_shows_the_real_outcome(webhook: Destination, owners_browser: Client) -> None:
    path = f"/destinations/{webhook.pk}/test"
    whole = owners_browser.post(path).content.decode()
    part = owners_browser.post(path, headers={"hx-request": "true"}).content.decode()
    webhook.refresh_from_db()
    assert webhook.failures == 2
    for text in (whole, part):
        assert "Not delivered" in text
        assert "127.0.0.1" in text
    assert "<html" not in part


def test_a_dead_delivery_is_sent_again(
    incident: Incident, webhook: Destination, now: datetime, owners_browser: Client
) -> None:
    alert = Alert.objects.create(incident=incident, reason="digest", number=9, created_at=now)
    row = Delivery.objects.create(
        alert=alert,
        destination=webhook,
        next_at=now,
        state=DeliveryState.DEAD,
        last_error=f"550 {SCRIPT}",
    )
    shown = owners_browser.get(f"/destinations/{webhook.pk}").content.decode()
    assert "550 &lt;script&gt;" in shown
    assert "Send again" in shown
    owners_browser.post(f"/deliveries/{row.pk}/resend")
    row.refresh_from_db()
    assert row.state == DeliveryState.WAITING


def test_a_destination_is_removed(webhook: Destination, owners_browser: Client) -> None:
    owners_browser.post(f"/destinations/{webhook.pk}/delete")
    assert Destination.objects.count() == 0


def test_a_flood_of_notes_makes_no_endless_page(incident: Incident, owners_browser: Client) -> None:
    notes = [Note(incident=incident, at=incident.first_seen, text=f"n{n}.") for n in range(150)]
    Note.objects.bulk_create(notes)
    text = owners_browser.get(f"/incidents/{incident.pk}").content.decode()
    assert text.count('<p class="lines">n') == 100
    assert text.index("n50.") < text.index("n149.")
    assert "n49." not in text


def test_a_token_offers_snippets_that_carry_data_and_says_which_were_not_tried(
    token: Token, owners_browser: Client, colleagues_browser: Client
) -> None:
    for browser in (owners_browser, colleagues_browser):
        text = browser.get(f"/tokens/{token.token_id}").content.decode()
        assert "Where nothing but DNS gets out" in text
        for name in ("http-curl", "http-python", "dns-dig", "dns-bash", "dns-PowerShell"):
            assert f'id="carry-{name}"' in text and f'data-copy="carry-{name}"' in text
        assert text.count("no test has tried it") == 4
        assert "curl -s -o /dev/null" in text and "&quot;$text&quot;" in text


def test_an_incident_shows_what_lookups_carried_whole_and_what_is_missing(
    token: Token, now: datetime, owners_browser: Client, strangers_browser: Client
) -> None:
    code = b32encode(f"root ran: nc {SCRIPT} \x1b[2J".encode()).decode().rstrip("=").lower()
    parts = [code[n : n + 16] for n in range(0, len(code), 16)]
    incident = None
    for number, part in enumerate(parts, 1):
        left = [part, f"{number}-{len(parts)}-k7f3"]
        name = f"{part}.{number}-{len(parts)}-k7f3.{token.token_id}.files.example"
        detail = {"name": name, "type": "A", "left": left}
        ids = (TokenId(token.token_id),)
        touch = Touch(f"p{number}", now.timestamp(), "dns", "udp", "203.0.113.9", 53, ids, detail)
        recorded = record_touches([(number, touch)], read_trip, now)
        incident = (recorded.opened or recorded.joined)[0]
        text = owners_browser.get(f"/incidents/{incident}").content.decode()
        missing = f"(incomplete: {number} of {len(parts)} parts)"
        assert (missing in text) == (number < len(parts))
    assert "root ran: nc &lt;script&gt;alert(1)&lt;/script&gt; \\x1b[2J" in text
    assert SCRIPT not in text and "\x1b" not in text
    assert strangers_browser.get(f"/incidents/{incident}").status_code == 302
