"""The memory of many datagrams: what is outside it is neither read nor written."""

import socket
import sys

import pytest

from serinus.net.messages import Places, find_calls

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="recvmmsg is a call of Linux"
)
COUNT, ROOM = 3, 16


def test_datagrams_go_from_place_to_place_with_their_sizes_and_addresses() -> None:
    with (
        socket.socket(type=socket.SOCK_DGRAM) as one,
        socket.socket(type=socket.SOCK_DGRAM) as other,
    ):
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        receive, send = find_calls(one.fileno())
        there, back = (Places(socket.AF_INET, COUNT, ROOM) for _ in range(2))
        family = int(socket.AF_INET).to_bytes(2, sys.byteorder)
        raw = family + other.getsockname()[1].to_bytes(2, "big") + b"\x7f\0\0\x01" + bytes(8)
        for index, data in enumerate((b"first", b"the second")):
            there.data[index * ROOM : index * ROOM + len(data)] = data
            there.addresses[index * 16 : index * 16 + 16] = raw
            there.sizes[index] = len(data)
        assert there.call(send, one.fileno(), 0, 2) == 2
        assert back.call(receive, other.fileno(), 0, COUNT) == 2
        assert back.moved[:2].tolist() == [5, 10]
        assert back.data[:5].tobytes() == b"first"
        assert back.data[ROOM : ROOM + 10].tobytes() == b"the second"
        assert back.addresses[2:4].tobytes() == one.getsockname()[1].to_bytes(2, "big")


@pytest.mark.parametrize(("first", "count"), [(0, COUNT + 1), (COUNT, 1), (-1, 1), (1, -1)])
def test_no_more_places_are_handed_over_than_there_are(first: int, count: int) -> None:
    places = Places(socket.AF_INET, COUNT, ROOM)

    def call(*_: object) -> int:
        raise AssertionError("The kernel was called.")

    with pytest.raises(IndexError):
        places.call(call, 0, first, count)


def test_a_call_that_fails_says_why() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        receive, _ = find_calls(sock.fileno())
        with pytest.raises(BlockingIOError):
            Places(socket.AF_INET, COUNT, ROOM).call(receive, sock.fileno(), 0, COUNT)
    with pytest.raises(OSError):
        find_calls(-1)
