#!/bin/sh
# apply.sh VERSION TREE: puts the functions that check types into the source tree of libffi VERSION (3.4.4 or 3.8.0).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
tree=$2
[ -f "$here/$version.patch" ] || { echo "apply.sh: no patch for libffi $version" >&2; exit 1; }
patch -d "$tree" -p1 --quiet --forward --no-backup-if-mismatch < "$here/$version.patch"
cp "$here/typecheck.c" "$tree/src/"
cp "$here/ffi_typecheck.h" "$tree/include/"
cp "$here/typecheck.texi" "$tree/doc/"
mkdir -p "$tree/testsuite/libffi.typecheck"
cp "$here"/tests/* "$tree/testsuite/libffi.typecheck/"
