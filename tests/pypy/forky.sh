#!/bin/sh
# forky.sh: suites.py in an unpacked Debian forky, with its PyPy. Needs root and mmdebstrap.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
packages=pypy3,pypy3-dev,pypy3-lib-testsuite,libffi8,gcc,libc6-dev,libc6-dbg,patch
root=$("$top/tests/sources/root.sh" forky-pypy forky $packages)
rm -rf "$root/check"
mkdir -p "$root/check/build/pypy" "$root/check/tests"
cp -r "$top/patches" "$top/python" "$root/check/"
cp -r "$here" "$top/tests/cpython" "$root/check/tests/"
cp "$top/build/pypy/_ctypes_test.c" "$root/check/build/pypy/"
cp -L "$top/build/libffitypecheck.so.0" "$root/check/build/"
"$top/tests/sources/in_root.sh" "$root" env LD_LIBRARY_PATH=/check/build pypy3 /check/tests/pypy/suites.py
