#!/bin/sh
# build.sh VERSION WORK [--suite]: builds libffi VERSION (3.4.4 or 3.8.0) as it is, patched without the option, and patched with it, one after the
# other in the same directory, so that their files can be compared. Each is installed into WORK/stock, WORK/off and WORK/on. --suite: also
# runs libffi's own tests of the first and the last, by DejaGnu at -O2; the results are libffi.sum there.
set -eu
version=$1
mkdir -p "$2"
work=$(cd "$2" && pwd)
suite=${3:-}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
case $version in
3.4.4) source=$("$top/tests/sources/fetch.sh" libffi) ;;
3.8.0) source=$("$top/tests/sources/fetch.sh" libffi forky 3.8.0) ;;
*) echo "build.sh: no patch for libffi $version" >&2; exit 2 ;;
esac
quietly() {
	"$@" >"$work/log" 2>&1 || { tail -n 30 "$work/log" >&2; exit 1; }
}

# one NAME [OPTION...]
one() {
	name=$1
	shift
	cd "$work"
	rm -rf tree build "$name"
	cp -r "$source" tree
	[ "$name" = stock ] || "$top/patches/libffi/apply.sh" "$version" "$work/tree"
	mkdir build
	cd tree
	quietly autoreconf -fi
	cd "$work/build"
	# As Debian configures it, without static trampolines.
	quietly ../tree/configure --disable-builddir --disable-exec-static-tramp --prefix=/usr --libdir=/usr/lib "$@"
	quietly make
	quietly make install DESTDIR="$work/$name"
}
# The tests need libffitypecheck.
checked() {
	[ "$suite" = --suite ] || return 0
	cd "$work/build"
	LIBFFI_TEST_OPTIMIZATION=-O2 LD_LIBRARY_PATH=$top/build make -k check >"$work/log" 2>&1 || true
	cp testsuite/libffi.sum "$work/$1/"
}

one stock
checked stock
one off
one on --with-typecheck
checked on

# A system where dlopen is in a library of its own.
mkdir "$work/build/libdl"
cd "$work/build/libdl"
quietly env ac_cv_search_dlopen=-ldl ../../tree/configure --disable-builddir --with-typecheck
