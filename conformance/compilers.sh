#!/bin/sh
# compilers.sh SUITE PROGRAM [ARGUMENT...]: the generator with the compilers of an unpacked Debian: trixie (gcc 14, clang 19) or forky.
# Needs root and mmdebstrap.
set -eu
suite=$1 program=$2
shift 2
top=$(cd "$(dirname "$0")/.." && pwd)
root=$("$top/tests/sources/root.sh" "conformance-$suite" "$suite" gcc,g++,clang,lld,libc6-dev,libffi-dev,binutils,dwz,llvm)
cp "$program" "$root/conformance"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
chroot "$root" sh -c 'gcc --version | head -n 1; clang --version | head -n 1'
# dwp was of gold, which these suites no longer have; the packages of clang's units are made by llvm-dwp.
chroot "$root" env FFITYPECHECK_CACHE=off /conformance --leave-out gcc-dwp4 "$@"
