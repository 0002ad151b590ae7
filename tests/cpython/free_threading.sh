#!/bin/sh
# free_threading.sh TREE PREFIX: builds CPython 3.13 without the global interpreter lock and runs the tests of ctypes, ours among them;
# then builds it with ThreadSanitizer, and runs our tests with threads: no race may be in the patch's code or in what that calls at once.
. "$(dirname "$0")/whole.sh"
discover="-m unittest discover -s $tree/Lib/test/test_ctypes -t $tree/Lib -p"

build plain --disable-gil --with-ffitypecheck OPT="-g -O1"
./python -c 'import sys, ctypes; assert not sys._is_gil_enabled() and ctypes.get_typecheck() == "error"'
passes ./python $discover 'test_typecheck*.py'
# test_bitfields declares on purpose what is not so.
PYTHONCTYPESTYPECHECK=warn ./python -W ignore -m test test_ctypes | tail -n 1 | grep -F "Result: SUCCESS"

build tsan --disable-gil --with-ffitypecheck --with-thread-sanitizer OPT="-g -O1" CC="gcc -fsanitize=thread"
export TSAN_OPTIONS="log_path=$tree/tsan/race suppressions=$tree/Tools/tsan/suppressions_free_threading.txt history_size=5 exitcode=0"
passes setarch -R ./python $discover 'test_typecheck_threads.py'
set +f
races=$(cat race.* 2>/dev/null | grep -c '^WARNING: ThreadSanitizer' || true)
ours=$(cat race.* 2>/dev/null | awk '/^=+$/ { if (ours) print block; block = ""; ours = 0; next }
	/^    #[01] .*_ctypes\/typecheck[a-z_]*\.c:/ { ours = 1 }
	{ block = block $0 "\n" }')
[ -z "$ours" ] || { printf '%s\n' "$ours" | head -n 100; exit 1; }
echo "ThreadSanitizer: no race in the patch's code; $races of CPython's own"
