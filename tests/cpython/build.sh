#!/bin/sh
# build.sh PYTHON WORK VARIANT OUT [FLAG...]: builds _ctypes and _ctypes_test for the interpreter PYTHON into OUT.
# VARIANT: stock (WORK/stock as it is), plain (WORK/patched without the option), checked (with it). Nothing else of CPython
# is built; the ctypes package, its tests included, is the installed one, with the patched __init__.py.
set -eu
python=$1 work=$2 variant=$3 out=$4
shift 4
tree=$work/patched
defines=
case $variant in
stock) tree=$work/stock ;;
checked) defines="-DHAVE_FFITYPECHECK=1" ;;
esac
include=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("INCLUDEPY"))')
installed=$("$python" -c 'import ctypes, os; print(os.path.dirname(ctypes.__file__))')

if [ -e "$out" ] && [ ! -d "$out" ]; then
	echo "build.sh: $out is no directory" >&2
	exit 1
fi
rm -rf "$out"
mkdir -p "$out/ctypes"
cp -r "$installed/." "$out/ctypes/"
cp "$tree/Lib/ctypes/__init__.py" "$out/ctypes/"

# As setup.py and Setup.stdlib.in have it; asserts stay in. Since 3.9 nothing is exported that does not say so.
hidden=$("$python" -c 'import sysconfig; print(sysconfig.get_config_var("CONFIGURE_CFLAGS_NODIST") or "")' |
	grep -o -e '-fvisibility=hidden' || true)
set -- -g -O2 -fPIC -shared -fno-strict-aliasing -fwrapv $hidden -D_GNU_SOURCE -DPy_BUILD_CORE_MODULE=1 $defines "$@" \
	-I"$work/include" -I"$include" -I"$include/internal" \
	-DHAVE_FFI_PREP_CIF_VAR=1 -DHAVE_FFI_PREP_CLOSURE_LOC=1 -DHAVE_FFI_CLOSURE_ALLOC=1
cd "$tree/Modules/_ctypes"
if [ "$variant" = checked ]; then
	gcc "$@" -fsyntax-only -Wall -Wextra -Wno-unused-parameter -Wno-missing-field-initializers \
		-Wno-cast-function-type -Werror typecheck*.c
fi
gcc "$@" -o "$out/_ctypes.so" _ctypes.c callbacks.c callproc.c stgdict.c cfield.c \
	$([ "$variant" = stock ] || echo typecheck*.c) -lffi -ldl
# It says for itself what it is in the core.
gcc "$@" -UPy_BUILD_CORE_MODULE -o "$out/_ctypes_test.so" _ctypes_test.c -Wl,--build-id -lm
if [ "$variant" = checked ]; then
	mkdir "$out/typecheck"
	find "$tree/Lib" -name 'test_typecheck*.py' -exec cp {} "$out/typecheck/" \;
	gcc "$@" -UPy_BUILD_CORE_MODULE -o "$out/_ctypes_typecheck_test.so" _ctypes_typecheck_test.c -Wl,--build-id
fi
