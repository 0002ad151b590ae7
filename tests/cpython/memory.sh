#!/bin/sh
# memory.sh PYTHON WORK HERE EXPECTED: the patched _ctypes under a debug build of Python, whose references must not grow; under
# AddressSanitizer; and (not 2.7) under valgrind, which must not find lost memory of ours. WORK is a directory that check.sh prepared.
set -eu
python=$1 work=$2 here=$3 expected=$4
unset PYTHONPATH PYTHONCTYPESTYPECHECK
export LC_ALL=C.UTF-8

build() { # PYTHON NAME FLAG...; suites.sh has built `checked`
	interpreter=$1 name=$2
	shift 2
	[ "$name" = checked ] || "$here/build.sh" "$interpreter" "$work" checked "$work/out/$name" "$@"
	include=$("$interpreter" -c 'import sysconfig; print(sysconfig.get_config_var("INCLUDEPY"))')
	gcc -g -O1 -std=gnu99 -fPIC -shared -I"$include" "$here/hazards.c" -o "$work/out/$name/hazards.so"
}

echo "-- debug build of Python: references"
build "$python-dbg" debug
PYTHONPATH=$work/out/debug timeout 600 "$python-dbg" "$here/hazards.py" "$work/out/debug/hazards.so" -R
for mode in error typecheck; do
	PYTHONPATH=$work/out/debug timeout 600 "$python-dbg" "$here/suite.py" "$expected" $mode "$work/out/debug" -R
done

echo "-- AddressSanitizer"
build "$python" asan -fsanitize=address -fno-omit-frame-pointer
asan=$(gcc -print-file-name=libasan.so)
export PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0:detect_odr_violation=0
LD_PRELOAD=$asan PYTHONPATH=$work/out/asan timeout 600 "$python" "$here/hazards.py" "$work/out/asan/hazards.so"
for mode in error typecheck; do
	LD_PRELOAD=$asan PYTHONPATH=$work/out/asan timeout 600 "$python" "$here/suite.py" "$expected" $mode "$work/out/asan"
done

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 6))'; then
	# Without PYTHONMALLOC, valgrind complains of every object that Python 2.7 frees.
	exit 0
fi
echo "-- valgrind"
build "$python" checked
log=$work/out/checked/valgrind.log
PYTHONPATH=$work/out/checked timeout 900 valgrind --read-inline-info=no --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=none \
	--error-exitcode=99 --num-callers=40 --log-file="$log" \
	"$python" "$here/hazards.py" "$work/out/checked/hazards.so" || { cat "$log"; exit 1; }
grep -q 'LEAK SUMMARY' "$log"
awk -f "$here/lost.awk" "$log"
