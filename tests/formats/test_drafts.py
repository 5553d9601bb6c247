"""New files of every form: what they say, and that they are the same again and unlike others."""

from collections.abc import Callable

import pytest

from formats.office import DRAFT, OTHER, parts, read_xml
from serinus.formats.draft import Draft
from serinus.formats.excel_draft import sheet_name, write_excel
from serinus.formats.odf_draft import write_odp, write_ods, write_odt
from serinus.formats.powerpoint_draft import write_powerpoint
from serinus.formats.word_draft import write_word

WRITERS = (write_word, write_excel, write_powerpoint, write_odt, write_ods, write_odp)
every_writer = pytest.mark.parametrize("write", WRITERS, ids=lambda w: w.__name__)
Write = Callable[[Draft], bytes]


@every_writer
def test_a_new_file_says_what_the_draft_says(write: Write) -> None:
    texts = set[str]()
    for name, xml in parts(write(DRAFT)).items():
        if name != "mimetype":
            texts.update(read_xml(xml).itertext())
    said = {DRAFT.author, *DRAFT.header, "Cy", "Di <x>", DRAFT.heading, DRAFT.editor}
    assert said <= {text.strip("– ") for text in texts}
    assert any(DRAFT.title in text for text in texts)
    assert texts & {"1234", "1,234"}


@every_writer
def test_a_new_file_is_the_same_again_and_another_is_not(write: Write) -> None:
    assert write(DRAFT) == write(DRAFT)
    assert write(DRAFT) != write(OTHER)


@every_writer
def test_a_new_file_names_no_library(write: Write) -> None:
    for text in parts(write(DRAFT)).values():
        assert not {"python", "openpyxl", "serinus"} & set(text.lower().split())


@pytest.mark.parametrize("write", WRITERS[:3], ids=lambda w: w.__name__)
def test_every_relationship_leads_to_a_part_and_every_part_has_a_type(write: Write) -> None:
    found = parts(write(DRAFT))
    types = found["[Content_Types].xml"]
    for name in found:
        assert name.endswith(".rels") or name == "[Content_Types].xml" or f'"/{name}"' in types
        folder = name.rpartition("/_rels/")[0] if "/_rels/" in name else ""
        if not name.endswith(".rels"):
            continue
        for element in read_xml(found[name]):
            target = element.attrib["Target"]
            path = f"{folder}/{target}".lstrip("/")
            if target.startswith("../"):
                path = f"{folder.rpartition('/')[0]}/{target[3:]}"
            assert path in found, (name, target)


def test_a_sheet_has_a_lawful_name() -> None:
    assert sheet_name(DRAFT) == "Plan <2026> & more  a b  c"
