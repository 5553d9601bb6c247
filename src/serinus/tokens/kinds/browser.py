"""A page that reports what the browser says of itself, then goes on to another page.

The page is drawn for each token: names, order, quotes, white space and the keys of the report all
follow from the site's seed and the token's id, so that no search for a constant finds two of them.

The report is one JSON object, POSTed to the page's own URL. A key stands for the field whose number
is `blake2s(id NUL key)[0] % 32` (RFC 7693); the page draws keys until one fits. So a report is
read with the token alone, and keys are still different on every page. Whoever posts can claim
anything: facts are what was said, not what is true.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2s
from html import escape
from string import ascii_lowercase
from typing import Any

from serinus.base.entropy import Entropy, draw_index
from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.base.untrusted import readable
from serinus.model.answer import Answer
from serinus.model.touch import Touch
from serinus.tokens.describe import describe_touch
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
from serinus.tokens.site import Site
from serinus.tokens.targets import TARGET_LENGTH_MAX, check_target

TEXT_LENGTH_MAX = 1000
"""Characters of the text that a page shows: a notice, not a site."""
REPORT_SIZE_MAX = 16 * 1024
"""Bytes of a report that are read; a real one has about 1 KiB."""
VALUE_MAX = 300
"""Characters of one reported value."""
ITEMS_MAX = 32
"""Items of a reported list or object that are shown."""
KEY_SPACE = 32

LABELS = (
    "Time zone",
    "Minutes from local time to UTC",
    "Languages",
    "Screen",
    "Window",
    "Platform",
    "Processor cores",
    "Memory (GiB)",
    "Touch points",
    "Graphics vendor",
    "Graphics renderer",
    "Client hints",
)
"""What a person calls each field; its place in this list is its number."""

HINT_LABELS = {
    "architecture": "Architecture",
    "bitness": "Bitness",
    "brands": "Browser",
    "formFactors": "Form factors",
    "fullVersionList": "Browser versions",
    "mobile": "Mobile",
    "model": "Device model",
    "platform": "Operating system",
    "platformVersion": "Operating system version",
    "wow64": "32-bit browser on 64-bit Windows",
}
"""What getHighEntropyValues may hold (W3C User-Agent Client Hints, NavigatorUAData)."""

_ASKED_HINTS = ("architecture", "bitness", "model", "platformVersion", "fullVersionList")
_TITLES = (
    "Home",
    "Loading",
    "Please wait",
    "Document",
    "Redirecting",
    "One moment",
    "View",
    "Page",
)

# `@x` is a name that is drawn, `#n` the key of field n. Each line works without the others that
# share no name with it. Long chains of web API names are cut by names, so that what all pages
# share stays short.
_DRAWN = re.compile("([@#])([A-Za-z0-9]+)")
_DECLARE = ("@n=navigator", "@s=screen", "@w=window", "@d=document", "@l=location")
_READ: tuple[tuple[str, ...], ...] = (
    ("@i=Intl.DateTimeFormat()", "@z=@i.resolvedOptions()", "@o.#0=@z.timeZone"),
    ("@a=new Date()", "@o.#1=@a.getTimezoneOffset()"),
    ("@o.#2=@n.languages",),
    ("@p=@w.devicePixelRatio", "@o.#3=[@s.width,@s.height,@s.colorDepth,@p]"),
    ("@o.#4=[@w.innerWidth,@w.innerHeight]",),
    ("@o.#5=@n.platform",),
    ("@o.#6=@n.hardwareConcurrency",),
    ("@o.#7=@n.deviceMemory",),
    ("@o.#8=@n.maxTouchPoints",),
)
_DRAW = (
    "@c=@d.createElement('canvas')",
    "@g=@c.getContext('webgl')",
    "@y='WEBGL_debug'",
    "@r=@y+'_renderer_info'",
    "@x=@g.getExtension(@r)",
    "@o.#9=@g.getParameter(@x.UNMASKED_VENDOR_WEBGL)",
    "@o.#10=@g.getParameter(@x.UNMASKED_RENDERER_WEBGL)",
)


@dataclass(frozen=True, slots=True)
class BrowserOptions(Options):
    """What the visitor sees when the page has reported."""

    target: str = option(
        "Target",
        "URL that visitors are sent on to, http or https.",
        default="",
        max=TARGET_LENGTH_MAX,
    )
    text: str = option(
        "Text",
        "Text that the page shows, where visitors are not sent on.",
        default="",
        max=TEXT_LENGTH_MAX,
        lines=True,
    )

    def check(self) -> None:
        """Refuse what is not an http(s) URL, and two endings at once."""
        if self.target:
            check_target(self.target, "target")
        if self.target and self.text:
            raise OperatorError("Give a target or a text, not both.", "text")


class BrowserKind:
    """A page that asks the browser who it is."""

    name = "browser"
    title = "Browser details"
    summary = "A page that reports time zone, screen, languages and hardware of who opens it."
    group = Group.WEB
    planting = (
        "Put the URL where a person opens it in a browser. It tells more than a fetch: time zone, "
        "languages, screen, platform and graphics, which outlive a change of address.",
        "With a target it is a slow redirect: visitors arrive where they expect to, a moment later "
        "than by the kind redirect.",
        "A client without JavaScript fires it too, and tells only what its request says.",
    )
    proof = proven("Chromium")
    options = BrowserOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the URL."""
        return [
            Artefact("url", "URL", site.url(token.id)),
            Artefact("own", "URL whose lookup alone fires", site.host_url(token.id)),
        ]

    def interpret(self, touch: Touch, token: Token) -> Trip | None:
        """Return the visit, with what the page reported as further facts."""
        reported: tuple[tuple[str, str], ...] = ()
        if touch.channel == "http" and touch.detail.get("method") == "POST":
            reported = tuple(_read_report(touch.detail.get("body"), token.id))
        if reported:
            # Its body is read here, and is not shown once more as what somebody wrote.
            touch = touch._replace(detail={**touch.detail, "body": ""})
        trip = describe_touch(touch, token)
        if trip is None or not reported:
            return trip
        summary = f"{trip.summary}, reporting {len(reported)} details of the browser"
        return Trip(summary, (*reported, *trip.facts)[:FACTS_MAX])

    def answer(self, token: Token, site: Site) -> Answer | None:
        """Return the page."""
        page = _Page(site.entropy(token.id, "page"), token.id)
        body = page.write(options_of(token, BrowserOptions)).encode()
        return Answer(headers=(("Content-Type", "text/html; charset=utf-8"),), body=body)


def _field_number(token_id: TokenId, key: str) -> int:
    said = f"{token_id}\0{key}".encode("utf-8", "replace")
    return blake2s(said).digest()[0] % KEY_SPACE


def _read_report(body: object, token_id: TokenId) -> Iterator[tuple[str, str]]:
    """Yield labelled facts from a touch's body, Latin-1 text of any bytes; nothing if unlawful."""
    if not isinstance(body, str) or len(body) > REPORT_SIZE_MAX:
        return
    try:
        report = json.loads(body.encode("latin-1", "replace"))
    except (ValueError, RecursionError):
        return
    if not isinstance(report, dict):
        return
    fields: dict[int, Any] = {}
    for key, value in report.items():
        fields.setdefault(_field_number(token_id, key), value)
    for number, label in enumerate(LABELS):
        value = fields.get(number)
        if label == "Client hints" and isinstance(value, dict):
            yield from _read_hints(value)
        elif value not in (None, "", [], {}):
            yield label, _show(value)


def _read_hints(hints: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for name, label in HINT_LABELS.items():
        value = hints.get(name)
        if value not in (None, "", [], {}):
            yield label, _show(value)


def _show(value: Any) -> str:
    """Return a JSON value as one line: lists by commas, pairs of brand and version by a space."""
    if isinstance(value, dict):
        text = " ".join(_show_plain(item) for item in list(value.values())[:ITEMS_MAX])
    elif isinstance(value, list):
        text = ", ".join(
            _show(item) if isinstance(item, dict) else _show_plain(item)
            for item in value[:ITEMS_MAX]
        )
    else:
        text = _show_plain(value)
    return readable(text, VALUE_MAX)


def _show_plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (str, int, float)):
        return readable(str(value), VALUE_MAX)
    return "…"


class _Page:
    """Draws one page; owns the names that were given out."""

    def __init__(self, entropy: Entropy, token_id: TokenId) -> None:
        self._entropy = entropy
        self._token_id = token_id
        self._names: dict[str, str] = {}
        self._keys: dict[int, str] = {}
        self._quote = self._pick("'", '"')
        self._keyword = self._pick("var ", "let ", "const ")

    def write(self, options: BrowserOptions) -> str:
        """Return the whole page, HTML in UTF-8."""
        script = self._script(options.target)
        refresh = ""
        if options.target:
            url = escape(options.target)
            refresh = (
                f"<noscript{self._mark()}>{self._gap()}<meta http-equiv=refresh{self._mark()} "
                f'content="0;url={url}">{self._gap()}</noscript>'
            )
        text = escape(options.text).replace("\n", "<br>\n")
        shown = self._in("p", text) if text else ""
        head = [
            f"<meta{self._mark()} charset=utf-8>",
            f"<title{self._mark()}>{self._pick(*_TITLES)}</title>",
        ]
        if refresh:
            head.append(refresh)
        self._shuffle(head)
        parts = ["<!doctype html>", f"<html{self._mark()}>", f"<head{self._mark()}>", *head]
        parts += [
            f"<body{self._mark()}>",
            shown,
            self._in("script", script),
        ]
        parts += [self._pick("</body>", ""), self._pick("</html>", "")]
        return "".join(part + self._gap() for part in parts if part)

    def _script(self, target: str) -> str:
        declare = list(_DECLARE)
        self._shuffle(declare)
        blocks = [self._line(line) for block in self._shuffled(_READ) for line in block]
        lines = [self._line(line) for line in (*declare, "@o={}")]
        drawing = self._guarded("".join(self._line(line) for line in _DRAW))
        asking = self._guarded(self._asking())
        lines += [*blocks, *self._shuffled((drawing, asking)), *self._sending()]
        if target:
            # "<" never ends the script element early (WHATWG HTML, script data state).
            url = json.dumps(target).replace("<", "\\u003c")
            lines.append(f"{self._name('l')}.replace({url});{self._gap()}")
        body = self._gap() + "".join(lines)
        head = self._pick(
            "async function(){", "async()=>{", f"async function {self._name('f')}(){{"
        )
        # Called by a name: with what follows, `})();` would be a long end that pages share.
        run = self._name("q")
        return f"{self._keyword}{run}={head}{body}}};{self._gap()}{run}();"

    def _asking(self) -> str:
        """Return the lines that ask for client hints, where the browser has them."""
        hints = self._shuffled(_ASKED_HINTS)
        lines = [self._line(f"@{hint}='{hint}'") for hint in hints]
        asked = ",".join(self._name(hint) for hint in hints)
        lines.append(self._line("@u=@n.userAgentData"))
        question = f"@v=@u.getHighEntropyValues([{asked}])"
        return "".join(lines) + self._line(question) + self._line("@o.#11=await @v")

    def _sending(self) -> list[str]:
        """Return the lines that send the report so that it outlives the page."""
        lines = [self._line("@j=JSON.stringify(@o)"), self._line("@h=@l.href")]
        if draw_index(self._entropy, 2):
            return [*lines, f"{self._name('n')}.sendBeacon({self._fill('@h,@j')});{self._gap()}"]
        lines.append(self._line("@m='POST'"))
        told = self._shuffled(("method:@m", "keepalive:true", "body:@j"))
        return [*lines, f"fetch({self._fill('@h,{' + ','.join(told) + '}')});{self._gap()}"]

    def _guarded(self, lines: str) -> str:
        return f"try{{{self._gap()}{lines}}}catch({self._name('e')}){{}}{self._gap()}"

    def _line(self, line: str) -> str:
        """Return a statement with its names, keys, quotes and white space drawn."""
        left, _, right = line.partition("=")
        keyword = "" if "." in left else self._keyword
        space = self._pick("", " ")
        return f"{keyword}{self._fill(left)}{space}={space}{self._fill(right)};{self._gap()}"

    def _fill(self, text: str) -> str:
        return _DRAWN.sub(self._draw, text.replace("'", self._quote))

    def _draw(self, found: re.Match[str]) -> str:
        sign, meaning = found.groups()
        return self._name(meaning) if sign == "@" else self._key(int(meaning))

    def _name(self, meaning: str) -> str:
        if meaning not in self._names:
            name = self._word()
            while name in self._names.values():
                name = self._word()
            self._names[meaning] = name
        return self._names[meaning]

    def _key(self, number: int) -> str:
        if number not in self._keys:
            # On from a drawn word, because a draw for each of some 32 would cost half the page.
            at = self._draw_number()
            while _field_number(self._token_id, _spell(at)) != number:
                at += 1
            self._keys[number] = _spell(at)
        return self._keys[number]

    def _word(self) -> str:
        return _spell(self._draw_number())

    def _draw_number(self) -> int:
        return int.from_bytes(self._entropy(8), "big")

    def _mark(self) -> str:
        return f" {self._pick('id', 'class')}={self._word()}"

    def _in(self, element: str, content: str) -> str:
        return f"<{element}{self._mark()}>{content}</{element}>"

    def _gap(self) -> str:
        return self._pick("", "", " ", "\n", "\n", "\n ", "\n  ")

    def _pick(self, *choices: str) -> str:
        return choices[draw_index(self._entropy, len(choices))]

    def _shuffled(self, items: tuple[Any, ...]) -> list[Any]:
        found = list(items)
        self._shuffle(found)
        return found

    def _shuffle(self, items: list[Any]) -> None:
        for i in range(len(items) - 1, 0, -1):
            j = draw_index(self._entropy, i + 1)
            items[i], items[j] = items[j], items[i]


def _spell(number: int) -> str:
    """Return one of 3 billion names; the digit keeps it apart from every reserved word."""
    number, digit = divmod(number, 10)
    number, more = divmod(number, 4)
    letters = ""
    for _ in range(3 + more):
        number, at = divmod(number, 26)
        letters += ascii_lowercase[at]
    return f"{letters}{digit}"


KIND = BrowserKind()
