from collections.abc import Callable

import pytest

from formats.office import DRAFT, PICTURE, changed, edited, parts
from serinus.formats.odf import link_sheet_picture, link_slide_picture, link_text_picture
from serinus.formats.odf_draft import write_odp, write_ods, write_odt
from serinus.formats.ooxml import LinkedPicture
from serinus.formats.package import FormatError, read_package
from serinus.formats.word_draft import write_word

ODT, ODS, ODP = write_odt(DRAFT), write_ods(DRAFT), write_odp(DRAFT)
CONTENT, STYLES, MANIFEST = "content.xml", "styles.xml", "META-INF/manifest.xml"
FRAME = "<draw:frame"
Link = Callable[[bytes, LinkedPicture], bytes]


def test_a_text_takes_a_frame_of_its_first_page_and_its_style() -> None:
    made = link_text_picture(ODT, PICTURE)
    assert changed(ODT, made) == {CONTENT}
    text = parts(made)[CONTENT]
    assert '<office:text><draw:frame draw:style-name="fr123456789"' in text
    assert 'xlink:href="http://k3j5.files.example/media/logo.png?a=1&amp;b=2"' in text
    assert "</style:style></office:automatic-styles>" in text
    assert 'style:name="fr123456789" style:family="graphic"' in text


def test_declarations_of_a_text_stay_in_front() -> None:
    data = edited(ODT, CONTENT, "<office:text>", "<office:text><text:sequence-decls/>")
    assert f"<text:sequence-decls/>{FRAME}" in parts(link_text_picture(data, PICTURE))[CONTENT]


def test_a_text_without_styles_gets_them() -> None:
    text = parts(ODT)[CONTENT]
    styles = text[text.index("<office:automatic-styles>") : text.index("<office:body>")]
    made = parts(link_text_picture(edited(ODT, CONTENT, styles, ""), PICTURE))[CONTENT]
    assert "</style:style></office:automatic-styles><office:body>" in made


def test_a_sheet_takes_the_picture_before_its_columns_or_among_its_shapes() -> None:
    once = link_sheet_picture(ODS, PICTURE)
    assert changed(ODS, once) == {CONTENT}
    assert f"<table:shapes>{FRAME}" in parts(once)[CONTENT]
    twice = parts(link_sheet_picture(once, PICTURE))[CONTENT]
    assert twice.count("<table:shapes>") == 1
    assert twice.count(FRAME) == 2


def test_forms_of_a_sheet_stay_in_front() -> None:
    data = edited(ODS, CONTENT, "<table:table-column", "<office:forms/><table:table-column")
    made = parts(link_sheet_picture(data, PICTURE))[CONTENT]
    assert f"<office:forms/><table:shapes>{FRAME}" in made


def test_the_master_of_the_first_slide_takes_the_picture() -> None:
    other = '<style:master-page style:name="Other" style:page-layout-name="Page"/>'
    data = edited(ODP, STYLES, "<office:master-styles>", f"<office:master-styles>{other}")
    made = link_slide_picture(data, PICTURE)
    assert changed(data, made) == {STYLES}
    assert other in parts(made)[STYLES]
    assert FRAME in parts(made)[STYLES]


def test_notes_of_a_master_stay_its_last() -> None:
    text = parts(ODP)[STYLES]
    page = text[text.index('style:name="Default"') : text.index("/></office:master-styles>")]
    notes = f"{page}><presentation:notes/></style:master-page>"
    data = edited(ODP, STYLES, f"{page}/>", notes)
    assert "</draw:frame><presentation:notes/>" in parts(link_slide_picture(data, PICTURE))[STYLES]


SIGNED = read_package(ODT).splice(
    {
        MANIFEST: read_package(ODT).read(MANIFEST),
        "META-INF/documentsignatures.xml": b"<a/>",
    }
)
REFUSED: dict[str, tuple[Link, bytes]] = {
    "is an OpenDocument spreadsheet (.ods), and not an OpenDocument text": (link_text_picture, ODS),
    "is an OpenDocument text (.odt), and not an OpenDocument spre": (link_sheet_picture, ODT),
    "is a ZIP, but not an OpenDocument presentation": (link_slide_picture, write_word(DRAFT)),
    "is a template": (link_text_picture, edited(ODT, "mimetype", "text", "text-template")),
    "is digitally signed": (link_text_picture, SIGNED),
    "is protected by a password": (
        link_text_picture,
        edited(
            ODT, MANIFEST, "</manifest:manifest>", "<manifest:encryption-data/></manifest:manifest>"
        ),
    ),
    "has no slide": (link_slide_picture, edited(ODP, CONTENT, parts(ODP)[CONTENT], "<a/>")),
    "has no slide master": (link_slide_picture, edited(ODP, STYLES, parts(ODP)[STYLES], "<a/>")),
    "has no sheet": (link_sheet_picture, edited(ODS, CONTENT, parts(ODS)[CONTENT], "<a/>")),
    "has no text": (link_text_picture, edited(ODT, CONTENT, parts(ODT)[CONTENT], "<a/>")),
    "has a document type": (
        link_text_picture,
        edited(ODT, CONTENT, "<office:document", "<!DOCTYPE a><office:document"),
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_cannot_take_the_picture_is_refused_by_its_reason(words: str) -> None:
    link, data = REFUSED[words]
    with pytest.raises(FormatError) as caught:
        link(data, PICTURE)
    assert words in str(caught.value)
