#!/bin/bash
# Runs each program in each way, in an empty directory and with an empty home. A program passes if it returns 0, prints
# nothing and leaves nothing behind. Prints one line for each, and `N passed, N failed`.
#
# run.sh BUILD VERSION PROGRAM...
set -u

here=$(cd "$(dirname "$0")" && pwd)
build=$1 version=$2
shift 2
out=$build/c-tests
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

result() { # verdict, name, way, file with what was printed
	echo "$1 $2 ($3)" | tee -a "$work/results"
	[ "$1" = pass ] || head -n 30 "$4" | sed 's/^/    /'
}

# What valgrind would read of inlined functions is a third of its time.
run_one() { # name, way
	local name=$1 way=$2 place=$work/$1.$2 command status
	mkdir -p "$place/empty" "$place/home"
	case $way in
		plain) command=("$out/plain/$name") ;;
		sanitized) command=("$out/sanitized/$name") ;;
		valgrind) command=(valgrind --quiet --trace-children=yes --trace-children-skip="/bin/*" --leak-check=full --show-leak-kinds=definite,possible
			--errors-for-leak-kinds=definite,possible --error-exitcode=99 --fair-sched=yes --read-inline-info=no "$out/plain/$name") ;;
	esac
	(cd "$place/empty" && exec env -i PATH="$PATH" HOME="$place/home" LC_ALL=C FFITYPECHECK_CACHE=off \
		ASAN_OPTIONS=verify_asan_link_order=0:detect_leaks=1:detect_stack_use_after_return=1 \
		UBSAN_OPTIONS=print_stacktrace=1 timeout 300 "${command[@]}") > "$place/output" 2>&1
	status=$?
	[ $status = 0 ] || echo "it returned $status" >> "$place/output"
	find "$place/empty" "$place/home" -mindepth 1 -printf 'it left %p behind\n' >> "$place/output"
	if [ -s "$place/output" ]; then
		result fail "$name" "$way" "$place/output"
	else
		result pass "$name" "$way"
	fi
}

fixture_tree() {
	find "$out/fixtures" -printf '%P %s %T@ %m\n' | sort
}

export -f result run_one
export out work
fixture_tree > "$work/before"
# Valgrind first: it takes the longest.
for way in valgrind sanitized plain; do
	for name in "$@"; do
		echo "$name $way"
	done
done | xargs -P "$(nproc)" -L 1 bash -c 'run_one "$0" "$1"'

fixture_tree > "$work/after"
if diff "$work/before" "$work/after" > "$work/difference"; then
	result pass fixtures_untouched shell
else
	result fail fixtures_untouched shell "$work/difference"
fi

mkdir "$work/installed"
while read -r verdict name; do
	result "$verdict" "$name" shell "$work/installed/$name.log"
done < <("$here/installed.sh" "$build" "$version" "$work/installed")

passed=$(grep -c '^pass ' "$work/results")
failed=$(grep -c '^fail ' "$work/results")
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" -gt 0 ]
