"""A newcomer's way through the Console in a real Chromium: set up, plant, trip, see, acknowledge.

With `SERINUS_PICTURES=FOLDER` it saves the pictures of the documents there.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clients.devtools import CHROMIUM, DESKTOP, PHONE, Browser, opened_browser
from clients.stack import Stack, running

PASSWORD = "a long enough passphrase"
MEMO = "Finance share, “Salaries 2026.docx” on FS-01"
OTHER_MEMO = "Wiki page “VPN passwords”, hidden picture"
SOURCE, OTHER_SOURCE = "203.0.113.77", "198.51.100.9"
PICTURES = os.environ.get("SERINUS_PICTURES")
CURL = shutil.which("curl")
WAIT_S = 60
LOADED = "document.readyState === 'complete'"

if (CHROMIUM is None or CURL is None) and os.environ.get("CI") != "true":
    pytest.skip("chromium or curl is not installed", allow_module_level=True)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    root = tmp_path_factory.mktemp("journey") / "data"
    with running(root, trusted_proxy=("127.0.0.0/8",)) as found:
        yield found


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with opened_browser(tmp_path / "profile") as found:
        found.look()
        yield found


def trip(command: str, source: str, agent: str) -> None:
    """Run the command that the Console shows, as somebody from `source` behind a proxy."""
    assert CURL is not None, "curl is missing, and CI must have it"
    words = shlex.split(command)
    words[0] = CURL
    extra = ["-sS", "-A", agent, "-H", f"X-Forwarded-For: {source}"]
    subprocess.run([*words, *extra], check=True, timeout=WAIT_S, stdout=subprocess.DEVNULL)


def plant(browser: Browser, memo: str) -> str:
    """Make a token from the form that is open; return the command that trips it."""
    browser.until("location.search === '?kind=web'")
    browser.fill("[name=memo]", memo)
    browser.click("form.sheet button")
    browser.until("document.body.innerText.includes('Waiting for the first touch')")
    return str(browser.ask("document.getElementById('trip-curl').textContent"))


def save(
    browser: Browser, name: str, size: tuple[int, int] = DESKTOP, scheme: str = "light"
) -> None:
    """Save a picture for the documents, if they are wanted."""
    if PICTURES is None:
        return
    browser.look(size, scheme)
    browser.ask("document.activeElement.blur()")
    browser.until("document.fonts.status === 'loaded'")
    browser.picture(Path(PICTURES) / f"{name}.png")
    browser.look()


def give_facts(stack: Stack) -> None:
    """Give the sources, whose addresses belong to nobody, what a public one would have."""
    facts = {
        SOURCE: {
            "country": "NL",
            "country_name": "Netherlands",
            "city": "Amsterdam",
            "latitude": 52.37,
            "longitude": 4.9,
            "asn": 64500,
            "network": "Example Hosting",
            "labels": ["vpn"],
            "reverse": "exit-7.example.net",
        },
        OTHER_SOURCE: {"country": "BR", "country_name": "Brazil"},
    }
    code = (
        "import json, sys\n"
        "from pathlib import Path\n"
        "from serinus.base.folder import DataFolder\n"
        "from serinus.programs.django_start import start_django\n"
        "start_django(DataFolder(Path(sys.argv[1])))\n"
        "from serinus.console.actions.incidents import add_source_facts\n"
        "from serinus.console.models import Incident\n"
        "for row in Incident.objects.all():\n"
        "    add_source_facts(row.pk, row.source, json.loads(sys.argv[2])[row.source])\n"
    )
    command = [sys.executable, "-c", code, str(stack.folder.root), json.dumps(facts)]
    subprocess.run(command, check=True, timeout=WAIT_S)


def test_a_newcomer_plants_a_token_and_sees_it_trip(stack: Stack, browser: Browser) -> None:
    link = re.search(r"^Set up +(\S+)$", stack.log.read_text(), re.MULTILINE)
    assert link is not None
    browser.open(link[1])
    browser.fill("[name=username]", "olivia")
    browser.fill("[name=password]", PASSWORD)
    browser.click("form button")
    browser.until("document.body.innerText.includes('Plant your first token')")

    browser.click(".empty a.button")
    browser.until("location.pathname === '/tokens/new'")
    save(browser, "kinds")
    browser.click("a[href='?kind=web']")
    command = plant(browser, MEMO)
    save(browser, "token")
    browser.ask("window.isTheSamePage = true")
    trip(command, SOURCE, "curl/8.5.0")
    browser.until("document.body.innerText.includes('It fired')")
    assert browser.ask("window.isTheSamePage") is True

    base = stack.settings.console_base
    browser.open(f"{base}/tokens/new?kind=web")
    other_command = plant(browser, OTHER_MEMO)
    browser.open(f"{base}/")
    browser.ask("window.isTheSamePage = true")
    browser.click("input[name=incident]")
    trip(
        other_command,
        OTHER_SOURCE,
        "python-requests/2.31.0 <script>document.title = 'owned'</script>",
    )
    browser.until(f"document.getElementById('feed').innerText.includes('{OTHER_SOURCE}')")
    browser.until("document.title === '(2) Incidents'")
    assert browser.ask("window.isTheSamePage") is True
    assert browser.ask("document.querySelectorAll('input[name=incident]:checked').length") == 1
    assert OTHER_SOURCE in str(browser.ask("document.querySelector('.list li').innerText"))

    if PICTURES is not None:
        give_facts(stack)
        browser.until("document.getElementById('feed').innerText.includes('Brazil')")
    save(browser, "feed")
    browser.click(".list li:last-child .title a")
    browser.until(f"document.querySelector('h1').innerText.startsWith('{SOURCE} ')")
    assert MEMO in browser.text()
    evidence = str(browser.ask("document.querySelector('details[open] pre').innerText"))
    assert f"X-Forwarded-For: {SOURCE}" in evidence
    save(browser, "incident")
    save(browser, "phone", PHONE, "dark")
    browser.ask("window.isTheSamePage = true")
    browser.click(".crime button")
    browser.until("document.querySelector('.crime .state').innerText === 'Acknowledged'")
    browser.until("document.getElementById('new-count').innerText === '1'")
    assert browser.ask("window.isTheSamePage") is True
    assert browser.complaints == []


def sign_in(browser: Browser, base: str) -> None:
    browser.open(f"{base}/accounts/login/")
    browser.fill("[name=login]", "olivia")
    browser.fill("[name=password]", PASSWORD)
    browser.click("form button")


def test_every_page_fits_a_telephone(stack: Stack, browser: Browser) -> None:
    base = stack.settings.console_base
    sign_in(browser, base)
    browser.until("location.pathname === '/'")
    paths = ["/", "/incidents/1", "/tokens", "/tokens/new", "/tokens/new?kind=web"]
    paths += ["/destinations", "/destinations/new/email", "/settings", "/accounts/2fa/"]
    for path in paths:
        browser.open(base + path)
        browser.look(PHONE)
        assert browser.ask("document.documentElement.scrollWidth") <= PHONE[0], path
    assert browser.complaints == []


def test_a_security_key_is_added_and_asked_for(stack: Stack, browser: Browser) -> None:
    # A key belongs to a name; browsers refuse it to a bare address.
    base = f"http://localhost:{stack.console}"
    browser.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "usb", "automaticPresenceSimulation": True}
    browser.send("WebAuthn.addVirtualAuthenticator", options=key)
    sign_in(browser, base)
    browser.until("location.pathname === '/'")
    browser.ask("location.href = '/accounts/2fa/webauthn/add/'")
    browser.until("document.querySelector('[name=password]')")
    browser.fill("[name=password]", PASSWORD)
    browser.click("main form button")
    browser.until(f"document.getElementById('mfa_webauthn_add') && {LOADED}")
    browser.click("#mfa_webauthn_add")
    browser.until("location.pathname.startsWith('/accounts/2fa/recovery-codes')")

    browser.open(f"{base}/settings")
    browser.click("form[action='/accounts/logout/'] button")
    browser.until("location.pathname === '/accounts/login/'")
    sign_in(browser, base)
    browser.until("location.pathname === '/accounts/2fa/authenticate/'")
    browser.until(f"document.getElementById('mfa_webauthn_authenticate') && {LOADED}")
    browser.click("#mfa_webauthn_authenticate")
    browser.until("location.pathname === '/'")
    assert browser.complaints == []
