import struct
import tracemalloc
import zlib
from datetime import datetime
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serinus.formats import package as module
from serinus.formats.package import FormatError, Manner, Package, read_package, write_package

MANNER = Manner(datetime(2026, 3, 4, 5, 6, 8), 20, 0x800)
PARTS = (("mimetype", b"text/x"), ("one.xml", b"<a/>" * 99), ("two.xml", b""), ("ü.xml", b"<u/>"))
MEMORY_MAX = 8 * 1024 * 1024


def zipped(*parts: tuple[str, bytes], method: int = ZIP_DEFLATED) -> bytes:
    """A ZIP that another program has written, with a comment, extra fields and descriptors."""
    found = BytesIO()
    with ZipFile(found, "w") as package:
        for name, content in parts:
            about = ZipInfo(name, (2020, 1, 2, 3, 4, 6))
            about.compress_type, about.extra = method, struct.pack("<HHI", 0xCAFE, 4, 7)
            package.writestr(about, content)
        package.comment = b"by somebody"
    return found.getvalue()


def streamed() -> bytes:
    """A ZIP whose sizes stand behind the parts, as a program writes that cannot go back."""

    class Pipe(BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError

    found = Pipe()
    with ZipFile(found, "w", ZIP_DEFLATED) as package:
        for name, content in PARTS:
            package.writestr(name, content)
    return found.getvalue()


def refused(data: bytes, words: str) -> None:
    with pytest.raises(FormatError, match=words):
        read_package(data)


def test_what_is_written_is_read_back_by_us_and_by_others() -> None:
    data = write_package(PARTS, MANNER)
    assert data == write_package(PARTS, MANNER)
    package = read_package(data)
    assert [(name, package.read(name)) for name in package.names] == list(PARTS)
    with ZipFile(BytesIO(data)) as other:
        assert other.testzip() is None
        assert [(i.filename, other.read(i)) for i in other.infolist()] == list(PARTS)
        assert {i.date_time for i in other.infolist()} == {(2026, 3, 4, 5, 6, 8)}
        assert other.getinfo("mimetype").compress_type == ZIP_STORED


@pytest.mark.parametrize(
    "data", [zipped(*PARTS), zipped(*PARTS, method=ZIP_STORED), streamed()], ids=str
)
def test_what_is_not_changed_stays_as_it_lies(data: bytes) -> None:
    package = read_package(data)
    new = package.splice({"one.xml": b"<changed/>", "new.xml": b"<new/>"})
    again = read_package(new)
    assert again.names == [*package.names, "new.xml"]
    assert again.read("one.xml") == b"<changed/>"
    assert again.read("new.xml") == b"<new/>"
    (part,) = (part for part in again.parts if part.name == "one.xml")
    # Its sizes stand in its head (APPNOTE 4.4.4, bit 3), also where they stood behind it.
    assert not (new[part.start + 6] | part.entry[8]) & 8
    for old, kept in zip(package.parts, again.parts, strict=False):
        if old.name != "one.xml":
            assert new[kept.start : kept.end] == data[old.start : old.end]
            assert kept.entry[:42] == old.entry[:42]
            assert kept.entry[46:] == old.entry[46:]
    with ZipFile(BytesIO(new)) as other, ZipFile(BytesIO(data)) as first:
        assert other.testzip() is None
        assert other.comment == first.comment
        for name in first.namelist():
            assert other.getinfo(name).date_time == first.getinfo(name).date_time
            assert other.getinfo(name).compress_type == first.getinfo(name).compress_type
        assert other.getinfo("new.xml").date_time == first.getinfo("one.xml").date_time


def test_a_part_that_is_not_there_is_named() -> None:
    with pytest.raises(FormatError, match="lacks its part 'three"):
        read_package(zipped(*PARTS)).read("three.xml")


def test_a_bomb_of_one_part_is_refused_before_it_is_unpacked() -> None:
    refused(zipped(("a", bytes(2**24))), "200 times its size, as ZIP bombs do: 'a'")


def test_a_bomb_that_hides_its_size_is_refused_and_never_kept() -> None:
    data = bytearray(zipped(("a", bytes(2**26))))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 1000)
    tracemalloc.start()
    refused(bytes(data), "damaged or cut off")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY_MAX


def test_a_bomb_of_many_parts_is_refused_and_never_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "UNPACKED_MAX", 2**24)
    block = bytes(range(256)) * 4096
    data = zipped(*((f"{n}", block) for n in range(20)))
    tracemalloc.start()
    refused(data, "unpacks to more than 16777216 bytes, as ZIP bombs do")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < MEMORY_MAX


def test_too_many_parts_are_refused() -> None:
    data = zipped(*((f"{n}", b"") for n in range(module.PARTS_MAX + 1)))
    refused(data, "has 10001 parts")


def test_parts_that_overlap_are_refused() -> None:
    # The kernel of a bomb by overlap: both entries name one record.
    data = bytearray(zipped(("a", b"x"), ("b", b"y")))
    second = data.rindex(b"PK\x01\x02")
    struct.pack_into("<I", data, second + 42, 0)
    refused(bytes(data), "damaged")


def test_a_record_that_reaches_into_the_next_is_refused() -> None:
    data = bytearray(zipped(("a", b"x"), ("b", b"y")))
    first = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, first + 20, 60)
    refused(bytes(data), "damaged")


def test_a_name_that_is_another_in_the_record_is_refused() -> None:
    data = zipped(("a.xml", b"x"))
    refused(data.replace(b"a.xml", b"b.xml", 1), "damaged")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_parts_of_one_name_are_refused() -> None:
    refused(zipped(("a", b"1"), ("a", b"2")), "two parts of one name")


def test_an_encrypted_part_is_refused() -> None:
    data = bytearray(zipped(("a", b"x")))
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 8, 1)
    refused(bytes(data), "protected by a password")


def test_an_unusual_packing_is_refused() -> None:
    data = bytearray(zipped(("a", b"x")))
    struct.pack_into("<H", data, data.index(b"PK\x01\x02") + 10, 12)
    refused(bytes(data), "packed in a way")


def test_a_part_whose_checksum_does_not_hold_is_refused() -> None:
    data = zipped(("a", b"xyz"), method=ZIP_STORED)
    refused(data.replace(b"xyz", b"xyy", 1), "damaged")


def test_several_disks_and_the_64_bit_kind_are_refused() -> None:
    data = bytearray(zipped(("a", b"x")))
    struct.pack_into("<H", data, data.rindex(b"PK\x05\x06") + 4, 1)
    refused(bytes(data), "several disks")


@pytest.mark.parametrize("cut", [1, 12, 30, 70, 200])
def test_what_is_cut_off_is_refused(cut: int) -> None:
    data = zipped(*PARTS)
    refused(data[:-cut], "damaged or cut off")
    refused(data[cut:], "damaged or cut off")


def test_a_part_too_large_to_keep_is_refused_when_it_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    package = read_package(zipped(("a", b"x" * 11)))
    monkeypatch.setattr(module, "PART_MAX", 10)
    with pytest.raises(FormatError, match="more than 10 bytes: 'a'"):
        package.read("a")


names = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)


@given(st.dictionaries(names, st.binary(max_size=400), min_size=1, max_size=6))
def test_any_parts_are_read_back(parts: dict[str, bytes]) -> None:
    package = read_package(write_package(list(parts.items()), MANNER))
    assert {name: package.read(name) for name in package.names} == parts


BASES = (zipped(*PARTS), zipped(*PARTS, method=ZIP_STORED), streamed())


@settings(max_examples=400)
@given(
    st.sampled_from(BASES),
    st.lists(st.tuples(st.integers(0, 2000), st.binary(min_size=1, max_size=4)), max_size=6),
)
def test_any_damage_is_refused_or_harmless(base: bytes, damage: list[tuple[int, bytes]]) -> None:
    data = bytearray(base)
    for place, content in damage:
        start = place % len(data)
        data[start : start + len(content)] = content
    try:
        package: Package = read_package(bytes(data))
    except FormatError:
        return
    for name in package.names:
        assert zlib.crc32(package.read(name)) == next(
            part.crc for part in package.parts if part.name == name
        )
    name = package.names[0]
    assert read_package(package.splice({name: b"new"})).read(name) == b"new"


@settings(max_examples=200)
@given(st.binary(max_size=400))
def test_any_bytes_are_refused_or_read(data: bytes) -> None:
    for content in (data, b"PK\x03\x04" + data, data + BASES[0][-22:]):
        try:
            read_package(content)
        except FormatError as error:
            assert str(error)
