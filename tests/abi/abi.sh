#!/bin/sh
# abi.sh BUILD SONAME KEPT [--write]: compares the binary interface that include/ffitypecheck.h declares with the kept description,
# and the exports with those of the library. Any difference is an error. --write writes the description.
#
# The debug information of the library has Rust's types. So abidw reads a library that is compiled from the header: each prototype
# gets a body.
set -eu
export LC_ALL=C
build=$1 soname=$2 kept=$3
cd "$(dirname "$0")/../.."
work=$build/abi
mkdir -p "$work"
{
	echo '#include <ffitypecheck.h>'
	awk '
		/^[a-z].*[ *]f(tc|fi)_[a-z_]+\(/ && !/^typedef/ { inside = 1 }
		inside { ends = sub(/\);$/, ") { __builtin_trap(); }"); print }
		ends { inside = 0 }' include/ffitypecheck.h
} > "$work/stub.c"
cc -g -w -shared -fPIC -nostdlib -Iinclude -Wl,-soname,"$soname" -Wl,--version-script=pkgconfig/ffitypecheck.map \
	-o "$work/$soname" "$work/stub.c"

exports() {
	nm -D --defined-only --with-symbol-versions "$1" | sed -n 's/^[0-9a-f]* T //p' | sort
}
exports "$work/$soname" > "$work/declared"
exports "$build/$soname" > "$work/exported"
[ -s "$work/declared" ]
diff -u --label "the header" --label "the library" "$work/declared" "$work/exported"

abidw --no-corpus-path --no-comp-dir-path --no-show-locs --no-parameter-names --out-file "$work/written.abi" "$work/$soname"
# Debug information has no macros. They are comments at the end, without those of the version.
cc -E -dM include/ffitypecheck.h | sed -n -e /FTC_VERSION/d -e 's/^#define \(FTC_[A-Z_]* [0-9A-Z_]*\)$/<!-- \1 -->/p' |
	sort > "$work/constants"
[ -s "$work/constants" ]
cat "$work/constants" >> "$work/written.abi"
if [ "${4-}" = --write ]; then
	cp "$work/written.abi" "$kept"
fi
grep '^<!--' "$kept" | diff -u --label kept --label "the header" - "$work/constants"
abidiff --harmless --no-show-locs "$kept" "$work/written.abi"
echo "the binary interface is the kept one: $(wc -l < "$work/declared") functions, $(wc -l < "$work/constants") macros"
