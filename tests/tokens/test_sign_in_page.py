"""The page to sign in, as it is drawn."""

from datetime import UTC, datetime
from html.parser import HTMLParser

from serinus.base.ids import TokenId
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Options, Token
from serinus.tokens.sign_in_page import PASSWORD_FIELDS, SignInPage, draw_sign_in_page
from serinus.tokens.site import Site

SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))


class Reader(HTMLParser):
    """Keeps elements in order, and sees that what is opened is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "input", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def pages(count: int, title: str = "", logo: str = "") -> list[SignInPage]:
    found = []
    for n in range(count):
        token = Token(TokenId(f"t{n}"), "login_page", "m", Options(), datetime.now(UTC))
        found.append(draw_sign_in_page(Draw(token, SITE, "page"), title, logo))
    return found


def test_every_page_is_whole_and_has_a_form_of_its_own() -> None:
    for page in pages(60):
        reader = Reader(page.html)
        assert reader.open == []
        assert dict(reader.elements)["form"] == {"method": "post", "action": page.path}
        user, password = [a for tag, a in reader.elements if tag == "input" and "required" in a]
        assert user["type"] in ("text", "email") and password["type"] == "password"
        assert password["name"] in PASSWORD_FIELDS
        labels = [about["for"] for tag, about in reader.elements if about.get("for")]
        assert labels == [user["id"], password["id"]]
        assert page.error_query in page.html
        assert "http" not in page.html
        for sign in "@«»¦‹›":
            assert sign not in page.html


def test_pages_differ_in_design_words_and_names() -> None:
    found = pages(60)
    assert len({page.html for page in found}) == 60
    assert len({page.path for page in found}) > 4
    layouts = {tuple(tag for tag, _ in Reader(page.html).elements) for page in found}
    assert len(layouts) > 8


def test_what_an_operator_types_is_text_and_nothing_else() -> None:
    hostile = "</title><script>alert(1)</script>‹accent› @box «a¦b» \\1 {x}"
    for page in pages(20, hostile, "<b>A & B</b>"):
        assert page.html.count("<script>") == 1
        assert "‹accent› @box «a¦b» \\1 {x}" in page.html
        assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in page.html
