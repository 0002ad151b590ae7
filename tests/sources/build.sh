#!/bin/sh
# build.sh PACKAGE [SUITE]: builds a library with -g from Debian's source package and prints its path. What was built stays.
set -eu
package=$1
suite=${2:-bookworm}
here=$(cd "$(dirname "$0")" && pwd)
source=$("$here/fetch.sh" "$package" "$suite")
log=$source/.build.log
jobs=$(nproc)
cd "$source"
case $package in
zlib)
	library=libz.so.1
	build() { CFLAGS="-g -O2 -fPIC" ./configure && make -j"$jobs"; }
	;;
file)
	library=src/.libs/libmagic.so.1
	# Only its "all" knows that magic.h is made.
	build() { ./configure && make -C src magic.h && make -C src -j"$jobs" CFLAGS="-g -O2" libmagic.la; }
	;;
sqlite3)
	library=libsqlite3.so.0
	# One file of C, in which the declarations keep the names of the files that they come from.
	build() {
		./configure --disable-readline && make sqlite3.c AMALGAMATION_LINE_MACROS=--linemacros=1 &&
			${CC:-cc} -g -O1 -fPIC -shared -Wl,-soname,$library -o $library sqlite3.c -lm -ldl -lpthread
	}
	;;
libpng1.6)
	library=.libs/libpng16.so.16
	build() { ./configure --disable-static CFLAGS="-g -O2" && make -j"$jobs" libpng16.la; }
	;;
libarchive)
	library=.libs/libarchive.so.13
	build() {
		autoreconf -fi && ./configure --without-xml2 --without-openssl --disable-static CFLAGS="-g -O2" &&
			make -j"$jobs" libarchive.la
	}
	;;
libsodium)
	library=src/libsodium/.libs/libsodium.so.23
	build() { autoreconf -fi && ./configure --disable-static CFLAGS="-g -O2" && make -C src -j"$jobs"; }
	;;
libusb-1.0)
	library=libusb/.libs/libusb-1.0.so.0
	build() { autoreconf -fi && ./configure --disable-udev --disable-static CFLAGS="-g -O2" && make -C libusb -j"$jobs"; }
	;;
freetype)
	library=objs/.libs/libfreetype.so.6
	build() {
		./autogen.sh && ./configure --without-harfbuzz --without-brotli --disable-static CFLAGS="-g -O2" && make -j"$jobs"
	}
	;;
*)
	echo "build.sh: $package is not known here" >&2
	exit 2
	;;
esac
if [ ! -e .built ]; then
	build >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
	touch .built
fi
echo "$source/$library"
