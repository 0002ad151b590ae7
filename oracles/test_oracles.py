"""A comparison that sees nothing proves nothing: each change to our description must be noticed and not be excused."""

import copy
import unittest

import compare_abidw
import compare_drgn
import compare_headers
import coverage
import libraries
import ours
import round_trip

LIBRARY = "libkrb5.so.3"
WITH_BIT_FIELDS = "libm.so.6"


def first(types, kind, wanted=lambda ty: True):
    """The first type of a kind that will do."""
    return next(ty for ty in types.values() if ty["kind"] == kind and wanted(ty))


def struct(types):
    return first(types, "record", lambda ty: ty["class"] == "struct" and len(ty["members"]) > 3)


# What each change does to the document; `abidw` knows no encodings and bit-fields.
def change_size(types):
    struct(types)["size"] += 8


def change_offset(types):
    struct(types)["members"][1]["offset"] += 1


def change_member_name(types):
    struct(types)["members"][1]["name"] += "_"


def change_member_type(types):
    members = struct(types)["members"]
    members[0]["type"] = next(id for id, ty in types.items() if ty["kind"] == "array")


def drop_member(types):
    struct(types)["members"].pop()


def forget_members(types):
    struct(types).update(incomplete=True, members=[])


def change_union(types):
    first(types, "record", lambda ty: ty["class"] == "union")["class"] = "struct"


def change_tag(types):
    first(types, "record", lambda ty: ty.get("name") and ty["members"])["name"] += "_"


def change_enumerator(types):
    first(types, "enumeration")["enumerators"][1]["value"] += 1


def change_length(types):
    first(types, "array", lambda ty: ty["dimensions"] != [None])["dimensions"][0] += 1


def change_qualifier(types):
    first(types, "qualified", lambda ty: types[ty["target"]]["kind"] == "base")["qualifiers"] = ["volatile"]


def change_typedef(types):
    first(types, "typedef", lambda ty: types[ty["target"]]["kind"] == "record")["name"] += "_"


def change_base(types):
    ty = first(types, "base", lambda ty: ty["name"] == "unsigned int" or ty["name"] == "int")
    ty.update(name="long int", size=8)


def change_pointer(types):
    first(types, "pointer")["size"] = 4


def drop_parameter(types):
    first(types, "function", lambda ty: len(ty["parameters"]) > 2)["parameters"].pop()


def add_ellipsis(types):
    first(types, "function", lambda ty: len(ty["parameters"]) > 2)["variadic"] = True


def change_result(types):
    integer = next(id for id, ty in types.items() if ty["kind"] == "base" and ty["size"] == 1)
    first(types, "function", lambda ty: len(ty["parameters"]) > 2)["result"] = integer


def change_encoding(types):
    ty = first(types, "base", lambda ty: ty["encoding"] == "signed")
    ty["encoding"] = "unsigned"


def change_width(types):
    record = first(types, "record", lambda ty: any("bit_width" in member for member in ty["members"]))
    next(member for member in record["members"] if "bit_width" in member)["bit_width"] += 1


def change_alignment(types):
    struct(types)["align"] *= 2


def drop_prototype(types):
    first(types, "function", lambda ty: len(ty["parameters"]) > 2)["prototyped"] = False


EVERYWHERE = [
    change_size, change_offset, change_member_name, change_member_type, drop_member, change_union, change_tag,
    change_enumerator, change_length, change_qualifier, change_typedef, change_base, change_pointer, drop_parameter,
    add_ellipsis, change_result,
]  # fmt: skip


class Changes(unittest.TestCase):
    def noticed(self, library, compare, changes):
        document = ours.document(libraries.path_of(library))
        self.assertEqual(compare(ours.Description(document)).unnamed, [])
        for change in changes:
            with self.subTest(change=change.__name__):
                changed = copy.deepcopy(document)
                change(changed["types"])
                self.assertNotEqual(compare(ours.Description(changed)).unnamed, [])

    def test_drgn(self):
        for library, changes in [
            (LIBRARY, [*EVERYWHERE, forget_members, change_encoding]),
            (WITH_BIT_FIELDS, [change_width]),
        ]:
            exports = libraries.exports(library)
            self.noticed(library, lambda described: compare_drgn.compare(library, described, exports), changes)

    def test_abidw(self):
        self.noticed(LIBRARY, lambda described: compare_abidw.compare(LIBRARY, described), EVERYWHERE)

    def test_round_trip(self):
        for library, changes in [
            (LIBRARY, [*EVERYWHERE, change_encoding, change_alignment, drop_prototype]),
            (WITH_BIT_FIELDS, [change_width]),
        ]:
            self.noticed(library, lambda described: round_trip.compare(library, described), changes)

    def test_coverage(self):
        exports = libraries.exports(WITH_BIT_FIELDS)
        document = ours.document(libraries.path_of(WITH_BIT_FIELDS))
        self.assertEqual(coverage.cover(WITH_BIT_FIELDS, ours.Description(document), exports).faults, [])
        ifunc = next(one for one in document["declarations"] if one["evidence"] == "resolver")
        document["declarations"].remove(ifunc)
        self.assertNotEqual(coverage.cover(WITH_BIT_FIELDS, ours.Description(document), exports).faults, [])
        document["undescribed"].append({**ifunc, "reason": "no unit"})
        self.assertNotEqual(coverage.cover(WITH_BIT_FIELDS, ours.Description(document), exports).faults, [])

    def test_headers(self):
        exports = libraries.exports(WITH_BIT_FIELDS)
        document = ours.document(libraries.path_of(WITH_BIT_FIELDS))
        for one in document["declarations"]:
            if one["symbol"] == "floorl":
                one["c"] = one["c"].replace("long double floorl", "double floorl")
        result = compare_headers.compare(WITH_BIT_FIELDS, ours.Description(document), exports)
        self.assertEqual(len(result.unnamed), 1)


if __name__ == "__main__":
    unittest.main()
