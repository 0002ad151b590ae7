"""What `ffitypecheck describe LIB --all --as json` says, as nodes."""

import json
import os
import subprocess

from libraries import path_of
from walk import Node

ENCODINGS = {
    "boolean": "boolean",
    "signed": "signed",
    "unsigned": "unsigned",
    "signed-char": "signed",
    "unsigned-char": "unsigned",
    "utf": "unsigned",
    "float": "float",
    "float128": "float",
    "complex-float": "complex",
    "complex-float128": "complex",
    "complex-integer": "complex integer",
    "decimal-float": "decimal",
}

WORDS = {"long": 0, "short": 0, "unsigned": 1, "signed": 2, "char": 3, "int": 4}


def base_name(name):
    """One spelling for gcc's `long unsigned int`, clang's `unsigned long` and everyone else's."""
    if name is None:
        return None
    words = name.split()
    if any(word in ("long", "short", "unsigned", "signed", "int") for word in words):
        words = [word for word in words if word != "int"] or ["int"]
        if "char" not in words:
            words = [word for word in words if word != "signed"] or ["int"]
        if words == ["unsigned"]:
            words = ["unsigned", "int"]
        words.sort(key=lambda word: (WORDS.get(word, 5), word))
    return {"bool": "_Bool"}.get(name) or " ".join(words)


def is_c(declaration):
    return not declaration["symbol"].startswith("_Z")


class Description:
    """The declarations and the graph of types that the command printed for one library."""

    def __init__(self, document):
        self.declarations = [one for one in document["declarations"] if is_c(one)]
        self.undescribed = [one for one in document["undescribed"] if is_c(one)]
        self.types = document["types"]
        self.nodes = {}

    def memo(self, key):
        return key

    def node(self, key):
        node = self.nodes.get(key)
        if node is None:
            node = self.nodes[key] = self.build(key)
        return node

    def build(self, key):
        ty = self.types[key]
        return self.array(ty) if ty["kind"] == "array" else BUILD[ty["kind"]](ty)

    def array(self, ty):
        """All dimensions at once. The qualifiers of an array are those of its elements (C17 §6.7.3 ¶9)."""
        lengths, qualifiers = [], set()
        while True:
            lengths += ty["dimensions"]
            qualifiers |= words(ty.get("qualifiers", ()))
            element = self.types[ty["element"]]
            if element["kind"] != "array" or element["vector"] or ty["vector"]:
                break
            ty = element
        facts = {"lengths": lengths, "qualifiers": qualifiers, "vector": ty["vector"]}
        return Node("array", facts, [("[]", ty["element"])])


def words(qualifiers):
    """`_Atomic` as the other tools call it."""
    return {qualifier.lstrip("_").lower() for qualifier in qualifiers}


def void(ty):
    return Node("void")


def base(ty):
    return Node("base", {"name": base_name(ty.get("name")), "size": ty["size"], "encoding": ENCODINGS[ty["encoding"]]})


def pointer(ty):
    kind = "pointer" if ty["class"] == "pointer" else "reference"
    return Node(kind, {"size": ty["size"]}, [("*", ty["target"])])


def qualified(ty):
    return Node("qualified", {"qualifiers": words(ty["qualifiers"])}, [("", ty["target"])])


def typedef(ty):
    return Node("typedef", {"name": ty["name"]}, [("", ty["target"])])


def record(ty):
    kind = "union" if ty["class"] == "union" else "struct"
    if ty["incomplete"]:
        return Node(kind, {"name": ty.get("name"), "complete": False})
    members, refers = [], []
    for member in ty["members"]:
        offset = member.get("bit_offset", member["offset"] * 8)
        members.append((member["name"], offset, member.get("bit_width")))
        refers.append(("." + (member["name"] or "(anonymous)"), member["type"]))
    facts = {
        "name": ty.get("name"),
        "complete": True,
        "size": ty.get("size"),
        "align": ty.get("align"),
        "members": members,
        "places": [member[:2] for member in members],
    }
    return Node(kind, facts, refers)


def enumeration(ty):
    if ty["incomplete"]:
        return Node("enum", {"name": ty.get("name"), "complete": False})
    enumerators = [(one["name"], int(one["value"])) for one in ty["enumerators"]]
    return Node(
        "enum", {"name": ty.get("name"), "complete": True, "size": ty.get("size"), "enumerators": enumerators}
    )


def function(ty):
    parameters = ty["parameters"]
    facts = {
        "parameters": len(parameters),
        "variadic": ty["variadic"],
        "prototyped": ty["prototyped"],
        "names": [one["name"] for one in parameters],
    }
    refers = [("result", ty["result"])]
    refers += [(f"parameter {index}", one["type"]) for index, one in enumerate(parameters, 1)]
    return Node("function", facts, refers)


def unknown(ty):
    return Node("unknown", {"name": ty.get("name"), "reason": ty["reason"]})


BUILD = {
    "void": void,
    "base": base,
    "pointer": pointer,
    "qualified": qualified,
    "typedef": typedef,
    "record": record,
    "enumeration": enumeration,
    "function": function,
    "unknown": unknown,
}


def tool():
    path = os.environ.get("FFITYPECHECK", "target/release/ffitypecheck")
    if not os.access(path, os.X_OK):
        raise SystemExit(f"{path} is not there: build it, or name the command in FFITYPECHECK")
    return path


def document(path):
    """The document that the command prints for a file. It exits with 1 where some export has no declaration."""
    printed = subprocess.run([tool(), "describe", path, "--all", "--as", "json"], capture_output=True, check=False)
    if printed.returncode not in (0, 1):
        raise SystemExit(f"{tool()} describe {path} failed: {printed.stderr.decode()}")
    return json.loads(printed.stdout)


def describe(library):
    return Description(document(path_of(library)))
