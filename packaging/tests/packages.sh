#!/bin/sh
# packages.sh: run by test-deb-root.sh inside an unpacked Debian, in which /check has what it needs. Every line that is put into a package
# here stands in packaging/README.md.
set -eu
cd /check
log=/check/log
export SOURCE_DATE_EPOCH=1600000000

fail() {
	tail -n 30 "$log" >&2
	echo "FAILED: $1" >&2
	exit 1
}

# from_readme TEXT: the same, which the page has.
from_readme() {
	grep -qF -- "$1" README.md || { echo "FAILED: packaging/README.md does not say: $1" >&2 && exit 1; }
	printf '%s' "$1"
}

addon=$(from_readme 'dh-sequence-ffitypecheck')
unless=$(from_readme '<!pkg.ffitypecheck.notypes>')
read_line=$(from_readme 'dh_ffitypecheck -a')
attach_line=$(from_readme 'dh_ffitypecheck_attach -a')

# make_toy NAME [FUNCTION [LINES [RULES]]]: a source package in work/ of one library with that function. LINES are the first of
# debian/rules, RULES its last ones, with LIBRARY for the library's path.
make_toy() {
	rm -rf work && mkdir -p "work/$1/debian/source"
	cat >"work/$1/toy.c" <<-END
		struct point { double x, y; };
		double ${2:-toy_sum}(const struct point *point) { return point->x + point->y; }
	END
	printf '%s\n' 'libtoy.so.1: toy.c' '	$(CC) $(CPPFLAGS) $(CFLAGS) -shared -fPIC -Wl,-soname,$@ $(LDFLAGS) -o $@ $<' \
		'install: libtoy.so.1' '	install -D -m 644 $< $(DESTDIR)/usr/lib/$<' \
		'clean:' '	rm -f libtoy.so.1' >"work/$1/Makefile"
	cat >"work/$1/debian/control" <<-END
		Source: $1
		Section: libs
		Priority: optional
		Maintainer: Nobody <nobody@localhost>
		Build-Depends: debhelper-compat (= 13)
		Standards-Version: 4.6.1

		Package: $1
		Architecture: any
		Depends: \${shlibs:Depends}, \${misc:Depends}
		Description: a toy
	END
	printf '%s (1.0) unstable; urgency=low\n\n  * A toy.\n\n -- Nobody <nobody@localhost>  Sun, 13 Sep 2020 12:26:40 +0000\n' "$1" \
		>"work/$1/debian/changelog"
	echo '3.0 (native)' >"work/$1/debian/source/format"
	printf '#!/usr/bin/make -f\n%s\n%%:\n\tdh $@\n%b' "${3:-}" "${4:-}" |
		sed "s|LIBRARY|debian/$1/usr/lib/libtoy.so.1|g" >"work/$1/debian/rules"
	chmod +x "work/$1/debian/rules"
}

# real NAME: a source package of Debian in work/.
real() {
	rm -rf work && mkdir work && cp -a "sources/$1" "work/$1"
}

# with_addon NAME [RESTRICTION]: the recipe for debhelper.
with_addon() {
	sed -i "s/^Build-Depends: */&$addon${2:+ $2}, /" "work/$1/debian/control"
	grep -q "$addon" "work/$1/debian/control"
}

# build NAME TO [ARGUMENTS OF dpkg-buildpackage...]: the packages in TO/.
build() {
	name=$1 to=$2
	shift 2
	rm -rf "$to" && mkdir "$to"
	(cd "work/$name" && DEB_BUILD_OPTIONS="nocheck ${options:-}" dpkg-buildpackage -B -us -uc "$@") >"$log" 2>&1 ||
		fail "$name cannot be built"
	mv work/*.deb "$to/"
	cp "$log" "$to/log"
	for package in "$to"/*.deb; do
		dpkg -x "$package" "$to/$(basename "$package" | cut -d_ -f1)"
	done
}

# said TO TEXT: the log of that build has it.
said() {
	grep -qF -- "$2" "$1/log" || fail "the log of $1 does not say '$2'"
}

# declared LIBRARY SYMBOL DECLARATION
declared() {
	! readelf -SW "$1" | grep -F .debug_ || fail "$1 has debug information"
	found=$(ffitypecheck describe "$1" "$2" 2>"$log") || fail "$1 does not describe $2"
	[ "$found" = "$3" ] || fail "$1 has $found"
	echo "    $found"
}

# same A B: what is in both directories' packages is byte for byte the same.
same() {
	for package in "$1"/*.deb; do
		cmp "$package" "$2/$(basename "$package")" >"$log" 2>&1 || fail "$(basename "$package") of $1 and $2"
	done
}

sum='double toy_sum(const struct point *point);'

echo "without the package: a build with the profile $(echo "$unless" | tr -d '<>!')"
dpkg -r dh-ffitypecheck >"$log" 2>&1 || true
make_toy toy-profile
build toy-profile without
with_addon toy-profile "$unless"
build toy-profile profile -Ppkg.ffitypecheck.notypes
same profile without

# make deb; apt install.
dpkg -i dh-ffitypecheck_*.deb >"$log" 2>&1 || fail "the package cannot be installed"
build toy-profile toy
declared toy/toy-profile/usr/lib/libtoy.so.1 toy_sum "$sum"

echo "1. libyaml"
real libyaml
with_addon libyaml
build libyaml libyaml
declared "$(ls libyaml/libyaml-0-2/usr/lib/*/libyaml-0.so.2)" yaml_get_version 'void yaml_get_version(int *major, int *minor, int *patch);'

echo "2. libcap2"
real libcap2
with_addon libcap2
build libcap2 libcap2
declared "$(ls libcap2/libcap2/lib/*/libcap.so.2)" cap_free 'int cap_free(void *data_p);'
declared "$(ls libcap2/libcap2/lib/*/libpsx.so.2)" psx_set_sensitivity 'int psx_set_sensitivity(psx_sensitivity_t level);'

echo "3. zlib, whose rules call every step by hand"
real zlib
sed -i "s/^\tdh_strip -a.*/\t$read_line\n&\n\t$attach_line/" work/zlib/debian/rules
build zlib zlib -Pnobiarch
declared "$(ls zlib/zlib1g/lib/*/libz.so.1)" adler32_z 'uLong adler32_z(uLong adler, const Bytef *buf, z_size_t len);'

echo "4. snappy, of C++ with a part in C"
real snappy
with_addon snappy
build snappy snappy
library=$(ls snappy/libsnappy1v5/usr/lib/*/libsnappy.so.1)
declared "$library" snappy_max_compressed_length 'size_t snappy_max_compressed_length(size_t source_length);'
! ffitypecheck describe "$library" _ZN6snappy19MaxCompressedLengthEm >"$log" 2>&1 || fail "a mangled name is in the note of snappy"
grep -qF -- --mangled "$log" || fail "not said why"
ffitypecheck where "$library" | sed -n 's/^slim/    &/p'
printf '\noverride_dh_ffitypecheck:\n\t%s\n' "$(from_readme 'dh_ffitypecheck --mangled')" >>work/snappy/debian/rules
build snappy mangled
declared "$(ls mangled/libsnappy1v5/usr/lib/*/libsnappy.so.1)" _ZN6snappy19MaxCompressedLengthEm 'size_t _ZN6snappy19MaxCompressedLengthEm(size_t source_bytes);'
for made in snappy mangled; do
	library=$(ls $made/libsnappy1v5/usr/lib/*/libsnappy.so.1)
	size=$(readelf -SW "$library" | sed -n 's/^ *\[ *[0-9]*\] .note.ffitypecheck//p' | awk '{ print $4 }')
	echo "    $made: a note of $((0x$size)) bytes, the library has $(stat -L -c %s "$library")"
done

echo "5. a library that is signed after it was stripped"
# A signature beside the library, as NSS has.
sign='sha256sum < LIBRARY > LIBRARY.chk'
signed() {
	library=$1/toy-signed/usr/lib/libtoy.so.1
	[ "$(sha256sum <"$library")" = "$(cat "$library.chk")" ] || fail "the signature of $1 is broken"
}
make_toy toy-signed toy_sum "" "override_dh_strip:\n\tdh_strip --automatic-dbgsym\n\t$sign\n"
with_addon toy-signed
build toy-signed override
make_toy toy-signed toy_sum "" "execute_after_dh_strip:\n\t$sign\n"
with_addon toy-signed
build toy-signed after
for made in override after; do
	signed $made
	declared $made/toy-signed/usr/lib/libtoy.so.1 toy_sum "$sum"
done
make_toy toy-signed toy_sum "" "override_dh_strip:\n\tstrip LIBRARY\n\t$sign\n"
build toy-signed without
with_addon toy-signed
build toy-signed own
signed own
same own without
said own "has not got its types"
echo "    the signatures fit; where dh_strip is not called, the library is left alone with a warning"

echo "6. a library with data appended, which dh_strip is told to leave alone"
make_toy toy-appended toy_sum "" "execute_after_dh_auto_install:\n\tprintf 'a signature' >> LIBRARY\noverride_dh_strip:\n\tdh_strip -Xlibtoy\n"
build toy-appended without
with_addon toy-appended
build toy-appended appended
same appended without
said appended "has data after everything that its headers describe"
make_toy toy-appended toy_sum "" "override_dh_strip:\n\tdh_strip -Xlibtoy\n"
build toy-appended without
with_addon toy-appended
build toy-appended excluded
same excluded without
echo "    both are as without the addon"

# left_alone NUMBER NAME WHY FUNCTION RULES TEXT
left_alone() {
	echo "$1. $3"
	make_toy "$2" "$4" "$5"
	build "$2" without
	with_addon "$2"
	build "$2" with
	same with without
	said with "$6"
	! grep -qF "debug package" with/log || fail "the log advises to install a debug package"
	grep -F -- "$6" with/log | head -n 1 | sed 's/^/    /'
}
left_alone 7 toy-module "an extension module" PyInit_toy "" "exports nothing but 'PyInit_toy'"
left_alone 8 toy-g1 "a library compiled with -g1" toy_sum "export DEB_CFLAGS_MAINT_APPEND = -g1" "nothing to keep"
left_alone 9 toy-g0 "a library compiled with -g0" toy_sum "export DEB_CFLAGS_MAINT_APPEND = -g0" "compiled without -g"
left_alone 10 toy-unidentified "a library without a build-id" toy_sum "export DEB_LDFLAGS_MAINT_APPEND = -Wl,--build-id=none" "no build-id"

echo "what an earlier run has left"
make_toy toy-again
with_addon toy-again
(
	cd work/toy-again
	debian/rules build && fakeroot debian/rules install && dh_ffitypecheck
	test -e debian/.debhelper/generated/toy-again/ffitypecheck/usr/lib/libtoy.so.1
	DEB_BUILD_OPTIONS=noffitypecheck dh_ffitypecheck
	test ! -e debian/.debhelper/generated/toy-again/ffitypecheck
) >"$log" 2>&1 || fail "noffitypecheck leaves the types of an earlier run"

echo "without the command"
mv /usr/bin/ffitypecheck /usr/bin/ffitypecheck.away
if (cd work/toy-again && dpkg-buildpackage -B -us -uc) >"$log" 2>&1; then fail "a build without the command passes"; fi
mv /usr/bin/ffitypecheck.away /usr/bin/ffitypecheck
grep -F 'ffitypecheck is not in the path' "$log" | sed 's/^/    /' || fail "not said what is missing"
grep -qF 'DEB_BUILD_OPTIONS=noffitypecheck' "$log" || fail "not said how to do without"
echo "packages in an unpacked Debian: all passed"
