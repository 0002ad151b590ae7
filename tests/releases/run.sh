#!/bin/sh
# Two releases of three libraries, Debian 12's and 13's: run.sh FFITYPECHECK
set -eu
tool=$1
here=$(cd "$(dirname "$0")" && pwd)
sources=$here/../sources
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# compare PACKAGE HEADER...: all types, and then those in the public headers, which lie in the top directory of the source.
compare() {
	package=$1
	shift
	for suite in bookworm trixie; do
		mkdir -p "$scratch/$package/$suite"
		"$sources/build.sh" "$package" $suite >"$scratch/$package/$suite.path"
		for header; do
			cp "$("$sources/fetch.sh" "$package" $suite)/$header" "$scratch/$package/$suite/"
		done
	done
	old=$(cat "$scratch/$package/bookworm.path")
	new=$(cat "$scratch/$package/trixie.path")
	python3 "$here/compare.py" "$tool" "$package" "$old" "$new"
	python3 "$here/compare.py" "$tool" "$package" "$old" "$new" --headers "$scratch/$package/bookworm" "$scratch/$package/trixie"
}
compare zlib zlib.h zconf.h
compare libpng1.6 png.h pngconf.h pnglibconf.h
compare sqlite3 sqlite3.h sqlite3ext.h

# What a program sees that was compiled with the old header and runs with the new library: of all that changed, one struct
# that grew, which SQLite reads and tells apart by its member iVersion. It is told once, with the two functions that take it.
"$tool" check "$new" "$scratch/sqlite3/bookworm/sqlite3.h"
if found=$("$tool" check --strict "$new" "$scratch/sqlite3/bookworm/sqlite3.h"); then
	echo "FAILED: the struct sqlite3_module grew, and nothing was found"
	exit 1
fi
printf '%s\n' "$found"
[ "$(printf '%s\n' "$found" | grep '^[A-Z]' | cut -d: -f1)" = "DIFFERS pointee-too-small sqlite3_create_module
DIFFERS pointee-prefix sqlite3_create_module" ]
printf '%s\n' "$found" | grep -qx '    the same in 1 more: sqlite3_create_module_v2'
