#!/bin/sh
# check.sh ZLIB: the patch of PyPy in Debian 12's and in forky's. Then the table of declarations.py, which takes the path of a
# zlib with types, under the patched CPython, the stock one with the package, and the patched PyPy.
set -eu
zlib=$1
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$top/build/pypy
export FFITYPECHECK_CACHE=off
mkdir -p "$work"
cp "$("$top/tests/sources/fetch.sh" python3.11)/Modules/_ctypes/_ctypes_test.c" "$work/"

LD_LIBRARY_PATH=$top/build pypy3 "$here/suites.py"

${SUDO:-} "$here/forky.sh"

echo "-- the same declarations under CPython and PyPy"
# table NAME PATHS COMMAND...
table() {
	PYTHONPATH=$2 LD_LIBRARY_PATH=$top/build "$3" $4 "$here/declarations.py" "$zlib" "$work/7.3.11/parts.so" > "$work/$1.table"
	tail -n 1 "$work/$1.table" | sed "s/^/$1: /"
}
table cpython-patched "$top/build/python3.11" /usr/bin/python3.11 ""
table cpython-package "$top/python/src" /usr/bin/python3.11 "-m ffitypecheck run"
table pypy-patched "$work/7.3.11/patched" pypy3 ""
diff "$work/cpython-patched.table" "$work/cpython-package.table"
diff "$work/cpython-patched.table" "$work/pypy-patched.table"
echo "the three tables are the same"
