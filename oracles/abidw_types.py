"""abidw's XML as nodes. It has no encodings, no widths of bit-fields and no prototypes; those are not compared here."""

import subprocess
import xml.etree.ElementTree as ElementTree

from libraries import path_of
from ours import base_name
from walk import Node, NotComparable


def run(library):
    """abidw's whole description of a library."""
    command = ["abidw", "--debug-info-dir", "/usr/lib/debug", "--no-corpus-path", path_of(library)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return AbidwTypes(ElementTree.fromstring(printed))


def symbol_key(text):
    """`name@@VERSION` as (name, version)."""
    name, _, version = text.partition("@")
    return (name, version.lstrip("@") or None)


class AbidwTypes:
    """The types by id, and the declarations by symbol."""

    def __init__(self, corpus):
        self.types = {}
        self.declarations = {}
        # Functions that abidw has only from the declaration in a header.
        self.by_name = {}
        groups = []
        for element in corpus.iter("elf-symbol"):
            aliases = filter(None, element.get("alias", "").split(","))
            groups.append([(element.get("name"), element.get("version")), *map(symbol_key, aliases)])
        by_symbol = {}
        for element in corpus.iter():
            identifier = element.get("id")
            if identifier is not None:
                # A later declaration of a class does not replace its definition.
                known = self.types.get(identifier)
                if known is None or known.get("is-declaration-only"):
                    self.types[identifier] = element
            if element.tag in ("function-decl", "var-decl") and element.get("elf-symbol-id"):
                by_symbol[symbol_key(element.get("elf-symbol-id"))] = element
            elif element.tag == "function-decl":
                self.by_name.setdefault(element.get("name"), []).append(element)
        # One symbol of each group of aliases carries the declaration.
        for group in groups:
            for key in group:
                if key in by_symbol:
                    self.declarations.update(dict.fromkeys(group, by_symbol[key]))
        self.nodes = {}

    def memo(self, key):
        return key if isinstance(key, str) else id(key)

    def node(self, key):
        """A key is a type's id, or the element of a function."""
        memo = self.memo(key)
        node = self.nodes.get(memo)
        if node is None:
            node = self.nodes[memo] = self.build(key)
        return node

    def build(self, key):
        if not isinstance(key, str):
            return function(key)
        element = self.types[key]
        return self.array(element) if element.tag == "array-type-def" else BUILD[element.tag](element)

    def array(self, element):
        """All dimensions at once, with the qualifiers of the elements."""
        lengths, qualifiers = [], set()
        while element.tag == "array-type-def":
            lengths += [length(subrange) for subrange in element.findall("subrange")]
            key = element.get("type-id")
            element = self.types[key]
        if element.tag == "qualified-type-def":
            qualifiers, key = words(element), element.get("type-id")
        return Node("array", {"lengths": lengths, "qualifiers": qualifiers}, [("[]", key)])


def words(element):
    return {name for name in ("const", "volatile", "restrict") if element.get(name) == "yes"}


def length(subrange):
    text = subrange.get("length")
    return int(text) if text.isdigit() else None


def type_name(element):
    return None if element.get("is-anonymous") or element.get("naming-typedef-id") else element.get("name")


def base(element):
    if element.get("name") == "void":
        return Node("void")
    if not element.get("size-in-bits"):
        raise NotComparable(f"abidw has no size of '{element.get('name')}'")
    return Node("base", {"name": base_name(element.get("name")), "size": int(element.get("size-in-bits")) // 8})


def pointer(element):
    return Node("pointer", {"size": int(element.get("size-in-bits")) // 8}, [("*", element.get("type-id"))])


def reference(element):
    return Node("reference", {}, [("*", element.get("type-id"))])


def qualified(element):
    return Node("qualified", {"qualifiers": words(element)}, [("", element.get("type-id"))])


def typedef(element):
    return Node("typedef", {"name": element.get("name")}, [("", element.get("type-id"))])


def record(element):
    kind = "union" if element.tag == "union-decl" else "struct"
    if element.get("is-declaration-only"):
        return Node(kind, {"name": type_name(element), "complete": False})
    members, refers = [], []
    for member in element.findall("data-member"):
        if member.get("static") == "yes":
            continue
        variable = member.find("var-decl")
        offset = int(member.get("layout-offset-in-bits", "0"))
        members.append((variable.get("name") or None, offset))
        refers.append(("", variable.get("type-id")))
    facts = {
        "name": type_name(element),
        "complete": True,
        "size": int(element.get("size-in-bits", "0")) // 8,
        "places": members,
    }
    return Node(kind, facts, refers)


def enumeration(element):
    if element.get("is-declaration-only"):
        return Node("enum", {"name": type_name(element), "complete": False})
    enumerators = [(one.get("name"), int(one.get("value"))) for one in element.findall("enumerator")]
    return Node("enum", {"name": type_name(element), "complete": True, "enumerators": enumerators})


def function(element):
    parameters = element.findall("parameter")
    variadic = bool(parameters) and parameters[-1].get("is-variadic") == "yes"
    if variadic:
        parameters.pop()
    facts = {"parameters": len(parameters), "variadic": variadic}
    refers = [("", element.find("return").get("type-id"))] + [("", one.get("type-id")) for one in parameters]
    return Node("function", facts, refers)


BUILD = {
    "type-decl": base,
    "pointer-type-def": pointer,
    "reference-type-def": reference,
    "qualified-type-def": qualified,
    "typedef-decl": typedef,
    "class-decl": record,
    "union-decl": record,
    "enum-decl": enumeration,
    "function-type": function,
}
