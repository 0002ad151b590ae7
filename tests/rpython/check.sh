#!/bin/sh
# check.sh: translates target.py with the patch of PyPI's rpython, in an unpacked Debian 11, the last with Python 2.7, and runs it: with
# libffitypecheck, and translated where pkg-config does not know it. Before that, rpython's own tests of clibffi. Needs root and mmdebstrap.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
root=$("$top/tests/sources/root.sh" rpython bullseye python2.7,gcc,libc6-dev,libffi-dev,pkg-config,make)

# The newest releases for Python 2.7.
packages=$top/build/rpython
if [ ! -d "$packages" ]; then
	rm -rf "$packages.new"
	python3 -m pip --disable-pip-version-check download --quiet --no-deps --dest "$packages.new" rpython==0.2.1 py==1.11.0 pytest==2.9.2
	mv "$packages.new" "$packages"
fi
rm -rf "$root/check"
mkdir -p "$root/check/packages"
tar -xzf "$packages"/rpython-0.2.1.tar.gz -C "$root/check/packages" --strip-components=1 rpython-0.2.1/rpython
for wheel in "$packages"/*.whl; do
	python3 -m zipfile -e "$wheel" "$root/check/packages"
done
"$top/patches/pypy/rpython/apply.sh" 0.2.1 "$root/check/packages"

cp "$here/target.py" "$here/library.c" "$here/steps.sh" "$here/expected.txt" "$here/expected-without.txt" "$root/check/"
cp "$top/build/libffitypecheck.a" "$top/pkgconfig/ffitypecheck.map" "$top/include/ffitypecheck.h" "$root/check/"
sed -e 's|^libdir=.*|libdir=/check|' -e 's|^includedir=.*|includedir=/check|' "$top/build/ffitypecheck.pc" > "$root/check/ffitypecheck.pc"
"$top/tests/sources/in_root.sh" "$root" /check/steps.sh
