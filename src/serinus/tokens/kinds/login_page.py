"""A page to sign in that keeps what was typed, and lets nobody in."""

from dataclasses import dataclass

from serinus.base.untrusted import masked, readable
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.detail import read_fields
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import (
    FACTS_MAX,
    Artefact,
    Group,
    Options,
    Token,
    Trip,
    option,
    options_of,
    proven,
)
from serinus.tokens.plain import PlainKind
from serinus.tokens.sign_in_page import (
    PASSWORD_FIELDS,
    USER_FIELDS,
    SignInPage,
    draw_sign_in_page,
)
from serinus.tokens.site import Site
from serinus.tokens.targets import TARGET_LENGTH_MAX, check_target

TITLE_LENGTH_MAX = 80
"""Characters: what a tab of a browser shows, and more."""
NAME_MAX = 120
"""Characters of a user name that was typed."""
FORM_SIZE_MAX = 16 * 1024
"""Bytes of a form that are read; a real one has about 100."""
FIELDS_MAX = 50


@dataclass(frozen=True, slots=True)
class LoginPageOptions(Options):
    """What the page calls itself, and what follows."""

    title: str = option(
        "Title",
        "What the browser calls the page, such as Remote Access; drawn if it is empty.",
        default="",
        max=TITLE_LENGTH_MAX,
    )
    logo: str = option(
        "Logo",
        "Text where the logo stands; as the title if it is empty.",
        default="",
        max=TITLE_LENGTH_MAX,
    )
    target: str = option(
        "Target",
        "URL that visitors are sent on to when they have signed in; without one, the page says "
        "that name or password is wrong.",
        default="",
        max=TARGET_LENGTH_MAX,
    )

    def check(self) -> None:
        """Refuse what is not an http(s) URL."""
        if self.target:
            check_target(self.target, "target")


class LoginPageKind(PlainKind):
    """A page with a form, one of several designs."""

    name = "login_page"
    title = "Login page"
    summary = "A page to sign in that lets nobody in; fires when it is opened and when it is used."
    group = Group.WEB
    planting = (
        "Leave the address where an intruder looks for the next step: a bookmark, a note, a "
        "password list, a configuration, the DNS zone of your site, a redirect of an old address.",
        "It fires when the page is opened, and again when somebody signs in: the trip then names "
        "the user, and of the password the first character and its length. What was typed in full "
        "stays in the evidence, which people with access to it can read: it may be a password of "
        "somebody's own.",
        "Scanners of the web find the page in time if its host is reached from everywhere. It "
        "imitates no product, design and words are drawn for each token, and whoever tries long "
        "enough learns that no password is right.",
    )
    proof = proven("Chromium", "curl")
    options = LoginPageOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the URL."""
        return [Artefact("url", "URL", site.origin(token.id) + _draw_page(token, site).path)]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return who tried to sign in, else the visit."""
        typed = _read_form(touch)
        if typed is None:
            return super().interpret(touch, token)
        # What was typed is told below, and is not shown once more in full.
        trip = super().interpret(touch._replace(detail={**touch.detail, "body": ""}), token)
        if trip is None:
            return None
        user, password = readable(typed[0], NAME_MAX), masked(typed[1])
        summary = f"Sign-in as '{user}' with the password {password}"
        return Trip(summary, (("User", user), ("Password", password), *trip.facts)[:FACTS_MAX])

    def answer(self, token: Token, site: Site) -> Answer:
        """Return the page."""
        page = _draw_page(token, site)
        target = options_of(token, LoginPageOptions).target
        return Answer(
            headers=(("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store")),
            body=page.html.encode(),
            posted_to=target or f"{page.path}?{page.error_query}=1",
        )


def _draw_page(token: Token, site: Site) -> SignInPage:
    options = options_of(token, LoginPageOptions)
    return draw_sign_in_page(Draw(token, site, "sign-in"), options.title, options.logo)


def _read_form(touch: Touch) -> tuple[str, str] | None:
    """Return the user and the password that were posted, or None if none were."""
    body = touch.detail.get("body")
    if touch.detail.get("method") != "POST" or not isinstance(body, str):
        return None
    fields = dict(read_fields(body[:FORM_SIZE_MAX], FIELDS_MAX) or ())
    users = [fields[name] for name in USER_FIELDS if name in fields]
    passwords = [fields[name] for name in PASSWORD_FIELDS if name in fields]
    return (users[0] if users else "", passwords[0]) if passwords else None


KIND = LoginPageKind()
