"""The icon of a page that nobody should open."""

from dataclasses import dataclass

from serinus.model.answer import BODY_SIZE_MAX, Answer
from serinus.tokens.drawing import HEX, LETTERS, Draw
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.pictures import read_picture_type
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site

_NAMES = ("favicon", "icon", "app-icon", "logo-small", "mark", "touch-icon", "fav", "site-icon")


@dataclass(frozen=True, slots=True)
class FaviconOptions(Options):
    """The icon, if it is not to be drawn."""

    icon: bytes = option(
        "Icon",
        "PNG, JPEG, GIF, WebP or .ico; without one, a coloured letter is drawn.",
        default=b"",
        max=BODY_SIZE_MAX,
    )

    def check(self) -> None:
        """Refuse what is no picture."""
        if self.icon:
            read_picture_type(self.icon, "icon")


class FaviconKind(PlainKind):
    """A `link` of type icon (WHATWG HTML, §4.6.7.8)."""

    name = "favicon"
    title = "Page icon"
    summary = "The icon of a page that nobody should open; fires when a browser opens the page."
    group = Group.WEB
    planting = (
        "Put the line into the head of a page that nobody should open: an old admin page, a saved "
        "report, a file of bookmarks, the documentation of something that is not there.",
        "It fires when a browser opens the page, as a file or from a server, and nothing of it is "
        "seen on the page. Browsers keep icons for weeks, so that the same one may not come again.",
        "Programs that fetch pages without showing them, such as curl, do not ask for it.",
    )
    proof = proven("Chromium")
    options = FaviconOptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the line, and the URL alone."""
        media_type, ending, _ = self._draw_icon(token, site)
        url = site.host_url(token.id, f"{Draw(token, site, 'icon name').one(_NAMES)}{ending}")
        link = f'<link rel="icon" type="{media_type}" href="{url}">'
        return [Artefact("html", "HTML", link, "text/html"), Artefact("url", "URL", url)]

    def answer(self, token: Token, site: Site) -> Answer:
        """Return the icon."""
        media_type, _, body = self._draw_icon(token, site)
        return Answer(headers=(("Content-Type", media_type),), body=body)

    def _draw_icon(self, token: Token, site: Site) -> tuple[str, str, bytes]:
        """Return the icon with its media type and the ending of its name."""
        icon = options_of(token, FaviconOptions).icon
        if icon:
            return *read_picture_type(icon, "icon"), icon
        draw = Draw(token, site, "icon")
        size = draw.number(16, 64)
        shape = draw.one((f'<circle cx="{size / 2}" cy="{size / 2}" r="{size / 2}"', "<rect"))
        if shape == "<rect":
            shape += f' width="{size}" height="{size}" rx="{draw.number(0, size // 3)}"'
        text = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
            f'{shape} fill="#{draw.text(HEX[:9], 6)}"/>'
            f'<text x="50%" y="50%" dy=".35em" text-anchor="middle" fill="#fff" '
            f'font-family="sans-serif" font-size="{round(size * 0.6)}">'
            f"{draw.one(LETTERS.upper())}</text></svg>"
        )
        return "image/svg+xml", ".svg", text.encode()


KIND = FaviconKind()
