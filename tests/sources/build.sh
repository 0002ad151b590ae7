#!/bin/sh
# build.sh PACKAGE [SUITE]: builds a library with -g from Debian's source package and prints its path. What was built stays.
set -eu
package=$1
suite=${2:-bookworm}
here=$(cd "$(dirname "$0")" && pwd)
source=$("$here/fetch.sh" "$package" "$suite")
log=$source/.build.log
jobs=$(nproc)
cd "$source"
# autotools [OPTION...], cmake_library [OPTION...]: configures and makes what is a plain autotools or CMake project.
autotools() {
	if [ ! -e configure ]; then autoreconf -fi; fi
	./configure --disable-static CFLAGS="-g -O1" "$@" && make -j"$jobs"
}
cmake_library() {
	cmake -S . -B .build -DCMAKE_BUILD_TYPE=None -DCMAKE_C_FLAGS="-g -O1" -DBUILD_SHARED_LIBS=ON "$@" &&
		cmake --build .build -j"$jobs"
}
# autotools_in DIRECTORIES [OPTION...]: makes only what is in these. meson_library FILE [OPTION...]: makes only this file.
autotools_in() {
	directories=$1
	shift
	if [ ! -e configure ]; then autoreconf -fi; fi
	./configure --disable-static CFLAGS="-g -O1" "$@" && for directory in $directories; do make -C "$directory" -j"$jobs" || return 1; done
}
meson_library() {
	file=$1
	shift
	rm -rf .build && CFLAGS="-g -O1" meson setup .build --buildtype=plain "$@" && ninja -C .build -j"$jobs" "$file"
}
case $package in
zlib)
	library=libz.so.1
	build() { CFLAGS="-g -O2 -fPIC" ./configure && make -j"$jobs"; }
	;;
file)
	library=src/.libs/libmagic.so.1
	# Only its "all" knows that magic.h is made.
	build() { ./configure && make -C src magic.h && make -C src -j"$jobs" CFLAGS="-g -O2" libmagic.la; }
	;;
sqlite3)
	library=libsqlite3.so.0
	# One file of C, in which the declarations keep the names of the files that they come from.
	build() {
		./configure --disable-readline && make sqlite3.c AMALGAMATION_LINE_MACROS=--linemacros=1 &&
			${CC:-cc} -g -O1 -fPIC -shared -Wl,-soname,$library -o $library sqlite3.c -lm -ldl -lpthread
	}
	;;
libpng1.6)
	library=.libs/libpng16.so.16
	build() { ./configure --disable-static CFLAGS="-g -O2" && make -j"$jobs" libpng16.la; }
	;;
libarchive)
	library=.libs/libarchive.so.13
	build() {
		autoreconf -fi && ./configure --without-xml2 --without-openssl --disable-static CFLAGS="-g -O2" &&
			make -j"$jobs" libarchive.la
	}
	;;
libsodium)
	library=src/libsodium/.libs/libsodium.so.23
	build() { autoreconf -fi && ./configure --disable-static CFLAGS="-g -O2" && make -C src -j"$jobs"; }
	;;
libusb-1.0)
	library=libusb/.libs/libusb-1.0.so.0
	build() { autoreconf -fi && ./configure --disable-udev --disable-static CFLAGS="-g -O2" && make -C libusb -j"$jobs"; }
	;;
freetype)
	library=objs/.libs/libfreetype.so.6
	build() {
		./autogen.sh && ./configure --without-harfbuzz --without-brotli --disable-static CFLAGS="-g -O2" && make -j"$jobs"
	}
	;;
capstone)
	library=.build/libcapstone.so.4
	build() { cmake_library -DCAPSTONE_BUILD_STATIC=OFF -DCAPSTONE_BUILD_TESTS=OFF -DCAPSTONE_BUILD_CSTOOL=OFF; }
	;;
czmq)
	library=src/.libs/libczmq.so.4
	build() { autotools --without-docs --without-libsystemd --without-libcurl --without-nss --without-libmicrohttpd; }
	;;
expat)
	library=expat/lib/.libs/libexpat.so.1
	build() (cd expat && ./buildconf.sh && autotools --without-docbook --without-examples --without-tests)
	;;
fuse)
	library=lib/.libs/libfuse.so.2
	build() { autoreconf -fi && ./configure --disable-static CFLAGS="-g -O2" && make -C lib -j"$jobs"; }
	;;
glfw3)
	library=.build/src/libglfw.so.3
	build() { cmake_library -DGLFW_BUILD_DOCS=OFF -DGLFW_BUILD_TESTS=OFF -DGLFW_BUILD_EXAMPLES=OFF; }
	;;
hidapi)
	library=linux/.libs/libhidapi-hidraw.so.0
	build() { autoreconf -fi && autotools; }
	;;
libaio)
	library=src/libaio.so.1
	build() { make -C src CFLAGS="-g -O2 -I." && ln -sf "$(cd src && ls libaio.so.1.*)" src/libaio.so.1; }
	;;
libdmtx)
	library=.libs/libdmtx.so.0
	build() { ./autogen.sh && autotools; }
	;;
libpcap)
	library=libpcap.so.0.8
	build() { ./configure --disable-dbus --disable-rdma --disable-usb CFLAGS="-g -O2" && make -j"$jobs"; }
	;;
libseccomp)
	library=src/.libs/libseccomp.so.2
	build() { autotools; }
	;;
libx11)
	library=src/.libs/libX11.so.6
	build() {
		autoreconf -fi && ./configure --disable-static --disable-specs CFLAGS="-g -O2" && make -C include &&
			make -C modules && make -C src -j"$jobs"
	}
	;;
libgit2)
	library=.build/libgit2.so.1.5
	build() {
		cmake_library -DBUILD_TESTS=OFF -DBUILD_CLI=OFF -DUSE_SSH=OFF -DUSE_HTTPS=OFF -DUSE_HTTP_PARSER=system \
			-DREGEX_BACKEND=pcre2
	}
	;;
glib2.0)
	library=.build/lib/libglib-2.0.so.0
	# .build/lib has links to all of its libraries: gio, gmodule and gobject too.
	build() {
		meson_library gio/libgio-2.0.so.0.7400.6 -Dtests=false -Dselinux=disabled -Dlibmount=disabled -Dnls=disabled &&
			mkdir .build/lib && (cd .build/lib && ln -s ../g*/libg*-2.0.so.0 .)
	}
	;;
lilv)
	library=build/liblilv-0.so.0
	build() { CFLAGS="-g -O2" python3 waf configure --no-utils --no-bash-completion && python3 waf build; }
	;;
lua5.4)
	library=liblua5.4.so.0
	build() {
		(cd src && ${CC:-cc} -g -O2 -fPIC -DLUA_USE_LINUX -DLUA_COMPAT_5_3 -shared -Wl,-soname,$library -o ../$library \
			$(ls *.c | grep -v -e '^lua\.c$' -e '^luac\.c$') -lm -ldl)
	}
	;;
opus)
	library=.libs/libopus.so.0
	build() { autoreconf -fi && autotools --disable-doc --disable-extra-programs; }
	;;
tidy-html5)
	library=.build/libtidy.so.5deb1
	build() { cmake_library; }
	;;
zbar)
	library=zbar/.libs/libzbar.so.0
	build() {
		autoreconf -fi && ./configure --disable-static --disable-video --without-imagemagick --without-gtk --without-qt --without-x \
			--without-dbus --without-python --without-java --disable-doc CFLAGS="-g -O2" && make -j"$jobs" zbar/libzbar.la
	}
	;;
fuse3)
	library=.build/lib/libfuse3.so.3
	build() { meson_library lib/libfuse3.so.3.14.0 -Dutils=false -Dexamples=false -Dtests=false; }
	;;
iptables)
	library=libxtables/.libs/libxtables.so.12
	build() {
		autotools_in "libiptc libxtables" --disable-nftables && cp -P libiptc/.libs/*.so* libxtables/.libs/
	}
	;;
libmodbus)
	library=src/.libs/libmodbus.so.5
	build() { autotools --disable-tests; }
	;;
libogg)
	library=src/.libs/libogg.so.0
	build() { autotools; }
	;;
libsndfile)
	library=.build/libsndfile.so.1
	build() { cmake_library -DBUILD_PROGRAMS=OFF -DBUILD_EXAMPLES=OFF -DBUILD_TESTING=OFF -DENABLE_EXTERNAL_LIBS=OFF -DENABLE_MPEG=OFF; }
	;;
libvoikko)
	library=src/.libs/libvoikko.so.1
	build() { autotools_in src --disable-hfst --disable-testtools --disable-buildtools; }
	;;
libvorbis)
	library=lib/.libs/libvorbis.so.0
	build() { autotools_in lib; }
	;;
libxcrypt)
	library=.libs/libcrypt.so.1
	build() { autotools --enable-obsolete-api=glibc --disable-werror; }
	;;
lm-sensors)
	library=lib/libsensors.so.5
	build() { make CFLAGS="-g -O2" lib/libsensors.so.5; }
	;;
notmuch)
	library=lib/libnotmuch.so.5
	build() {
		CFLAGS="-g -O1" CXXFLAGS="-g -O1" ./configure --without-bash-completion --without-docs --without-api-docs --without-emacs \
			--without-desktop --without-ruby --without-zsh-completion && make -j"$jobs" lib/libnotmuch.so
	}
	;;
numactl)
	library=.libs/libnuma.so.1
	build() { autotools; }
	;;
openjpeg2)
	library=.build/bin/libopenjp2.so.7
	build() { cmake_library -DBUILD_CODEC=OFF; }
	;;
pam)
	library=libpam/.libs/libpam.so.0
	build() { autotools_in "libpam libpam_misc" --disable-doc --disable-nis --disable-selinux && cp -P libpam_misc/.libs/*.so* libpam/.libs/; }
	;;
portaudio19)
	library=lib/.libs/libportaudio.so.2
	build() { autotools --with-alsa --without-jack --without-oss && make lib/libportaudio.la; }
	;;
postgresql-15)
	library=src/interfaces/libpq/libpq.so.5
	build() {
		CFLAGS="-g -O1" ./configure --without-readline --without-zlib && make -C src/backend generated-headers &&
			make -C src/interfaces/libpq -j"$jobs" all
	}
	;;
pulseaudio)
	library=.build/src/pulse/libpulse.so.0
	build() {
		meson_library src/pulse/libpulse.so.0.24.2 -Ddaemon=false -Dclient=true -Ddoxygen=false -Dman=false -Dtests=false \
			-Dgtk=disabled -Ddbus=disabled -Dglib=disabled -Dx11=disabled -Davahi=disabled -Dasyncns=disabled -Ddatabase=simple
	}
	;;
unixodbc)
	library=DriverManager/.libs/libodbc.so.2
	build() { autotools --disable-gui --disable-drivers --disable-driver-conf; }
	;;
*)
	echo "build.sh: $package is not known here" >&2
	exit 2
	;;
esac
# Several checks may want the same library.
exec 8>.building
flock 8
if [ ! -e .built ] || [ ! -e "$library" ]; then
	build >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
	touch .built
fi
echo "$source/$library"
