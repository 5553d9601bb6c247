import pytest

from formats.office import DRAFT, PICTURE, changed, edited, parts
from serinus.formats.package import FormatError
from serinus.formats.powerpoint import SLIDES_MAX, link_picture
from serinus.formats.powerpoint_draft import write_powerpoint

POWERPOINT = write_powerpoint(DRAFT)
PRESENTATION = "ppt/presentation.xml"
MASTER = "ppt/slideMasters/slideMaster1.xml"


def test_the_master_takes_the_picture_below_all_other_shapes() -> None:
    made = link_picture(POWERPOINT, PICTURE)
    assert changed(POWERPOINT, made) == {MASTER, "ppt/slideMasters/_rels/slideMaster1.xml.rels"}
    text = parts(made)[MASTER]
    assert text.index("</p:grpSpPr><p:pic>") < text.index("<p:sp>")
    assert '<a:blip r:link="rId3"/>' in text


@pytest.mark.parametrize("size", ["", 'cx="x" cy="9"', 'cx="99999999999" cy="1"', 'cx="9" cy="9"'])
def test_any_size_of_slides_is_lawful(size: str) -> None:
    data = edited(POWERPOINT, PRESENTATION, 'cx="12192000" cy="6858000"', size)
    assert "<p:pic>" in parts(link_picture(data, PICTURE))[MASTER]


def test_a_presentation_without_slides_is_refused() -> None:
    text = parts(POWERPOINT)[PRESENTATION]
    slides = text[text.index("<p:sldIdLst>") : text.index("<p:sldSz")]
    with pytest.raises(FormatError, match="no slide"):
        link_picture(edited(POWERPOINT, PRESENTATION, slides, ""), PICTURE)


def test_a_master_without_shapes_is_refused() -> None:
    text = parts(POWERPOINT)[MASTER]
    tree = text[text.index("<p:spTree>") : text.index("</p:cSld>")]
    with pytest.raises(FormatError, match="without shapes"):
        link_picture(edited(POWERPOINT, MASTER, tree, ""), PICTURE)


def test_the_master_is_that_of_one_of_the_first_slides() -> None:
    broken = '<p:sldId id="999" r:id="rId999"/>'
    listed = "<p:sldIdLst>"
    few = edited(POWERPOINT, PRESENTATION, listed, listed + broken * (SLIDES_MAX - 1))
    assert MASTER in changed(few, link_picture(few, PICTURE))
    with pytest.raises(FormatError, match="no slide"):
        link_picture(
            edited(POWERPOINT, PRESENTATION, listed, listed + broken * SLIDES_MAX), PICTURE
        )
