#!/bin/sh
# check.sh VERSION: the patch of CPython 2.7, 3.11 or 3.13 on Debian's source, and that CPython's ctypes tests behave as listed
# in expected-VERSION.txt. 3.11 runs here; the others run in an unpacked Debian of theirs (root, mmdebstrap), kept in
# build/roots.
set -eu
version=$1
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$top/build/cpython/$version
"$here/tree.sh" $version "$work"
case $version in
2.7) exec ${SUDO:-} "$here/root.sh" bullseye $version "$work" ;;
3.13) exec ${SUDO:-} "$here/root.sh" trixie $version "$work" ;;
esac
export LD_LIBRARY_PATH="$top/build"
exec "$here/suites.sh" "/usr/bin/python$version" "$work" "$here" "$here/expected-$version.txt"
