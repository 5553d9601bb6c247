import pytest

from formats.office import DRAFT, PICTURE, changed, edited, parts
from serinus.formats.excel import link_picture
from serinus.formats.excel_draft import write_excel
from serinus.formats.package import FormatError

EXCEL = write_excel(DRAFT)
SHEET, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
DRAWING = {"xl/drawings/drawing1.xml", "xl/drawings/_rels/drawing1.xml.rels"}
RELS = "xl/worksheets/_rels/sheet1.xml.rels"


def test_a_sheet_gets_a_drawing_with_the_picture_beside_its_cells() -> None:
    made = link_picture(EXCEL, PICTURE)
    assert changed(EXCEL, made) == DRAWING | {"[Content_Types].xml", SHEET, RELS}
    drawing = parts(made)["xl/drawings/drawing1.xml"]
    assert "<xdr:col>2</xdr:col>" in drawing
    assert 'name="A &quot;name&quot;"' in drawing
    assert parts(made)[SHEET].endswith('fitToHeight="0"/><drawing r:id="rId1"/></worksheet>')


def test_a_drawing_that_is_there_takes_it() -> None:
    once = link_picture(EXCEL, PICTURE)
    twice = link_picture(once, PICTURE)
    assert changed(once, twice) == DRAWING
    assert parts(twice)["xl/drawings/drawing1.xml"].count("<xdr:oneCellAnchor") == 2


@pytest.mark.parametrize("name", ["legacyDrawing", "tableParts", "extLst"])
def test_the_drawing_stands_before_what_has_to_stand_behind_it(name: str) -> None:
    data = edited(EXCEL, SHEET, "</worksheet>", f"<{name}/></worksheet>")
    assert f'<drawing r:id="rId1"/><{name}/>' in parts(link_picture(data, PICTURE))[SHEET]


def test_a_hidden_sheet_is_passed_over() -> None:
    data = edited(EXCEL, WORKBOOK, "<sheets>", '<sheets><sheet name="h" state="hidden"/>')
    assert SHEET in changed(data, link_picture(data, PICTURE))


def test_a_workbook_without_a_sheet_that_is_shown_is_refused() -> None:
    data = edited(EXCEL, WORKBOOK, "<sheet name", '<sheet state="veryHidden" name')
    with pytest.raises(FormatError, match="no sheet"):
        link_picture(data, PICTURE)


def test_names_with_a_prefix_are_kept() -> None:
    text = parts(EXCEL)[SHEET]
    prefixed = text.replace("xmlns=", "xmlns:x=").replace("<", "<x:").replace("<x:/", "</x:")
    prefixed = prefixed.replace("<x:?", "<?")
    data = edited(EXCEL, SHEET, text, prefixed)
    assert '<x:drawing r:id="rId1"/></x:worksheet>' in parts(link_picture(data, PICTURE))[SHEET]
