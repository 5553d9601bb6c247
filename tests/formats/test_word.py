import pytest

from formats.office import DRAFT, PICTURE, URL, changed, edited, parts
from serinus.formats.package import FormatError
from serinus.formats.word import REFERENCES_MAX, link_picture
from serinus.formats.word_draft import write_word

WORD = write_word(DRAFT)
DOCUMENT, RELS = "word/document.xml", "word/_rels/document.xml.rels"
REFERENCE = '<w:footerReference w:type="default" r:id="rId6"/>'
ONE, TWO = "word/footer1.xml", "word/footer2.xml"
BARE = edited(WORD, DOCUMENT, REFERENCE, "")


def footers(*numbers: int) -> set[str]:
    return {
        f"word/{folder}"
        for n in numbers
        for folder in (f"footer{n}.xml", f"_rels/footer{n}.xml.rels")
    }


def test_a_footer_that_is_there_takes_the_picture_at_the_end_of_its_text() -> None:
    made = link_picture(WORD, PICTURE)
    assert changed(WORD, made) == footers(1)
    text = parts(made)[ONE]
    assert text.index("internal") < text.index("INCLUDEPICTURE") < text.index("<a:blip r:link")
    assert text.endswith('<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:ftr>')
    assert f'INCLUDEPICTURE "{URL.replace("&", "&amp;")}" \\d' in text
    assert (
        'Target="http://k3j5.files.example/media/logo.png?a=1&amp;b=2" TargetMode="External"'
        in (parts(made)["word/_rels/footer1.xml.rels"])
    )


def test_a_document_without_a_footer_gets_one() -> None:
    made = link_picture(BARE, PICTURE)
    assert changed(BARE, made) == footers(2) | {DOCUMENT, RELS, "[Content_Types].xml"}
    assert '<w:sectPr><w:footerReference w:type="default" r:id="rId7"/>' in parts(made)[DOCUMENT]
    assert "<w:p><w:r><w:fldChar" in parts(made)[TWO]


def test_a_document_without_a_section_gets_one() -> None:
    text = parts(BARE)[DOCUMENT]
    section = text[text.index("<w:sectPr>") : text.index("</w:body>")]
    made = link_picture(edited(BARE, DOCUMENT, section, ""), PICTURE)
    expected = '<w:sectPr><w:footerReference w:type="default" r:id="rId7"/></w:sectPr></w:body>'
    assert expected in parts(made)[DOCUMENT]


def test_a_title_page_takes_the_picture_and_other_pages_stay() -> None:
    title = edited(WORD, DOCUMENT, "</w:sectPr>", "<w:titlePg/></w:sectPr>")
    made = link_picture(title, PICTURE)
    assert changed(title, made) == footers(2) | {DOCUMENT, RELS, "[Content_Types].xml"}
    assert f'<w:footerReference w:type="first" r:id="rId7"/>{REFERENCE}' in parts(made)[DOCUMENT]


def test_a_title_page_that_is_switched_off_is_none() -> None:
    title = edited(WORD, DOCUMENT, "</w:sectPr>", '<w:titlePg w:val="0"/></w:sectPr>')
    assert changed(title, link_picture(title, PICTURE)) == footers(1)


def test_more_references_than_a_section_has_are_not_followed() -> None:
    broken = '<w:footerReference w:type="default" r:id="rId99"/>'
    for count, footer in ((REFERENCES_MAX - 1, 1), (REFERENCES_MAX, 2)):
        made = link_picture(edited(WORD, DOCUMENT, REFERENCE, broken * count + REFERENCE), PICTURE)
        assert f"word/footer{footer}.xml" in changed(WORD, made)


def test_the_first_section_counts_and_what_a_change_replaced_does_not() -> None:
    old = '<w:sectPrChange w:id="1"><w:sectPr/></w:sectPrChange>'
    first = f"<w:p><w:pPr><w:sectPr>{old}</w:sectPr></w:pPr></w:p>"
    two = edited(WORD, DOCUMENT, "<w:body>", f"<w:body>{first}")
    made = link_picture(two, PICTURE)
    expected = '<w:pPr><w:sectPr><w:footerReference w:type="default" r:id="rId7"/><w:sectPrChange'
    assert expected in parts(made)[DOCUMENT]


@pytest.mark.parametrize(
    ("footer", "end"),
    [
        ("<w:p/>", "</w:r></w:p></w:ftr>"),
        ("", "</w:r></w:p></w:ftr>"),
        ("<w:p><w:r/></w:p><w:sdt><w:sdtContent><w:p/></w:sdtContent></w:sdt>", "</w:sdt></w:ftr>"),
    ],
)
def test_footers_of_any_form_take_it(footer: str, end: str) -> None:
    text = parts(WORD)[ONE]
    inner = text[text.index("<w:p>") : text.index("</w:ftr>")]
    data = edited(WORD, ONE, inner, footer)
    assert parts(link_picture(data, PICTURE))[ONE].endswith(end)


def test_a_second_picture_goes_beside_the_first() -> None:
    once = link_picture(WORD, PICTURE)
    twice = link_picture(once, PICTURE)
    assert changed(once, twice) == footers(1)
    assert parts(twice)[ONE].count("<w:drawing>") == 2


def test_a_footer_with_a_document_type_is_refused() -> None:
    bomb = edited(WORD, ONE, "<w:ftr", '<!DOCTYPE a [<!ENTITY e "x">]><w:ftr')
    with pytest.raises(FormatError, match="document type"):
        link_picture(bomb, PICTURE)
