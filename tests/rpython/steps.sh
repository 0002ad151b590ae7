#!/bin/sh
# steps.sh: what check.sh does in the unpacked Debian.
set -eu
cd /check
export PYTHONPATH=/check/packages LD_LIBRARY_PATH=/check
# Another glibc and another libffi than outside: the library is linked once more, as `make` does it.
gcc -shared -o libffitypecheck.so.0 -Wl,-soname,libffitypecheck.so.0 -Wl,--version-script=ffitypecheck.map -Wl,--gc-sections \
	-Wl,--as-needed -Wl,--whole-archive libffitypecheck.a -Wl,--no-whole-archive -lffi -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc
ln -s libffitypecheck.so.0 libffitypecheck.so
gcc -g -shared -fPIC -o library.so library.c

translate() {
	python2.7 -m rpython --batch -O2 --output="/check/$1" target.py >"$1.log" 2>&1 || { tail -n 40 "$1.log" >&2; exit 1; }
}
translate without
./without ./library.so unchecked | diff expected-without.txt -
export PKG_CONFIG_PATH=/check
python2.7 -m pytest -q packages/rpython/rlib/test/test_clibffi.py
translate with
./with ./library.so checked | diff expected.txt -
cat expected.txt
