#!/bin/sh
# suites.sh PYTHON WORK HERE EXPECTED: CPython's ctypes tests, and as_stock.py, under the stock _ctypes, the patched one without
# the option, and with it under every policy that matters; then memory.sh. WORK is a directory that check.sh prepared, HERE that of this file.
set -eu
python=$1 work=$2 here=$3 expected=$4
for variant in stock plain checked; do
	"$here/build.sh" "$python" "$work" $variant "$work/out/$variant"
done
echo "-- without dlopen, the option builds nothing"
"$here/build.sh" "$python" "$work" plain "$work/out/without_option" -g0 -s
"$here/build.sh" "$python" "$work" checked "$work/out/without_dlopen" -g0 -s -include "$here/without_dlopen.h"
cmp "$work/out/without_option/_ctypes.so" "$work/out/without_dlopen/_ctypes.so"
if grep -q typecheck "$work/out/without_dlopen/_ctypes.so"; then echo "suites.sh: something is built"; exit 1; fi
echo "-- CPython's ctypes tests"
failed=0
for mode in stock plain off warn repair error,noextract error; do
	variant=checked
	case $mode in stock | plain) variant=$mode ;; esac
	PYTHONPATH=$work/out/$variant PYTHONCTYPESTYPECHECK=$mode PYTHONWARNINGS=ignore::RuntimeWarning LC_ALL=C.UTF-8 \
		timeout 300 "$python" "$here/suite.py" "$expected" $mode "$work/out/$variant" || failed=1
done
echo "-- what else can be done with functions, libraries and types"
for mode in stock plain off warn repair error,noextract error early; do
	variant=checked
	case $mode in stock | plain) variant=$mode ;; esac
	outcomes=$work/out/$variant/as_stock.$mode
	PYTHONPATH=$work/out/$variant PYTHONCTYPESTYPECHECK=$mode LC_ALL=C.UTF-8 \
		timeout 300 "$python" "$here/as_stock.py" > "$outcomes" || failed=1
	diff -u "$work/out/stock/as_stock.stock" "$outcomes" || failed=1
	echo "$mode: $(grep -c '^[^ ]' "$outcomes") statements"
done
echo "-- the tests that the patch adds"
PYTHONPATH=$work/out/checked LC_ALL=C.UTF-8 \
	timeout 300 "$python" "$here/suite.py" "$expected" typecheck "$work/out/checked" || failed=1
[ $failed = 0 ]

exec "$here/memory.sh" "$python" "$work" "$here" "$expected"
