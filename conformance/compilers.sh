#!/bin/sh
# compilers.sh SUITE PROGRAM [ARGUMENT...]: the generator with the compilers of an unpacked Debian: trixie (gcc 14, clang 19) or forky. Needs root
# and mmdebstrap; the root stays in build/roots.
set -eu
suite=$1 program=$2
shift 2
top=$(cd "$(dirname "$0")/.." && pwd)
root=$top/build/roots/conformance-$suite
packages=gcc,g++,clang,lld,libc6-dev,libffi-dev,binutils,dwz,llvm
if [ ! -e "$root/complete" ]; then
	mirror=$(apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(CODENAME)' 'Created-By: Packages' |
		awk '$2 == "Debian" && $3 !~ /-/ { print $1; exit }')
	rm -rf "$root"
	mkdir -p "$top/build/roots"
	# A mirror may be a snapshot whose Release file has expired; its signature counts.
	mmdebstrap --quiet --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --include=$packages "$suite" "$root" "$mirror" >&2
	touch "$root/complete"
fi
cp "$program" "$root/conformance"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
chroot "$root" sh -c 'gcc --version | head -n 1; clang --version | head -n 1'
# dwp was of gold, which these suites no longer have; the packages of clang's units are made by llvm-dwp.
chroot "$root" env FFITYPECHECK_CACHE=off /conformance --leave-out gcc-dwp4 "$@"
