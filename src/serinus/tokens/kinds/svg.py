"""A drawing that fires when a browser opens it."""

from html import escape

from serinus.formats.draft import DIM
from serinus.model.answer import Answer
from serinus.tokens.drawing import LETTERS, PROJECTS, ROLES, Draw
from serinus.tokens.kind import Artefact, Group, Token, proven
from serinus.tokens.marks import show_mark
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import DIRECTORIES, Site
from serinus.tokens.stories import tell_story

GATES = ("firewall", "gateway", "router", "core-switch", "edge", "uplink", "perimeter", "vpn")
NAMES = (
    *("network", "topology", "overview", "systems", "zones", "datacenter", "landscape", "rack"),
    *("layout", "segments", "map", "diagram", "hosts", "infrastructure", "sites", "links"),
)


class SVGKind(PlainKind):
    """A plan of a network whose style sheet and logo lie on the token's host."""

    name = "svg"
    title = "SVG drawing"
    summary = "The plan of a network as an SVG file that fires when a browser opens it."
    group = Group.FILE
    planting = (
        "Put it where plans are kept: a wiki's attachments, a share of the administrators, a "
        "repository. It shows hosts and addresses that do not exist.",
        "Browsers that open the file itself fetch its style sheet and its logo: a test holds that "
        "for Chromium. As a picture within a page nothing is fetched, and neither by Inkscape, "
        "rsvg or ImageMagick.",
        "The addresses stand in it as text. Whoever reads the source finds them.",
    )
    proof = proven("Chromium")

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the drawing."""
        draw = Draw(token, site, "drawing")
        name = draw.one(("-", "_")).join((draw.one(PROJECTS), draw.one(NAMES)))
        drawing = _write_drawing(draw, token, site)
        return [Artefact("drawing", "Drawing", drawing, "image/svg+xml", f"{name}.svg")]

    def answer(self, token: Token, site: Site) -> Answer:
        """Return the mark of the company that made it; of a style sheet it makes none."""
        return show_mark(token, site)


def _write_drawing(draw: Draw, token: Token, site: Site) -> str:
    draft = tell_story(token, site)
    sheet = f"{site.origin(token.id)}/{draw.one(DIRECTORIES)}/{draw.one(NAMES)}.css"
    box, line, small = (draw.text(LETTERS, draw.number(2, 5)) + str(n) for n in range(3))
    hosts, gap = draw.number(3, 5), draw.number(170, 210)
    width, height = 60 + hosts * gap, draw.number(420, 480)
    network = f"10.{draw.number(1, 254)}.{draw.number(0, 254)}"
    size = draw.number(140, 156), draw.number(50, 60)
    middle, grey = draw.number(190, 215), draft.grey(*DIM).lower()
    parts = [
        _box(
            draw,
            box,
            small,
            (width // 2 - size[0] // 2, 90),
            size,
            draw.one(GATES),
            f"{network}.1",
        ),
        f'<path class="{line}" d="M{width // 2} {90 + size[1]}V{middle}"/>',
        f'<path class="{line}" d="M{35 + size[0] // 2} {middle}h{(hosts - 1) * gap}"/>',
    ]
    for number in range(hosts):
        x, y = 35 + number * gap, draw.number(250, 290)
        host = f"{draw.one(ROLES)}-{draw.one(PROJECTS)}-{draw.number(1, 9):02}"
        parts.append(f'<path class="{line}" d="M{x + size[0] // 2} {middle}V{y}"/>')
        parts.append(
            _box(draw, box, small, (x, y), size, host, f"{network}.{draw.number(10, 250)}")
        )
    font, pale = draft.fonts[1], "".join(f"{draw.number(0xEC, 0xFF):02x}" for _ in range(3))
    rules = draw.shuffled(
        (
            f".{box}{{fill:#{pale};stroke:#{draft.accent.lower()}}}",
            f".{line}{{fill:none;stroke:#{draft.accent.lower()}}}",
            f".{small}{{font-size:{draw.number(10, 11)}px;fill:#{grey}}}",
            f"text{{font-family:{font!r},sans-serif;font-size:{draw.number(12, 14)}px}}",
        )
    )
    mark = draw.number(90, 150), draw.number(26, 44)
    logo = site.host_url(token.id, ".png")
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">',
        f"<title>{escape(draft.company)}</title>",
        f'<style>@import url("{sheet}");{"".join(rules)}</style>',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<image href="{logo}" x="{width - mark[0] - 30}" y="{draw.number(14, 26)}" '
        f'width="{mark[0]}" height="{mark[1]}"/>',
        f'<text x="30" y="46">{escape(draft.company)}: {draw.one(NAMES)}, '
        f"{draft.modified_at:%Y-%m-%d}</text>",
        *parts,
        f'<text class="{small}" x="30" y="{height - 20}">{escape(draft.author)}</text>',
        "</svg>",
        "",
    ]
    return "\n".join(lines)


def _box(
    draw: Draw,
    box: str,
    small: str,
    place: tuple[int, int],
    size: tuple[int, int],
    name: str,
    address: str,
) -> str:
    (x, y), (width, height) = place, size
    middle = f'x="{x + width // 2}"'
    return (
        f'<rect class="{box}" x="{x}" y="{y}" width="{width}" height="{height}" '
        f'rx="{draw.number(2, 8)}"/>'
        f'<text {middle} y="{y + height // 2 - 4}" text-anchor="middle">{name}</text>'
        f'<text class="{small}" {middle} y="{y + height // 2 + 14}" text-anchor="middle">{address}'
        "</text>"
    )


KIND = SVGKind()
