import pytest

from formats.office import DRAFT, edited
from serinus.formats.excel_draft import write_excel
from serinus.formats.odf_draft import write_odt
from serinus.formats.ooxml import OFFICE, OfficeFile
from serinus.formats.package import FormatError, read_package
from serinus.formats.powerpoint_draft import write_powerpoint
from serinus.formats.word import MAIN_TYPE
from serinus.formats.word_draft import write_word

TYPES = "[Content_Types].xml"
WORD = write_word(DRAFT)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
REFUSED = {
    "is an Excel workbook, and not a Word document": write_excel(DRAFT),
    "is a PowerPoint presentation, and not": write_powerpoint(DRAFT),
    "is a ZIP, but not one of Microsoft Office": write_odt(DRAFT),
    "is a PDF, whatever its name says": b"%PDF-1.7\n",
    "is an RTF file": rb"{\rtf1\ansi}",
    "is XML or HTML": b"  <html>",
    "is no office file": b"hello",
    "is protected by a password": COMPOUND + "EncryptedPackage".encode("utf-16-le"),
    "is of the format before 2007": COMPOUND,
    "is damaged or cut off": WORD[: len(WORD) // 2],
    "holds macros": edited(
        WORD,
        TYPES,
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        "application/vnd.ms-word.document.macroEnabled.main+xml",
    ),
    "is a template": edited(WORD, TYPES, "document.main+xml", "template.main+xml"),
    "is another program's file": edited(WORD, TYPES, "document.main+xml", "other+xml"),
    "is of the Strict kind": edited(
        WORD, "_rels/.rels", OFFICE, "http://purl.oclc.org/ooxml/officeDocument/relationships"
    ),
    "is digitally signed": read_package(WORD).splice(
        {TYPES: read_package(WORD).read(TYPES), "_xmlsignatures/sig1.xml": b"<a/>"}
    ),
    "lacks its part 'word/gone.xml'": edited(
        edited(WORD, "_rels/.rels", "word/document.xml", "word/gone.xml"),
        TYPES,
        "/word/document.xml",
        "/word/gone.xml",
    ),
}


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_no_word_document_is_refused_by_its_reason(words: str) -> None:
    with pytest.raises(FormatError) as caught:
        file = OfficeFile(REFUSED[words], MAIN_TYPE)
        file.read(file.main)
    assert words in str(caught.value)


def test_parts_and_relationships_take_the_next_free_number() -> None:
    file = OfficeFile(WORD, MAIN_TYPE)
    assert file.main == "word/document.xml"
    name = file.add("word/footer{}.xml", "wordprocessingml.footer+xml", "<a/>")
    assert name == "word/footer2.xml"
    assert file.relate(file.main, "footer", name) == "rId7"
    assert file.related(file.main, "footer", "rId7") == name
    assert file.related(file.main, "footer") == "word/footer1.xml"
    assert file.related(file.main, "footer", "rId99") is None
    again = OfficeFile(file.written(), MAIN_TYPE)
    assert again.related(again.main, "footer", "rId7") == name


def test_an_address_outside_is_escaped_and_kept() -> None:
    file = OfficeFile(WORD, MAIN_TYPE)
    link = file.relate("word/footer1.xml", "image", "http://x/?a=1&b='\"<", is_external=True)
    (found,) = OfficeFile(file.written(), MAIN_TYPE).relationships("word/footer1.xml")
    assert (found.id, found.target, found.is_external) == (link, "http://x/?a=1&b='\"<", True)
    assert file.related("word/footer1.xml", "image") is None
