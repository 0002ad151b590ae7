#!/bin/sh
# apply.sh DIRECTORY: puts type checking into PyPy: a source tree, or a directory in which ctypes and _ctypes lie.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
stdlib=$1 lib_pypy=$1
if [ -d "$1/lib_pypy" ]; then
	stdlib=$1/lib-python/3 lib_pypy=$1/lib_pypy
fi
patch -d "$stdlib" -p1 --quiet --forward --no-backup-if-mismatch < "$here/ctypes.patch"
typecheck=$lib_pypy/_ctypes/typecheck
mkdir "$typecheck"
cp "$here/../../../python/src/ffitypecheck"/_*.py "$here/raw.py" "$typecheck/"
rm "$typecheck/__main__.py"
cp "$here/typecheck.py" "$typecheck/__init__.py"
