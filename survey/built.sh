#!/bin/sh
# built.sh SOURCE [VERSION]: builds a source package in an unpacked Debian, as Debian's builders do, with its own flags; its packages for this machine
# and their debug packages come into /pool/SOURCE. survey/build.py runs it there. With VERSION, upstream's sources are in
# /build/SOURCE already.
#
# Of the sources below, only the client library is built: with the flags of dpkg-buildflags, options like those of debian/rules, and the
# steps of debhelper that make the package.
set -eu
source=$1 version=${2-}
work=/build/$source
export DEB_BUILD_PROFILES="nocheck nodoc nobiarch nopython" DEB_BUILD_OPTIONS="nocheck nodoc parallel=1" DEBIAN_FRONTEND=noninteractive

install_packages() {
	apt-get install -qq --yes --no-install-recommends "$@"
}

# packages NAME...: these packages of debian/control from debian/NAME/, and their debug packages.
packages() {
	selected=
	for package in "$@"; do selected="$selected -p$package"; done
	# shellcheck disable=SC2086 # options are words
	for step in "strip" "compress" "fixperms" "makeshlibs" "shlibdeps" "installdeb" "gencontrol" "md5sums" "builddeb"; do
		dh_$step $selected
	done
}

# The directory of libraries below the one of a package.
libraries_of() {
	echo "$PWD/debian/$1/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)"
}

build_libpq() {
	install_packages debhelper bison flex libssl-dev libkrb5-dev libldap-dev zlib1g-dev
	eval "$(dpkg-buildflags --export=sh)"
	./configure --prefix=/usr --includedir=/usr/include/postgresql --libdir="/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" \
		--without-readline --with-openssl --with-gssapi --with-ldap --enable-nls=no --enable-thread-safety --enable-debug
	make -C src/backend generated-headers
	make -C src/interfaces/libpq all
	make -C src/interfaces/libpq install DESTDIR="$PWD/debian/libpq-dev"
	make -C src/include install DESTDIR="$PWD/debian/libpq-dev"
	mkdir -p "$(libraries_of libpq5)"
	mv "$(libraries_of libpq-dev)"/libpq.so.* "$(libraries_of libpq5)"
	packages libpq5 libpq-dev
}

build_libmariadb() {
	install_packages debhelper cmake libssl-dev zlib1g-dev libcurl4-openssl-dev libzstd-dev libgssapi-krb5-2 libkrb5-dev
	eval "$(dpkg-buildflags --export=sh)"
	cmake -S libmariadb -B built -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX=/usr -DINSTALL_LAYOUT=DEB -DWITH_SSL=OPENSSL \
		-DWITH_EXTERNAL_ZLIB=ON -DWITH_UNIT_TESTS=OFF -DCMAKE_C_FLAGS="$CFLAGS $CPPFLAGS" -DCMAKE_SHARED_LINKER_FLAGS="$LDFLAGS"
	cmake --build built
	DESTDIR=$PWD/debian/libmariadb-dev cmake --install built
	mkdir -p "$(libraries_of libmariadb3)"
	mv "$(libraries_of libmariadb-dev)"/libmariadb.so.3 "$(libraries_of libmariadb3)"
	packages libmariadb3 libmariadb-dev
}

# described VERSION LIBRARY DEVELOPMENT: a debian/ for a tarball of upstream.
described() {
	mkdir -p debian
	printf '%s (%s) bookworm; urgency=low\n\n  * Built for the survey.\n\n -- survey <survey@localhost>  Sun, 22 Nov 2026 00:00:00 +0000\n' \
		"$source" "$1" > debian/changelog
	printf 'Source: %s\nMaintainer: survey <survey@localhost>\nBuild-Depends: debhelper-compat (= 13)\n' "$source" > debian/control
	for package in "$2" "$3"; do
		printf '\nPackage: %s\nArchitecture: any\nDescription: built for the survey\n' "$package" >> debian/control
	done
}

build_libmemcached() {
	install_packages debhelper cmake bison flex libsasl2-dev libevent-dev
	described "$version" libmemcached11 libmemcached-dev
	eval "$(dpkg-buildflags --export=sh)"
	cmake -S . -B built -DCMAKE_BUILD_TYPE=None -DCMAKE_INSTALL_PREFIX=/usr \
		-DCMAKE_INSTALL_LIBDIR="lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" -DENABLE_SASL=ON -DBUILD_DOCS=OFF -DBUILD_TESTING=OFF \
		-DCMAKE_C_FLAGS="$CFLAGS $CPPFLAGS" -DCMAKE_CXX_FLAGS="$CXXFLAGS $CPPFLAGS" -DCMAKE_SHARED_LINKER_FLAGS="$LDFLAGS"
	cmake --build built
	DESTDIR=$PWD/debian/libmemcached-dev cmake --install built
	mkdir -p "$(libraries_of libmemcached11)"
	mv "$(libraries_of libmemcached-dev)"/*.so.* "$(libraries_of libmemcached11)"
	packages libmemcached11 libmemcached-dev
}

build_freetds() {
	install_packages debhelper libssl-dev libkrb5-dev unixodbc-dev
	described "$version" libsybdb5 freetds-dev
	eval "$(dpkg-buildflags --export=sh)"
	./configure --prefix=/usr --libdir="/usr/lib/$(dpkg-architecture -qDEB_HOST_MULTIARCH)" --disable-static --with-openssl=/usr \
		--enable-krb5 --with-unixodbc=/usr
	make
	make install DESTDIR="$PWD/debian/freetds-dev"
	mkdir -p "$(libraries_of libsybdb5)"
	mv "$(libraries_of freetds-dev)"/*.so.* "$(libraries_of libsybdb5)"
	packages libsybdb5 freetds-dev
}

# The crate is in Debian's package for programs of Rust. Its C interface is a feature that no package of Debian 12 has, and needs one more of
# futures-util than it says.
build_hyper() {
	install_packages debhelper cargo librust-hyper-dev
	cp -R /usr/share/cargo/registry/hyper-*/. .
	awk '/^\[/ { tests = /dev-dependencies/ } !tests' Cargo.toml > without-tests.toml
	printf '[lib]\ncrate-type = ["cdylib"]\n' >> without-tests.toml
	mv without-tests.toml Cargo.toml
	described "$(dpkg-query --show --showformat='${Version}' librust-hyper-dev)" libhyper0 libhyper-dev
	mkdir -p .cargo
	printf '[source.crates-io]\nreplace-with = "debian"\n[source.debian]\ndirectory = "/usr/share/cargo/registry"\n' > .cargo/config.toml
	RUSTFLAGS="-C debuginfo=2 -C link-arg=-Wl,-z,relro --cap-lints warn --cfg hyper_unstable_ffi --remap-path-prefix=$PWD=." \
		cargo rustc --lib --release --offline --jobs 1 --features client,http1,http2,ffi,futures-util/alloc -- \
		-C link-arg=-Wl,-soname,libhyper.so.0 -C link-arg=-Wl,--build-id
	mkdir -p debian/libhyper-dev
	install -D --mode=644 target/release/libhyper.so "$(libraries_of libhyper0)/libhyper.so.0"
	packages libhyper0 libhyper-dev
}

rm -rf "/pool/$source"
mkdir -p "$work" "/pool/$source"
cd "$work"
if [ "$source" = rust-hyper ]; then
	mkdir -p hyper
elif [ -z "$version" ]; then
	apt-get source -qq --only-source "$source"
	rm -f ./*.tar.*
fi
cd ./*/
case $source in
postgresql-15) build_libpq ;;
mariadb) build_libmariadb ;;
libmemcached) build_libmemcached ;;
freetds) build_freetds ;;
rust-hyper) build_hyper ;;
*)
	apt-get build-dep -qq --yes --no-install-recommends --arch-only --build-profiles nocheck,nodoc,nobiarch,nopython ./
	dpkg-buildpackage --build=any --unsigned-changes --unsigned-source
	;;
esac
dpkg-parsechangelog --show-field Version > "/pool/$source/version"
mv ../*.deb "/pool/$source/"
rm -rf "$work"
