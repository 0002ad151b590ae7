"""declarations.py ZLIB PARTS: declares functions, variables and types of libc, zlib and parts.c, rightly and wrongly,
uses each, and prints what came of it. The table must be the same wherever types are checked."""

import ctypes
import sys
import warnings
from ctypes import (CDLL, CFUNCTYPE, POINTER, Structure, Union, byref, c_byte, c_char_p, c_double, c_float, c_int, c_long, c_short,
                    c_size_t, c_ubyte, c_uint, c_ulong, c_void_p, cast, create_string_buffer, sizeof)

libc, zlib, parts = CDLL("libc.so.6"), CDLL(sys.argv[1]), CDLL(sys.argv[2])
warned = CDLL(sys.argv[2], typecheck="warn")
early = CDLL(sys.argv[2], typecheck="early")
unchecked = CDLL(sys.argv[2], typecheck="off")
TEXT = b"to be or not to be"
DECLARATIONS = []


def declaration(function):
    DECLARATIONS.append(function)
    return function


class Tm(Structure):
    _fields_ = [(name, c_int) for name in ("sec", "min", "hour", "mday", "mon", "year", "wday", "yday", "isdst")] + [
        ("gmtoff", c_long), ("zone", c_char_p)]


class ShortTm(Structure):
    _fields_ = Tm._fields_[:9]


class Div(Structure):
    _fields_ = [("quot", c_int), ("rem", c_int)]


class LongDiv(Structure):
    _fields_ = [("quot", c_long), ("rem", c_long)]


class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_int)]


class FloatPoint(Structure):
    _fields_ = [("x", c_float), ("y", c_float)]


class Segment(Structure):
    _fields_ = [("ends", Point * 2), ("length", c_double)]


class SwappedSegment(Structure):
    _fields_ = [("length", c_double), ("ends", Point * 2)]


class Flags(Structure):
    _fields_ = [("visible", c_uint, 1), ("layer", c_uint, 7), ("level", c_int)]


class Value(Union):
    _fields_ = [("number", c_double), ("integer", c_long)]


class Button(Structure):
    _fields_ = [("pressed", CFUNCTYPE(c_int, POINTER(Point), c_void_p)), ("data", c_void_p)]


class OtherButton(Structure):
    _fields_ = [("pressed", CFUNCTYPE(c_int, c_int, c_void_p)), ("data", c_void_p)]


COMPARE = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
VISITOR = CFUNCTYPE(c_int, POINTER(Point), c_void_p)
compare = COMPARE(lambda a, b: a[0] - b[0])
add = VISITOR(lambda point, data: point[0].x + point[0].y)


@declaration
def right_text():
    libc.strlen.argtypes, libc.strlen.restype = [c_char_p], c_size_t
    return libc.strlen(TEXT)


@declaration
def result_cut():
    strlen = libc["strlen"]
    strlen.restype = c_byte
    return strlen(TEXT)


@declaration
def nothing_declared():
    return libc["strlen"](TEXT)


@declaration
def size_as_int():
    libc.memchr.argtypes = [c_void_p, c_int, c_int]
    return libc.memchr(TEXT, 98, 18)


@declaration
def right_memory():
    memchr = libc["memchr"]
    memchr.argtypes, memchr.restype = [c_char_p, c_int, c_size_t], c_char_p
    return memchr(TEXT, 98, len(TEXT))


@declaration
def right_callback():
    numbers = (c_int * 5)(5, 3, 1, 4, 2)
    libc.qsort.argtypes, libc.qsort.restype = [c_void_p, c_size_t, c_size_t, COMPARE], None
    libc.qsort(numbers, 5, 4, compare)
    return list(numbers)


@declaration
def callback_cuts_pointers():
    qsort, numbers = libc["qsort"], (c_int * 2)(2, 1)
    qsort.argtypes = [c_void_p, c_size_t, c_size_t, CFUNCTYPE(c_int, c_int, c_int)]
    return qsort(numbers, 2, 4, CFUNCTYPE(c_int, c_int, c_int)(lambda a, b: a - b))


@declaration
def callback_of_undeclared():
    numbers = (c_int * 5)(5, 3, 1, 4, 2)
    return libc["qsort"](numbers, 5, 4, compare), list(numbers)


@declaration
def wrong_callback_of_undeclared():
    return libc["qsort"]((c_int * 2)(2, 1), 2, 4, CFUNCTYPE(c_int, c_int, c_int)(lambda a, b: a - b))


@declaration
def right_record():
    when = Tm()
    libc.gmtime_r.argtypes, libc.gmtime_r.restype = [POINTER(c_long), POINTER(Tm)], POINTER(Tm)
    return libc.gmtime_r(byref(c_long(86400)), byref(when))[0].mday, when.year


@declaration
def record_too_short():
    gmtime_r = libc["gmtime_r"]
    gmtime_r.argtypes = [POINTER(c_long), POINTER(ShortTm)]
    return gmtime_r(c_long(0), ShortTm())


@declaration
def record_too_short_of_undeclared():
    return libc["gmtime_r"](byref(c_long(0)), byref(ShortTm()))


@declaration
def record_of_the_library():
    gmtime = libc["gmtime"]
    gmtime.argtypes, gmtime.restype = [POINTER(c_long)], POINTER(ShortTm)
    return gmtime(c_long(0))[0].year


@declaration
def right_record_by_value():
    libc.div.argtypes, libc.div.restype = [c_int, c_int], Div
    result = libc.div(17, 5)
    return result.quot, result.rem


@declaration
def record_by_value_as_int():
    div = libc["div"]
    div.argtypes, div.restype = [c_int, c_int], c_int
    return div(17, 5)


@declaration
def other_record_by_value():
    libc.ldiv.argtypes, libc.ldiv.restype = [c_long, c_long], Div
    return libc.ldiv(17, 5)


@declaration
def undeclared_record_by_value():
    result = libc["ldiv"](17, 5)
    return result.quot, result.rem


@declaration
def variadic():
    buffer = create_string_buffer(40)
    libc.snprintf.argtypes = [c_char_p, c_size_t, c_char_p]
    return libc.snprintf(buffer, 40, b"%d %s %.2f", c_int(7), b"seven", c_double(0.7)), buffer.value


@declaration
def undeclared_variadic():
    buffer = create_string_buffer(40)
    return libc["snprintf"](buffer, sizeof(buffer), b"%d %s", 7, b"seven"), buffer.value


@declaration
def undeclared_text_result():
    return ctypes.string_at(libc.strerror(2))


@declaration
def undeclared_double():
    return libc["strtod"](b"2.5", None)


@declaration
def double_as_int():
    libc.strtod.argtypes, libc.strtod.restype = [c_char_p, c_void_p], c_int
    return libc.strtod(b"2.5", None)


@declaration
def too_many_declared():
    libc.abs.argtypes = [c_int, c_int]
    return libc.abs(-3, 0)


@declaration
def too_few_given():
    return libc["abs"]()


@declaration
def wrong_object_given():
    return libc["abs"]("three")


@declaration
def int_as_double():
    libc.toupper.argtypes = [c_double]
    return libc.toupper(97.0)


@declaration
def right_prototype():
    return CFUNCTYPE(c_long, c_long)(("labs", libc))(-2 ** 40)


@declaration
def wrong_prototype():
    return CFUNCTYPE(c_int, c_int)(("labs", libc))(-3)


@declaration
def prototype_at_an_address():
    address = cast(parts.halved, c_void_p).value
    return CFUNCTYPE(c_double, c_double)(address)(3.0)


@declaration
def replaced_before_the_call():
    labs = libc["labs"]
    labs.argtypes, labs.restype = [c_int], c_int
    labs.argtypes, labs.restype = [c_long], c_long
    return labs(-2 ** 40)


@declaration
def right_checksum():
    zlib.crc32.argtypes, zlib.crc32.restype = [c_ulong, c_char_p, c_uint], c_ulong
    return zlib.crc32(0, TEXT, len(TEXT))


@declaration
def checksum_cut():
    crc32 = zlib["crc32"]
    crc32.argtypes, crc32.restype = [c_uint, c_char_p, c_uint], c_ulong
    return crc32(0, TEXT, len(TEXT))


@declaration
def undeclared_checksum():
    return zlib["adler32"](1, TEXT * 99, len(TEXT) * 99)


@declaration
def right_length():
    packed, length = create_string_buffer(64), c_ulong(64)
    zlib.compress.argtypes = [c_char_p, POINTER(c_ulong), c_char_p, c_ulong]
    return zlib.compress(packed, length, TEXT, len(TEXT)), length.value


@declaration
def length_too_short():
    packed, length = create_string_buffer(64), c_uint(64)
    compress = zlib["compress"]
    compress.argtypes = [c_char_p, POINTER(c_uint), c_char_p, c_ulong]
    return compress(packed, length, TEXT, len(TEXT))


@declaration
def length_too_short_of_undeclared():
    return zlib["compress"](create_string_buffer(64), byref(c_uint(64)), TEXT, len(TEXT))


@declaration
def right_variable():
    return c_int.in_dll(parts, "counter").value


@declaration
def variable_too_long():
    return c_long.in_dll(parts, "counter")


@declaration
def variable_of_another_record():
    return FloatPoint.in_dll(parts, "origin")


@declaration
def right_point():
    parts.point_moved.argtypes, parts.point_moved.restype = [Point, c_int], Point
    moved = parts.point_moved(Point(1, 2), 10)
    return moved.x, moved.y


@declaration
def point_of_floats():
    point_moved = parts["point_moved"]
    point_moved.argtypes, point_moved.restype = [FloatPoint, c_int], Point
    return point_moved(FloatPoint(1, 2), 10)


@declaration
def right_segment():
    parts.segment_length.argtypes, parts.segment_length.restype = [POINTER(Segment)], c_double
    return parts.segment_length(Segment(((1, 2), (3, 4)), 5))


@declaration
def members_swapped():
    segment_length = parts["segment_length"]
    segment_length.argtypes, segment_length.restype = [POINTER(SwappedSegment)], c_double
    return segment_length(SwappedSegment(5, ((1, 2), (3, 4))))


@declaration
def right_bit_fields():
    parts.flags_level.argtypes = [POINTER(Flags)]
    return parts.flags_level(Flags(1, 5, 100))


@declaration
def right_union():
    parts.value_integer.argtypes, parts.value_integer.restype = [POINTER(Value)], c_long
    return parts.value_integer(Value(integer=-6))


@declaration
def enumeration_cut():
    parts.next_colour.restype = c_byte
    return parts.next_colour(0)


@declaration
def undeclared_enumeration_and_bool():
    return parts["next_colour"](0), parts.is_even(4), parts.is_even(7)


@declaration
def float_as_double():
    parts.halved.argtypes, parts.halved.restype = [c_double], c_float
    return parts.halved(3.0)


@declaration
def undeclared_floats():
    return parts["halved"](3.0), parts.negated(5), parts.all_ones()


@declaration
def wider_than_a_short():
    parts.negated.argtypes, parts.negated.restype = [c_long], c_short
    return parts.negated(5)


@declaration
def right_visitor():
    parts.visit.argtypes = [VISITOR, POINTER(Point), c_void_p]
    return parts.visit(add, Point(3, 4), None)


@declaration
def visitor_takes_less():
    visit = parts["visit"]
    visit.argtypes = [CFUNCTYPE(c_int, POINTER(Point)), POINTER(Point), c_void_p]
    return visit(CFUNCTYPE(c_int, POINTER(Point))(lambda point: 0), Point(3, 4), None)


@declaration
def visitor_of_another_record():
    keep = parts["keep"]
    keep.argtypes = [CFUNCTYPE(c_int, POINTER(Tm), c_void_p)]
    return keep(CFUNCTYPE(c_int, POINTER(Tm), c_void_p)(lambda tm, data: 0))


@declaration
def right_callback_in_a_record():
    parts.press.argtypes = [POINTER(Button), POINTER(Point)]
    return parts.press(Button(add), Point(3, 4))


@declaration
def wrong_callback_in_a_record():
    press = parts["press"]
    press.argtypes = [POINTER(OtherButton), POINTER(Point)]
    return press(OtherButton(), Point(3, 4))


@declaration
def wrong_callback_in_a_record_of_undeclared():
    return parts["press"](byref(OtherButton()), byref(Point(3, 4)))


@declaration
def callback_as_any_pointer():
    visit = parts["visit"]
    visit.argtypes = [c_void_p, POINTER(Point), c_void_p]
    return visit(cast(add, c_void_p), Point(3, 4), None)


@declaration
def wrong_callback_as_a_variable():
    return CFUNCTYPE(c_int, c_int, c_void_p).in_dll(parts, "chosen")


@declaration
def bytes_too_short():
    point_clear = parts["point_clear"]
    point_clear.argtypes = [POINTER(c_ubyte * 4)]
    return point_clear((c_ubyte * 4)())


@declaration
def part_of_an_array():
    points = (Point * 2)((1, 2), (3, 4))
    parts["point_clear"](byref(points[1]))
    return points[0].x, points[1].x


@declaration
def warned_of():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        warned.is_even.argtypes = [c_int, c_int]
    return [(one.category.__name__, str(one.message), one.lineno) for one in seen]


@declaration
def refused_early():
    early.visit.argtypes = [VISITOR, POINTER(Point)]


@declaration
def not_checked():
    unchecked.negated.argtypes, unchecked.negated.restype = [c_int], c_int
    return unchecked.negated(5), unchecked.negated.c_declaration


@declaration
def declarations_in_c():
    return parts.kept_visitor.c_declaration, libc.qsort.c_declaration, zlib.crc32.__doc__


@declaration
def without_a_declaration():
    return getattr(parts, "absent", None)


def outcome(use):
    try:
        return [repr(use())]
    except TypeError as error:
        lines = str(error).split("\n")
        facts = [error.position, error.argument, error.path, error.rule, error.hint, error.lineno]
        return ["TypeError: " + lines[0], "    %s" % facts] + ["    " + line for line in (error.layout or "").splitlines()]


def main():
    for use in DECLARATIONS:
        first, *others = outcome(use)
        print("%s: %s" % (use.__name__, first))
        for line in others:
            print(line)
    print("%d declarations" % len(DECLARATIONS))


main()
