#!/bin/sh
# apply.sh VERSION TREE: puts the check into a source tree with the package rpython: VERSION is 0.2.1, that of PyPI, or main, PyPy's own tree.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
version=$1
tree=$2
[ -d "$here/$version" ] || { echo "apply.sh: no patch for $version" >&2; exit 1; }
for part in "$here/$version"/*.patch; do
	patch -d "$tree" -p1 --quiet --forward --no-backup-if-mismatch < "$part"
done
cp "$here/ffitypecheck.py" "$tree/rpython/rlib/"
[ "$version" != main ] || cp "$here/main/test_typecheck.py" "$tree/pypy/module/_rawffi/test/"
