"""Word documents (ECMA-376-1 §17): a linked picture in the footer of the first page.

Two things fetch it: the linked blip of a drawing, which LibreOffice follows, and the field
INCLUDEPICTURE (§17.16.5.29) that holds the drawing as its result, which Word is known to follow.
"""

from serinus.formats.markup import Element, Markup, escaped, read_markup
from serinus.formats.ooxml import DRAWING, EMU, OFFICE, PICTURE, XML, LinkedPicture, OfficeFile
from serinus.formats.package import FormatError

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
MAIN_TYPE = "wordprocessingml.document.main+xml"
PLACE = "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"

REFERENCES_MAX = 3
"""References to a footer that are followed; a section has one of each type (§17.10.5), and each
costs a look through all that the document refers to."""

_FOOTER_TYPE = "wordprocessingml.footer+xml"
_SECTION, _BODY = f"{MAIN} sectPr", f"{MAIN} body"
_REFERENCE, _FIRST = f"{MAIN} footerReference", f"{MAIN} titlePg"
_PARAGRAPH = f"{MAIN} p"
_OFF = ("0", "false", "off")
"""ECMA-376-1 §22.9.2.7."""


def link_picture(data: bytes, picture: LinkedPicture) -> bytes:
    """Return a Word document with the picture in its footer; raises FormatError."""
    file = OfficeFile(data, MAIN_TYPE)
    footer = _find_footer(file)
    link = file.relate(footer, "image", picture.url, is_external=True)
    markup = read_markup(file.read(footer), (), 1)
    _check_prefix(markup)
    paragraphs = markup.all(_PARAGRAPH)
    runs = _write_runs(markup, picture, link)
    w = markup.root.prefix
    if paragraphs:
        edit = markup.append(paragraphs[-1], runs)
    else:
        edit = markup.append(markup.root, f"<{w}p>{runs}</{w}p>")
    file.change(footer, markup.apply([edit]))
    return file.written()


def _find_footer(file: OfficeFile) -> str:
    """Return the footer of the first page, which is made if there is none."""
    document = read_markup(file.read(file.main), (_BODY, _SECTION, _REFERENCE, _FIRST))
    _check_prefix(document)
    # What a tracked change replaced has sections, too; they stand for nothing.
    sections = [s for s in document.all(_SECTION) if not s.parent.endswith("Change")]
    section = sections[0] if sections else None
    type_ = "default"
    if section is not None:
        is_first = any(
            e.attributes.get(f"{MAIN} val", "1") not in _OFF for e in document.all(_FIRST, section)
        )
        type_ = "first" if is_first else type_
        references = [
            e
            for e in document.all(_REFERENCE, section)
            if e.attributes.get(f"{MAIN} type", "default") == type_
        ]
        for reference in references[:REFERENCES_MAX]:
            found = file.related(file.main, "footer", reference.attributes.get(f"{OFFICE} id", ""))
            if found is not None:
                return found
    return _add_footer(file, document, section, type_)


def _check_prefix(markup: Markup) -> None:
    """Refuse a part without a prefix, because attributes then need one that is not there."""
    if not markup.root.prefix:
        raise FormatError("is not as Word writes it: open it there or in LibreOffice and save it")


def _add_footer(file: OfficeFile, document: Markup, section: Element | None, type_: str) -> str:
    footer = f'{XML}<w:ftr xmlns:w="{MAIN}" xmlns:r="{OFFICE}" xmlns:wp="{PLACE}"><w:p/></w:ftr>'
    name = file.add("word/footer{}.xml", _FOOTER_TYPE, footer)
    link = file.relate(file.main, "footer", name)
    w = document.root.prefix
    declared = document.declare({"r": OFFICE})
    reference = f'<{w}footerReference{declared} {w}type="{type_}" r:id="{link}"/>'
    if section is not None:
        # References stand before all else in a section (§17.6.17).
        edit = document.prepend(section, reference)
    else:
        edit = document.append(document.all(_BODY)[0], f"<{w}sectPr>{reference}</{w}sectPr>")
    file.change(file.main, document.apply([edit]))
    return name


def _write_runs(markup: Markup, picture: LinkedPicture, link: str) -> str:
    w = markup.root.prefix
    wp = markup.declare({"wp": PLACE})
    r = markup.declare({"r": OFFICE})
    size = f'cx="{picture.width * EMU}" cy="{picture.height * EMU}"'
    drawing = (
        f'<{w}drawing><wp:inline{wp} distT="0" distB="0" distL="0" distR="0"><wp:extent {size}/>'
        f'<wp:docPr {picture.properties}/><a:graphic xmlns:a="{DRAWING}">'
        f'<a:graphicData uri="{PICTURE}"><pic:pic xmlns:pic="{PICTURE}">'
        f"<pic:nvPicPr><pic:cNvPr {picture.properties}/><pic:cNvPicPr/></pic:nvPicPr>"
        f"{picture.blip_fill('pic', r, link)}{picture.shape('pic')}"
        f"</pic:pic></a:graphicData></a:graphic></wp:inline></{w}drawing>"
    )
    field = rf' INCLUDEPICTURE "{escaped(picture.url)}" \d \* MERGEFORMAT '
    mark = f'<{w}r><{w}fldChar {w}fldCharType="%s"/></{w}r>'
    return (
        f"{mark % 'begin'}"
        f'<{w}r><{w}instrText xml:space="preserve">{field}</{w}instrText></{w}r>'
        f"{mark % 'separate'}<{w}r>{drawing}</{w}r>{mark % 'end'}"
    )
