#!/bin/sh
# What packaging/README says, done in an unpacked Debian 12 that has nothing of this project but the package that `make deb` makes: ten
# source packages, four of Debian and six toys. Needs root and mmdebstrap.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
packages=build-essential,debhelper,fakeroot,chrpath,dh-buildinfo,gperf,indent,libpam0g-dev,cmake,pkgconf,libgtest-dev,libgmock-dev,libbenchmark-dev
root=$("$top/tests/sources/root.sh" packages bookworm $packages)
rm -rf "$root/check"
mkdir -p "$root/check/sources"
for source in libyaml libcap2 zlib snappy; do
	cp -a "$("$top/tests/sources/fetch.sh" $source)" "$root/check/sources/$source"
done
cp "$top/build"/dh-ffitypecheck_*.deb "$top/packaging/README.md" "$top/packaging/tests/packages.sh" "$root/check/"
"$top/tests/sources/in_root.sh" "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 FFITYPECHECK_CACHE=off sh /check/packages.sh
