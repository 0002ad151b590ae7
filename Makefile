# make            builds the shared and the static library, the command and the pkg-config file into build/
# make install    PREFIX=/usr/local LIBDIR= DESTDIR=; STRIP=: leaves the debug information in, for a package that takes it out itself
# make demo       does the main job on real libraries, and installs with apt what it needs
# make check      passes the tests, and installs with apt what they need
# make help       lists all of them, the slower proofs too

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
CARGO ?= cargo
CC ?= cc
STRIP ?= strip
SUDO ?= $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# Nothing that is built or tried here fills or uses the user's cache of types.
export FFITYPECHECK_CACHE = off

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SOVERSION := 0
SONAME := libffitypecheck.so.$(SOVERSION)
REAL := libffitypecheck.so.$(VERSION)
BUILD := build
RELEASE := target/release

.PHONY: all
# The first target.
all: $(BUILD)/$(REAL) $(BUILD)/libffitypecheck.a $(BUILD)/ffitypecheck $(BUILD)/ffitypecheck.pc

# Cargo knows what is out of date; its outputs are copied only when they changed.
.PHONY: cargo
cargo:
	$(CARGO) build --release --locked -p ffitypecheck -p ffitypecheck-tool --features ffitypecheck/capi

$(RELEASE)/libffitypecheck.a $(RELEASE)/ffitypecheck: cargo ;

$(BUILD)/libffitypecheck.a: $(RELEASE)/libffitypecheck.a
	@mkdir -p $(BUILD)
	cmp -s $< $@ || cp $< $@

$(BUILD)/ffitypecheck: $(RELEASE)/ffitypecheck
	@mkdir -p $(BUILD)
	cmp -s $< $@ || cp $< $@

# rustc's own version script for the cdylib leaves no room for ours, so the static library is linked once more.
$(BUILD)/$(REAL): $(BUILD)/libffitypecheck.a pkgconfig/ffitypecheck.map
	$(CC) -shared -o $@ -Wl,-soname,$(SONAME) -Wl,--version-script=pkgconfig/ffitypecheck.map \
		-Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--build-id $(LDFLAGS) \
		-Wl,--whole-archive $(BUILD)/libffitypecheck.a -Wl,--no-whole-archive -lffi $(NATIVE_LIBS)
	ln -sf $(REAL) $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $(BUILD)/libffitypecheck.so

# What `rustc --print native-static-libs` says for a staticlib on this system.
NATIVE_LIBS := -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc

# Always anew: PREFIX may be another than last time.
.PHONY: FORCE
$(BUILD)/ffitypecheck.pc: pkgconfig/ffitypecheck.pc.in FORCE
	@mkdir -p $(BUILD)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' -e 's|@NATIVE_LIBS@|$(NATIVE_LIBS)|' $< > $@

# ---- install ----

DEST_LIB = $(DESTDIR)$(LIBDIR)
COMPLETIONS = bash-completion/completions zsh/site-functions fish/vendor_completions.d

.PHONY: install
install: all
	install -d $(DEST_LIB)/pkgconfig $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1
	install -m 755 $(BUILD)/$(REAL) $(DEST_LIB)/
	ln -sf $(REAL) $(DEST_LIB)/$(SONAME)
	ln -sf $(SONAME) $(DEST_LIB)/libffitypecheck.so
	install -m 644 $(BUILD)/libffitypecheck.a $(DEST_LIB)/
	install -m 644 $(BUILD)/ffitypecheck.pc $(DEST_LIB)/pkgconfig/
	install -m 644 include/ffitypecheck.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 755 $(BUILD)/ffitypecheck $(DESTDIR)$(BINDIR)/
	$(STRIP) --strip-unneeded $(DEST_LIB)/$(REAL) $(DESTDIR)$(BINDIR)/ffitypecheck
	$(STRIP) --strip-debug $(DEST_LIB)/libffitypecheck.a
	$(BUILD)/ffitypecheck generate man $(DESTDIR)$(MANDIR)/man1
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(COMPLETIONS))
	$(BUILD)/ffitypecheck generate completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ffitypecheck
	$(BUILD)/ffitypecheck generate completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ffitypecheck
	$(BUILD)/ffitypecheck generate completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ffitypecheck.fish

.PHONY: uninstall
uninstall:
	rm -f $(DEST_LIB)/$(REAL) $(DEST_LIB)/$(SONAME) $(DEST_LIB)/libffitypecheck.so $(DEST_LIB)/libffitypecheck.a \
		$(DEST_LIB)/pkgconfig/ffitypecheck.pc $(DESTDIR)$(INCLUDEDIR)/ffitypecheck.h $(DESTDIR)$(BINDIR)/ffitypecheck \
		$(DESTDIR)$(MANDIR)/man1/ffitypecheck*.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/ffitypecheck \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ffitypecheck \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ffitypecheck.fish

# The addon for debhelper with the command, as a package of Debian: build/dh-ffitypecheck_*.deb.
.PHONY: deb
deb: $(BUILD)/ffitypecheck
	packaging/make-deb.sh $(abspath $(BUILD)) $(VERSION)

# ---- packages of Debian ----

BUILD_PACKAGES := gcc libc6-dev libffi-dev pkg-config make
# What tests/sources/fetch.sh needs.
SOURCE_PACKAGES := dpkg-dev debian-archive-keyring
DEMO_PACKAGES := $(BUILD_PACKAGES) $(SOURCE_PACKAGES) binutils libc6-dbg liblua5.4-0 liblua5.4-0-dbg \
	libkrb5-3 libkrb5-dbg libgsl27 libgsl-dbg python3.11 python3.11-dev
CHECK_PACKAGES := $(DEMO_PACKAGES) g++ gfortran gnat clang lld llvm dwz elfutils gdb valgrind libclang-rt-14-dev \
	gcc-aarch64-linux-gnu gcc-i686-linux-gnu gcc-s390x-linux-gnu \
	libc6-dev-arm64-cross libc6-dev-i386-cross libc6-dev-s390x-cross
LIBRARY_PACKAGES := liblua5.4-dev libdb5.3 libdb5.3-dbg librados2 librados2-dbg \
	libpython3.11 python3.11-dbg libbinutils-dbg abigail-tools dwarves python3-venv

# Asks apt only for what is missing, so that a second run needs no network.
define need
	@missing=; for package in $(1); do \
		dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null | grep -qx installed || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "installing$$missing"; \
		$(SUDO) apt-get update -qq && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	fi
endef

.PHONY: demo-packages check-packages library-packages source-packages
demo-packages:
	$(call need,$(DEMO_PACKAGES))
check-packages:
	$(call need,$(CHECK_PACKAGES))
library-packages:
	$(call need,$(CHECK_PACKAGES) $(LIBRARY_PACKAGES))
source-packages:
	$(call need,$(SOURCE_PACKAGES))

# Source packages of Debian: $(BUILD)/sources/SUITE/PACKAGE, fetched once.
$(BUILD)/sources/bookworm/% $(BUILD)/sources/trixie/%: | source-packages
	tests/sources/fetch.sh $* $(notdir $(patsubst %/,%,$(dir $@)))

# ---- demo ----

# The patched _ctypes of Debian's Python 3.11.
PATCHED := $(BUILD)/python3.11
$(PATCHED)/_ctypes.so: $(wildcard patches/cpython/*.* patches/cpython/3.11/*) \
		tests/cpython/build.sh tests/cpython/tree.sh include/ffitypecheck.h | demo-packages
	patches/cpython/build.sh $(PATCHED)

.PHONY: demo
demo: demo-packages
	@$(MAKE) --no-print-directory all $(PATCHED)/_ctypes.so
	@$(CC) -std=c99 -Wall -Wextra -Iinclude -o $(BUILD)/demo demo/demo.c \
		-L$(BUILD) -Wl,-rpath,$(abspath $(BUILD)) -lffitypecheck -lffi -ldl
	@echo; $(BUILD)/demo
	@echo; echo "The same on the command line:"
	$(BUILD)/ffitypecheck describe libc.so.6 printf 'mem*chr' realpath@GLIBC_2.2.5
	$(BUILD)/ffitypecheck where liblua5.4.so.0
	@echo; echo "Mistakes of bindings, under Python's ctypes as it is and with the patch:"
	@/usr/bin/python3.11 demo/bindings.py $(PATCHED)

# ---- check ----

.PHONY: check
check: library-packages
	@$(MAKE) --no-print-directory all check-style check-rust check-conformance check-mutants check-c check-oracles \
		check-memory check-extracted check-libffi check-mistakes check-releases check-cpython

.PHONY: check-style
check-style:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked -p ffitypecheck --features capi -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --workspace --quiet

.PHONY: check-rust
check-rust: library-packages
	$(CARGO) test --locked --workspace
	$(CARGO) test --locked -p ffitypecheck --features capi --lib capi reserve

.PHONY: check-c
check-c: all
	$(MAKE) -C c-tests

# Nothing ends the process where malloc has nothing left, or the address space is small.
.PHONY: check-memory
check-memory: library-packages all
	@mkdir -p $(BUILD)/memory
	$(CC) -std=c99 -D_GNU_SOURCE -Wall -Wextra -Iinclude -o $(BUILD)/memory/failing tests/memory/failing.c \
		-L$(BUILD) -Wl,-rpath,$(abspath $(BUILD)) -lffitypecheck -lffi -ldl
	$(CC) -g -shared -fPIC -Wl,--build-id -o $(BUILD)/memory/libshapes.so c-tests/fixtures/shapes.c
	$(BUILD)/memory/failing $(BUILD)/memory/libshapes.so /usr/lib/x86_64-linux-gnu/libc.so.6 walk

# At least 5,000 generated functions, called through the cifs that we describe, and every mutant of their claims.
.PHONY: check-conformance
check-conformance: check-packages
	$(CARGO) run --locked -p ffitypecheck-conformance --bin conformance -- $(CONFORMANCE)

# The true claims of eight real libraries, and their mutants.
.PHONY: check-mutants
check-mutants: library-packages
	$(CARGO) run --locked -p ffitypecheck-mutants -- $(MUTANTS)

# Every export of eight real libraries, held against drgn, abidw and the compiler.
VENV := $(BUILD)/venv
$(VENV)/bin/drgn:
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check drgn==0.3.0

.PHONY: check-oracles
check-oracles: library-packages all $(VENV)/bin/drgn
	FFITYPECHECK=$(BUILD)/ffitypecheck $(VENV)/bin/python oracles
	FFITYPECHECK=$(BUILD)/ffitypecheck $(VENV)/bin/python oracles/test_oracles.py

# What `extract` writes of the same libraries, read by the tools of DWARF.
.PHONY: check-extracted
check-extracted: library-packages all $(VENV)/bin/drgn
	DRGN=$(abspath $(VENV))/bin/python python3 tests/extracted/extracted.py $(BUILD)/ffitypecheck

# Libraries of Debian that have no debug package, built with -g from their source packages.
SOURCE_PACKAGES := dpkg-dev debian-archive-keyring tcl

# libffi's own tests, every call held against the function's declaration; SUITE=--all: with clang and -O2 too.
.PHONY: check-libffi
check-libffi: check-packages all
	$(call need,$(SOURCE_PACKAGES))
	@python3 tests/libffi_suite "$$(tests/sources/fetch.sh libffi)/testsuite" $(abspath $(BUILD)) $(abspath include) $(SUITE)

# The mistakes that bindings make, each with a real library.
.PHONY: check-mistakes
check-mistakes: library-packages all
	$(call need,$(SOURCE_PACKAGES))
	@tests/mistakes/run.sh $(abspath $(BUILD))/ffitypecheck "$$(tests/sources/build.sh file)"

# Two releases of three libraries: what changed, beside abidiff; and the new one against the old one's header.
.PHONY: check-releases
check-releases: library-packages all
	$(call need,$(SOURCE_PACKAGES) zlib1g-dev)
	@tests/releases/run.sh $(abspath $(BUILD))/ffitypecheck

# Public catalogues of ABI changes, see docs/abi_cases.md.
.PHONY: check-abi-cases
check-abi-cases: all
	$(call need,$(BUILD_PACKAGES) binutils abi-compliance-checker python3-pip python3-setuptools)
	python3 tests/abi_cases/run.py $(abspath $(BUILD))/ffitypecheck docs/abi_cases.md $(CASES)

# CPython's own ctypes tests under the patched _ctypes: of 3.11 here, of the other versions in unpacked Debians of theirs.
CPYTHON_PACKAGES := $(CHECK_PACKAGES) python3.11-dbg libpython3.11-testsuite

.PHONY: check-cpython
check-cpython: all
	$(call need,$(CPYTHON_PACKAGES))
	@SUDO="$(SUDO)" tests/cpython/check.sh 3.11

check-cpython-%: all
	$(call need,$(CHECK_PACKAGES) mmdebstrap)
	@SUDO="$(SUDO)" tests/cpython/check.sh $*

# ---- slower proofs, see docs/testing.md ----

# The whole of a CPython from Debian's source, with the patch: $(1) version, $(2) suite, $(3) the script that builds and tries it.
define whole_cpython
	$(call need,$(CPYTHON_PACKAGES) autoconf automake autoconf-archive pkg-config zlib1g-dev)
	@rm -rf $(BUILD)/$(3) && mkdir -p $(BUILD)/$(3)
	$(MAKE) --no-print-directory install PREFIX=$(abspath $(BUILD))/$(3)/prefix
	source=$$(tests/sources/fetch.sh python$(1) $(2)) && cp -r $$source $(BUILD)/$(3)/tree
	patches/cpython/apply.sh $(1) $(BUILD)/$(3)/tree
	tests/cpython/$(3).sh $(BUILD)/$(3)/tree $(BUILD)/$(3)/prefix
endef

# Configured without our option and with it.
.PHONY: check-cpython-configure
check-cpython-configure: all
	$(call whole_cpython,3.11,bookworm,configure)

# Without the global interpreter lock, and under ThreadSanitizer.
.PHONY: check-cpython-free-threading
check-cpython-free-threading: all
	$(call whole_cpython,3.13,trixie,free_threading)

# The user's cache of types: a full disk, killed writers, many at once.
.PHONY: check-cache
check-cache: all
	$(call need,$(BUILD_PACKAGES) binutils gdb libc6-dbg)
	$(SUDO) tests/cache/crash.sh $(BUILD)

# Single bits of notes and of entries of the cache.
FLIPS ?= 100000

.PHONY: check-flips
check-flips: library-packages
	FLIPS=$(FLIPS) $(CARGO) test --locked -p ffitypecheck-tool --test flips -- --nocapture

# The generator of check-conformance with newer compilers than Debian 12 has.
.PHONY: check-compilers
check-compilers: check-packages
	$(call need,mmdebstrap)
	$(CARGO) build --locked -p ffitypecheck-conformance
	for suite in trixie forky; do $(SUDO) conformance/compilers.sh $$suite target/debug/conformance $(CONFORMANCE) || exit 1; done

.PHONY: check-msrv
check-msrv: check-packages
	$(call need,mmdebstrap)
	$(SUDO) tests/msrv.sh

# Seconds for each target.
FUZZ_TIME ?= 60
FUZZ_TARGETS := library debug_file claim

$(BUILD)/bin/cargo-fuzz:
	$(CARGO) install --quiet --locked --root $(BUILD) cargo-fuzz@0.13.2

.PHONY: check-fuzz
check-fuzz: check-packages $(BUILD)/bin/cargo-fuzz
	cd fuzz && $(CARGO) run --quiet --locked --bin seeds
	cd fuzz && PATH="$(abspath $(BUILD))/bin:$$PATH" RUSTC_BOOTSTRAP=1 $(CARGO) fuzz build
	@scratch=$$(mktemp -d -p /dev/shm 2>/dev/null || mktemp -d); trap 'rm -rf "$$scratch"' EXIT; \
	for target in $(FUZZ_TARGETS); do \
		echo "$$target for $(FUZZ_TIME) seconds"; \
		( cd fuzz && PATH="$(abspath $(BUILD))/bin:$$PATH" TMPDIR="$$scratch" RUSTC_BOOTSTRAP=1 $(CARGO) fuzz run $$target -- \
			-max_total_time=$(FUZZ_TIME) -timeout=20 -rss_limit_mb=2048 -malloc_limit_mb=1024 -max_len=65536 \
			-print_final_stats=1 -verbosity=0 ) || exit 1; \
	done

# Packages of PyPI that use ctypes, and their own tests.
BINDINGS_PACKAGES := python3.11-dbg python3-pip python3-venv python3-setuptools python3-pytest autoconf automake libtool \
	cmake g++ zlib1g-dev libbz2-dev liblzma-dev libpng-dev gperf flex bison autopoint gettext nasm xauth xvfb fuse libudev-dev \
	libusb-1.0-0-dev libzmq3-dev lv2-dev libserd-dev libsord-dev libsratom-dev libxml2-dev xutils-dev xtrans-dev libxcb1-dev \
	x11proto-dev libxrandr-dev libxinerama-dev libxcursor-dev libxi-dev libxfixes3 libgl1-mesa-dri libglu1-mesa \
	fonts-dejavu-core libclang1-14 libmagic-mgc python3-numpy python3-pil
.PHONY: check-bindings
check-bindings: demo-packages
	$(call need,$(BINDINGS_PACKAGES))
	@$(MAKE) --no-print-directory all $(PATCHED)/_ctypes.so
	/usr/bin/python3.11 tests/bindings/run.py $(PATCHED) $(BINDINGS)

# Slim type information in packages: what make and meson build, real source packages of Debian, and of rpm.
.PHONY: check-build
check-build: check-packages all
	$(call need,meson)
	packaging/test-build.sh

AUTOTOOLS := autoconf automake libtool
.PHONY: check-deb
check-deb:
	$(call need,$(DEMO_PACKAGES) $(AUTOTOOLS) gdb debhelper dwz chrpath gperf indent libpam0g-dev mmdebstrap)
	@$(MAKE) --no-print-directory all deb $(PATCHED)/_ctypes.so
	packaging/test-deb.sh
	$(SUDO) packaging/test-deb-root.sh

.PHONY: check-rpm
check-rpm:
	$(call need,$(DEMO_PACKAGES) $(AUTOTOOLS) gdb rpm debugedit dwz elfutils cpio file xz-utils)
	@$(MAKE) --no-print-directory all $(PATCHED)/_ctypes.so
	packaging/test-rpm.sh

# Every shared library of this system with a note, loaded.
.PHONY: check-alloc
check-alloc: all
	$(call need,$(BUILD_PACKAGES) g++ binutils elfutils)
	python3 tests/loading/loading.py $(BUILD)/ffitypecheck $(LIBRARIES)

# Other tools with our note in a library, see docs/division.md.
DIVISION_PACKAGES := $(SOURCE_PACKAGES) gdb lldb valgrind linux-perf elfutils llvm abigail-tools dwarves dwz patchelf debugedit lld mold
.PHONY: check-division
check-division: library-packages all $(VENV)/bin/drgn
	$(call need,$(DIVISION_PACKAGES))
	library=$$(tests/sources/build.sh zlib) && DRGN=$(abspath $(VENV))/bin/python \
		python3 tests/division/division.py $(BUILD)/ffitypecheck $$library $$(dirname $$library) --write docs/division.md

.PHONY: check-division-trixie
check-division-trixie: check-packages all
	$(call need,$(SOURCE_PACKAGES) mmdebstrap)
	library=$$(tests/sources/build.sh zlib) && $(SUDO) tests/division/trixie.sh $(BUILD)/ffitypecheck $$library

.PHONY: bench
bench: library-packages all $(VENV)/bin/drgn
	$(VENV)/bin/python benches/describe.py $(BUILD)/ffitypecheck $(BUILD)/$(REAL) --write docs/performance.md

# Type information inside ten libraries, built from Debian's sources: its size, the cost of making it, the first lookup.
SIZES_PACKAGES := $(BUILD_PACKAGES) g++ autoconf automake libtool gettext meson ninja-build tcl zlib1g-dev libpcre2-dev \
	libgmime-3.0-dev libxapian-dev libtalloc-dev binutils binutils-dev dwarves dwz abigail-tools xz-utils zstd libbpf-dev
.PHONY: sizes-packages bench-sizes bench-first-lookup
sizes-packages:
	$(call need,$(SOURCE_PACKAGES) $(SIZES_PACKAGES))

bench-sizes: sizes-packages all
	python3 benches/sizes/sizes.py $(BUILD)/ffitypecheck --jvm $(BUILD)/jvm --write docs/slim.md

bench-first-lookup: sizes-packages all
	python3 benches/sizes/first_lookup.py $(BUILD) include --write docs/performance.md

# Needs what check-cpython leaves.
.PHONY: bench-ctypes
bench-ctypes: check-cpython
	LD_LIBRARY_PATH=$(abspath $(BUILD)) python3 benches/ctypes_call.py $(BUILD)/cpython/3.11/out/stock \
		$(BUILD)/cpython/3.11/out/checked --write docs/performance.md

.PHONY: header
header:
	FFITYPECHECK_WRITE_HEADER=1 $(CARGO) test --locked --test header the_committed

.PHONY: clean
clean:
	rm -rf $(BUILD)
	$(CARGO) clean

.PHONY: help
help:
	@echo "all install uninstall deb demo header clean"
	@echo "check: check-style check-rust check-conformance check-mutants check-c check-oracles check-memory check-extracted check-libffi check-mistakes check-releases check-cpython"
	@echo "by hand: check-abi-cases check-alloc check-cache check-compilers check-flips check-cpython-configure check-cpython-free-threading check-cpython-3.13 check-cpython-2.7 check-bindings check-division check-division-trixie check-build check-deb check-rpm check-msrv check-fuzz bench bench-ctypes bench-sizes bench-first-lookup (docs/testing.md)"
