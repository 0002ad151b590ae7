#!/bin/sh
# Real source packages of Debian, built with the debhelper addon and without: libyaml; and libcap2, which has two libraries in
# one package, so that dwz moves part of their debug information into a file of its own, a PAM module, and a udeb. Needs
# build/ffitypecheck and build/python3.11, and what the packages are built with.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
work=$top/build/packaging/deb
log=$work/log
rm -rf "$work"
mkdir -p "$work"
make -s -C "$top/packaging" install-debhelper PREFIX="$work/usr"
# A package's clean target may ask git; this project's repository is none of its business.
export GIT_CEILING_DIRECTORIES="$work/build"
export PATH="$top/build:$work/usr/bin:$PATH" PERL5LIB="$work/usr/share/perl5"

fail() {
	echo "FAILED: $1" >&2
	exit 1
}

# build NAME DEB_BUILD_OPTIONS WITH [RULES]: the packages of $source in NAME/, always built in the same directory. WITH is empty or
# the build dependency to add, RULES are lines to add to debian/rules.
build() {
	rm -rf "$work/build"
	mkdir -p "$work/build" "$work/$1"
	cp -a "$("$top/tests/sources/fetch.sh" $source)" "$work/build/$source"
	(
		cd "$work/build/$source"
		sed -i "s/^Build-Depends: /&${3:+$3, }/" debian/control
		printf "${4:-}" >>debian/rules
		# -d: the addon is not installed as a package.
		DEB_BUILD_OPTIONS="nocheck $2" dpkg-buildpackage -B -d -us -uc
	) >"$log" 2>&1 || { tail -n 30 "$log" && fail "dpkg-buildpackage, see $log"; }
	mv "$work/build"/*.*deb "$work/$1/"
}

# same A B PACKAGE...
same() {
	a=$1 b=$2
	shift 2
	for package in "$@"; do
		cmp "$work/$a/${package}_"*.*deb "$work/$b/${package}_"*.*deb || fail "$package of $a and $b"
	done
}

unpack() {
	mkdir -p "$work/unpacked/$1/$2"
	dpkg -x "$work/$1/$2"_*.deb "$work/unpacked/$1/$2"
}

# The library without our section, written by objcopy in any case.
rest() {
	objcopy --remove-section .note.ffitypecheck "$work/unpacked/$1/libyaml-0-2/usr/lib/"*/libyaml-0.so.2 "$work/unpacked/$1/rest.so"
}

addon=dh-sequence-ffitypecheck
source=libcap2
build cap-without "" ""
build cap-with "parallel=2" $addon
same cap-with cap-without libcap2-dbgsym libcap2-bin libcap2-bin-dbgsym libcap2-udeb libcap-dev libcap-dev-dbgsym libpam-cap-dbgsym
dpkg -c "$work/cap-with/libcap2-dbgsym_"*.deb | grep -q /usr/lib/debug/.dwz/ || fail "dwz has made no file of its own"
unpack cap-with libcap2
for library in libcap libpsx; do
	ffitypecheck describe "$work/unpacked/cap-with/libcap2/lib/"*/$library.so.2 '*' >"$log" || fail "$library of libcap2"
	echo "$library: $(grep -c ';$' "$log") declarations; the debug packages, the udeb, the programs as without the addon"
done

source=libyaml
build without "" ""
build with "" $addon
build again "parallel=2" $addon
same with again libyaml-0-2 libyaml-0-2-dbgsym libyaml-dev
echo "reproducible: two builds, one of them parallel, are byte for byte the same"

same with without libyaml-0-2-dbgsym libyaml-dev
echo "the debug package is byte for byte that of a build without the addon"
for name in with without; do
	unpack $name libyaml-0-2
	rest $name
done
cmp "$work/unpacked/with/rest.so" "$work/unpacked/without/rest.so" || fail "the library differs in more than our section"
libdir=$(dirname "$work/unpacked/with/libyaml-0-2/usr/lib/"*/libyaml-0.so.2)
plain=$(dirname "$work/unpacked/without/libyaml-0-2/usr/lib/"*/libyaml-0.so.2)
echo "the library is that of a build without the addon, but for the section: $(stat -L -c %s "$plain/libyaml-0.so.2") and" \
	"$(stat -L -c %s "$libdir/libyaml-0.so.2") bytes; the package $(stat -c %s "$work/without/libyaml-0-2_"*.deb) and" \
	"$(stat -c %s "$work/with/libyaml-0-2_"*.deb)"

build noauto "noautodbgsym" $addon
same with noauto libyaml-0-2
[ ! -e "$work/noauto/libyaml-0-2-dbgsym_"*.deb ] || fail "noautodbgsym has made a debug package"
echo "noautodbgsym: the same library"
build switched "noffitypecheck" $addon
same switched without libyaml-0-2 libyaml-0-2-dbgsym
build excluded "" $addon 'override_dh_ffitypecheck:\n\tdh_ffitypecheck -Nlibyaml-0-2\n'
same excluded without libyaml-0-2 libyaml-0-2-dbgsym
build item "" $addon 'override_dh_ffitypecheck:\n\tdh_ffitypecheck -Xlibyaml-0.so\n'
same item without libyaml-0-2 libyaml-0-2-dbgsym
echo "opt-out by DEB_BUILD_OPTIONS, -N and -X: the packages of a build without the addon"
build nostrip "nostrip" $addon
unpack nostrip libyaml-0-2
sections=$(readelf -SW "$work/unpacked/nostrip/libyaml-0-2/usr/lib/"*/libyaml-0.so.2)
case $sections in *.note.ffitypecheck*) fail "nostrip" ;; *.debug_info*) ;; *) fail "nostrip without debug information" ;; esac
build zstd "" $addon 'override_dh_ffitypecheck:\n\tdh_ffitypecheck --zstd\n'
unpack zstd libyaml-0-2
echo "--zstd: $(stat -L -c %s "$work/unpacked/zstd/libyaml-0-2/usr/lib/"*/libyaml-0.so.2) bytes"

if "$top/build/ffitypecheck" describe "$plain/libyaml-0.so.2" yaml_parser_set_input_string >"$log" 2>&1; then
	fail "the library of a build without the addon is described as well: by what debug files?"
fi
unpack with libyaml-0-2-dbgsym
for name in with zstd; do
	echo "the library package alone, $name:"
	"$top/packaging/tests/library.sh" "$(dirname "$work/unpacked/$name/libyaml-0-2/usr/lib/"*/libyaml-0.so.2)" \
		"$work/unpacked/with/libyaml-0-2-dbgsym/usr/lib/debug" "$work/build/libyaml" "$plain/libyaml-0.so.2"
done
echo "packages of Debian: all passed"
