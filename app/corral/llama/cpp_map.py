"""A `std::map` of libstdc++ that a function of llama.cpp gave away by value: read and freed.

Only Linux builds lie in memory so.
"""

import ctypes
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, TypeVar


class CppMap(ctypes.Structure):
    """The header node of a map; where the function is to write it."""

    _fields_ = (
        ("compare", ctypes.c_size_t),
        ("color", ctypes.c_size_t),
        ("root", ctypes.c_void_p),
        ("leftmost", ctypes.c_void_p),
        ("rightmost", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
    )


class CppNode(ctypes.Structure):
    """The beginning of each node; subclasses add the key and the value."""

    _fields_: ClassVar[Sequence[tuple[str, Any]]] = (
        ("color", ctypes.c_size_t),
        ("parent", ctypes.c_void_p),
        ("left", ctypes.c_void_p),
        ("right", ctypes.c_void_p),
    )


NodeT = TypeVar("NodeT", bound=CppNode)


def taken_nodes(found: CppMap, kind: type[NodeT]) -> Iterator[NodeT]:
    """Walk a map in order, freeing what was walked: it was given to us."""
    free = ctypes.CDLL(None)["free"]  # libstdc++'s `operator delete` is the C library's `free`
    free.argtypes, free.restype = [ctypes.c_void_p], None

    def walk(address: int | None) -> Iterator[NodeT]:
        if not address:
            return
        node = kind.from_buffer_copy((ctypes.c_char * ctypes.sizeof(kind)).from_address(address))
        yield from walk(node.left)
        yield node
        yield from walk(node.right)
        free(address)

    return walk(found.root)
