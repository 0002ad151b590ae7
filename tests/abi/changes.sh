#!/bin/sh
# changes.sh SONAME: abi.sh refuses a copy of the header in which one thing is changed, and accepts an unchanged one.
set -eu
soname=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A tree with the header, its version script and a library that exports what they say.
changed() { # sed's command for the header, and for the version script
	rm -rf "$work/tree"
	mkdir -p "$work/tree/build" "$work/tree/tests"
	cp -r "$top/include" "$top/pkgconfig" "$work/tree/"
	cp -r "$top/tests/abi" "$work/tree/tests/"
	sed -i "$1" "$work/tree/include/ffitypecheck.h"
	sed -i "${2-}" "$work/tree/pkgconfig/ffitypecheck.map"
	sed -n 's/^\t\t\([a-z0-9_]*\);$/void \1(void) {}/p' "$work/tree/pkgconfig/ffitypecheck.map" |
		cc -shared -fPIC -nostdlib -w -x c - -Wl,--version-script="$work/tree/pkgconfig/ffitypecheck.map" -o "$work/tree/build/$soname"
	(cd "$work/tree" && tests/abi/abi.sh "$work/tree/build" "$soname" pkgconfig/libffitypecheck.abi) > "$work/said" 2>&1
}

refused() { # words of the refusal, and the changes
	words=$1
	shift
	if changed "$@" || ! grep -q "$words" "$work/said"; then
		cat "$work/said"
		echo "not refused, or without the words: $words"
		exit 1
	fi
	echo "refused: $words"
}

changed '' || { cat "$work/said"; exit 1; }
refused "type of 'uint64_t bit_width' changed" 's/uint64_t bit_width;/uint32_t bit_width;/'
refused "FTC_ERR_NO_TYPE' from value '-12' to '-42'" 's/FTC_ERR_NO_TYPE = -12,/FTC_ERR_NO_TYPE = -42,/'
refused "FTC_MISMATCH2' value '4'" 's/FTC_MISMATCH = 3$/FTC_MISMATCH = 3, FTC_MISMATCH2 = 4/'
refused "+<!-- FTC_CHECK_STRICT 3 -->" 's/^#define FTC_CHECK_STRICT .*/#define FTC_CHECK_STRICT 3/'
refused "1 Removed" '/^const char \*ftc_get_version(void);$/d' '/ftc_get_version;/d'
refused "1 Added" 's/^const char \*ftc_get_version(void);$/&\nint ftc_new(void);/' 's/\t\tftc_get_version;/&\n\t\tftc_new;/'
refused "+ftc_get_version@@FTC_0.1" '/^const char \*ftc_get_version(void);$/d'
