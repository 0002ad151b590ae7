"""Mistakes that real bindings make, on real libraries, under the stock ctypes, with the Python package in a virtual environment
of its own, and under the patched ctypes.

Every case runs in a process of its own, three times. The exit status is 1 if the package or the patched ctypes does not do
what a case says, or if the stock one gets it right.
"""

import argparse
import inspect
import os
import signal
import subprocess
import sys
import textwrap
from ctypes import (CDLL, CFUNCTYPE, POINTER, Structure, byref, c_double, c_int, c_long, c_void_p,
                    string_at)

CASES = []


def case(right=None, error=None):
    """A case: the value that a right binding gives, and checked calls too, or what their TypeError says."""
    def keep(function):
        CASES.append((function, repr(right), error))
        return function
    return keep


@case(right=b"No such file or directory")
def pointer_result():
    """A pointer is returned; undeclared, it is taken for an int, and half of it is lost."""
    return string_at(libc.strerror(2))


@case(right=-0.17759677131433826)
def double_result():
    """A double is returned; undeclared, an integer register is read in its place."""
    return gsl.gsl_sf_bessel_J0(c_double(5))


@case(right=[0.0, 2.0])
def record_result():
    """A struct is returned by value."""
    return list(gsl.gsl_complex_sqrt_real(c_double(-4)).dat)


@case(right=5000000000)
def offset():
    """A number that an int cannot hold. The file becomes 5 GB long, or does it?"""
    libc.truncate(scratch.encode(), 5_000_000_000)
    return os.path.getsize(scratch)


@case(right=[0.0, 2.0], error="argument 2 ('xstride')")
def int_for_size_t():
    """int where the library has size_t. The seventh lies on the stack, and its upper half is what was there before."""
    vector = c_double * 3
    x, y, weight, out = vector(1, 2, 3), vector(2, 4, 6), vector(1, 1, 1), [c_double() for _ in range(6)]
    gsl.gsl_fit_wlinear.argtypes = [c_void_p, c_int] * 3 + [c_int] + [c_void_p] * 6
    print("fitting", file=sys.stderr)
    gsl.gsl_fit_wlinear(x, 1, weight, 1, y, 1, 3, *map(byref, out))
    return [number.value for number in out[:2]]


@case(error="(struct, 56 bytes)")
def struct_too_small():
    """glibc's struct tm has two members behind POSIX's nine."""
    class tm(Structure):
        _fields_ = [(name, c_int) for name in "sec min hour mday mon year wday yday isdst".split()]
    libc.gmtime_r.argtypes = [POINTER(c_long), POINTER(tm)]
    first, second = days = (tm * 2)()
    libc.gmtime_r(c_long(86400), second)
    libc.gmtime_r(c_long(0), first)
    return [(day.year, day.mon, day.mday, day.hour) for day in days]


@case(error="'krb5_context'")
def handle_too_small():
    """A handle is not an int. Nothing is declared, but the argument itself shows it."""
    handles = (c_int * 2)(0, 7)
    krb5.krb5_init_context(handles)
    return handles[1]


@case(error="swapped")
def members_swapped():
    """The error estimate is taken for the value."""
    class gsl_sf_result(Structure):
        _fields_ = [("err", c_double), ("val", c_double)]
    gsl.gsl_sf_bessel_J0_e.argtypes = [c_double, POINTER(gsl_sf_result)]
    result = gsl_sf_result()
    gsl.gsl_sf_bessel_J0_e(5, result)
    return result.val


@case(error="the value is cut")
def wrong_callback():
    """qsort hands its callback pointers."""
    numbers = (c_int * 4)(30, 10, 40, 20)
    compare = CFUNCTYPE(c_int, c_int, c_int)(lambda a, b: a - b)
    libc.qsort(numbers, 4, 4, compare)
    return list(numbers)


@case(error="5 parameters, 4 given")
def missing_argument():
    """luaL_loadbuffer is a macro; the function behind it has one parameter more."""
    lua.luaL_newstate.restype = c_void_p
    state = c_void_p(lua.luaL_newstate())
    return lua.luaL_loadbufferx(state, b"return 42", 9, b"=demo")


def run_here(name):
    """Runs one case and prints what it returns, or its TypeError."""
    global lua, libc, gsl, krb5, scratch
    lua, libc, gsl, krb5 = (CDLL(soname) for soname in
                            ("liblua5.4.so.0", "libc.so.6", "libgsl.so.27", "libkrb5.so.3"))
    scratch = os.path.join(patched, "scratch")
    open(scratch, "w").close()
    try:
        print(repr(globals()[name]()), flush=True)
    except TypeError as error:
        # Behind the first line: where it was declared, and the layout.
        print("TypeError: %s" % str(error).split("\n")[0])


def run(function, path, *command):
    """What a case prints in a process of its own, and how that process ended."""
    environment = dict(os.environ, PYTHONPATH=path)
    done = subprocess.run([*command, __file__, patched, "--case", function.__name__], env=environment,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    lines = done.stdout.splitlines()
    if done.returncode < 0:
        lines.append(signal.strsignal(-done.returncode))
    elif done.returncode > 0:
        lines += done.stderr.splitlines()[-1:]
    return ", then: ".join(lines)


def show(name, text):
    print(textwrap.fill(text, 116, initial_indent="  %-9s" % name, subsequent_indent=" " * 11))


def main():
    unlike = 0
    for function, right, error in CASES:
        lines = inspect.getsource(function).splitlines()
        body = textwrap.dedent("\n".join(lines[lines.index(next(line for line in lines if '"""' in line)) + 1:]))
        print("\n%s\n%s" % (function.__doc__, textwrap.indent(body, "      ")))
        stock = run(function, "", sys.executable)
        show("stock", stock)
        unlike += stock == right
        for name, checked in (("package", run(function, "", package, "-m", "ffitypecheck", "run")),
                              ("patched", run(function, patched, sys.executable))):
            show(name, checked)
            unlike += not (error in checked and checked.startswith("TypeError: ") if error else checked == right)
    print("\n%d cases, %s" % (len(CASES), "%d not as told" % unlike if unlike else "all as told"))
    return 1 if unlike else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("patched", type=os.path.realpath, help="the directory that patches/cpython/build.sh made")
    parser.add_argument("package", nargs="?", help="the Python of an environment in which the package is installed")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    patched, package = arguments.patched, arguments.package
    if arguments.case:
        run_here(arguments.case)
    else:
        sys.exit(main())
