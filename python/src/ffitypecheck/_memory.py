"""What an argument points to, as far as ctypes or Python made it: the object at that address, and how many bytes of it
are there.

Known are instances of structures, unions, arrays and simple types, byref() of them, pointers whose target is kept alive
by what they keep, and bytes. Of everything else (an integer, what a library returned or stored, memory seen by
from_address) nothing is known.
"""

from __future__ import annotations

from ctypes import Array, Structure, Union, _Pointer, _SimpleCData, addressof, c_void_p, sizeof

from ._claim import code_of
from ._objects import address_of_byref, address_of_bytes, is_byref, is_data, is_owner, memory_of_kept, tag_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# How deep what is kept is searched, and how many objects of it. Beyond, nothing is known.
_MOST_DEPTH = 4
_MOST_KEPT = 100

class Memory:
    __slots__ = ("address", "bytes", "type")

    def __init__(self, address: int, bytes: int, type: Any) -> None:
        self.address = address
        self.bytes = bytes          # that are there, from the address on
        self.type = type            # of the object at the address; None: bytes without a type


def _contains(begin: int, size: int, address: int) -> bool:
    return begin <= address < begin + size


def _lies_in(data: Any, base: Any) -> bool:
    return base is not None and _contains(addressof(base), sizeof(base), addressof(data))


def _end_of(data: Any) -> int:
    """To the end of the object or, if it is a member, of what it is a member of; an element of an array is an object of
    its own."""
    end, base = addressof(data) + sizeof(data), data._b_base_
    while _lies_in(data, base) and not isinstance(base, Array):
        end = max(end, addressof(base) + sizeof(base))
        base = base._b_base_
    return end


def _end_of_data(data: Any, depth: int) -> int | None:
    """The end of the memory that data lies in, None if ctypes did not make it."""
    root = data
    while _lies_in(root, root._b_base_):
        root = root._b_base_
    if is_owner(root):
        return _end_of(data)
    # The contents of a pointer, or memory of a Python object.
    base = root._b_base_
    kept = (root if base is None else base)._objects
    if kept is None or depth >= _MOST_DEPTH:
        return None
    end, _ = _end_of_kept(kept, addressof(data), depth + 1)
    return min(end, _end_of(data)) if end is not None and base is not None else end


def _end_of_object(object: Any, address: int, depth: int) -> tuple[int | None, Any]:
    """The end of the memory of one kept object, and the type of what begins there, if the address is in it."""
    if is_data(object):
        begin = addressof(object)
        if not _contains(begin, sizeof(object), address):
            return None, None
        return _end_of_data(object, depth), type(object) if begin == address else None
    if type(object) is dict and depth < _MOST_DEPTH:
        return _end_of_kept(object, address, depth + 1)
    begin, size = memory_of_kept(object)
    return (begin + size if _contains(begin, size, address) else None), None


def _end_of_kept(kept: Any, address: int, depth: int) -> tuple[int | None, Any]:
    """The same for what an object keeps: one object, or a dict of them."""
    if type(kept) is not dict:
        return _end_of_object(kept, address, depth)
    for object in list(kept.values())[:_MOST_KEPT]:
        end, cls = _end_of_object(object, address, depth)
        if end is not None:
            return end, cls
    return None, None


def _target_of(data: Any) -> Memory | None:
    """What a pointer's value, stored in data, points to."""
    address = c_void_p.from_address(addressof(data)).value
    if address is None:
        return None
    end, cls = None, None
    if data._objects is not None:
        end, cls = _end_of_kept(data._objects, address, 0)
    if end is None and data._b_base_ is not None:
        root = data             # what a part keeps, the whole holds
        while root._b_base_ is not None:
            root = root._b_base_
        if root._objects is not None:
            end, cls = _end_of_kept(root._objects, address, 0)
    return None if end is None else Memory(address, end - address, cls)


def _of_data(data: Any) -> Memory | None:
    end = _end_of_data(data, 0)
    return None if end is None else Memory(addressof(data), end - addressof(data), type(data))


def _of_byref(carg: Any) -> Memory | None:
    data = carg._obj
    if tag_of(carg) != "P" or not is_data(data):
        return None
    address, begin = address_of_byref(carg), addressof(data)
    if address == begin:
        return _of_data(data)
    end = _end_of_data(data, 0)
    if end is None or not begin <= address <= end:
        return None
    cls = None
    if isinstance(data, Array):
        size = sizeof(data._type_)      # an element, if one begins there
        if size > 0 and (address - begin) % size == 0:
            cls = data._type_
    return Memory(address, end - address, cls)


def memory_of(argument: Any, pointee: Any = None) -> Memory | None:
    """What the argument points to, None if that is not known. Of an instance of the pointee the address is passed."""
    if not is_data(argument):
        if is_byref(argument):
            return _of_byref(argument)
        if isinstance(argument, bytes):
            return Memory(address_of_bytes(argument), len(argument) + 1, None)
        return None
    if isinstance(argument, (Structure, Union, Array)) or (pointee is not None and isinstance(argument, pointee)):
        return _of_data(argument)
    if isinstance(argument, _Pointer) or (isinstance(argument, _SimpleCData) and code_of(type(argument)) in ("P", "z", "Z")):
        return _target_of(argument)
    return None
