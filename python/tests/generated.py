"""generated.py CONFORMANCE DIRECTORY PLAIN ANY CONFIGURATION ...

Calls the functions of generated C libraries through the bindings that `python -m ffitypecheck bindings` writes for them.
CONFORMANCE is the program that generates the libraries, two for each CONFIGURATION, with the bytes of each argument and result:
PLAIN functions of types that ctypes has, which must all be declared and called; and ANY functions of any types, where what is
not declared must have one of REASONS. Each function notes the bytes that it receives. Every bit that carries a value is
compared, of all arguments and of the result. Functions that this machine's libffi calls wrongly by itself are not called.

A result's class is a subclass of the declared one: ctypes does not convert it to a number of Python, and its bytes stay.
"""

import collections
import ctypes
import importlib.util
import os
import re
import subprocess
import sys

# Why a function is not declared: what ctypes cannot pass.
REASONS = (
    "ctypes does not pass unions by value", "ctypes does not pass bit-fields by value", "ctypes has no integer of 16 bytes",
    "ctypes passes no record by value that is packed or aligned by an attribute", "ctypes does not have all types of",
    "ctypes does not pass open arrays, and arrays of arrays, by value",
    "libffi does not return a record of one long double", "ctypes has no '", "ctypes has no vectors", "has no members",
)
VARIADIC = {
    "int32": ctypes.c_int32, "uint32": ctypes.c_uint32, "int64": ctypes.c_int64, "uint64": ctypes.c_uint64,
    "pointer": ctypes.c_void_p, "double": ctypes.c_double, "longdouble": ctypes.c_longdouble,
}
BUFFER = 16384


class Call:
    """One line of the file of calls."""

    def __init__(self, line):
        self.name, self.obstacle, parameters, result, *arguments = line.split()
        self.result = None if result == "void" else [bytes.fromhex(text) for text in result.split(":")]
        self.arguments = [argument.split(":") for argument in arguments]
        self.parameters = int(parameters)

    def passed(self, function):
        """The arguments as instances of the declared types, or None: a variadic one of a type that the bindings do not have."""
        values = []
        for index, (passed, seen, mask, *type) in enumerate(self.arguments):
            cls = VARIADIC.get(type[0]) if type else function.argtypes[index]
            if cls is None:
                return None
            values.append(cls.from_buffer_copy(bytes.fromhex(passed)))
        return values

    def expected(self):
        """The bytes that the function sees, and their mask."""
        return [b"".join(bytes.fromhex(argument[at]) for argument in self.arguments) for at in (1, 2)]


def differs(expected, found, mask):
    return len(expected) != len(found) or any((a ^ b) & m for a, b, m in zip(expected, found, mask))


class Library:
    def __init__(self, module):
        self.module = module
        self.log = (ctypes.c_ubyte * BUFFER).in_dll(module._lib, "ft_log")
        self.logged = ctypes.c_size_t.in_dll(module._lib, "ft_logged")
        self.result = (ctypes.c_ubyte * 512).in_dll(module._lib, "ft_result")

    def call(self, call, function, values):
        """What is wrong with a call, or None."""
        if function.restype is not None and issubclass(function.restype, ctypes._SimpleCData):
            function.restype = type("Bytes", (function.restype,), {})
        ctypes.memset(self.log, 0, BUFFER)
        self.logged.value = 0
        if call.result is not None:
            ctypes.memmove(self.result, call.result[0], len(call.result[0]))
        result = function(*values)
        seen = bytes(self.log)[:self.logged.value]
        if differs(call.expected()[0], seen, call.expected()[1]):
            return "sent %s, seen %s" % (call.expected()[0].hex(), seen.hex())
        if call.result is None:
            return None if result is None else "returned %r" % result
        if differs(call.result[0], bytes(result), call.result[1]):
            return "returned %s, received %s" % (call.result[0].hex(), bytes(result).hex())
        return None


def generate(library, output):
    subprocess.run([sys.executable, "-m", "ffitypecheck", "bindings", library, "f[0-9]*", "-o", output],
                   stderr=subprocess.DEVNULL)
    spec = importlib.util.spec_from_file_location("generated", output)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with open(output) as file:
        text = file.read()
    omitted = dict(re.findall(r"^# (f\d+): (.*)$", text.rpartition("# Not declared:")[2], re.MULTILINE))
    return module, omitted


def run(library, plain, counts, failures):
    directory = os.path.dirname(library)
    module, omitted = generate(library, os.path.join(directory, "bindings.py"))
    exchange = Library(module)
    with open(os.path.join(directory, "calls")) as lines:
        calls = [Call(line) for line in lines]
    for call in calls:
        counts["functions"] += 1
        if call.name in omitted:
            reason = next((reason for reason in REASONS if reason in omitted[call.name]), None)
            counts["not declared: %s" % reason] += 1
            if reason is None or plain:
                failures.append("%s: %s" % (call.name, omitted[call.name]))
            continue
        if call.obstacle != "none":
            counts["declared, but libffi: %s" % call.obstacle.replace("_", " ")] += 1
            continue
        with open(os.path.join(directory, "at"), "w") as file:
            file.write(call.name)
        function = getattr(module, call.name)
        values = call.passed(function)
        if values is None:
            counts["with a variadic argument of a record"] += 1
            continue
        error = exchange.call(call, function, values)
        counts["called"] += 1
        counts["arguments compared"] += len(values)
        counts["results compared"] += call.result is not None
        if error is not None:
            failures.append("%s %s: %s" % (library, call.name, error))


def main(conformance, directory, plain, any, *configurations):
    counts, failures = collections.Counter(), []
    for name in configurations:
        for kind, *options in ("plain", "--functions", plain, "--plain"), ("any", "--functions", any):
            command = [conformance, "--config", name, "--calls", "--keep", "--directory", os.path.join(directory, kind)]
            library = subprocess.run(command + options, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
            run(os.path.abspath(library), kind == "plain", counts, failures)
    for failure in failures[:20]:
        print(failure)
    print("%d functions, %d failures" % (counts["functions"], len(failures)))
    for what, count in counts.most_common():
        print("%7d %s" % (count, what))
    return bool(failures) or counts["called"] < int(plain) * len(configurations)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
