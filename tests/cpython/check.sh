#!/bin/sh
# check.sh VERSION: the patch of CPython 3.11, 3.13 or 2.7 on Debian's source, and that CPython's ctypes tests behave as listed
# in expected-VERSION.txt. 3.11 runs here; the others run in an unpacked Debian of theirs (root, mmdebstrap), kept in
# build/roots.
set -eu
version=$1
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
case $version in
2.7) suite=bullseye ;;
3.11) suite=bookworm ;;
3.13) suite=trixie ;;
*) echo "check.sh: no CPython $version" >&2; exit 2 ;;
esac

source=$("$top/tests/sources/fetch.sh" "python$version" $suite)
work=$top/build/cpython/$version
rm -rf "$work"
mkdir -p "$work/stock" "$work/include"
(cd "$source" && tar c Modules/_ctypes Modules/Setup* Lib/ctypes Doc/library/ctypes.rst Doc/using \
	configure.ac Makefile.pre.in setup.py 2>/dev/null || true) | tar x -C "$work/stock"
if [ $version = 2.7 ]; then
	# This source package keeps Debian's patches beside the source; the tests of the installed package need one of them.
	patch -d "$work/stock" -p1 --quiet < "$source/debian/patches/CVE-2021-3177.diff"
fi
cp -r "$work/stock" "$work/patched"
"$top/patches/cpython/apply.sh" $version "$work/patched"
cp "$top/include/ffitypecheck.h" "$work/include/"

if [ $suite = bookworm ]; then
	export LD_LIBRARY_PATH="$top/build"
	exec "$here/suites.sh" "/usr/bin/python$version" "$work" "$here" "$here/expected-$version.txt"
fi
exec ${SUDO:-} "$here/root.sh" $suite "$version" "$work"
