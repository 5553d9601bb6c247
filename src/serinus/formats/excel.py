"""Excel workbooks (ECMA-376-1 §18): a linked picture on the sheet that is shown first."""

from serinus.formats.markup import Edit, Markup, after, before, read_markup
from serinus.formats.ooxml import DRAWING, EMU, OFFICE, XML, LinkedPicture, OfficeFile
from serinus.formats.package import FormatError

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
MAIN_TYPE = "spreadsheetml.sheet.main+xml"
ANCHOR = "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
COLUMN_MAX = 16_000
"""Columns of a sheet that a picture is put behind; a sheet has 16,384 (§18.3.1.13)."""

_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
_SHEET, _VIEW = f"{MAIN} sheet", f"{MAIN} workbookView"
_BEHIND = {
    *(f"{MAIN} {name}" for name in ("legacyDrawing", "legacyDrawingHF", "drawingHF", "picture")),
    *(f"{MAIN} {name}" for name in ("oleObjects", "controls", "webPublishItems", "tableParts")),
    *(f"{MAIN} extLst", f"{_COMPATIBILITY} AlternateContent"),
}
"""What stands behind a sheet's drawing (§18.3.1.99)."""


def link_picture(data: bytes, picture: LinkedPicture) -> bytes:
    """Return a workbook with the picture beside what its first sheet holds; raises FormatError."""
    file = OfficeFile(data, MAIN_TYPE)
    sheet = _find_sheet(file)
    drawing = _find_drawing(file, sheet)
    link = file.relate(drawing, "image", picture.url, is_external=True)
    markup = read_markup(file.read(drawing), ())
    anchor = _write_anchor(markup, picture, link, _free_column(file.read(sheet)))
    file.change(drawing, markup.apply([markup.append(markup.root, anchor)]))
    return file.written()


def _find_sheet(file: OfficeFile) -> str:
    """Return the worksheet that opens first; a chart has no cells to stand beside."""
    workbook = read_markup(file.read(file.main), (_SHEET, _VIEW))
    sheets, views = workbook.all(_SHEET), workbook.all(_VIEW)
    active = views[0].attributes.get("activeTab", "0") if views else "0"
    first = int(active) if active.isdecimal() and int(active[:6]) < len(sheets) else 0
    for sheet in (*sheets[first:], *sheets[:first]):
        if sheet.attributes.get("state", "visible") == "visible":
            found = file.related(file.main, "worksheet", sheet.attributes.get(f"{OFFICE} id", ""))
            if found is not None:
                return found
    raise FormatError("has no sheet to put the picture on")


def _find_drawing(file: OfficeFile, sheet: str) -> str:
    """Return the drawing of a sheet, which is made if there is none."""
    markup = read_markup(file.read(sheet), (), 1)
    for element in markup.all(f"{MAIN} drawing"):
        found = file.related(sheet, "drawing", element.attributes.get(f"{OFFICE} id", ""))
        if found is not None:
            return found
    empty = f'{XML}<xdr:wsDr xmlns:xdr="{ANCHOR}" xmlns:a="{DRAWING}"></xdr:wsDr>'
    drawing = file.add("xl/drawings/drawing{}.xml", "drawing+xml", empty)
    link = file.relate(sheet, "drawing", drawing)
    prefix = markup.root.prefix
    new = f'<{prefix}drawing{markup.declare({"r": OFFICE})} r:id="{link}"/>'
    file.change(sheet, markup.apply([_place_drawing(markup, new)]))
    return drawing


def _place_drawing(markup: Markup, new: str) -> Edit:
    children = markup.children(markup.root)
    behind = [e for e in children if e.name in _BEHIND]
    # Compatibility blocks may also stand where controls do not: only those at the end count.
    data = [e for e in children if e.name == f"{MAIN} sheetData"]
    behind = [e for e in behind if not data or e.start > data[0].start]
    if behind:
        return before(behind[0], new)
    return after(children[-1], new) if children else markup.append(markup.root, new)


def _free_column(sheet: bytes) -> int:
    """Return the first column behind those that the sheet says it uses, counted from 0."""
    dimensions = read_markup(sheet, (), 1).all(f"{MAIN} dimension")
    reference = dimensions[0].attributes.get("ref", "") if dimensions else ""
    letters = [c for c in reference.rpartition(":")[2][:3] if "A" <= c <= "Z"]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return min(column, COLUMN_MAX)


def _write_anchor(markup: Markup, picture: LinkedPicture, link: str, column: int) -> str:
    declared = markup.declare({"xdr": ANCHOR, "a": DRAWING})
    return (
        f"<xdr:oneCellAnchor{declared}><xdr:from><xdr:col>{column}</xdr:col>"
        "<xdr:colOff>0</xdr:colOff><xdr:row>0</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>"
        f'<xdr:ext cx="{picture.width * EMU}" cy="{picture.height * EMU}"/>'
        f"<xdr:pic><xdr:nvPicPr><xdr:cNvPr {picture.properties}/>"
        f'<xdr:cNvPicPr><a:picLocks noChangeAspect="1"/></xdr:cNvPicPr></xdr:nvPicPr>'
        f"{picture.blip_fill('xdr', markup.declare({'r': OFFICE}), link)}"
        f"{picture.shape('xdr')}</xdr:pic><xdr:clientData/></xdr:oneCellAnchor>"
    )
