#!/bin/sh
# The lines that the README has for make and for meson: the types outlive every strip. Needs build/ffitypecheck.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
work=$top/build/packaging/project
rm -rf "$work"
mkdir -p "$work"
cp "$top/packaging/tests/project"/* "$work/"
cd "$work"
PATH=$top/build:$PATH
export PATH

# described LIBRARY WHAT
described() {
	if readelf -SW "$1" | grep -F .debug_; then
		echo "FAILED $2: there is debug information" >&2
		exit 1
	fi
	declaration=$(ffitypecheck describe "$1" point_length)
	echo "$2: $declaration"
	[ "$declaration" = "double point_length(const struct point *point);" ]
}

make -s libpoint.so.1
for options in -g --strip-unneeded -s; do
	strip $options -o stripped.so.1 libpoint.so.1
	described stripped.so.1 "make, strip $options"
done

meson setup --prefix=/usr --libdir=lib out >log
meson compile -C out >>log
DESTDIR=$work/strip meson install -C out --strip >>log
described strip/usr/lib/libpoint.so.1.0 "meson install --strip"
DESTDIR=$work/plain meson install -C out >>log
[ "$(readelf -SW plain/usr/lib/libpoint.so.1.0 | grep -c -F -e .note.ffitypecheck -e .debug_info)" = 2 ]
strip plain/usr/lib/libpoint.so.1.0
described plain/usr/lib/libpoint.so.1.0 "meson install, strip"
