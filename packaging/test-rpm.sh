#!/bin/sh
# The same with rpmbuild, the real find-debuginfo, dwz and minidebuginfo: upstream libyaml, by tests/libyaml.spec; and four toys by
# tests/toy.spec. Needs build/ffitypecheck and build/python3.11, and what libyaml is built with.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
work=$top/build/packaging/rpm
log=$work/log
version=0.2.5
source=$("$top/tests/sources/fetch.sh" libyaml)
rm -rf "$work"
mkdir -p "$work/SOURCES"
tar -C "$(dirname "$source")" --exclude=libyaml/debian --exclude=libyaml/.pc --transform "s|^libyaml|libyaml-$version|" \
	-czf "$work/SOURCES/libyaml-$version.tar.gz" libyaml
make -s -C "$top/packaging" install-rpm PREFIX="$work/usr"
rpmdir=$work/usr/lib/rpm
PATH=$top/build:$PATH
SOURCE_DATE_EPOCH=1600000000
export PATH SOURCE_DATE_EPOCH

fail() {
	echo "FAILED: $1" >&2
	exit 1
}

# build NAME ARGUMENTS...: the packages of $spec in NAME/, always built in the same directory.
spec=libyaml
build() {
	name=$1
	shift
	rpmbuild -bb --define "_topdir $work" --define "_rpmdir $work/$name" --define "_buildhost localhost" \
		--define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
		--define "_include_minidebuginfo 1" --define "_find_debuginfo_dwz_opts --run-dwz" \
		"$@" "$top/packaging/tests/$spec.spec" >"$log" 2>&1 || { tail -n 30 "$log" && fail "rpmbuild, see $log"; }
}

# The macros from where they are installed to, the script too. The rest as a package of a distribution has it.
build_with() {
	name=$1
	shift
	build "$name" --load "$rpmdir/macros.d/macros.ffitypecheck" \
		--define "__brp_ffitypecheck $rpmdir/brp-ffitypecheck %{?_ffitypecheck_opts}" "$@"
}

# same A B PACKAGE...
same() {
	a=$1 b=$2
	shift 2
	for package in "$@"; do
		cmp "$work/$a"/*/"$package-$version"-*.rpm "$work/$b"/*/"$package-$version"-*.rpm || fail "$package of $a and $b"
	done
}

unpack() {
	mkdir -p "$work/unpacked/$1/$2"
	rpm2cpio "$work/$1"/*/"$2-$version"-*.rpm | (cd "$work/unpacked/$1/$2" && cpio -idm --quiet)
}

rest() {
	objcopy --remove-section .note.ffitypecheck "$work/unpacked/$1/libyaml/usr/lib64/libyaml-0.so.2" "$work/unpacked/$1/rest.so"
}

build without
build_with with
build_with again
same with again libyaml libyaml-debuginfo libyaml-devel
echo "reproducible: two builds are byte for byte the same"

same with without libyaml-debuginfo libyaml-devel
echo "the debuginfo package is byte for byte that of a build without the script"
for name in with without; do
	unpack $name libyaml
	rest $name
done
cmp "$work/unpacked/with/rest.so" "$work/unpacked/without/rest.so" || fail "the library differs in more than our section"
libdir=$work/unpacked/with/libyaml/usr/lib64
plain=$work/unpacked/without/libyaml/usr/lib64
echo "the library is that of a build without the script, but for the section: $(stat -L -c %s "$plain/libyaml-0.so.2") and" \
	"$(stat -L -c %s "$libdir/libyaml-0.so.2") bytes; the package $(stat -c %s "$work/without"/*/libyaml-0*.rpm) and" \
	"$(stat -c %s "$work/with"/*/libyaml-0*.rpm)"
readelf -SW "$libdir/libyaml-0.so.2" | grep -q gnu_debugdata || fail "no minidebuginfo"

build_with switched --define "_no_ffitypecheck 1"
same switched without libyaml libyaml-debuginfo
build_with excluded --define "_ffitypecheck_opts --exclude '*/libyaml-0.so*'"
same excluded without libyaml libyaml-debuginfo
echo "opt-out by _no_ffitypecheck and --exclude: the packages of a build without the script"

# One line at the end of %install, for an rpm that does not call find-debuginfo by our macro, and where nothing calls it because there
# is no debuginfo package: brp-strip strips the library.
build_with install --define "_no_ffitypecheck 1" --define "types_in_install 1"
build_with nodebug --define "debug_package %{nil}" --define "types_in_install 1"
[ ! -e "$work/nodebug"/*/libyaml-debuginfo-* ] || fail "there is a debuginfo package"
for name in install nodebug; do
	unpack $name libyaml
	library=$work/unpacked/$name/libyaml/usr/lib64/libyaml-0.so.2
	if readelf -SW "$library" | grep -F .debug_; then fail "$name: the library has debug information"; fi
	"$top/build/ffitypecheck" describe "$library" yaml_get_version >"$log" || fail "$name: the library has no types"
done
echo "one line at the end of %install, with and without a debuginfo package: the types are there"
build_with zstd --define "_ffitypecheck_opts --zstd"
unpack zstd libyaml
echo "--zstd: $(stat -L -c %s "$work/unpacked/zstd/libyaml/usr/lib64/libyaml-0.so.2") bytes"

if "$top/build/ffitypecheck" describe "$plain/libyaml-0.so.2" yaml_parser_set_input_string >"$log" 2>&1; then
	fail "the library of a build without the script is described as well: by what debug files?"
fi
unpack with libyaml-debuginfo
for name in with zstd; do
	echo "the library package alone, $name:"
	"$top/packaging/tests/library.sh" "$work/unpacked/$name/libyaml/usr/lib64" \
		"$work/unpacked/with/libyaml-debuginfo/usr/lib/debug" "$work/unpacked/with/libyaml-debuginfo/usr/src/debug/libyaml-$version-1.x86_64" "$plain/libyaml-0.so.2"
done

# toy KIND SOURCE [ARGUMENTS...]: the toy in toy-KIND/ with the script, and in plain-KIND/ without; the log of the first one.
spec=toy version=1
toy() {
	kind=$1
	printf '%s\n' "$2" >"$work/toy-$kind.cc"
	shift 2
	set -- --define "kind $kind" --define "source $work/toy-$kind.cc" --define "mode 755" "$@"
	build "plain-$kind" "$@"
	build_with "toy-$kind" "$@"
	unpack "toy-$kind" "toy-$kind"
	library=$work/unpacked/toy-$kind/toy-$kind/usr/lib64/libtoy.so.1
}
said() {
	grep -qF -- "$1" "$log" || fail "the log does not say '$1'"
}
sum='extern "C" double toy_sum(const double *numbers) { return numbers[0] + numbers[1]; }'
declared() {
	declaration=$("$top/build/ffitypecheck" describe "$library" toy_sum) || fail "$library has no types"
	[ "$declaration" = "double toy_sum(const double *numbers);" ] || fail "$library has $declaration"
}

toy cxx "namespace toy { double twice(double number) { return 2 * number; } } $sum"
declared
"$top/build/ffitypecheck" where "$library" | grep -F "1 of 2 exports (1 with mangled names are not in it)" || fail "mangled names"
same toy-cxx plain-cxx toy-cxx-debuginfo
toy signed "$sum" --define "sign sha256sum < %{library} > %{library}.chk"
declared
[ "$(sha256sum <"$library")" = "$(cat "$library.chk")" ] || fail "the signature of $library is broken"
echo "a library of C++; one that is signed at the end of __spec_install_post: the signature fits"
# find-debuginfo leaves alone what is not executable, and makes no package of nothing; brp-strip takes the data off any library.
toy appended "$sum" --define "mode 644" --define "__os_install_post %{nil}" \
	--define "behind install -m 755 libtoy.so.1 %{library}.whole; printf 'a signature' >> %{library}"
said "has data after everything that its headers describe"
appended=$library
unpack plain-appended toy-appended
cmp "$appended" "$work/unpacked/plain-appended/toy-appended/usr/lib64/libtoy.so.1" || fail "$appended is not as without the script"
[ "$(tail -c 11 "$appended")" = "a signature" ] || fail "the appended data is lost"
library=$appended.whole
declared
toy module 'extern "C" void *PyInit_toy() { return nullptr; }'
said "exports nothing but 'PyInit_toy'"
same toy-module plain-module toy-module toy-module-debuginfo
echo "data appended, and an extension module: the libraries of a build without the script"

if (PATH=/usr/sbin:/usr/bin:/sbin:/bin && build_with away --define "kind cxx" --define "source $work/toy-cxx.cc" \
	--define "mode 755") >/dev/null 2>&1; then
	fail "a build without the command passes"
fi
grep -F "ffitypecheck is not in the path" "$log" || fail "not said what is missing"
echo "packages of rpm: all passed"
