"""XML that is added to and otherwise left as it is typed: positions are found, text goes between.

Rules:
- Expat finds the positions (W3C XML 1.0, Namespaces in XML 1.0). A document type is refused before
  it is read, so that no entity is ever expanded, and nothing outside is asked for.
- Only UTF-8 is taken, so that what expat counts are the bytes that we have.
- Names are `namespace local`, with a blank between.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from xml.parsers import expat

from serinus.formats.package import FormatError

DEPTH_MAX = 1000
"""Elements within one another; tables within tables of an office file reach some fifty, and each
open one costs memory."""
FOUND_MAX = 200_000
"""Elements that are kept; what is looked for stands a few times in a file."""

# A start tag of well-formed XML: a greater-than sign may stand within quotes.
_TAG = re.compile(rb"""<([^\s/>]+)(?:[^>"']|"[^"]*"|'[^']*')*>""")
_UNICODE = ("utf-8", "utf8", "us-ascii", "ascii")


@dataclass(slots=True)
class Element:
    """An element, and where it lies.

    Attributes:
        name: Namespace and local name.
        tag: Its name as it is typed.
        attributes: By name.
        parent: The name of what it stands in; "" of the root.
        start: Of its start tag.
        inner: Behind its start tag.
        inner_end: Of its end tag; of an empty tag the same as `end`.
        end: Behind it.
    """

    name: str
    tag: str
    attributes: Mapping[str, str]
    parent: str
    start: int
    inner: int
    inner_end: int = 0
    end: int = 0
    is_empty: bool = False

    @property
    def prefix(self) -> str:
        """The prefix of its tag with the colon, or ""."""
        return f"{self.tag.rpartition(':')[0]}:" if ":" in self.tag else ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Text that takes the place of a stretch, mostly of none."""

    start: int
    end: int
    text: str


@dataclass(slots=True)
class Markup:
    """An XML document, and the elements of it that were asked for, in order."""

    xml: bytes
    found: list[Element] = field(default_factory=list)
    namespaces: dict[str, str] = field(default_factory=dict)

    @property
    def root(self) -> Element:
        """The outermost element."""
        return self.found[0]

    def all(self, name: str, within: Element | None = None) -> list[Element]:
        """Return the elements of a name, or those of them that lie within another."""
        return [
            e
            for e in self.found
            if e.name == name
            and (within is None or (within.start < e.start and e.end <= within.inner_end))
        ]

    def children(self, parent: Element) -> list[Element]:
        """Return what was found directly in an element."""
        inside = [e for e in self.found if parent.inner <= e.start < parent.inner_end]
        return [e for e in inside if e.parent == parent.name]

    def declare(self, namespaces: Mapping[str, str]) -> str:
        """Return the declarations that a fragment still needs, each with a blank before it."""
        lacking = {p: n for p, n in namespaces.items() if self.namespaces.get(p) != n}
        return "".join(f' xmlns:{prefix}="{name}"' for prefix, name in lacking.items())

    def apply(self, edits: Iterable[Edit]) -> bytes:
        """Return the document with edits that do not overlap; it is well-formed as before."""
        pieces, at = [], 0
        for edit in sorted(edits, key=lambda e: e.start):
            pieces += [self.xml[at : edit.start], edit.text.encode()]
            at = edit.end
        changed = b"".join([*pieces, self.xml[at:]])
        read_markup(changed, ())
        return changed

    def append(self, element: Element, text: str) -> Edit:
        """Return the edit that puts text at the end of an element's content."""
        if not element.is_empty:
            return Edit(element.inner_end, element.inner_end, text)
        return Edit(element.inner - 2, element.inner, f">{text}</{element.tag}>")

    def prepend(self, element: Element, text: str) -> Edit:
        """Return the edit that puts text at the beginning of an element's content."""
        if element.is_empty:
            return self.append(element, text)
        return Edit(element.inner, element.inner, text)


def before(element: Element, text: str) -> Edit:
    """Return the edit that puts text before an element."""
    return Edit(element.start, element.start, text)


def after(element: Element, text: str) -> Edit:
    """Return the edit that puts text behind an element."""
    return Edit(element.end, element.end, text)


def read_markup(xml: bytes, wanted: Collection[str], depth: int = 0) -> Markup:
    """Return the document; raises FormatError where it is not plain, well-formed XML.

    Args:
        xml: The document, of any source.
        wanted: Names of elements to find.
        depth: Elements down to this depth are found whatever their names; the root is at 0.
    """
    reader = _Reader(xml, wanted, depth)
    try:
        reader.parser.Parse(xml, True)
    except expat.ExpatError:
        raise FormatError("has a part that is not well-formed XML: save it again") from None
    return reader.markup


def escaped(text: str) -> str:
    """Return text that is safe in XML, between quotes too."""
    return escape(text, quote=True)


class _Reader:
    """Collects what is wanted while expat reads."""

    def __init__(self, xml: bytes, wanted: Collection[str], depth: int) -> None:
        self.markup = Markup(xml)
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse
        parser.XmlDeclHandler = self._check
        self._wanted, self._depth = frozenset(wanted), depth
        self._open: list[tuple[str, Element | None]] = []
        if xml[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise FormatError("has a part that is not UTF-8: save it again")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        element = None
        if len(self._open) >= DEPTH_MAX:
            raise FormatError("has a part nested deeper than an office file is")
        if name in self._wanted or len(self._open) <= self._depth:
            xml, start = self.markup.xml, self.parser.CurrentByteIndex
            tag = _TAG.match(xml, start)
            if tag is None or len(self.markup.found) >= FOUND_MAX:
                raise FormatError("has a part with more elements than an office file has")
            parent = self._open[-1][0] if self._open else ""
            element = Element(name, tag[1].decode(), attributes, parent, start, tag.end())
            element.is_empty = xml[tag.end() - 2] == ord("/")
            self.markup.found.append(element)
        self._open.append((name, element))

    def _end(self, _: str) -> None:
        element = self._open.pop()[1]
        if element is None:
            return
        if element.is_empty:
            element.inner_end = element.end = element.inner
        else:
            element.inner_end = self.parser.CurrentByteIndex
            element.end = self.markup.xml.index(b">", element.inner_end) + 1

    def _declare(self, prefix: str | None, name: str | None) -> None:
        if not self._open and prefix and name:
            self.markup.namespaces[prefix] = name

    def _refuse(self, *_: object) -> None:
        raise FormatError("has a document type in one of its parts, which no office program writes")

    def _check(self, _: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in _UNICODE:
            raise FormatError("has a part that is not UTF-8: save it again")
