#!/bin/sh
# tree.sh VERSION WORK: unpacks Debian's source of CPython 2.7, 3.11 or 3.13, fetched once, as far as ctypes and the patch need
# it: WORK/stock as it is, WORK/patched with the patch, WORK/include with libffitypecheck's header. build.patch must name every source.
set -eu
version=$1
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
mkdir -p "$2"
work=$(cd "$2" && pwd)
case $version in
2.7) suite=bullseye ;;
3.11) suite=bookworm ;;
3.13) suite=trixie ;;
*) echo "tree.sh: no CPython $version" >&2; exit 2 ;;
esac

source=$("$top/tests/sources/fetch.sh" "python$version" $suite)
rm -rf "$work"
mkdir -p "$work/stock" "$work/include"
changed=$(cd "$top/patches/cpython/$version" && sed -n 's|^--- a/\([^[:blank:]]*\).*|\1|p' code.patch build.patch docs.patch)
tar c -C "$source" Modules/_ctypes Lib/ctypes $changed | tar x -C "$work/stock"
if [ $version = 2.7 ]; then
	# This source package keeps Debian's patches beside the source; the tests of the installed package need one of them.
	patch -d "$work/stock" -p1 --quiet < "$source/debian/patches/CVE-2021-3177.diff"
fi
cp -r "$work/stock" "$work/patched"
"$top/patches/cpython/apply.sh" $version "$work/patched"
for file in "$top"/patches/cpython/typecheck*.c; do
	grep -q "_ctypes/${file##*/}\>" "$top/patches/cpython/$version/build.patch" || { echo "tree.sh: build.patch lacks $file" >&2; exit 1; }
done
cp "$top/include/ffitypecheck.h" "$work/include/"
