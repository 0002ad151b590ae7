#!/bin/sh
# make-deb.sh BUILD VERSION: BUILD/dh-ffitypecheck_VERSION_ARCHITECTURE.deb, with the command of BUILD and the addon for debhelper. It
# provides dh-sequence-ffitypecheck.
set -eu
build=$1 version=$2
here=$(cd "$(dirname "$0")" && pwd)
architecture=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/debian/dh-ffitypecheck
umask 022
make -s -C "$here" install-debhelper PREFIX=/usr DESTDIR="$root"
strip -o "$stage/ffitypecheck" "$build/ffitypecheck"
install -m 755 "$stage/ffitypecheck" "$root/usr/bin/"
"$build/ffitypecheck" generate man "$root/usr/share/man/man1"
gzip -9n "$root/usr/share/man/man1"/*
mkdir "$root/DEBIAN"
# dpkg-shlibdeps wants to be in a source package.
printf 'Source: ffitypecheck\n\nPackage: dh-ffitypecheck\nArchitecture: any\n' >"$stage/debian/control"
depends=$(cd "$stage" && dpkg-shlibdeps -O debian/dh-ffitypecheck/usr/bin/ffitypecheck 2>/dev/null | sed 's/^shlibs:Depends=//')
cat >"$root/DEBIAN/control" <<END
Package: dh-ffitypecheck
Version: $version
Architecture: $architecture
Maintainer: libffitypecheck <root@localhost>
Section: devel
Priority: optional
Provides: dh-sequence-ffitypecheck
Depends: binutils, debhelper (>= 13), $depends
Description: C types of libraries stay in the libraries
 The command ffitypecheck, and an addon for debhelper with which the libraries
 of a package keep the types of what they export.
END
dpkg-deb --build --root-owner-group "$stage/debian/dh-ffitypecheck" "$build/dh-ffitypecheck_${version}_$architecture.deb"
