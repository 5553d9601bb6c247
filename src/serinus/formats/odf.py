"""OpenDocument files (ODF 1.3): a linked picture in a text, a spreadsheet or a presentation.

Rules:
- What is added is put into the text of `content.xml` or `styles.xml`; nothing else changes.
- Refused, each with its reason: another program's file, encrypted and signed files, and templates.
"""

from serinus.formats.markup import Edit, Element, Markup, after, before, escaped, read_markup
from serinus.formats.ooxml import LinkedPicture, open_package
from serinus.formats.package import FormatError, Package

OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
STYLE = "urn:oasis:names:tc:opendocument:xmlns:style:1.0"
TEXT = "urn:oasis:names:tc:opendocument:xmlns:text:1.0"
TABLE = "urn:oasis:names:tc:opendocument:xmlns:table:1.0"
DRAW = "urn:oasis:names:tc:opendocument:xmlns:drawing:1.0"
SVG = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
LINK = "http://www.w3.org/1999/xlink"
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
PRESENTATION = "urn:oasis:names:tc:opendocument:xmlns:presentation:1.0"

MIME = "application/vnd.oasis.opendocument."
_KNOWN = {
    "text": "an OpenDocument text (.odt)",
    "spreadsheet": "an OpenDocument spreadsheet (.ods)",
    "presentation": "an OpenDocument presentation (.odp)",
}
_MIME_MAX = 200
"""Bytes of a media type that are read."""
_PIXEL_CM = 2.54 / 96


def link_text_picture(data: bytes, picture: LinkedPicture) -> bytes:
    """Return a text with the picture on its first page, which flows as before; FormatError."""
    package = _open(data, "text")
    names = (f"{OFFICE} automatic-styles", f"{OFFICE} body", f"{OFFICE} text", *_FRONT)
    markup = read_markup(package.read("content.xml"), names)
    texts, bodies = markup.all(f"{OFFICE} text"), markup.all(f"{OFFICE} body")
    if not texts or not bodies:
        raise FormatError("has no text")
    style = f"fr{picture.number}"
    frame = _write_frame(
        markup,
        picture,
        f' draw:style-name="{style}" text:anchor-type="page" text:anchor-page-number="1"',
        ' svg:x="2cm" svg:y="0.8cm"',
    )
    graphic = (
        f'<style:style{markup.declare({"style": STYLE})} style:name="{style}" '
        'style:family="graphic"><style:graphic-properties style:wrap="run-through" '
        'style:run-through="background" style:horizontal-pos="from-left" '
        'style:horizontal-rel="page" style:vertical-pos="from-top" style:vertical-rel="page"/>'
        "</style:style>"
    )
    # Frames of a page stand before the paragraphs (ODF 1.3 part 3, §3.4), behind declarations.
    front = [e for e in markup.children(texts[0]) if e.name in _FRONT]
    place = after(front[-1], frame) if front else markup.prepend(texts[0], frame)
    styles = markup.all(f"{OFFICE} automatic-styles")
    if styles:
        edit = markup.append(styles[0], graphic)
    else:
        office = bodies[0].prefix
        section = f"<{office}automatic-styles>{graphic}</{office}automatic-styles>"
        edit = before(bodies[0], section)
    return package.splice({"content.xml": markup.apply([edit, place])})


def link_sheet_picture(data: bytes, picture: LinkedPicture) -> bytes:
    """Return a spreadsheet with the picture on its first sheet; raises FormatError."""
    package = _open(data, "spreadsheet")
    sheet, shapes = f"{TABLE} table", f"{TABLE} shapes"
    before_shapes = [f"{TABLE} {n}" for n in ("title", "desc", "table-source", "dde-source")]
    before_shapes += [f"{OFFICE} dde-source", f"{TABLE} scenario", f"{OFFICE} forms"]
    markup = read_markup(package.read("content.xml"), (sheet, shapes, *before_shapes))
    sheets = [e for e in markup.all(sheet) if e.parent == f"{OFFICE} spreadsheet"]
    if not sheets:
        raise FormatError("has no sheet to put the picture on")
    frame = _write_frame(markup, picture, "", ' svg:x="0cm" svg:y="0cm"')
    children = markup.children(sheets[0])
    own = [e for e in children if e.name == shapes]
    ahead = [e for e in children if e.name in before_shapes]
    table = sheets[0].prefix
    if own:
        edit = markup.append(own[0], frame)
    else:
        new = f"<{table}shapes>{frame}</{table}shapes>"
        edit = after(ahead[-1], new) if ahead else markup.prepend(sheets[0], new)
    return package.splice({"content.xml": markup.apply([edit])})


def link_slide_picture(data: bytes, picture: LinkedPicture) -> bytes:
    """Return a presentation with the picture on its first slide's master; raises FormatError."""
    package = _open(data, "presentation")
    page, master = f"{DRAW} page", f"{STYLE} master-page"
    slides = read_markup(package.read("content.xml"), (page,)).all(page)
    if not slides:
        raise FormatError("has no slide: add one")
    name = slides[0].attributes.get(f"{DRAW} master-page-name")
    notes = f"{PRESENTATION} notes"
    markup = read_markup(package.read("styles.xml"), (master, notes))
    masters = markup.all(master)
    found = [e for e in masters if e.attributes.get(f"{STYLE} name") == name] or masters
    if not found:
        raise FormatError("has no slide master")
    place = ' svg:x="1cm" svg:y="0.4cm"'
    frame = _write_frame(markup, picture, ' draw:layer="backgroundobjects"', place)
    return package.splice({"styles.xml": markup.apply([_place(markup, found[0], notes, frame)])})


_FRONT = (
    *(f"{OFFICE} forms", f"{TEXT} tracked-changes", f"{TEXT} variable-decls"),
    *(f"{TEXT} sequence-decls", f"{TEXT} user-field-decls", f"{TEXT} dde-connection-decls"),
    *(f"{TEXT} alphabetical-index-auto-mark-file", f"{TABLE} calculation-settings"),
)
"""What stands before everything else of a text."""


def _place(markup: Markup, master: Element, notes: str, frame: str) -> Edit:
    """Notes are the last of a master (ODF 1.3 part 3, §16.9)."""
    own = [e for e in markup.children(master) if e.name == notes]
    return before(own[0], frame) if own else markup.append(master, frame)


def _open(data: bytes, wanted: str) -> Package:
    package = open_package(data)
    if "mimetype" not in package.names:
        raise FormatError(f"is a ZIP, but not {_KNOWN[wanted]}")
    found = package.read("mimetype")[:_MIME_MAX].decode("ascii", "replace").strip()
    if found == f"{MIME}{wanted}-template":
        raise FormatError("is a template: make a document of it, and give that")
    if found != MIME + wanted:
        known = _KNOWN.get(found.removeprefix(MIME), "another program's file")
        raise FormatError(f"is {known}, and not {_KNOWN[wanted]}")
    if "META-INF/documentsignatures.xml" in package.names:
        raise FormatError("is digitally signed, and any change would break the signature")
    encryption = f"{MANIFEST} encryption-data"
    if read_markup(package.read("META-INF/manifest.xml"), (encryption,)).all(encryption):
        raise FormatError("is protected by a password: save it without one")
    return package


def _write_frame(markup: Markup, picture: LinkedPicture, about: str, place: str) -> str:
    spaces = {
        "draw": DRAW,
        "svg": SVG,
        "xlink": LINK,
        **({"text": TEXT} if "text:" in about else {}),
    }
    width, height = (round(p * _PIXEL_CM, 3) for p in (picture.width, picture.height))
    return (
        f'<draw:frame{markup.declare(spaces)}{about} draw:name="{escaped(picture.name)}"{place} '
        f'svg:width="{width:g}cm" svg:height="{height:g}cm">'
        f'<draw:image xlink:href="{escaped(picture.url)}" xlink:type="simple" '
        'xlink:show="embed" xlink:actuate="onLoad"/></draw:frame>'
    )
