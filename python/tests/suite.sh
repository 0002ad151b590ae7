#!/bin/sh
# suite.sh SUITE INTERPRETER...: run.py with interpreters of an unpacked Debian SUITE. Needs root and mmdebstrap.
set -eu
suite=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
packages=gcc,libc6-dev,libc6-dbg,libffi-dev
for interpreter; do
	packages=$packages,$interpreter,$interpreter-dev
done
root=$("$top/tests/sources/root.sh" "python-$suite" "$suite" "$packages")

rm -rf "$root/check"
mkdir -p "$root/check/build" "$root/check/patches"
cp -r "$top/python" "$root/check/"
# It is about libpython3.11, which the suite may not have.
rm "$root/check/python/tests/test_pyside.py"
cp -r "$top/patches/cpython" "$root/check/patches/"
cp "$top/build/libffitypecheck.a" "$top/pkgconfig/ffitypecheck.map" "$root/check/"
# Another glibc and another libffi than here: the library is linked once more, as `make` does it.
chroot "$root" gcc -shared -o /check/build/libffitypecheck.so.0 -Wl,-soname,libffitypecheck.so.0 \
	-Wl,--version-script=/check/ffitypecheck.map -Wl,--gc-sections -Wl,--as-needed -Wl,--build-id \
	-Wl,--whole-archive /check/libffitypecheck.a -Wl,--no-whole-archive -lffi \
	-lgcc_s -lutil -lrt -lpthread -lm -ldl -lc
failed=
for interpreter; do
	"$top/tests/sources/in_root.sh" "$root" env LD_LIBRARY_PATH=/check/build PYTHONDONTWRITEBYTECODE=1 \
		"$interpreter" /check/python/tests/run.py || failed="$failed $interpreter"
done
[ -z "$failed" ] || { echo "failed:$failed"; exit 1; }
