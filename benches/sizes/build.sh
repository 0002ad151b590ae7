#!/bin/sh
# build.sh LIBRARY [OUT]: builds one library of Debian 12's source packages, only the library, with -O2 -g (C: and -gctf),
# and prints the path of the unstripped file. What was built stays in build/sizes.
#
# One build has both kinds of information: -gctf changes neither the code nor what -g writes, but for DW_AT_producer.
set -eu
name=$1
root=$(cd "$(dirname "$0")/../.." && pwd)
case $name in
libz) package=zlib ;;
libmagic) package=file ;;
glib) package=glib2.0 ;;
libcrypto) package=openssl ;;
*) package=$name ;;
esac
out=$root/build/sizes/$name
library=$out/$name.so
[ ! -e "$library" ] || { echo "$library"; exit 0; }
source=$("$root/tests/sources/fetch.sh" "$package")
mkdir -p "$out"
tree=$out/tree
rm -rf "$tree"
cp -r "$source" "$tree"
cd "$tree"
# The tree may have been built in by tests/sources/build.sh, with other flags.
if [ -e .built ]; then make distclean >/dev/null 2>&1 || make clean >/dev/null 2>&1 || rm -rf .build; rm -f .built; fi
jobs=$(nproc)
flags="-O2 -g -gctf"
case $name in
libz)
	built=libz.so.1
	build() { CFLAGS="$flags -fPIC" ./configure && make -j"$jobs" shared; }
	;;
lua5.4)
	built=liblua5.4.so
	build() {
		set -- $(ls src/*.c | grep -v -e src/lua.c -e src/luac.c)
		${CC:-cc} $flags -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -fPIC -shared -Wl,-soname,liblua5.4.so.0 -o $built "$@" -lm -ldl
	}
	;;
libffi)
	built=out/.libs/libffi.so
	build() { mkdir out && cd out && ../configure --disable-static --disable-docs CFLAGS="$flags" && make -j"$jobs" libffi.la; }
	;;
expat)
	built=lib/.libs/libexpat.so
	build() {
		[ -e configure ] || cd expat
		autoreconf -fi && ./configure --disable-static --without-docbook --without-xmlwf CFLAGS="$flags" && make -C lib -j"$jobs"
	}
	;;
libmagic)
	built=src/.libs/libmagic.so
	build() { autoreconf -fi && ./configure --disable-static CFLAGS="$flags" && make -C src -j"$jobs" libmagic.la; }
	;;
sqlite3)
	built=libsqlite3.so
	# The options that Debian's rules name and that change the interface.
	build() {
		./configure --disable-readline && make sqlite3.c &&
			${CC:-cc} $flags -fPIC -shared -DSQLITE_ENABLE_COLUMN_METADATA -DSQLITE_ENABLE_FTS3 -DSQLITE_ENABLE_FTS5 \
				-DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_SESSION -DSQLITE_ENABLE_PREUPDATE_HOOK -DSQLITE_ENABLE_UNLOCK_NOTIFY \
				-DSQLITE_ENABLE_DBSTAT_VTAB -DSQLITE_ENABLE_STMTVTAB -DSQLITE_SOUNDEX -DSQLITE_THREADSAFE=1 \
				-Wl,-soname,libsqlite3.so.0 -o $built sqlite3.c -lm -ldl -lpthread
	}
	;;
libarchive)
	built=.libs/libarchive.so
	build() {
		autoreconf -fi && ./configure --without-xml2 --without-openssl --disable-static CFLAGS="$flags" &&
			make -j"$jobs" libarchive.la
	}
	;;
glib)
	built=out/glib/libglib-2.0.so.0.7400.6
	build() {
		CFLAGS="$flags" meson setup out --buildtype=plain -Dtests=false -Dlibmount=disabled -Dselinux=disabled -Dnls=disabled \
			-Dlibelf=disabled -Dman=false -Dgtk_doc=false &&
			nice ninja -C out -j"$jobs" glib/libglib-2.0.so.0.7400.6
	}
	;;
libcrypto)
	built=libcrypto.so.3
	build() {
		CFLAGS="$flags" ./Configure linux-x86_64 shared no-tests enable-ec_nistp_64_gcc_128 &&
			nice make -j"$jobs" build_generated && nice make -j"$jobs" libcrypto.so
	}
	;;
notmuch)
	flags="-O2 -g" # C++, and the C of util, which is linked in
	built=lib/libnotmuch.so.5
	build() {
		CFLAGS="$flags" CXXFLAGS="$flags" ./configure --without-emacs --without-docs --without-api-docs --without-ruby \
			--without-bash-completion --without-zsh-completion --prefix=/usr &&
			make -j"$jobs" lib/libnotmuch.so
	}
	;;
*)
	echo "build.sh: $name is not known here" >&2
	exit 2
	;;
esac
log=$out/build.log
(build) >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
[ -e "$built" ] || built=expat/$built
cp -L "$built" "$library.new"
mv "$library.new" "$library"
echo "$library"
