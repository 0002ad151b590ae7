"""libyaml of a directory under the patched ctypes. The right declarations parse a document; every
wrong one is a TypeError that says what is wrong. The exit status is 1 if it is not."""

import argparse
import sys
from ctypes import CDLL, POINTER, Structure, byref, c_char_p, c_int, c_short, c_size_t, c_void_p, create_string_buffer

SONAME = "libyaml-0.so.2"
failed = 0


class Parser(Structure):
    """yaml_parser_t, as one who has seen only its first members would write it."""
    _fields_ = [("error", c_int), ("problem", c_char_p)]


def refused(name, argtypes, arguments, expected):
    """These argtypes, or the call with them, must be a TypeError that says what is expected."""
    global failed
    function = CDLL(SONAME)[name]
    try:
        function.argtypes = argtypes
        function(*arguments)
    except TypeError as error:
        print("    TypeError: %s" % error)
        if expected in str(error):
            return
    print("FAILED: %s with %s: no TypeError that says %r" % (name, argtypes, expected))
    failed = 1


arguments = argparse.ArgumentParser(description=__doc__)
arguments.add_argument("directory")
directory = arguments.parse_args().directory
yaml = CDLL(SONAME)
with open("/proc/self/maps") as maps:
    if not any(line.rstrip().startswith(directory, line.find("/")) for line in maps if SONAME[:-2] in line):
        sys.exit("FAILED: the library of %s is not the one that is loaded" % directory)

parser, document = create_string_buffer(4096), b"- one\n- two\n"
yaml.yaml_parser_set_input_string.argtypes = [c_void_p, c_char_p, c_size_t]
if yaml.yaml_parser_initialize(parser) != 1:
    sys.exit("FAILED: yaml_parser_initialize")
yaml.yaml_parser_set_input_string(parser, document, len(document))
event = create_string_buffer(4096)
if [yaml.yaml_parser_parse(parser, event), event[0]] != [1, b"\x01"]:
    sys.exit("FAILED: the first event is not the beginning of the stream")
yaml.yaml_parser_delete(parser)

refused("yaml_parser_set_input_string", [c_void_p, c_char_p, c_int], [parser, document, 12], "argument 3 ('size')")
refused("yaml_parser_initialize", [POINTER(Parser)], [byref(Parser())], "'yaml_parser_t' (struct, 480 bytes)")
refused("yaml_get_version", [POINTER(c_short)] * 3, [byref(c_short()) for _ in range(3)], "argument 1 ('major')")
sys.exit(failed)
