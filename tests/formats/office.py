"""Drafts and office files for tests, small and of any shape."""

from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from xml.etree import ElementTree
from zipfile import ZipFile

from serinus.formats.draft import Draft
from serinus.formats.ooxml import LinkedPicture
from serinus.formats.package import read_package

URL = "http://k3j5.files.example/media/logo.png?a=1&b=2"
PICTURE = LinkedPicture(URL, 96, 16, 123456789, 'A "name"')
DRAFT = Draft(
    title="Plan <2026> & more: a/b [c]",
    company="Fjord & Sons",
    author="Ann <A> Bell",
    editor="Bo",
    created_at=datetime(2026, 1, 5, 9, tzinfo=UTC),
    modified_at=datetime(2026, 1, 6, 10, 11, 12, tzinfo=UTC),
    minutes=75,
    revision=4,
    paragraphs=("One & two.", "Three."),
    header=("Name", "Sum"),
    rows=(("Cy", 1234), ("Di <x>", 7)),
    heading="To do",
    points=("First", "Second"),
    note="Fjord & Sons – internal",
    accent="1F4E79",
    fonts=("Georgia", "Calibri"),
    serial="0123456789abcdef" * 4,
)
OTHER = replace(DRAFT, serial="fedcba9876543210" * 4)


def parts(data: bytes) -> dict[str, str]:
    """The parts of a package, as another program reads them."""
    with ZipFile(BytesIO(data)) as package:
        assert package.testzip() is None
        return {name: package.read(name).decode() for name in package.namelist()}


def read_xml(text: str) -> ElementTree.Element:
    """A part as elements."""
    return ElementTree.fromstring(text.encode())  # noqa: S314


def edited(data: bytes, part: str, old: str, new: str) -> bytes:
    """The package with text in a part replaced."""
    text = parts(data)[part]
    assert old in text, text
    package = read_package(data)
    return package.splice({part: text.replace(old, new, 1).encode()})


def changed(old: bytes, new: bytes) -> set[str]:
    """The names of parts that were changed or added; all others are there, in their order."""
    before, after = parts(old), parts(new)
    assert list(after)[: len(before)] == list(before)
    return {name for name in after if after[name] != before.get(name)}
