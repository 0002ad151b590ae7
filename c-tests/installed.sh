#!/bin/bash
# What the build and the installation look like from outside: exports, sonames, pkg-config, both ways of linking.
# Prints `pass NAME` or `fail NAME` for each test; what a test printed is in $3/NAME.log.
#
# installed.sh BUILD VERSION DIRECTORY
set -u

build=$1 version=$2 work=$3
top=$(cd "$(dirname "$0")/.." && pwd)
real=$build/libffitypecheck.so.$version
root=$work/root

try() {
	if ("$1") > "$work/$1.log" 2>&1; then echo "pass $1"; else echo "fail $1"; fi
}

same() {
	[ "$1" = "$2" ] || { printf '%s\nis not\n%s\n' "$1" "$2"; exit 1; }
}

exports_are_the_list() {
	local listed exported undocumented
	listed=$(sed -n 's/^\t\t\([a-z0-9_]*\);$/\1@@FTC_0.1/p' "$top/pkgconfig/ffitypecheck.map" | sort)
	exported=$(nm -D --defined-only "$real" | awk '$2 != "A" { print $3 }' | sort)
	same "$exported" "$listed"
	# And the header declares them all.
	undocumented=$(for name in ${listed//@@FTC_0.1/}; do
		grep -q "[ *]$name(" "$top/include/ffitypecheck.h" || echo "$name"
	done)
	same "$undocumented" ""
}

one_soname_and_one_libffi() {
	same "$(readelf -d "$real" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')" libffitypecheck.so.0
	readelf -d "$real" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort > "$work/needed"
	same "$(grep -c ffi "$work/needed")" 1
	same "$(grep ffi "$work/needed")" libffi.so.8
	same "$(ldd "$real" | grep -c libffi)" 1
	# None of libffi's own functions is defined inside.
	same "$(nm "$real" | grep -E ' [tT] (ffi_call|ffi_prep_cif|ffi_closure_alloc)$')" ""
	# No executable stack, and no text relocations.
	same "$(readelf -lW "$real" | awk '/GNU_STACK/ { print $7 }')" RW
	same "$(readelf -d "$real" | grep TEXTREL)" ""
}

install_puts_everything_in_place() {
	make -C "$top" install PREFIX=/usr DESTDIR="$root" STRIP=:
	cmp "$root/usr/lib/libffitypecheck.so.0" "$real"
	make -C "$top" install PREFIX=/usr DESTDIR="$root"
	same "$(readelf -SW "$root/usr/lib/libffitypecheck.so.0" "$root/usr/bin/ffitypecheck" | grep -F .debug_info)" ""
	local file
	for file in lib/libffitypecheck.a lib/pkgconfig/ffitypecheck.pc lib/cmake/ffitypecheck/ffitypecheck-config.cmake \
		lib/cmake/ffitypecheck/ffitypecheck-config-version.cmake include/ffitypecheck.h \
		bin/ffitypecheck share/man/man1/ffitypecheck.1; do
		[ -s "$root/usr/$file" ] || { echo "no $file"; exit 1; }
	done
	same "$(readlink "$root/usr/lib/libffitypecheck.so")" libffitypecheck.so.0
	same "$(readlink "$root/usr/lib/libffitypecheck.so.0")" "libffitypecheck.so.$version"
	same "$("$root/usr/bin/ffitypecheck" --version)" "ffitypecheck $version"
}

# Every function has a page, two tools read every page without a warning, and each topic shows what the header says.
manual_pages() {
	local man=$root/usr/share/man listed name page
	listed=$(sed -n 's/^\t\t\([a-z0-9_]*\);$/\1/p' "$top/pkgconfig/ffitypecheck.map")
	cd "$man" || exit 1
	for name in $listed; do
		page=$(sed -n 's/^\.so //p' "man3/$name.3")
		grep -q "^\.SS $name\$" "$page" || { echo "no page describes $name"; exit 1; }
		man -l "man3/$name.3" 2>&1 | grep -q "^ *.*[ *]$name(" || { echo "man shows no $name"; exit 1; }
	done
	same "$(cat $(grep -L '^\.so ' man3/*.3) | grep -c '^\.SS [a-z]')" "$(echo "$listed" | wc -l)"
	for page in man3/*.3; do
		same "$(groff -man -ww -z -Tutf8 "$page" 2>&1)" ""
		grep -q '^\.so ' "$page" || same "$(mandoc -Tlint -W warning "$page")" ""
	done
	man -l man3/ftc_errors.3 2>&1 | grep -q 'FTC_ERR_NO_SYMBOL = -3'
}

# pkg-config that knows the installed library, and the system's libffi.
config() {
	PKG_CONFIG_SYSROOT_DIR=$root PKG_CONFIG_PATH=$root/usr/lib/pkgconfig \
		PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1 pkg-config "$@" ffitypecheck
}

versions_agree() {
	same "$(config --modversion)" "$version"
	same "$(sed -n 's/^#define FTC_VERSION_M[A-Z]* //p; s/^#define FTC_VERSION_PATCH //p' "$top/include/ffitypecheck.h" | paste -sd.)" "$version"
	same "$(readelf -V "$real" | grep -c 'Name: FTC_0.1$')" 1
	same "$(basename "$(readlink -f "$root/usr/lib/libffitypecheck.so")")" "libffitypecheck.so.$version"
}

compile() { # output, options
	local output=$1
	shift
	gcc -std=c99 -Wall -Wextra -Werror -D_GNU_SOURCE -DVERSION="\"$version\"" -o "$output" "$top/c-tests/version.c" "$@"
}

links_shared() {
	compile "$work/shared" $(config --cflags --libs) -ldl
	readelf -d "$work/shared" | grep -q 'NEEDED.*libffitypecheck.so.0'
	env -i LD_LIBRARY_PATH="$root/usr/lib" "$work/shared"
}

links_static() {
	# The static library alone in a directory, so that the linker has no choice.
	mkdir -p "$work/static-only"
	cp "$root/usr/lib/libffitypecheck.a" "$work/static-only/"
	compile "$work/static" -I"$root/usr/include" -L"$work/static-only" \
		$(config --static --libs | tr ' ' '\n' | grep -v '^-L') -ldl
	same "$(readelf -d "$work/static" | grep libffitypecheck)" ""
	same "$(readelf -d "$work/static" | grep -c 'NEEDED.*libffi')" 1
	env -i "$work/static"
}

links_without_any_shared_library() {
	compile "$work/alone" -static $(config --static --cflags --libs)
	same "$(readelf -d "$work/alone" | grep NEEDED)" ""
	env -i "$work/alone"
}

uninstall_takes_everything_back() {
	make -C "$top" uninstall PREFIX=/usr DESTDIR="$root"
	same "$(find "$root" ! -type d)" ""
}

for test in exports_are_the_list one_soname_and_one_libffi install_puts_everything_in_place manual_pages versions_agree \
	links_shared links_static links_without_any_shared_library uninstall_takes_everything_back; do
	try "$test"
done
