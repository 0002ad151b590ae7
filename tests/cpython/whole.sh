# Read by configure.sh and free_threading.sh, whose arguments are TREE and PREFIX: TREE is the whole source of a CPython with the patch,
# PREFIX where libffitypecheck is installed. Makes configure anew and defines `build`.
set -eu
tree=$(cd "$1" && pwd)
prefix=$(cd "$2" && pwd)
export LC_ALL=C.UTF-8 PKG_CONFIG_PATH="$prefix/lib/pkgconfig" LD_LIBRARY_PATH="$prefix/lib"
# Patterns of test files are for unittest.
set -f
(cd "$tree" && autoreconf -fi 2>/dev/null)

# build NAME OPTION...: configures with the options and builds in TREE/NAME, which is the current directory afterwards.
build() {
	mkdir "$tree/$1"
	cd "$tree/$1"
	shift
	"$tree/configure" --quiet "$@" > configure.log 2>&1 || { tail -n 20 configure.log; exit 1; }
	# ThreadSanitizer of gcc 12 wants the addresses that it knows.
	setarch -R make -s -j"$(nproc)" > make.log 2>&1 || { tail -n 20 make.log; exit 1; }
}

# passes COMMAND...: runs unittest, which must pass, and prints how many tests there were.
passes() {
	"$@" > tests.log 2>&1 || { tail -n 40 tests.log; exit 1; }
	grep '^Ran' tests.log
}
