"""drgn's types as nodes."""

import logging

import drgn
from drgn import Qualifiers, TypeKind

from libraries import path_of
from ours import base_name
from walk import Node, NotComparable

QUALIFIERS = {
    Qualifiers.CONST: "const",
    Qualifiers.VOLATILE: "volatile",
    Qualifiers.RESTRICT: "restrict",
    Qualifiers.ATOMIC: "atomic",
}
NONE = Qualifiers(0)


def open_library(path):
    """A program that has one library, loaded at address 0, with its separate debug file."""
    # It logs each location that it cannot compute, such as those of thread-local variables.
    logging.getLogger("drgn").setLevel(logging.CRITICAL)
    program = drgn.Program(drgn.Platform(drgn.Architecture.X86_64))
    module = program.extra_module(path, create=True)
    module.address_range = (0, 1 << 40)
    module.try_file(path_of(path), force=True)
    program.load_module_debug_info(module)
    return program


class DrgnTypes:
    """The types of one program."""

    def __init__(self):
        self.nodes = {}

    def memo(self, ty):
        # drgn keeps one type per DIE; its address outlives the Python object.
        return (ty._ptr, ty.qualifiers is not NONE and ty.qualifiers.value)

    def node(self, ty):
        memo = self.memo(ty)
        node = self.nodes.get(memo)
        if node is None:
            try:
                node = self.nodes[memo] = self.build(ty)
            except drgn.BadDataError as error:
                if not str(error).endswith("unknown DWARF encoding 0x3"):
                    raise
                raise NotComparable("drgn cannot read complex types") from error
        return node

    def build(self, ty):
        if ty.qualifiers != NONE and ty.kind is not TypeKind.ARRAY:
            return Node("qualified", {"qualifiers": words(ty.qualifiers)}, [("", ty.unqualified())])
        return BUILD[ty.kind](ty)


def words(qualifiers):
    return {name for flag, name in QUALIFIERS.items() if flag in qualifiers}


def void(ty):
    return Node("void")


def integer(ty):
    facts = {"name": base_name(ty.name), "size": ty.size, "encoding": "signed" if ty.is_signed else "unsigned"}
    return Node("base", facts)


def boolean(ty):
    return Node("base", {"name": base_name(ty.name), "size": ty.size, "encoding": "boolean"})


def floating(ty):
    return Node("base", {"name": base_name(ty.name), "size": ty.size, "encoding": "float"})


def pointer(ty):
    return Node("pointer", {"size": ty.size}, [("*", ty.type)])


def typedef(ty):
    return Node("typedef", {"name": ty.name}, [("", ty.type)])


def array(ty):
    """All dimensions at once, with the qualifiers upon the array and upon its elements."""
    lengths, qualifiers = [], set()
    while ty.kind is TypeKind.ARRAY:
        lengths.append(ty.length)
        qualifiers |= words(ty.qualifiers)
        ty = ty.type
    facts = {"lengths": lengths, "qualifiers": qualifiers | words(ty.qualifiers)}
    return Node("array", facts, [("[]", ty.unqualified())])


def record(ty):
    kind = "union" if ty.kind is TypeKind.UNION else "struct"
    if not ty.is_complete():
        return Node(kind, {"name": ty.tag, "complete": False})
    members, refers = [], []
    for member in ty.members:
        members.append((member.name, member.bit_offset, member.bit_field_size))
        refers.append(("", member.type))
    return Node(kind, {"name": ty.tag, "complete": True, "size": ty.size, "members": members}, refers)


def enumeration(ty):
    if not ty.is_complete():
        return Node("enum", {"name": ty.tag, "complete": False})
    enumerators = [tuple(one) for one in ty.enumerators]
    facts = {"name": ty.tag, "complete": True, "size": ty.type.size, "enumerators": enumerators}
    return Node("enum", facts)


def function(ty):
    parameters = ty.parameters
    facts = {
        "parameters": len(parameters),
        "variadic": ty.is_variadic,
        "names": [one.name for one in parameters],
    }
    refers = [("", ty.type)] + [("", one.type) for one in parameters]
    return Node("function", facts, refers)


BUILD = {
    TypeKind.VOID: void,
    TypeKind.INT: integer,
    TypeKind.BOOL: boolean,
    TypeKind.FLOAT: floating,
    TypeKind.POINTER: pointer,
    TypeKind.TYPEDEF: typedef,
    TypeKind.ARRAY: array,
    TypeKind.STRUCT: record,
    TypeKind.UNION: record,
    TypeKind.CLASS: record,
    TypeKind.ENUM: enumeration,
    TypeKind.FUNCTION: function,
}
