#!/bin/sh
# root.sh SUITE VERSION WORK: what suites.sh does, in an unpacked Debian SUITE with CPython VERSION. Needs root and mmdebstrap.
set -eu
suite=$1 version=$2 work=$3
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
packages=python$version,python$version-dev,python$version-dbg,libpython$version-testsuite,gcc,libc6-dev,libc6-dbg,libffi-dev,\
binutils,valgrind,ca-certificates
root=$("$top/tests/sources/root.sh" "$suite" "$suite" "$packages")

rm -rf "$root/check"
mkdir -p "$root/check"
cp -r "$work" "$root/check/work"
cp -r "$here" "$root/check/cpython"
cp "$top/build/libffitypecheck.a" "$top/pkgconfig/ffitypecheck.map" "$root/check/"
# Another glibc and another libffi than here: the library is linked once more, as `make` does it.
chroot "$root" gcc -shared -o /check/libffitypecheck.so.0 -Wl,-soname,libffitypecheck.so.0 \
	-Wl,--version-script=/check/ffitypecheck.map -Wl,--gc-sections -Wl,--as-needed -Wl,--build-id \
	-Wl,--whole-archive /check/libffitypecheck.a -Wl,--no-whole-archive -lffi \
	-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc
"$top/tests/sources/in_root.sh" "$root" env LD_LIBRARY_PATH=/check \
	/check/cpython/suites.sh "/usr/bin/python$version" /check/work /check/cpython "/check/cpython/expected-$version.txt"
