#!/bin/sh
# Files that are no use as a library, each in its own way, in WORK/bad.
set -eu
work=$1
bad=$work/bad
mkdir "$bad/directory"
mkfifo "$bad/fifo"
: > "$bad/empty"
echo "GROUP ( libc.so.6 )" > "$bad/text"
cp "$work/libfixture.so" "$bad/unreadable" && chmod 0 "$bad/unreadable"
head -c 3000 "$work/libfixture.so" > "$bad/truncated.so"
head -c 40 "$work/libfixture.so" > "$bad/header-only.so"
objcopy --strip-debug "$work/libfixture.so" "$bad/stripped.so"
# A library whose debuglink leads to another build's debug file.
gcc -shared -fPIC -g -w -DOTHER -o "$bad/other.so" interposer.c
objcopy --only-keep-debug "$bad/other.so" "$bad/other.debug"
objcopy --strip-debug --add-gnu-debuglink="$bad/other.debug" "$work/libfixture.so" "$bad/other-build.so"
gcc -shared -fPIC -g -w -o "$bad/another.so" "$(dirname "$0")/fixture.c"
objcopy --only-keep-debug "$bad/another.so" "$bad/other.debug"
# A library whose first unit claims a version that no standard has.
offset=$(readelf -SW "$work/libfixture.so" | sed -n 's/.* \.debug_info *PROGBITS *[0-9a-f]* *\([0-9a-f]*\).*/\1/p')
cp "$work/libfixture.so" "$bad/damaged.so"
printf '\377\377' | dd of="$bad/damaged.so" bs=1 seek=$((0x$offset + 4)) conv=notrunc status=none
