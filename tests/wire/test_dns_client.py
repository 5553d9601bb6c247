"""dnspython is the oracle: it reads what we write, and writes what we read."""

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serinus.base.errors import RemoteProtocolError
from serinus.wire.dns import Type
from serinus.wire.dns_client import Answer, read_response, write_query

LABELS = st.lists(st.text("abcXYZ019-_", min_size=1, max_size=63), min_size=1, max_size=3)
NAME = "files.example"


def response(query: bytes, *rows: str, code: str = "NOERROR", flags: int = 0) -> bytes:
    reply = dns.message.make_response(dns.message.from_wire(query))
    reply.set_rcode(dns.rcode.from_text(code))
    reply.flags |= flags
    parts = [row.split(maxsplit=4) for row in rows]
    reply.answer = [dns.rrset.from_text(n, int(ttl), c, t, data) for n, ttl, c, t, data in parts]
    return reply.to_wire()


@given(LABELS, st.sampled_from(list(Type)), st.booleans(), st.integers(0, 65535))
def test_what_we_ask_is_what_another_reads(
    labels: list[str], type_: Type, recursion: bool, id_: int
) -> None:
    read = dns.message.from_wire(write_query(id_, ".".join(labels), type_, recursion=recursion))
    assert read.question[0].name.to_text(omit_final_dot=True) == ".".join(labels)
    assert read.question[0].rdtype.value == type_.value
    assert bool(read.flags & dns.flags.RD) == recursion
    assert (read.id, read.edns) == (id_, 0)


def test_records_of_each_type_are_read_and_others_left_out() -> None:
    query = write_query(7, NAME, Type.NS, recursion=True)
    read = read_response(
        response(
            query,
            f"{NAME}. 60 IN NS NS1.{NAME}.",
            f"{NAME}. 60 IN NS ns2.{NAME}.",
            f"ns1.{NAME}. 60 IN A 192.0.2.7",
            f"ns1.{NAME}. 60 IN AAAA 2001:db8::7",
            f"{NAME}. 60 IN SOA ns1.{NAME}. hostmaster.{NAME}. 4000000001 2 3 4 5",
            f"{NAME}. 60 IN MX 10 mail.{NAME}.",
            flags=dns.flags.TC,
        ),
        query,
    )
    assert read.code == "NOERROR"
    assert read.truncated
    assert read.texts(Type.NS) == (f"ns1.{NAME}", f"ns2.{NAME}")
    assert read.texts(Type.A) == ("192.0.2.7",)
    assert read.texts(Type.AAAA) == ("2001:db8::7",)
    assert read.answers[-1] == Answer(NAME, Type.SOA, "4000000001")


@pytest.mark.parametrize("code", ["NXDOMAIN", "SERVFAIL", "REFUSED", "YXDOMAIN"])
def test_a_refusal_is_named(code: str) -> None:
    query = write_query(7, NAME, Type.A, recursion=True)
    named = read_response(response(query, code=code), query).code
    assert named == ("RCODE6" if code == "YXDOMAIN" else code)


def test_an_answer_to_another_question_is_none() -> None:
    query = write_query(7, NAME, Type.A, recursion=True)
    for other in (
        write_query(8, NAME, Type.A, recursion=True),
        write_query(7, "other.example", Type.A, recursion=True),
        write_query(7, NAME, Type.AAAA, recursion=True),
    ):
        with pytest.raises(RemoteProtocolError):
            read_response(response(other), query)
    with pytest.raises(RemoteProtocolError):
        read_response(query, query)


def test_an_answer_in_other_case_is_ours() -> None:
    query = write_query(7, NAME, Type.A, recursion=True)
    other = write_query(7, NAME.upper(), Type.A, recursion=True)
    assert read_response(response(other, f"{NAME}. 60 IN A 192.0.2.1"), query).texts(Type.A)


@given(st.binary(max_size=300))
def test_any_bytes_are_lawful(tail: bytes) -> None:
    query = write_query(7, NAME, Type.A, recursion=True)
    whole = response(query, f"{NAME}. 60 IN A 192.0.2.1", f"{NAME}. 60 IN NS ns1.{NAME}.")
    for packet in (tail, whole[:2] + b"\x80\0" + tail, whole[: len(tail)], whole[:12] + tail):
        try:
            read_response(packet, query)
        except RemoteProtocolError:
            continue


@pytest.mark.parametrize("name", ["", ".", "a..b", "a" * 64 + ".example"])
def test_what_is_no_name_is_not_asked_for(name: str) -> None:
    with pytest.raises(ValueError, match="no name"):
        write_query(7, name, Type.A, recursion=True)
