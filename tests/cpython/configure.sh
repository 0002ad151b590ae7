#!/bin/sh
# configure.sh TREE PREFIX: TREE is the whole source of a CPython 3.11 with the patch, PREFIX where libffitypecheck is installed. Runs
# autoreconf and builds CPython twice: as ever, where nothing of type checking may be seen, and --with-ffitypecheck.
set -eu
tree=$(cd "$1" && pwd)
prefix=$(cd "$2" && pwd)
export LC_ALL=C.UTF-8 PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
discover="-m unittest discover -s $tree/Lib/ctypes/test -t $tree/Lib -p test_typecheck*.py"
set -f

build() {
	directory=$1
	shift
	mkdir "$directory"
	cd "$directory"
	"$tree/configure" --quiet --with-system-ffi OPT="-g -O1" "$@" > configure.log 2>&1 || { tail -n 20 configure.log; exit 1; }
	make -s -j"$(nproc)" > make.log 2>&1 || { tail -n 20 make.log; exit 1; }
}

(cd "$tree" && autoreconf -fi 2>/dev/null)
build "$tree/without"
grep -q '^FFITYPECHECK_CFLAGS=[[:blank:]]*$' Makefile
./python -c 'import _ctypes; assert not hasattr(_ctypes, "get_typecheck"), _ctypes'
! ./python -c 'import _ctypes_typecheck_test' 2>/dev/null
./python $discover 2>&1 | tail -n 1 | grep -F 'OK (skipped=5)'
./python -m test.regrtest test_ctypes | tail -n 1 | grep -F 'Tests result: SUCCESS'

build "$tree/with" --with-ffitypecheck
./python -c 'import ctypes; assert ctypes.get_typecheck() == "error"'
./python $discover 2>&1 | tail -n 3 | grep -E '^(Ran|OK)'
