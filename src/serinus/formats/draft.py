"""What a new file says, whatever its format: words, a table, and who made it when."""

from dataclasses import dataclass
from datetime import datetime

Cell = str | int


@dataclass(frozen=True, slots=True)
class Draft:
    """A document that is still without a format.

    Attributes:
        title: Of the document.
        company: Whose it is.
        author: Who made it.
        editor: Who saved it last.
        created_at: When it was made, UTC.
        modified_at: When it was saved last, UTC.
        minutes: For which it was edited.
        revision: How often it was saved.
        paragraphs: What it says first.
        header: Names of the table's columns.
        rows: Of the table, each as long as the header.
        heading: Above the points.
        points: What it says last, a line each.
        note: What every page says at its foot.
        accent: Colour of headings, six hexadecimal digits.
        fonts: Of headings and of text.
        serial: Drawn hexadecimal digits, from which a format takes what it numbers; at least 64.
    """

    title: str
    company: str
    author: str
    editor: str
    created_at: datetime
    modified_at: datetime
    minutes: int
    revision: int
    paragraphs: tuple[str, ...]
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    heading: str
    points: tuple[str, ...]
    note: str
    accent: str
    fonts: tuple[str, str]
    serial: str

    def number(self, place: int) -> str:
        """Return the eight drawn digits at a place from 0 to 7, below 0x80000000."""
        digits = int(self.serial[place * 8 : place * 8 + 8], 16)
        return f"{digits & 0x7FFFFFFF:08X}"

    def pick(self, place: int, low: int, high: int) -> int:
        """Return a drawn number from `low` to `high`, by a place from 0 to 31."""
        return low + int(self.serial[place * 2 : place * 2 + 2], 16) % (high - low + 1)

    def grey(self, low: int, high: int) -> str:
        """Return six digits of a drawn colour that is nearly grey, each part between the bounds."""
        return "".join(f"{self.pick(place, low, high):02X}" for place in (29, 30, 31))


PALE, DIM = (0xA4, 0xDC), (0x4C, 0x8C)
"""Bounds of greys: for lines, and for what is said in passing."""


def stamp(at: datetime) -> str:
    """Return a time as office files have it, in whole seconds of UTC (W3CDTF)."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
