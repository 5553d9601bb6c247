"""Kinds that live on web pages, opened by a real Chromium, curl and nginx."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import compress, crc32

import pytest

from clients.devtools import Browser, opened_browser
from clients.ground import client, until
from clients.planted import Host
from serinus.tokens.kind import Token, Trip

PORT = 8000
OWN = "www.shop.example"
COPY = "shop-login.test"


def chunk(name: bytes, data: bytes) -> bytes:
    size, check = len(data).to_bytes(4, "big"), crc32(name + data).to_bytes(4, "big")
    return size + name + data + check


PNG = b"".join(
    (
        b"\x89PNG\r\n\x1a\n",
        chunk(b"IHDR", bytes((0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0))),
        chunk(b"IDAT", compress(bytes(8))),
        chunk(b"IEND", b""),
    )
)


class Pages:
    """A browser on the host, and a web server whose pages stand on two names."""

    def __init__(self, host: Host, folder: Path, browser: Browser) -> None:
        self.host, self.folder, self.browser = host, folder, browser
        self.page = folder / "none.html"

    def write(self, token: Token, artefact: str, before: str = "") -> None:
        """Put what is to be planted into the page."""
        text = self.host.text(token, artefact)
        page = f"<!doctype html><title>Shop</title>{before}<body><main><form>Shop{text}</form>"
        # A name of its own: a browser may show what it kept of the page before.
        self.page = self.folder / f"{token.id}.html"
        self.page.write_text(page + "<footer>End</footer></main>")

    def visit(self, name: str, query: str = "") -> str:
        """Open the page on one of the names; return its address."""
        url = f"http://{name}:{PORT}/{self.page.name}{query}"
        self.browser.open(url)
        return url


@pytest.fixture(scope="module")
def pages(host: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pages]:
    folder = tmp_path_factory.mktemp("pages")
    client("chromium")
    serve = [sys.executable, "-m", "http.server", str(PORT), "--bind", "127.0.0.1"]
    server = subprocess.Popen(
        [*host.within, *serve], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    rules = f"MAP {OWN} 127.0.0.1,MAP {COPY} 127.0.0.1"
    profile = tmp_path_factory.mktemp("profile")
    probe = ("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"http://127.0.0.1:{PORT}/")
    try:
        until(lambda: host.use(*probe).stdout == b"200" or None, "the web server")
        with opened_browser(profile, host.within, (f"--host-resolver-rules={rules}",)) as browser:
            yield Pages(host, folder, browser)
    finally:
        server.terminate()
        server.wait()


def told(host: Host, token: Token) -> list[Trip]:
    return host.trips(token, "http")


def test_chromium_shows_an_image_and_trips_it(pages: Pages) -> None:
    token = pages.host.plant("image", picture=PNG)
    pages.write(token, "html")
    pages.visit(OWN)
    pages.browser.until("document.images[0].naturalWidth === 3")
    assert "Chrome/" in pages.host.trip(token, "GET for /", channel="http").summary


def test_curl_gets_an_image_as_it_was_given(host: Host) -> None:
    token = host.plant("image", picture=PNG)
    done = host.use("curl", "-sS", "-w", "%{content_type}", host.text(token, "url"))
    assert done.stdout == PNG + b"image/png"
    host.trip(token, "curl/", channel="http")


def test_chromium_asks_for_a_favicon(pages: Pages) -> None:
    token = pages.host.plant("favicon")
    pages.write(token, "url", pages.host.text(token, "html"))
    pages.visit(OWN)
    pages.host.trip(token, "GET for /", channel="http")
    url = pages.host.text(token, "url")
    pages.browser.open(url)
    assert pages.browser.ask("document.documentElement.tagName") == "svg"


def test_chromium_asks_for_the_favicon_of_a_file(pages: Pages) -> None:
    token = pages.host.plant("favicon", icon=PNG)
    pages.write(token, "url", pages.host.text(token, "html"))
    pages.browser.open(f"file://{pages.page}")
    pages.host.trip(token, ".png", channel="http")


@pytest.mark.parametrize("round", range(6))
def test_chromium_tells_where_a_copy_of_a_page_with_cloned_site_is(
    pages: Pages, round: int
) -> None:
    pages.browser.complaints.clear()
    token = pages.host.plant("cloned_site", hosts=f"localhost, {OWN.partition('.')[2]}")
    pages.write(token, "html")
    pages.visit(OWN)
    copy = pages.visit(COPY, "?a=1&b=%C3%A4")
    trip = pages.host.trip(token, "A copy of the page was opened at", channel="http")
    address = dict(trip.facts)["Address of the copy"]
    assert address == copy
    assert len(told(pages.host, token)) == 1
    assert not [c for c in pages.browser.complaints if "favicon" not in c]


def test_chromium_tells_where_the_visitor_of_a_cloned_site_came_from(pages: Pages) -> None:
    token = pages.host.plant("cloned_site", hosts=OWN)
    pages.write(token, "html")
    (pages.folder / "way.html").write_text(f"<a href={pages.page.name}>here</a>")
    pages.browser.open(f"http://{COPY}:{PORT}/way.html")
    pages.browser.click("a")
    pages.host.trip(token, f"Came from: http://{COPY}:{PORT}/way.html", channel="http")


def test_chromium_trips_a_cloned_site_that_was_saved_as_a_file(pages: Pages) -> None:
    token = pages.host.plant("cloned_site", hosts=OWN)
    pages.write(token, "html")
    pages.browser.open(f"file://{pages.page}")
    pages.host.trip(token, "opened at file:///", channel="http")


@pytest.mark.parametrize("policy", ["no-referrer", "strict-origin-when-cross-origin"])
@pytest.mark.parametrize("round", range(3))
def test_chromium_trips_cloned_css_on_a_copy_alone(pages: Pages, policy: str, round: int) -> None:
    pages.browser.complaints.clear()
    token = pages.host.plant("cloned_css", hosts=OWN)
    pages.write(token, "html", f'<meta name="referrer" content="{policy}">')
    pages.visit(OWN)
    touches = until(lambda: [t for t in pages.host.touches() if token.id in t.tokens], "a visit")
    assert not pages.host.trips(token)
    pages.visit(COPY)
    pages.host.trip(token, f"Copy at: http://{COPY}:{PORT}", channel="http")
    assert len(told(pages.host, token)) == 1
    assert touches[0].channel == "http"
    assert not [c for c in pages.browser.complaints if "favicon" not in c]


def test_chromium_trips_cloned_css_in_a_copy_that_takes_the_style_from_its_home(
    pages: Pages,
) -> None:
    token = pages.host.plant("cloned_css", hosts=OWN)
    (pages.folder / f"{token.id}.css").write_text(pages.host.text(token, "css"))
    style = f'<link rel="stylesheet" href="http://{OWN}:{PORT}/{token.id}.css">'
    pages.write(token, "css", style)
    pages.visit(COPY)
    pages.host.trip(token, f"Copy at: http://{COPY}:{PORT}", channel="http")


def test_chromium_trips_cloned_css_that_was_saved_as_a_file(pages: Pages) -> None:
    token = pages.host.plant("cloned_css", hosts=OWN)
    pages.write(token, "html")
    pages.browser.open(f"file://{pages.page}")
    pages.host.trip(token, "Copy at: a file", channel="http")


@pytest.mark.parametrize("round", range(6))
def test_chromium_signs_in_on_a_login_page_and_is_refused(pages: Pages, round: int) -> None:
    pages.browser.complaints.clear()
    token = pages.host.plant("login_page", title="Reports <b>", logo='A "B" & C')
    url = pages.host.text(token, "url")
    pages.browser.open(url)
    alert = "document.querySelector('form div').getClientRects().length"
    assert pages.browser.ask("document.title") == "Reports <b>"
    assert 'A "B" & C' in pages.browser.text()
    assert pages.browser.ask(alert) == 0
    kind = pages.browser.ask("document.querySelector('form input').type")
    user = "mreyes@example.com" if kind == "email" else "mreyes"
    pages.browser.fill("form input", user)
    pages.browser.fill("input[type=password]", "Sömmer & 24")
    pages.browser.click("button")
    pages.browser.until(f"location.search.length > 0 && {alert} > 0")
    trip = pages.host.trip(token, f"Sign-in as '{user}' with the password S••• (11 characters)")
    assert "mmer" not in str(trip)
    assert not [c for c in pages.browser.complaints if "favicon" not in c]


def test_curl_that_signs_in_on_a_login_page_is_sent_on_to_the_target(host: Host) -> None:
    token = host.plant("login_page", target="https://intranet.example/home")
    url = host.text(token, "url")
    typed = ("-d", "login=root&passwd=hunter2hunter2")
    done = host.use("curl", "-sS", *typed, "-w", "%{http_code} %{redirect_url}", url)
    assert done.stdout.endswith(b"302 https://intranet.example/home")
    host.trip(token, "Sign-in as 'root' with the password h••• (14 characters)")
    assert b"hunter" not in repr(host.trips(token)).encode()


def test_curl_that_looks_into_what_nginx_forbids_trips_robots(host: Host, tmp_path: Path) -> None:
    token = host.plant("robots")
    folder = host.text(token, "robots").split()[-1]
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; server {{ listen 127.0.0.1:8001;\n"
        f"{host.text(token, 'nginx')} }} }}\n"
    )
    command = ["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    server = subprocess.Popen(
        [*host.within, client(command[0]), *command[1:]], stderr=subprocess.DEVNULL
    )
    try:
        asked = f"http://127.0.0.1:8001{folder}plan.pdf"
        until(lambda: host.use("curl", "-sSL", asked).returncode == 0 or None, "nginx")
    finally:
        server.terminate()
        server.wait()
    host.trip(token, f"{folder}plan.pdf", channel="http")


def test_curl_follows_the_contact_of_security_txt(host: Host, tmp_path: Path) -> None:
    token = host.plant("security_txt", contact="mailto:security@example.com")
    (file,) = host.save(token, tmp_path)
    contacts = [line.split()[1] for line in file.read_text().splitlines() if "Contact" in line]
    assert contacts == ["mailto:security@example.com", host.text(token, "url")]
    host.use("curl", "-sS", contacts[1])
    host.trip(token, "GET for /", channel="http")


@pytest.mark.parametrize(("kind", "options"), [("web", {}), ("redirect", {"target": "http://x/"})])
def test_curl_trips_an_address_of_its_own_by_the_lookup_alone(
    host: Host, kind: str, options: dict[str, Any]
) -> None:
    token = host.plant(kind, **options)
    host.use("curl", "-sS", host.text(token, "own"))
    host.trip(token, "lookup of", "dns")
    host.trip(token, "GET for", "http")
