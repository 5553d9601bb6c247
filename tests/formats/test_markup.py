from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.formats import markup as module
from serinus.formats.markup import DEPTH_MAX, after, before, escaped, read_markup
from serinus.formats.package import FormatError

XML = (
    '<?xml version="1.0" encoding="UTF-8"?><!-- <a> -->\n'
    '<x:a xmlns:x="urn:x" xmlns="urn:d" t="1 > 0"><b k=\'"v"\'/>ü<x:c ><b>äö</b></x:c >'
    "<![CDATA[<b>]]></x:a>"
).encode()


def test_elements_are_found_where_they_lie() -> None:
    found = read_markup(XML, ("urn:d b", "urn:x c"))
    first, outer, inner = found.found[1:]
    assert XML[first.start : first.end].decode() == "<b k='\"v\"'/>"
    assert XML[outer.start : outer.end].decode() == "<x:c ><b>äö</b></x:c >"
    assert XML[inner.inner : inner.inner_end].decode() == "äö"
    assert found.root.prefix == outer.prefix == "x:"
    assert inner.prefix == ""
    assert (first.attributes, first.is_empty, first.parent) == ({"k": '"v"'}, True, "urn:x a")
    assert found.all("urn:d b", outer) == [inner]
    assert found.children(found.root) == [first, outer]


def test_a_depth_finds_what_is_not_named() -> None:
    assert [e.tag for e in read_markup(XML, (), 1).found] == ["x:a", "b", "x:c"]


def test_text_goes_between_and_all_else_stays() -> None:
    found = read_markup(XML, ("urn:d b", "urn:x c"))
    first, outer, inner = found.found[1:]
    changed = found.apply(
        [
            found.append(outer, "<last/>"),
            found.prepend(first, "<in/>"),
            before(first, "<before/>"),
            after(outer, "<after/>"),
            found.prepend(inner, "<first/>"),
        ]
    ).decode()
    assert changed.endswith(
        't="1 > 0"><before/><b k=\'"v"\'><in/></b>ü<x:c ><b><first/>äö</b><last/></x:c ><after/>'
        "<![CDATA[<b>]]></x:a>"
    )
    assert changed.startswith(XML.decode()[:60])


def test_what_the_root_declares_is_not_declared_again() -> None:
    found = read_markup(XML, ())
    assert found.declare({"x": "urn:x", "y": "urn:y"}) == ' xmlns:y="urn:y"'
    assert found.declare({"x": "urn:other"}) == ' xmlns:x="urn:other"'


BOMB = b'<!DOCTYPE a [<!ENTITY e "xxxxxxxxxx"><!ENTITY f "&e;&e;&e;&e;">]><a>&f;</a>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "http://127.0.0.1/a.dtd"><a/>'


@pytest.mark.parametrize("xml", [BOMB, OUTSIDE])
def test_a_document_type_is_refused_before_it_is_read(xml: bytes) -> None:
    with pytest.raises(FormatError, match="document type"):
        read_markup(xml, ())


@pytest.mark.parametrize(
    "xml",
    ["<a/>".encode("utf-16"), b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>'],
)
def test_what_is_not_utf_8_is_refused(xml: bytes) -> None:
    with pytest.raises(FormatError, match="not UTF-8"):
        read_markup(xml, ())


@pytest.mark.parametrize("xml", [b"", b"<a>", b"<a></b>", b"<a>&nothing;</a>", b"<a b=1/>", b"\0"])
def test_what_is_not_well_formed_is_refused(xml: bytes) -> None:
    with pytest.raises(FormatError, match="not well-formed"):
        read_markup(xml, ())


def test_more_elements_than_a_file_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FOUND_MAX", 3)
    with pytest.raises(FormatError, match="more elements"):
        read_markup(b"<a><b/><b/><b/></a>", ("b",))


def test_what_is_nested_without_end_is_refused_while_it_is_read() -> None:
    read_markup(b"<a>" * DEPTH_MAX + b"</a>" * DEPTH_MAX, ())
    with pytest.raises(FormatError, match="nested deeper"):
        read_markup(b"<a>" * (DEPTH_MAX + 1), ())


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(xml: bytes) -> None:
    for content in (xml, b"<a>" + xml + b"</a>"):
        with suppress(FormatError):
            read_markup(content, ("b",), 2)


texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=30)


@given(st.lists(texts, min_size=1, max_size=5), texts)
def test_whatever_stands_around_text_is_put_at_its_place(around: list[str], new: str) -> None:
    xml = f"<r>{''.join(f'{escaped(t)}<p k={chr(34)}{escaped(t)}{chr(34)}/>' for t in around)}</r>"
    found = read_markup(xml.encode(), ("p",))
    last = found.all("p")[-1]
    changed = found.apply([found.append(last, escaped(new)), before(last, "<q/>")])
    assert changed.decode().endswith(f">{escaped(new)}</p></r>")
    assert [e.tag for e in read_markup(changed, ("p", "q")).found][-2:] == ["q", "p"]
