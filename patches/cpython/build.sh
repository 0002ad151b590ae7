#!/bin/sh
# build.sh OUT: builds the patched _ctypes of Debian 12's Python 3.11 into the directory OUT, in some seconds. Then
# PYTHONPATH=OUT /usr/bin/python3 uses it, with the libffitypecheck of this tree's build/.
# Debian's source package is fetched once into build/sources. Needs python3.11-dev, gcc, libffi-dev, dpkg-dev.
set -eu
top=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$top/tests/cpython/tree.sh" 3.11 "$work"
"$top/tests/cpython/build.sh" /usr/bin/python3.11 "$work" checked "$out" "-Wl,-rpath,$top/build"
