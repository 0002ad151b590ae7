#!/bin/sh
# Makes the libraries that the programs look at, sound and unsound, in the directory $1, anew; $2 is the command ffitypecheck.
set -eu

out=$1 tool=$2
cd "$(dirname "$0")"
rm -rf "$out"
mkdir -p "$out"/aarch64 "$out"/i386 "$out"/s390x "$out"/dwz "$out"/dwz-lost "$out"/slim "$out"/zstd "$out"/loaded "$out"/packed
flags='-g -O1 -fPIC -shared -nostdlib -Wl,--build-id'

library() { # name, sources and options
	name=$1
	shift
	gcc $flags -Wl,-soname,"lib$name.so" -o "$out/lib$name.so" "$@"
}

library shapes fixtures/shapes.c
library stripped fixtures/shapes.c -DSTRIPPED
library build1 fixtures/build.c -DBUILD_NUMBER=1
library build2 fixtures/build.c -DBUILD_NUMBER=2
library noid fixtures/build.c -DBUILD_NUMBER=1 -Wl,--build-id=none
library provider1 fixtures/provider.c -DPROVIDER=1
library provider2 fixtures/provider.c -DPROVIDER=2
library provider3 fixtures/provider.c -DPROVIDER=3
library versions fixtures/versions.c -Wl,--version-script=fixtures/versions.map
library ifunc fixtures/ifunc.c
library claims fixtures/claims.c

# Assembly functions that nobody, one unit, and two units declare.
gcc -g -c -o "$out/assembly.o" fixtures/assembly.S
gcc -g -O1 -fPIC -c -DUNIT=1 -o "$out/declares1.o" fixtures/declares.c
gcc -g -O1 -fPIC -c -DUNIT=2 -o "$out/declares2.o" fixtures/declares.c
library assembly "$out/assembly.o" "$out/declares1.o" "$out/declares2.o"
library declared "$out/assembly.o" "$out/declares1.o"

# Types that two units define, not always alike.
for unit in 1 2; do
	gcc -g -O1 -fPIC -c -DUNIT=$unit -w -o "$out/types$unit.o" fixtures/types.c
done
library types "$out/types1.o" "$out/types2.o"

# Other machines: no C library is needed.
aarch64-linux-gnu-gcc $flags -o "$out/aarch64/libshapes.so" fixtures/shapes.c
i686-linux-gnu-gcc $flags -msse2 -o "$out/i386/libshapes.so" fixtures/shapes.c
s390x-linux-gnu-gcc $flags -o "$out/s390x/libshapes.so" fixtures/shapes.c

# A stripped library, with its debug file and with that of another build, and in a cache as debuginfod's client has it.
build_id() {
	readelf -n "$1" | sed -n 's/.*Build ID: //p'
}
place() { # build-id, debug directory
	mkdir -p "$2/.build-id/$(echo "$1" | cut -c1-2)"
	echo "$2/.build-id/$(echo "$1" | cut -c1-2)/$(echo "$1" | cut -c3-).debug"
}
id=$(build_id "$out/libstripped.so")
objcopy --only-keep-debug "$out/libstripped.so" "$(place "$id" "$out/debug")"
objcopy --only-keep-debug "$out/libbuild1.so" "$(place "$id" "$out/debug-other-build")"
mkdir -p "$out/debuginfod/$id"
cp "$(place "$id" "$out/debug")" "$out/debuginfod/$id/debuginfo"
strip "$out/libstripped.so"

# Libraries that have their types with them: in a note that is not loaded, compressed, and loaded, of one with versions.
for name in shapes versions; do
	"$tool" slim "$out/lib$name.so" -o "$out/slim/lib$name.so"
	"$tool" slim --zstd "$out/lib$name.so" -o "$out/zstd/lib$name.so"
	"$tool" slim --alloc "$out/lib$name.so" -o "$out/loaded/lib$name.so"
	strip "$out/slim/lib$name.so" "$out/zstd/lib$name.so"
	llvm-strip --strip-all "$out/loaded/lib$name.so"
done

# Compressed debug information, and types within types.
for way in zlib zstd; do
	objcopy --compress-debug-sections=$way "$out/libshapes.so" "$out/packed/$way.so"
done
{
	echo 'struct s0 { int i; }; typedef int (*f0)(int);'
	for i in $(seq 100); do
		echo "struct s$i { struct s$((i - 1)) s; }; typedef f$((i - 1)) (*f$i)(struct s$i *, f$((i - 1)) *const[2]);"
	done
	echo 'int nested(struct s100 s, struct s100 ****p, f100 f) { return (int)sizeof s + !p + !f; }'
} > "$out/packed/nested.c"
gcc $flags -o "$out/packed/nested.so" "$out/packed/nested.c"

# Two libraries that share a supplementary file, and one that lost it.
for number in '' 2; do
	cp "$out/libshapes.so" "$out/dwz/libshapes$number.so"
done
(cd "$out/dwz" && dwz -m shared.debug -M shared.debug libshapes.so libshapes2.so)
cp "$out/dwz/libshapes.so" "$out/dwz-lost/"

# No libraries.
: > "$out/empty"
echo 'INPUT(-lshapes)' > "$out/text.so"
gcc -g -c -o "$out/shapes.o" fixtures/shapes.c
ar crs "$out/libshapes.a" "$out/shapes.o"
printf '\177ELF' > "$out/magic-only"
head -c 40 "$out/libshapes.so" > "$out/truncated-headers.so"
head -c 5000 "$out/libshapes.so" > "$out/truncated.so"
cp "$out/libshapes.so" "$out/unreadable.so"
chmod 0 "$out/unreadable.so"
# The first unit claims a version that no standard has; no abbreviation is readable.
offset=$(readelf -SW "$out/libshapes.so" | sed -n 's/.* \.debug_info *PROGBITS *[0-9a-f]* *\([0-9a-f]*\).*/\1/p')
cp "$out/libshapes.so" "$out/bad-version.so"
printf '\377\377' | dd of="$out/bad-version.so" bs=1 seek=$((0x$offset + 4)) conv=notrunc status=none
head -c 64 /dev/zero | tr '\0' '\377' > "$out/garbage"
objcopy --update-section .debug_abbrev="$out/garbage" "$out/libshapes.so" "$out/bad-abbreviations.so"
