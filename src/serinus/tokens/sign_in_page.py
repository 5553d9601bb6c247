"""A page to sign in, drawn for each token: its design, its words and the names in its source.

The page is whole in itself: it asks for no other file. Its form posts to the page's own path; when
that path is opened with the drawn field in its query, the page says that the sign-in failed.
"""

from html import escape
from typing import NamedTuple

from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.spelling import Spelling

USER_FIELDS = ("username", "user", "login", "email", "userid", "account")
PASSWORD_FIELDS = ("password", "passwd", "pass", "pwd")
"""Names of the two fields; a post is read by them."""

PATHS = ("login", "signin", "sign-in", "auth/login", "account/login", "users/sign_in", "portal")
ERROR_QUERIES = ("error", "failed", "denied", "invalid", "retry")

PLACES = ("Portal", "Intranet", "VPN", "Remote Access", "Admin", "Webmail", "Files", "Console")
WORDS = (
    ("Sign in", "Sign in", "Signed out? Sign in again to continue."),
    ("Log in", "Log in", "Please log in to continue."),
    ("Sign in to your account", "Continue", "Use your work account."),
    ("Welcome back", "Sign in", "Enter your details below."),
    ("Member login", "Login", "Access is limited to staff."),
)
"""Heading, button, and the sentence below the heading."""
USERS = (
    ("User name", "username"),
    ("Username", "user"),
    ("Email", "email"),
    ("Email address", "email"),
    ("Login", "login"),
    ("User ID", "userid"),
    ("Account", "account"),
)
FAILURES = (
    "Wrong user name or password.",
    "The details that you entered are not correct.",
    "Sign-in failed. Check your details and try again.",
    "We could not find an account with these details.",
    "Invalid credentials.",
)
FORGOTTEN = ("Forgot your password?", "Forgot password?", "Need help?", "Trouble signing in?")
FOOTERS = (
    "For authorised users only.",
    "Contact the service desk if you need access.",
    "All activity may be logged.",
    "Protected system. Do not share your password.",
    "Having problems? Call the help desk.",
)
_REMEMBER = '<input type="checkbox" name="remember"> Remember me'
FONTS = (
    "system-ui, sans-serif",
    "Arial, Helvetica, sans-serif",
    '"Segoe UI", Tahoma, sans-serif',
    "Verdana, Geneva, sans-serif",
    '"Helvetica Neue", Helvetica, Arial, sans-serif',
    "Roboto, Arial, sans-serif",
)

_CARD = (
    ("body", "display: flex", "align-items: center", "justify-content: center", "‹backdrop›"),
    (".@box", "width: ‹width›", "padding: 2rem", "background: #fff", "border-radius: ‹radius›"),
    (".@box", "box-shadow: ‹shadow›", "margin: 1rem"),
    (".@logo", "color: ‹accent›", "font-size: 1.3rem", "font-weight: bold"),
    (".@logo", "margin-bottom: 1.2rem", "text-align: ‹align›"),
)
_SPLIT = (
    ("body", "display: flex", "background: #fff"),
    (".@side", "flex: ‹share›", "background: ‹accent›", "color: #fff", "padding: 3rem"),
    (".@box", "flex: 1", "max-width: ‹width›", "margin: auto", "padding: 2rem 3rem"),
    (".@logo", "font-size: 1.9rem", "font-weight: 600"),
)
_BAR = (
    ("body", "background: ‹paper›"),
    (".@side", "background: ‹accent›", "color: #fff", "padding: .8rem 1.6rem"),
    (".@logo", "font-size: 1.2rem", "font-weight: bold"),
    (".@box", "max-width: ‹width›", "margin: 3rem auto", "padding: 1.5rem 2rem"),
    (".@box", "background: #fff", "border: 1px solid #ccc", "border-radius: ‹radius›"),
)
_SHARED = (
    ("*", "box-sizing: border-box"),
    ("body", "margin: 0", "min-height: 100vh", "font: ‹size›/1.5 ‹font›", "color: ‹ink›"),
    (".@box h1", "font-size: ‹heading›", "margin: 0 0 .8rem", "font-weight: ‹weight›"),
    (".@lead", "margin: -.4rem 0 1.2rem", "color: #666"),
    ("label[for]", "display: block", "margin-bottom: .25rem", "font-size: .9em"),
    (".@field", "width: 100%", "padding: ‹pad›", "margin-bottom: 1rem", "font: inherit"),
    (".@field", "border: 1px solid #bbb", "border-radius: ‹radius›"),
    (".@button", "background: ‹accent›", "color: #fff", "border: 0", "font: inherit"),
    (
        ".@button",
        "padding: .6rem 1.4rem",
        "‹stretch›",
        "border-radius: ‹radius›",
        "cursor: pointer",
    ),
    (".@alert", "background: ‹rose›", "color: ‹red›", "padding: .6rem .8rem"),
    (".@alert", "margin-bottom: 1rem", "border-radius: ‹radius›"),
    (".@foot", "margin-top: 1.4rem", "font-size: .85em", "color: #777"),
    (".@foot a", "color: ‹accent›"),
)


class SignInPage(NamedTuple):
    """A page, the path of its form, and the query with which it says that a sign-in failed."""

    html: str
    path: str
    error_query: str


def draw_sign_in_page(draw: Draw, title: str, logo: str) -> SignInPage:
    """Return a page.

    Args:
        draw: The token's.
        title: What the browser calls the page; drawn if it is empty.
        logo: Text where the logo stands; as the title if it is empty.
    """
    title = title or f"{draw.one(PROJECTS).title()} {draw.one(PLACES)}"
    path, error = f"/{draw.one(PATHS)}", draw.one(ERROR_QUERIES)
    layout, beside = draw.one(((_CARD, False), (_SPLIT, True), (_BAR, True)))
    side = draw.one(("div", "header", "aside", "section"))
    logo_element = '<div class="@logo">‹logo›</div>\n'
    first = f'<{side} class="@side">\n{logo_element}</{side}>\n' if beside else ""
    box = f'<div class="@box">\n{"" if beside else logo_element}{_draw_form(draw, path)}</div>\n'
    template = (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>‹title›</title>\n<style>\n{_draw_rules(draw, (*_SHARED, *layout))}</style>\n"
        f"</head>\n<body>\n{first}{box}{_draw_script(draw, error)}</body>\n</html>\n"
    )
    values = {**_draw_look(draw), "title": escape(title), "logo": escape(logo or title)}
    return SignInPage(Spelling(draw).write(template, values), path, error)


def _draw_rules(draw: Draw, rules: tuple[tuple[str, ...], ...]) -> str:
    """Return rules of CSS: what a rule declares, in any order."""
    merged: dict[str, list[str]] = {}
    for selector, *declared in rules:
        merged.setdefault(selector, []).extend(declared)
    text = ""
    for selector, said in merged.items():
        lines = "".join(f"\t{declaration};\n" for declaration in draw.shuffled(said))
        text += f"{selector} {{\n{lines}}}\n"
    return text


def _draw_form(draw: Draw, path: str) -> str:
    heading, button, lead = draw.one(WORDS)
    label, user = draw.one(USERS)
    kind = draw.one(("text", "email")) if user == "email" else "text"
    fields = (
        ("user", label, kind, user, "username"),
        ("secret", "Password", "password", draw.one(PASSWORD_FIELDS), "current-password"),
    )
    lines = [f'<form method="post" action="{path}">', f"<h1>{heading}</h1>"]
    lines += draw.one(([], [f'<p class="@lead">{lead}</p>']))
    lines += [f'<div class="@alert" id="@alert" hidden>{draw.one(FAILURES)}</div>']
    for id_, label_text, type_, name, autocomplete in fields:
        attributes = draw.shuffled(
            (
                *(f'id="@{id_}"', f'type="{type_}"', f'name="{name}"', 'class="@field"'),
                *(f'autocomplete="{autocomplete}"', "required"),
            )
        )
        lines += [f'<label for="@{id_}">{label_text}</label>', f"<input {' '.join(attributes)}>"]
    lines += draw.one(([], [f"<p><label>{_REMEMBER}</label></p>"]))
    lines += [f'<button class="@button" type="submit">{button}</button>']
    forgotten, foot = f'<a href="{path}">{draw.one(FORGOTTEN)}</a>', draw.one(FOOTERS)
    lines += [f'<p class="@foot">{draw.one((forgotten, foot, f"{forgotten}<br>{foot}"))}</p>']
    return "".join(f"{line}\n" for line in (*lines, "</form>"))


def _draw_script(draw: Draw, error: str) -> str:
    found = draw.one(
        (
            f'new URLSearchParams(location.search).has("{error}")',
            f'location.search.indexOf("{error}") > 0',
            f'location.search.includes("{error}")',
        )
    )
    return (
        f'<script>\nif ({found}) {{\n\tdocument.getElementById("@alert").hidden = false;\n}}\n'
        "</script>\n"
    )


def _draw_look(draw: Draw) -> dict[str, str]:
    """Return colours, sizes and fonts; the accent is dark enough for white text on it."""
    hue = draw.number(0, 359)
    accent = f"hsl({hue}, {draw.number(35, 75)}%, {draw.number(24, 38)}%)"
    near = (hue + draw.number(0, 40)) % 360
    paper = f"hsl({near}, {draw.number(5, 30)}%, {draw.number(92, 97)}%)"
    cast = f"0 {draw.number(1, 8)}px {draw.number(6, 30)}px"
    warm = draw.number(0, 14)
    return {
        "rose": f"hsl({warm}, {draw.number(60, 90)}%, {draw.number(92, 96)}%)",
        "red": f"hsl({warm}, {draw.number(55, 85)}%, {draw.number(28, 38)}%)",
        "accent": accent,
        "paper": paper,
        "backdrop": f"background: {draw.one((accent, paper, paper))}",
        "ink": f"hsl({hue}, {draw.number(0, 20)}%, {draw.number(12, 24)}%)",
        "width": f"{draw.number(40, 52) / 2:g}rem",
        "radius": f"{draw.number(0, 10)}px",
        "shadow": f"{cast} rgba(0, 0, 0, .{draw.number(10, 30)})",
        "stretch": draw.one(("width: 100%", "min-width: 7rem")),
        "align": draw.one(("left", "center")),
        "share": f"0 0 {draw.number(28, 55)}%",
        "size": f"{draw.number(14, 16)}px",
        "font": draw.one(FONTS),
        "heading": f"{draw.number(24, 34) / 20:g}rem",
        "weight": draw.one(("400", "500", "600", "bold")),
        "pad": f".{draw.number(4, 7)}rem .{draw.number(6, 9)}rem",
    }
