"""The mark of a company that does not exist: a few plain shapes in one colour, drawn per token."""

from dataclasses import dataclass
from functools import lru_cache

from serinus.formats.png import write_png
from serinus.model.answer import Answer
from serinus.tokens.drawing import Draw
from serinus.tokens.kind import Token
from serinus.tokens.site import Site
from serinus.tokens.stories import tell_story

_CELL_MIN, _CELL_MAX = 40, 72
"""Pixels of one shape's side: a mark of some 200 by 60 is what a letterhead holds."""
_FINE = 4
"""Samples of a pixel's side: edges come out smooth."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Shapes in a row, each `disc`, `square`, `left` or `right` (triangles), and their strength."""

    cell: int
    shapes: tuple[tuple[str, int], ...]
    colour: str

    @property
    def width(self) -> int:
        """In pixels."""
        return self.cell * len(self.shapes)

    @property
    def height(self) -> int:
        """In pixels."""
        return self.cell

    def png(self) -> bytes:
        """Return the mark as a picture; without colour it is transparent."""
        red, green, blue = bytes.fromhex(self.colour or "FFFFFF")
        shades = [
            (_cover(name, self.cell), self._shade(strength)) for name, strength in self.shapes
        ]
        rows = []
        for y in range(self.height):
            row = bytearray(bytes((red, green, blue, 0)) * self.width)
            row[3::4] = b"".join(cover[y].translate(shade) for cover, shade in shades)
            rows.append(bytes(row))
        return write_png(self.width, self.height, rows)

    def _shade(self, strength: int) -> bytes:
        """Return the alpha for each number of samples that lie in a shape."""
        whole = strength if self.colour else 0
        return bytes(whole * min(count, _FINE**2) // _FINE**2 for count in range(256))


def show_mark(token: Token, site: Site, is_clear: bool = False) -> Answer:
    """Return the answer that gives the mark, whatever path is asked for."""
    body = draw_mark(token, site, is_clear).png()
    return Answer(headers=(("Content-Type", "image/png"),), body=body)


def draw_mark(token: Token, site: Site, is_clear: bool = False) -> Mark:
    """Return the mark of the token's company, or a transparent one of its size."""
    draw = Draw(token, site, "mark")
    shapes = tuple(
        (draw.one(("disc", "square", "left", "right")), draw.number(120, 255))
        for _ in range(draw.number(2, 5))
    )
    cell = draw.number(_CELL_MIN, _CELL_MAX)
    return Mark(cell, shapes, "" if is_clear else tell_story(token, site).accent)


@lru_cache(maxsize=256)
def _cover(name: str, cell: int) -> tuple[bytes, ...]:
    """Return how many samples of each pixel lie in a shape; every mark is made of these few."""
    pixels = range(cell)
    return tuple(bytes(_samples(name, x, y, cell) for x in pixels) for y in pixels)


def _samples(name: str, x: int, y: int, cell: int) -> int:
    """Return how many of a pixel's samples lie in a shape with a little space around it."""
    size, pad = cell * _FINE, cell * _FINE // 12
    found = 0
    for v in range(y * _FINE, (y + 1) * _FINE):
        for u in range(x * _FINE, (x + 1) * _FINE):
            if min(u, v) < pad or max(u, v) >= size - pad:
                continue
            a, b = u - size // 2, v - size // 2
            match name:
                case "disc":
                    found += a * a + b * b <= (size // 2 - pad) ** 2
                case "left":
                    found += u >= v
                case "right":
                    found += u + v >= size
                case _:
                    found += 1
    return found
