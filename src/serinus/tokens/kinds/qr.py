"""A QR code that fires when somebody scans it and follows it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

import segno

from serinus.formats.png import write_grey_png
from serinus.model.answer import Answer
from serinus.tokens.drawing import PROJECTS, Draw
from serinus.tokens.kind import Artefact, Group, Options, Token, option, options_of, proven
from serinus.tokens.plain import PlainKind
from serinus.tokens.site import Site
from serinus.tokens.targets import TARGET_LENGTH_MAX, check_target

_QUIET = 4
"""Modules around the code that stay white (ISO/IEC 18004 §5.3.8)."""


@dataclass(frozen=True, slots=True)
class QROptions(Options):
    """Where to send whoever follows the code."""

    target: str = option(
        "Target",
        "URL that visitors are sent on to, http or https; an empty page if you give none.",
        default="",
        max=TARGET_LENGTH_MAX,
    )

    def check(self) -> None:
        """Refuse what is not an http(s) URL."""
        if self.target:
            check_target(self.target, "target")


class QRKind(PlainKind):
    """The code as a picture and as a drawing."""

    name = "qr"
    title = "QR code"
    summary = "A QR code that fires when somebody scans it and opens what it says."
    group = Group.FILE
    planting = (
        "Print it, or put it where nobody has a reason to scan it: inside a cabinet, on the back "
        "of a badge, in a document. It fires when the page behind it is opened, not when it is "
        "seen: a test decodes it with zbarimg and opens what it reads.",
        "Telephones show the host name before they open it. Give it a target, such as your own "
        "page, and the visitor arrives where they expect to.",
    )
    proof = proven("zbarimg", "curl")
    options = QROptions

    def artefacts(self, token: Token, site: Site) -> list[Artefact]:
        """Return the code as PNG and SVG, and the URL in it."""
        url = site.host_url(token.id)
        draw = Draw(token, site, "qr")
        words = draw.one(PROJECTS), draw.one(("qr", "code", "scan", "label", "sticker", "print"))
        stem = draw.one(("-", "_", "")).join(draw.shuffled(words))
        scale = draw.number(7, 12)
        return [
            Artefact("png", "Picture", _Picture(url, scale), "image/png", f"{stem}.png"),
            Artefact(
                "svg", "Drawing", _write_svg(url, scale, draw), "image/svg+xml", f"{stem}.svg"
            ),
            Artefact("url", "URL", url),
        ]

    def answer(self, token: Token, site: Site) -> Answer | None:  # noqa: ARG002
        """Return the redirect to the operator's page, if there is one."""
        target = options_of(token, QROptions).target
        return Answer(status=302, headers=(("Location", target),)) if target else None


@dataclass(frozen=True, slots=True)
class _Picture:
    """Makes the PNG when it is wanted."""

    url: str
    scale: int

    def __call__(self) -> bytes:
        rows = [
            [0 if dark else 255 for dark in row for _ in range(self.scale)]
            for row in _modules(self.url)
        ]
        return write_grey_png([row for row in rows for _ in range(self.scale)])


@lru_cache(maxsize=256)
def _modules(url: str) -> Sequence[Sequence[int]]:
    """Return the code's rows, 1 for dark, with white around them (ISO/IEC 18004)."""
    matrix = segno.make(url, error="m", micro=False).matrix
    size = len(matrix) + 2 * _QUIET
    edge, side = [[0] * size] * _QUIET, [0] * _QUIET
    return [*edge, *([*side, *row, *side] for row in matrix), *edge]


def _stretches(row: Sequence[int], is_apart: bool) -> Iterator[tuple[int, int]]:
    """Yield where dark modules begin and how many follow each other, or each of them apart."""
    x = 0
    for dark, group in groupby(row):
        count = len(list(group))
        if dark:
            yield from ((x + n, 1) for n in range(count)) if is_apart else ((x, count),)
        x += count


def _write_svg(url: str, scale: int, draw: Draw) -> str:
    modules = _modules(url)
    size = len(modules)
    # Programs write the modules one by one or row by row, each in its own way.
    form = draw.one(("M{x} {y}h{n}v1h-{n}z", "M{x},{y}h{n}v1H{x}z", "M{x} {y}V{z}h{n}V{y}z"))
    is_apart = draw.one((True, False))
    path = "".join(
        form.format(x=x, y=y, z=y + 1, n=n)
        for y, row in enumerate(modules)
        for x, n in _stretches(row, is_apart)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size * scale}" height="{size * scale}" '
        f'viewBox="0 0 {size} {size}"><path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path d="{path}"/></svg>\n'
    )


KIND = QRKind()
