#!/bin/sh
# free_threading.sh TREE PREFIX: TREE is the whole source of a CPython 3.13 with the patch, PREFIX where libffitypecheck is installed.
# Builds it without the global interpreter lock and runs the tests of ctypes, ours among them; then builds it with ThreadSanitizer,
# and runs our tests with threads: no race may have one of our functions on its stack.
set -eu
tree=$(cd "$1" && pwd)
prefix=$(cd "$2" && pwd)
export LC_ALL=C.UTF-8 PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
discover="-m unittest discover -s $tree/Lib/test/test_ctypes -t $tree/Lib -p"
set -f

build() {
	directory=$1
	shift
	mkdir "$directory"
	cd "$directory"
	"$tree/configure" --quiet --disable-gil --with-ffitypecheck "$@" > configure.log 2>&1 || {
		tail -n 20 configure.log
		exit 1
	}
	# ThreadSanitizer of gcc 12 wants the addresses that it knows.
	setarch -R make -s -j"$(nproc)" > make.log 2>&1 || { tail -n 20 make.log; exit 1; }
}

(cd "$tree" && autoreconf -fi 2>/dev/null)
build "$tree/plain" OPT="-g -O1"
./python -c 'import sys, ctypes; assert not sys._is_gil_enabled() and ctypes.get_typecheck() == "error"'
./python $discover 'test_typecheck*.py' 2>&1 | tail -n 3 | grep -E '^(Ran|OK)'
# test_bitfields declares on purpose what is not so.
PYTHONCTYPESTYPECHECK=warn ./python -W ignore -m test test_ctypes | tail -n 1 | grep -F "Result: SUCCESS"

build "$tree/tsan" --with-thread-sanitizer OPT="-g -O1" CC="gcc -fsanitize=thread"
export TSAN_OPTIONS="log_path=$tree/tsan/race suppressions=$tree/Tools/tsan/suppressions_free_threading.txt history_size=5 exitcode=0"
setarch -R ./python $discover 'test_typecheck_threads.py' 2>&1 | tail -n 3 | grep -E '^(Ran|OK)'
set +f
races=$(cat race.* 2>/dev/null | grep -c '^WARNING: ThreadSanitizer' || true)
ours=$(cat race.* 2>/dev/null | awk '/^=+$/ { if (ours) print block; block = ""; ours = 0; next }
	/^    #[01] .*_ctypes\/typecheck\.c:/ { ours = 1 }
	{ block = block $0 "\n" }')
[ -z "$ours" ] || { printf '%s\n' "$ours" | head -n 100; exit 1; }
echo "ThreadSanitizer: no race in the patch's code; $races of CPython's own"
