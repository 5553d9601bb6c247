"""Office Open XML packages (ECMA-376-2 OPC): parts, relationships and content types.

Rules:
- What is added is put into the text of a part; no part is written anew.
- Refused, each with its reason: another program's file, macros, templates, Strict files, signed
  files, and the older binary formats.
"""

import posixpath
import re
from collections.abc import Mapping
from typing import NamedTuple

from serinus.formats.markup import Markup, escaped, read_markup
from serinus.formats.package import FormatError, Package, read_package

CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
APPLICATION = "application/vnd.openxmlformats-officedocument."
EMU = 9525
"""English metric units of a pixel, 1/96 inch (ECMA-376-1 §20.1.2.1)."""

_TYPES_PART = "[Content_Types].xml"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_KNOWN = {
    "wordprocessingml.document.main+xml": "a Word document",
    "spreadsheetml.sheet.main+xml": "an Excel workbook",
    "presentationml.presentation.main+xml": "a PowerPoint presentation",
}


class LinkedPicture(NamedTuple):
    """A picture that is fetched when it is shown.

    Attributes:
        url: Where it lies.
        width: In pixels of 1/96 inch.
        height: In the same.
        number: Of its shape, unique in the file for all that matters.
        name: Of its shape.
    """

    url: str
    width: int
    height: int
    number: int
    name: str

    def blip_fill(self, prefix: str, declared: str, relationship: str) -> str:
        """Return what fills the shape: a blip that is linked and not embedded (§20.1.8.13)."""
        return (
            f'<{prefix}:blipFill><a:blip{declared} r:link="{relationship}"/>'
            f"<a:stretch><a:fillRect/></a:stretch></{prefix}:blipFill>"
        )

    def shape(self, prefix: str, x: int = 0, y: int = 0) -> str:
        """Return the place and form of the shape, in English metric units."""
        return (
            f'<{prefix}:spPr><a:xfrm><a:off x="{x}" y="{y}"/>'
            f'<a:ext cx="{self.width * EMU}" cy="{self.height * EMU}"/></a:xfrm>'
            f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></{prefix}:spPr>'
        )

    @property
    def properties(self) -> str:
        """The attributes by which the shape is known (§20.1.2.2.8)."""
        return f'id="{self.number}" name="{escaped(self.name)}"'


class Relationship(NamedTuple):
    """What a part refers to; `target` is a part's name, or an address of the world outside."""

    id: str
    type: str
    target: str
    is_external: bool


class OfficeFile:
    """An office file that is being changed.

    Args:
        data: The file.
        main_type: The content type that its main part must have, without `APPLICATION`.

    Raises:
        FormatError: It is not such a file, or not one that can be changed.
    """

    def __init__(self, data: bytes, main_type: str) -> None:
        self._package = open_package(data)
        self._changes: dict[str, bytes] = {}
        if any(name.startswith("_xmlsignatures/") for name in self._package.names):
            raise FormatError("is digitally signed, and any change would break the signature")
        if _TYPES_PART not in self._package.names:
            raise FormatError("is a ZIP, but not one of Microsoft Office")
        self.main = self._find_main()
        _check_type(self._content_type(self.main), main_type)

    def read(self, part: str) -> bytes:
        """Return a part as it is now."""
        return self._changes[part] if part in self._changes else self._package.read(part)

    def change(self, part: str, content: bytes) -> None:
        """Give a part other content."""
        self._changes[part] = content

    def add(self, pattern: str, content_type: str, xml: str) -> str:
        """Add a part under the first free number of a name such as `word/footer{}.xml`."""
        taken = {name.lower() for name in (*self._package.names, *self._changes)}
        number = next(n for n in range(1, len(taken) + 2) if pattern.format(n).lower() not in taken)
        name = pattern.format(number)
        types = read_markup(self.read(_TYPES_PART), ())
        override = (
            f'<{types.root.prefix}Override PartName="/{name}" '
            f'ContentType="{APPLICATION}{content_type}"/>'
        )
        self.change(_TYPES_PART, types.apply([types.append(types.root, override)]))
        self.change(name, xml.encode())
        return name

    def relationships(self, part: str) -> list[Relationship]:
        """Return what a part refers to."""
        name = _relationships_of(part)
        if name not in self._changes and name not in self._package.names:
            return []
        found = read_markup(self.read(name), (), 1).all(f"{RELATIONSHIPS} Relationship")
        return [_read_relationship(part, element.attributes) for element in found]

    def related(self, part: str, type_: str, id_: str | None = None) -> str | None:
        """Return the first part of a type that a part refers to, or the one under an id."""
        for found in self.relationships(part):
            if found.type.rpartition("/")[2] == type_ and id_ in (None, found.id):
                return None if found.is_external else found.target
        return None

    def relate(self, part: str, type_: str, target: str, is_external: bool = False) -> str:
        """Add a relationship, and return its id."""
        ids = {found.id for found in self.relationships(part)}
        numbers = [int(n[1]) for i in ids if (n := re.fullmatch(r"rId(\d{1,9})", i))]
        id_ = f"rId{max(numbers, default=0) + 1}"
        name = _relationships_of(part)
        mode = ' TargetMode="External"' if is_external else ""
        if not is_external:
            target = posixpath.relpath(f"/{target}", posixpath.dirname(f"/{part}"))
        if not ids and name not in self._package.names and name not in self._changes:
            self.change(name, f'{XML}<Relationships xmlns="{RELATIONSHIPS}"/>'.encode())
        markup = read_markup(self.read(name), ())
        new = (
            f'<{markup.root.prefix}Relationship Id="{id_}" Type="{OFFICE}/{type_}" '
            f'Target="{escaped(target)}"{mode}/>'
        )
        self.change(name, markup.apply([markup.append(markup.root, new)]))
        return id_

    def written(self) -> bytes:
        """Return the file with what was changed."""
        return self._package.splice(self._changes)

    def _find_main(self) -> str:
        found = [r for r in self.relationships("") if r.type.endswith("/officeDocument")]
        if not found or found[0].is_external:
            raise FormatError("is a ZIP, but not one of Microsoft Office")
        if "purl.oclc.org" in found[0].type:
            raise FormatError("is of the Strict kind: save it as the usual one")
        return found[0].target

    def _content_type(self, part: str) -> str:
        types: Markup = read_markup(self.read(_TYPES_PART), (), 1)
        for element in types.all(f"{CONTENT_TYPES} Override"):
            if element.attributes.get("PartName", "").lower() == f"/{part}".lower():
                return element.attributes.get("ContentType", "")
        for element in types.all(f"{CONTENT_TYPES} Default"):
            if part.lower().endswith("." + element.attributes.get("Extension", "").lower()):
                return element.attributes.get("ContentType", "")
        return ""


XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\r\n'
"""What Microsoft Office begins each part with."""


def open_package(data: bytes) -> Package:
    """Return the package of an office file; raises FormatError that says what else it is."""
    if data.startswith(_COMPOUND):
        if _ENCRYPTED in data:
            raise FormatError("is protected by a password: save it without one")
        raise FormatError("is of the format before 2007: save it as .docx, .xlsx or .pptx")
    for beginning, what in ((b"%PDF", "a PDF"), (b"{\\rtf", "an RTF file"), (b"<", "XML or HTML")):
        if data.lstrip()[:8].startswith(beginning):
            raise FormatError(f"is {what}, whatever its name says")
    if not data.startswith(b"PK\x03\x04"):
        raise FormatError("is no office file, whatever its name says")
    return read_package(data)


def _check_type(found: str, wanted: str) -> None:
    if found == APPLICATION + wanted:
        return
    if "macroEnabled" in found:
        raise FormatError("holds macros, which mail and programs block: save it without them")
    if "template" in found:
        raise FormatError("is a template: make a document of it, and give that")
    is_known = _KNOWN.get(found.removeprefix(APPLICATION), "another program's file")
    raise FormatError(f"is {is_known}, and not {_KNOWN[wanted]}")


def _relationships_of(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def _read_relationship(part: str, about: Mapping[str, str]) -> Relationship:
    is_external = about.get("TargetMode") == "External"
    target = about.get("Target", "")
    if not is_external:
        target = posixpath.normpath(posixpath.join("/", posixpath.dirname(part), target)).lstrip(
            "/"
        )
    return Relationship(about.get("Id", ""), about.get("Type", ""), target, is_external)
