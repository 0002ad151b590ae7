#!/bin/sh
# Mistakes that real bindings make, each held against the real library. Every file says on its first line which library it
# is about and what must be found; compiled with -DRIGHT, nothing must be found.
# run.sh FFITYPECHECK LIBMAGIC
set -u
tool=$1
libmagic=$2
cd "$(dirname "$0")" || exit 1
passed=0
failed=0
fail() {
	echo "FAILED $1: $2"
	failed=$((failed + 1))
}
for file in *.h; do
	line=$(sed -n '1s|^/\* \(.*\) \*/$|\1|p' "$file")
	library=${line%%: *}
	expected=${line#*: }
	[ "$library" = libmagic.so.1 ] && library=$libmagic
	wrong=$("$tool" check --strict "$library" "$file" 2>&1)
	status=$?
	if [ $status != 1 ] || ! printf '%s\n' "$wrong" | grep -qF "$expected"; then
		fail "$file" "expected '$expected', exit status 1; got $status: $wrong"
		continue
	fi
	right=$("$tool" check -D RIGHT "$library" "$file" 2>&1)
	status=$?
	if [ $status != 0 ]; then
		fail "$file" "the right declaration does not pass: $right"
		continue
	fi
	printf '%s\n' "$wrong" | grep -F "$expected"
	passed=$((passed + 1))
done
echo "mistakes: $passed passed, $failed failed"
[ $failed = 0 ] && [ $passed = 8 ]
