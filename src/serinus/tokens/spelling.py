"""One of many spellings of a program text: names, white space and equal words are drawn.

Rules:
- In a template `@word` is a name, the same wherever it stands in what one `Spelling` writes;
  `«one¦other»` are spellings that mean the same; a tab that begins a line is a step of indent;
  `‹word›` is a value, and nothing in a value is taken for any of these.
- A name ends in a digit, so that it is no reserved word, command or variable of any language; the
  few functions of the C library that end in one are left out.
"""

import re
from collections.abc import Mapping, Sequence

from serinus.tokens.drawing import DIGITS, LETTERS, Draw

_CHOICE = re.compile("«([^»]*)»")
_NAME = re.compile("@([a-z]+)")
_INDENT = re.compile("^\t+", re.MULTILINE)
_VALUE = re.compile("‹([a-z]+)›")
# The C library has these (POSIX.1-2017, XSH 3; Linux man pages 2 and 3).
_TAKEN = frozenset(
    ["j0", "j1", "y0", "y1", "dup2", "dup3", "exp2", "log2", "atan2", "pipe2", "wait3", "wait4"]
)


class Spelling:
    """Writes texts with the same drawn names."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self._names: dict[str, str] = {}
        self._indent = draw.one(("  ", "    ", "\t", "   "))

    def write(self, template: str, values: Mapping[str, str]) -> str:
        """Return the template with everything drawn, and these values put in."""
        text = _CHOICE.sub(lambda found: self._draw.one(found[1].split("¦")), template)
        text = _NAME.sub(lambda found: self._name(found[1]), text)
        text = _INDENT.sub(lambda found: self._indent * len(found[0]), text)
        return _VALUE.sub(lambda found: values[found[1]], text)

    def in_any_order(self, parts: Sequence[str], between: str) -> str:
        """Return templates, whose order means nothing, as one template."""
        return between.join(self._draw.shuffled(parts))

    def number(self, low: int, high: int) -> int:
        """Return a number that may as well be another, from `low` to `high`."""
        return self._draw.number(low, high)

    def _name(self, meaning: str) -> str:
        while meaning not in self._names:
            name = self._draw.text(LETTERS, self._draw.number(1, 4)) + self._draw.one(DIGITS)
            if name not in (*self._names.values(), *_TAKEN):
                self._names[meaning] = name
        return self._names[meaning]
