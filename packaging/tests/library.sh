#!/bin/sh
# library.sh LIBDIR DEBUGDIR SOURCE PLAIN: what the libyaml in LIBDIR, of a package unpacked by itself, can do without debug files;
# and with those below DEBUGDIR what gdb shows of it. SOURCE is the directory that its sources were compiled in, PLAIN the
# library of a build without type information.
set -eu
libdir=$1 debugdir=$2 source=$3 plain=$4
top=$(cd "$(dirname "$0")/../.." && pwd)
library=$libdir/libyaml-0.so.2
unset DEBUGINFOD_URLS
# No cache of types from an earlier run.
HOME=$(mktemp -d)
export HOME XDG_CACHE_HOME="$HOME/cache"
trap 'rm -rf "$HOME"' EXIT

if readelf -SW "$library" | grep -F .debug_; then
	echo "FAILED: $library has debug information" >&2
	exit 1
fi
declaration=$("$top/build/ffitypecheck" describe "$library" yaml_parser_set_input_string)
echo "    $declaration"
[ "$declaration" = "void yaml_parser_set_input_string(yaml_parser_t *parser, const unsigned char *input, size_t size);" ] ||
	{ echo "FAILED: that is not how yaml.h declares it" >&2 && exit 1; }

"$top/build/ffitypecheck" describe "$library" '*' >"$HOME/note"
"$top/build/ffitypecheck" describe --debug-dir "$debugdir" "$plain" '*' >"$HOME/full"
[ -s "$HOME/note" ] && cmp "$HOME/note" "$HOME/full" || { echo "FAILED: other declarations than in the debug package" >&2 && exit 1; }
echo "    $(wc -l <"$HOME/note") lines of declarations, the same as with the debug package"

LD_LIBRARY_PATH=$libdir PYTHONPATH=$top/build/python3.11 python3.11 "$(dirname "$0")/wrong_claims.py" "$libdir"

shown=$(gdb -nx -batch -ex "set debug-file-directory $debugdir" -ex "directory $source/src" -ex "file $library" \
	-ex 'info line yaml_parser_initialize' -ex 'list yaml_parser_initialize' 2>&1)
for expected in 'Line [0-9]* of ".*api.c"' 'yaml_parser_initialize(yaml_parser_t \*parser)'; do
	echo "$shown" | grep -m 1 "$expected" | sed 's/^/    gdb: /' || true
	echo "$shown" | grep -q "$expected" || { echo "FAILED: gdb does not show $expected: $shown" >&2 && exit 1; }
done
