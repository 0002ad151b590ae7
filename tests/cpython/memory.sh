#!/bin/sh
# memory.sh PYTHON WORK HERE EXPECTED: the patched _ctypes under a debug build of Python, whose references must not grow; under
# AddressSanitizer; and under valgrind, which must not find lost memory. WORK is a directory that check.sh prepared.
set -eu
python=$1 work=$2 here=$3 expected=$4
unset PYTHONPATH
export LC_ALL=C.UTF-8

build() { # PYTHON NAME FLAG...
	interpreter=$1 name=$2
	shift 2
	"$here/build.sh" "$interpreter" "$work" checked "$work/out/$name" "$@"
	include=$("$interpreter" -c 'import sysconfig; print(sysconfig.get_config_var("INCLUDEPY"))')
	gcc -g -O1 -std=gnu99 -fPIC -shared -I"$include" "$here/hazards.c" -o "$work/out/$name/hazards.so"
}

echo "-- debug build of Python: references"
build "$python-dbg" debug
PYTHONPATH=$work/out/debug timeout 600 "$python-dbg" "$here/hazards.py" "$work/out/debug/hazards.so" -R
PYTHONPATH=$work/out/debug PYTHONCTYPESTYPECHECK=error timeout 600 \
	"$python-dbg" "$here/suite.py" "$expected" error "$work/out/debug" -R

echo "-- AddressSanitizer"
build "$python" asan -fsanitize=address -fno-omit-frame-pointer
asan=$(gcc -print-file-name=libasan.so)
export PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0
LD_PRELOAD=$asan PYTHONPATH=$work/out/asan timeout 600 "$python" "$here/hazards.py" "$work/out/asan/hazards.so"
LD_PRELOAD=$asan PYTHONPATH=$work/out/asan PYTHONCTYPESTYPECHECK=error timeout 600 \
	"$python" "$here/suite.py" "$expected" error "$work/out/asan"

echo "-- valgrind"
build "$python" valgrind
PYTHONPATH=$work/out/valgrind timeout 900 valgrind --quiet --leak-check=full --show-leak-kinds=definite \
	--errors-for-leak-kinds=definite --error-exitcode=99 \
	"$python" "$here/hazards.py" "$work/out/valgrind/hazards.so"
