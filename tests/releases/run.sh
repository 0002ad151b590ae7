#!/bin/sh
# Two releases of two libraries, Debian 12's and 13's: run.sh FFITYPECHECK
set -eu
tool=$1
here=$(cd "$(dirname "$0")" && pwd)
sources=$here/../sources
for package in zlib sqlite3; do
	old=$("$sources/build.sh" $package bookworm)
	new=$("$sources/build.sh" $package trixie)
	python3 "$here/compare.py" "$tool" $package "$old" "$new"
done
# What a program sees that was compiled with the old header and runs with the new library: of all that changed, one struct
# that grew, which SQLite tells apart by its member iVersion.
if found=$("$tool" check "$new" "$(dirname "$old")/sqlite3.h"); then
	echo "FAILED: the struct sqlite3_module grew, and nothing was found"
	exit 1
fi
printf '%s\n' "$found"
names=$(printf '%s\n' "$found" | sed -n 's/^MISMATCH pointee-too-small \([a-z0-9_]*\): .*/\1/p' | tr '\n' ' ')
[ "$names" = "sqlite3_create_module sqlite3_create_module_v2 " ]
[ "$(printf '%s\n' "$found" | grep -c '^[A-Z]')" = 2 ]
