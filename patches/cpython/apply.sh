#!/bin/sh
# apply.sh VERSION TREE: puts type checking into the source tree of CPython VERSION (3.11, 3.13 or 2.7).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
tree=$2
[ -f "$here/$version/code.patch" ] || { echo "apply.sh: no patch for CPython $version" >&2; exit 1; }
apply() {
	patch -d "$tree" -p1 --quiet --forward --no-backup-if-mismatch < "$1"
}
for part in code build docs; do
	apply "$here/$version/$part.patch"
done
cp "$here"/typecheck*.[ch] "$here/_ctypes_typecheck_test.c" "$tree/Modules/_ctypes/"
tests=$tree/Lib/test/test_ctypes
[ "$version" = 3.13 ] || tests=$tree/Lib/ctypes/test
mkdir -p "$tests"
cp "$here"/test_typecheck*.py "$tests/"
# What older branches need of the sources that all branches share.
case $version in
2.7) cp "$here/2.7/typecheck_python2.h" "$here/3.11/typecheck_compat.h" "$tree/Modules/_ctypes/" ;;
3.11) cp "$here/3.11/typecheck_compat.h" "$tree/Modules/_ctypes/" ;;
esac
[ ! -f "$here/$version/older.patch" ] || apply "$here/$version/older.patch"
