#!/bin/sh
# trixie.sh COMMAND LIBRARY: division.py in an unpacked Debian 13 with its newer tools; lldb, perf and gold do not work there.
# Needs root and mmdebstrap.
set -eu
command=$1 library=$2
top=$(cd "$(dirname "$0")/../.." && pwd)
packages=gdb,valgrind,elfutils,llvm,abigail-tools,pahole,dwz,patchelf,debugedit,lld,mold,python3-drgn,python3,gcc,libc6-dev,binutils
root=$("$top/tests/sources/root.sh" division trixie $packages)
rm -rf "$root/check"
mkdir -p "$root/check"
cp -r "$top/tests/division" "$(dirname "$library")" "$command" "$root/check/"
cp "$top/docs/division.md" "$root/check/"
"$top/tests/sources/in_root.sh" "$root" env DRGN=python3 FFITYPECHECK_CACHE=off python3 /check/division/division.py "/check/$(basename "$command")" \
	"/check/$(basename "$(dirname "$library")")/$(basename "$library")" "/check/$(basename "$(dirname "$library")")" \
	--leave-out lldb --leave-out perf --leave-out ld.gold --write /check/division.md --mark trixie
cp "$root/check/division.md" "$top/docs/division.md"
