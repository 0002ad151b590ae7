#!/bin/sh
# install.sh SUITE: installs into an unpacked Debian SUITE by README's lines, and uses the library from cc, CMake and meson, shared and
# static. The Rust toolchain is this machine's, because Debian 12 has an older one. Needs root and mmdebstrap.
set -eu
suite=$1
top=$(cd "$(dirname "$0")/../.." && pwd)
root=$("$top/tests/sources/root.sh" "install-$suite" "$suite" \
	gcc,libc6-dev,libffi-dev,make,pkg-config,cmake,ninja-build,meson,libc6-dbg,ca-certificates)
toolchain=$(rustc --print sysroot)
registry=${CARGO_HOME:-$HOME/.cargo}/registry
(cd "$top" && cargo fetch --locked --quiet)
rm -rf "$root/src" "$root/project"
mkdir -p "$root/src" "$root/toolchain" "$root/root/.cargo/registry"
(cd "$top" && git ls-files -z | xargs -0 tar c) | tar x -C "$root/src"
cp -r "$top/tests/install/project" "$root/project"
trap 'umount "$root/toolchain" "$root/root/.cargo/registry"' EXIT
mount --bind -o ro "$toolchain" "$root/toolchain"
mount --bind "$registry" "$root/root/.cargo/registry"
"$top/tests/sources/in_root.sh" "$root" env -i HOME=/root PATH=/toolchain/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 CARGO_NET_OFFLINE=true sh -eu -c '
	cd /src
	make >/dev/null
	files() { find / -xdev -type f | grep -v -e ^/src/ -e ^/project/ -e ^/before$ -e ^/var/cache/ldconfig/ | sort; }
	files > /before
	make install PREFIX=/usr/local >/dev/null
	ls -l /usr/local/lib/libffitypecheck.so.0.1.0 /usr/local/bin/ffitypecheck
	cd /project
	same() { "$@" > /said; grep -qx 0.1.0 /said; grep -qF "void qsort(" /said; echo "passed: $*"; }
	cc program.c $(pkg-config --cflags --libs ffitypecheck) -o by-cc
	same ./by-cc
	cc -static program.c $(pkg-config --static --cflags --libs ffitypecheck) -o by-cc-static 2>/warnings || { cat /warnings; exit 1; }
	./by-cc-static | grep -qx 0.1.0
	echo "passed: ./by-cc-static"
	cmake -S . -B cmake >/dev/null && cmake --build cmake >/dev/null
	meson setup meson >/dev/null && meson compile -C meson >/dev/null
	for tool in cmake meson; do
		same $tool/shared
		same $tool/with-static
		readelf -d $tool/shared | grep -q "NEEDED.*libffitypecheck.so.0"
		! readelf -d $tool/with-static | grep -q "NEEDED.*libffitypecheck"
	done
	cd /src
	make uninstall PREFIX=/usr/local >/dev/null
	rm /said /warnings
	files | diff /before -
	echo "passed: nothing is left after make uninstall"'
