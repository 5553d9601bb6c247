import tracemalloc
from datetime import UTC, datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from formats.office import DRAFT, changed
from serinus.base.errors import OperatorError
from serinus.base.ids import TokenId
from serinus.tokens.documents import FILE_SIZE_MAX, DocumentKind
from serinus.tokens.kind import Artefact, Token, read_options
from serinus.tokens.kinds import excel, odp, ods, odt, powerpoint, word
from serinus.tokens.site import Site

TOKEN_ID = TokenId("k3j5h2g9d8s7a6q1w4e5r6t7")
SITE = Site("files.example.net", "https://files.example.net", bytes(range(32)))
NOW = datetime(2026, 1, 2, tzinfo=UTC)
KINDS = (word.KIND, excel.KIND, powerpoint.KIND, odt.KIND, ods.KIND, odp.KIND)
MEMORY_MAX = 16 * 1024 * 1024

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda k: k.name)


def document(kind: DocumentKind, token_id: TokenId = TOKEN_ID, **options: object) -> Artefact:
    token = Token(token_id, kind.form.ending, "on the share", read_options(kind, options), NOW)
    (found,) = kind.artefacts(token, SITE)
    return found


def refused(kind: DocumentKind, file: bytes, words: str) -> None:
    with pytest.raises(OperatorError, match=words) as caught:
        document(kind, file=file).content()
    assert caught.value.field == "file"
    assert caught.value.sentence.startswith("The file ")
    assert caught.value.sentence.endswith(".")


def bomb(size: int) -> bytes:
    found = BytesIO()
    with ZipFile(found, "w", ZIP_DEFLATED) as package, package.open("word/document.xml", "w") as to:
        for _ in range(size // 2**20):
            to.write(bytes(2**20))
    return found.getvalue()


BOMB = bomb(2**27)


@every_kind
def test_an_upload_comes_back_with_the_address_and_otherwise_as_it_was(kind: DocumentKind) -> None:
    mine = kind.form.write(DRAFT)
    made = document(kind, file=mine).content()
    assert made == document(kind, file=mine).content()
    assert 0 < len(changed(mine, made)) <= 5
    with ZipFile(BytesIO(made)) as package:
        assert any(f"//{TOKEN_ID}.files".encode() in package.read(n) for n in package.namelist())


@every_kind
def test_a_file_keeps_its_name_and_gets_its_ending(kind: DocumentKind) -> None:
    ending = kind.form.ending
    assert document(kind, file_name="my plan").file_name == f"my plan{ending}"
    assert document(kind, file_name=f"Plan{ending.upper()}").file_name == f"Plan{ending.upper()}"
    drawn = {document(kind, TokenId(f"{TOKEN_ID}{n}")).file_name for n in range(9)}
    assert len(drawn) == 9
    assert all(name is not None and name.endswith(ending) for name in drawn)


@pytest.mark.parametrize("name", ["a/b", "a\\b", 'a"b', ".hidden", "end ", "a:b"])
def test_a_name_that_some_system_does_not_take_is_refused(name: str) -> None:
    with pytest.raises(OperatorError) as caught:
        document(word.KIND, file_name=name)
    assert caught.value.field == "file_name"


@every_kind
def test_another_programs_file_is_refused(kind: DocumentKind) -> None:
    for other in KINDS:
        if other is not kind:
            refused(kind, other.form.write(DRAFT), "(and not|but not) ")


@every_kind
def test_what_is_no_office_file_is_refused(kind: DocumentKind) -> None:
    whole = kind.form.write(DRAFT)
    refused(kind, whole[: len(whole) // 2], "damaged or cut off")
    refused(kind, b"%PDF-1.7", "is a PDF, whatever its name says")
    refused(kind, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "format before 2007")


@every_kind
def test_a_bomb_is_refused_in_little_memory(kind: DocumentKind) -> None:
    tracemalloc.start()
    refused(kind, BOMB, "as ZIP bombs do")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY_MAX


def test_50_megabytes_are_refused_by_their_size() -> None:
    for size in (FILE_SIZE_MAX + 1, 50 * 2**20):
        with pytest.raises(OperatorError, match=f"at most {FILE_SIZE_MAX} bytes") as caught:
            document(word.KIND, file=bytes(size))
        assert caught.value.field == "file"


def test_a_large_file_is_taken_and_costs_a_few_times_its_size() -> None:
    found = BytesIO(word.KIND.form.write(DRAFT))
    noise = SITE.entropy(TOKEN_ID, "noise")(2**16) * 256
    with ZipFile(found, "a") as package:
        package.writestr("word/media/image1.png", noise)
    mine = found.getvalue()
    assert 2**24 < len(mine) <= FILE_SIZE_MAX
    artefact = document(word.KIND, file=mine)
    tracemalloc.start()
    assert len(artefact.content()) > len(mine)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * len(mine)


@every_kind
def test_the_picture_of_an_upload_is_clear(kind: DocumentKind) -> None:
    options = [{}, {"file": kind.form.write(DRAFT)}]
    tokens = [Token(TOKEN_ID, kind.name, "a", read_options(kind, o), NOW) for o in options]
    drawn, mine = (kind.answer(token, SITE) for token in tokens)
    assert drawn != mine
    assert drawn.headers == mine.headers == (("Content-Type", "image/png"),)
