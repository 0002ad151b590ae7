#!/bin/sh
# crash.sh BUILD: the cache of types on a full disk, with writers that are killed, and with many at once. Needs root, for a tmpfs.
set -eu
build=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'umount "$scratch/full" 2>/dev/null || true; rm -rf "$scratch"' EXIT
cat > "$scratch/many.awk" <<'END'
BEGIN {
	for (i = 0; i < 3000; i++)
		printf "struct record_%d { int member_%d; char text[%d]; };\nint function_%d(struct record_%d *record) { return record->member_%d; }\n", i, i, i + 1, i, i, i
}
END
# A library whose debug information is in a directory that is given, or is not.
awk -f "$scratch/many.awk" > "$scratch/many.c"
cc -g -shared -fPIC -Wl,--build-id -o "$scratch/library.so" "$scratch/many.c"
id=$(readelf -n "$scratch/library.so" | sed -n 's/.*Build ID: //p')
debug=$scratch/debug/.build-id/$(echo "$id" | cut -c1-2)
mkdir -p "$debug"
objcopy --only-keep-debug "$scratch/library.so" "$debug/$(echo "$id" | cut -c3-).debug"
strip -g "$scratch/library.so"
expected='int function_2999(struct record_2999 *record)'
cc -I"$here/../../include" -o "$scratch/describe" "$here/describe.c" -L"$build" -Wl,-rpath,"$build" -lffitypecheck -lffi
fail() { echo "FAILED: $*"; exit 1; }
files() { find "$1" -type f | wc -l; }
# The declaration by the debug information, which fills the cache; by the cache alone.
with_debug_information() { "$scratch/describe" "$1" "$scratch/library.so" function_2999 "$scratch/debug"; }
by_cache_alone() { "$scratch/describe" "$1" "$scratch/library.so" function_2999; }

mkdir -m 700 "$scratch/full"
mount -t tmpfs -o size=32k,mode=700 tmpfs "$scratch/full"
[ "$(with_debug_information "$scratch/full")" = "$expected" ] || fail "a full disk changes the answer"
[ "$(files "$scratch/full")" = 0 ] || fail "a full disk leaves a file: $(ls -R "$scratch/full")"
mount -o remount,size=4m "$scratch/full"
with_debug_information "$scratch/full" >/dev/null
size=$(find "$scratch/full" -name '*.types' -printf %s)
[ "$size" -gt 32768 ] || fail "the entry would have had room: $size bytes"
echo "a full disk: the answer is the same, nothing is left; with room an entry of $size bytes"

# A writer is killed after up to twice the time that one takes here.
mkdir -m 700 "$scratch/timed"
start=$(date +%s%N)
with_debug_information "$scratch/timed" >/dev/null
took=$(($(date +%s%N) - start))
killed=0
whole=0
i=0
while [ $i -lt 300 ]; do
	i=$((i + 1))
	timeout -s KILL "$(awk "BEGIN { print $took / 1e9 * ($i % 60 + 1) / 30 }")" "$scratch/describe" "$scratch/killed" "$scratch/library.so" function_2999 \
		"$scratch/debug" >/dev/null 2>&1 ||
		killed=$((killed + 1))
	# An entry is taken away, so that it is written again.
	if text=$(by_cache_alone "$scratch/killed" 2>/dev/null); then
		[ "$text" = "$expected" ] || fail "a killed writer left: $text"
		whole=$((whole + 1))
		find "$scratch/killed" -name '*.types' -delete
	fi
done
# One that is killed when all is written but the name.
gdb -nx -batch -ex "catch syscall renameat" -ex run -ex kill --args "$scratch/describe" "$scratch/killed" "$scratch/library.so" \
	function_2999 "$scratch/debug" >/dev/null 2>&1
! by_cache_alone "$scratch/killed" || fail "an unfinished file was read"
left=$(find "$scratch/killed" -name '.tmp-*' | wc -l)
with_debug_information "$scratch/killed" >/dev/null
[ "$left" -gt 0 ] || fail "no writer was killed in the middle"
FFITYPECHECK_CACHE=$scratch/killed "$build/ffitypecheck" cache --clear >/dev/null
[ "$(files "$scratch/killed")" = 0 ] || fail "cache --clear leaves files"
[ $killed -gt 0 ] && [ $whole -gt 0 ] || fail "nothing was tried: $killed killed, $whole whole"
echo "300 writers, $killed of them killed: $whole whole entries, never a part; $left unfinished files, which cache --clear took away"

i=0
while [ $i -lt 16 ]; do
	i=$((i + 1))
	(with_debug_information "$scratch/many" > "$scratch/answer.$i") &
done
wait
[ "$(sort -u "$scratch"/answer.*)" = "$expected" ] || fail "sixteen at once answer otherwise"
[ "$(files "$scratch/many")" = 1 ] || fail "sixteen at once leave: $(ls -R "$scratch/many")"
[ "$(by_cache_alone "$scratch/many")" = "$expected" ] || fail "sixteen at once leave no entry"
echo "sixteen writers at once: one entry"
