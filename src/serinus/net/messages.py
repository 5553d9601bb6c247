"""Many datagrams with one system call: `recvmmsg` and `sendmmsg`, where there are such (Linux).

Memory is laid out once: as many places as one call may fill, each with room for a datagram and an
address. The kernel is told every place's room and writes no further. What is read here and written
here goes through `memoryview`, which checks every bound.
"""

import ctypes
import errno
import os
import socket
from collections.abc import Callable
from typing import Any, Literal

ADDRESS_SIZES = {socket.AF_INET: 16, socket.AF_INET6: 28}
"""Bytes of a `sockaddr_in` and a `sockaddr_in6`."""

_Call = Callable[[int, Any, int, int], int]
"""Descriptor, first message, how many of them, flags; returns how many were moved, or -1."""


class _Vector(ctypes.Structure):
    """A `struct iovec`."""

    _fields_ = [("data", ctypes.c_void_p), ("size", ctypes.c_size_t)]


class _Header(ctypes.Structure):
    """A `struct msghdr`."""

    _fields_ = [
        ("address", ctypes.c_void_p),
        ("address_size", ctypes.c_uint),
        ("vectors", ctypes.c_void_p),
        ("vector_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class _Message(ctypes.Structure):
    """A `struct mmsghdr`."""

    _fields_ = [("header", _Header), ("moved", ctypes.c_uint)]


class Places:
    """Memory for the datagrams of one call, `count` of them with `room` bytes each.

    Attributes:
        data: The datagrams, one every `room` bytes.
        addresses: Their addresses as the kernel writes them, one every `address_size` bytes.
        sizes: How long each datagram to be sent is, at first `room`, which is right for receiving.
        moved: How long each datagram is that was received.
    """

    def __init__(self, family: int, count: int, room: int) -> None:
        self.address_size = ADDRESS_SIZES[socket.AddressFamily(family)]
        data, addresses = bytearray(count * room), bytearray(count * self.address_size)
        vectors, self._messages = (_Vector * count)(), (_Message * count)()
        data_at, addresses_at = _address_of(data), _address_of(addresses)
        for index in range(count):
            vectors[index] = _Vector(data_at + index * room, room)
            header = self._messages[index].header
            header.address = addresses_at + index * self.address_size
            header.address_size = self.address_size
            header.vectors = ctypes.addressof(vectors[index])
            header.vector_count = 1
        self._vectors = vectors
        # A view keeps what it shows alive, and a `bytearray` in its place.
        self.data, self.addresses = memoryview(data), memoryview(addresses)
        self.sizes = _column(vectors, _Vector.size.offset, "P")
        self.moved = _column(self._messages, _Message.moved.offset, "I")

    def call(self, call: _Call, fd: int, first: int, count: int) -> int:
        """Move `count` datagrams from `first` on, never waiting; return how many were moved.

        Raises:
            OSError: The first of them could not be moved.
        """
        if not 0 <= first <= first + count <= len(self._messages):
            raise IndexError("There are fewer places.")
        start = ctypes.byref(self._messages, first * ctypes.sizeof(_Message))
        moved = call(fd, start, count, socket.MSG_DONTWAIT)
        if moved < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
        return moved


def find_calls(fd: int) -> tuple[_Call, _Call]:
    """Return `recvmmsg` and `sendmmsg`, tried on a socket with no message.

    Raises:
        OSError: The system has no such calls, or does not let us make them.
    """
    try:
        library = ctypes.CDLL(None, use_errno=True)
        receive_many, send_many = library.recvmmsg, library.sendmmsg
    except (AttributeError, TypeError) as error:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS)) from error
    send_many.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_int)
    receive_many.argtypes = (*send_many.argtypes, ctypes.c_void_p)

    def receive(fd: int, first: Any, count: int, flags: int) -> int:
        return int(receive_many(fd, first, count, flags, None))

    for call in (receive, send_many):
        if call(fd, None, 0, socket.MSG_DONTWAIT) < 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    return receive, send_many


def _address_of(memory: bytearray) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(memory))


def _column(table: Any, offset: int, format_: Literal["I", "P"]) -> memoryview:
    """Return the field at `offset` of every row of an array of structures."""
    row_size = ctypes.sizeof(table) // len(table)
    column = memoryview(table).cast("B")[offset:].cast(format_)
    return column[:: row_size // column.itemsize]
