#!/bin/sh
# configure.sh TREE PREFIX: builds CPython 3.11 twice: as ever, where nothing of type checking may be seen, and --with-ffitypecheck.
. "$(dirname "$0")/whole.sh"
discover="-m unittest discover -s $tree/Lib/ctypes/test -t $tree/Lib -p test_typecheck*.py"

build without --with-system-ffi OPT="-g -O1"
grep -q '^FFITYPECHECK_CFLAGS=[[:blank:]]*$' Makefile
./python -c 'import _ctypes; assert not hasattr(_ctypes, "get_typecheck"), _ctypes'
if ./python -c 'import _ctypes_typecheck_test' 2>/dev/null; then echo "the tests' module was built"; exit 1; fi
files=$(find "$tree/Lib/ctypes/test" -name 'test_typecheck*.py' | wc -l)
./python $discover 2>&1 | tail -n 1 | grep -F "OK (skipped=$files)"
./python -m test.regrtest test_ctypes | tail -n 1 | grep -F 'Tests result: SUCCESS'

build with --with-system-ffi --with-ffitypecheck OPT="-g -O1"
./python -c 'import ctypes; assert ctypes.get_typecheck() == "error"'
passes ./python $discover

# The policy that a distribution chooses, which the environment still overrides.
build repair --with-system-ffi --with-ffitypecheck=repair OPT="-g -O1"
./python -c 'import ctypes; assert ctypes.get_typecheck() == "repair"'
PYTHONCTYPESTYPECHECK=error ./python -c 'import ctypes; assert ctypes.get_typecheck() == "error"'
if "$tree/configure" --quiet --with-ffitypecheck=loud > loud.log 2>&1; then echo "there is no policy 'loud'"; exit 1; fi
grep -F "there is no policy 'loud'" loud.log
