# Builds the shared and the static library, the command and the pkg-config file into build/. `make help` lists the targets.

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
CARGO ?= cargo
CC ?= cc
STRIP ?= strip
LDCONFIG ?= ldconfig
SUDO ?= $(shell [ "$$(id -u)" = 0 ] || echo sudo)

# The commands here do not use the user's cache of types.
export FFITYPECHECK_CACHE = off

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SOVERSION := 0
SONAME := libffitypecheck.so.$(SOVERSION)
REAL := libffitypecheck.so.$(VERSION)
BUILD := build
RELEASE := target/release
# For pkg-config and CMake.
PACKAGE_FILES := $(addprefix $(BUILD)/,ffitypecheck.pc ffitypecheck-config.cmake ffitypecheck-config-version.cmake)

## builds everything into build/
.PHONY: all
all: $(BUILD)/$(REAL) $(BUILD)/libffitypecheck.a $(BUILD)/ffitypecheck $(PACKAGE_FILES)

# Cargo decides what is out of date. Its outputs are copied only if they have changed.
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

# rustc passes its own version script for a cdylib, and then ours cannot be used. So the shared library is linked from
# the static one.
$(BUILD)/$(REAL): $(BUILD)/libffitypecheck.a pkgconfig/ffitypecheck.map
	$(CC) -shared -o $@ -Wl,-soname,$(SONAME) -Wl,--version-script=pkgconfig/ffitypecheck.map \
		-Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--build-id $(LDFLAGS) \
		-Wl,--whole-archive $(BUILD)/libffitypecheck.a -Wl,--no-whole-archive -lffi $(NATIVE_LIBS)
	ln -sf $(REAL) $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $(BUILD)/libffitypecheck.so

# The output of `rustc --print native-static-libs` for a staticlib on this system. In a program that links the static
# library, the compiler adds the first and the last one itself: -lgcc_s cannot be linked statically.
PRIVATE_LIBS := -lutil -lrt -lpthread -lm -ldl
NATIVE_LIBS := -lgcc_s $(PRIVATE_LIBS) -lc

# The files for pkg-config and CMake. Both find the library relative to their own directory. They are always made
# again, because PREFIX may have changed.
.PHONY: FORCE
$(PACKAGE_FILES): $(BUILD)/%: pkgconfig/%.in FORCE
	@mkdir -p $(BUILD)
	@sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@VERSION@|$(VERSION)|' -e 's|@SERIES@|$(basename $(VERSION))|' \
		-e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(LIBDIR))|' \
		-e 's|@INCLUDEDIR@|$(patsubst $(PREFIX)/%,$${prefix}/%,$(INCLUDEDIR))|' \
		-e "s|@CMAKE_INCLUDEDIR@|$$(realpath -m --relative-to=$(LIBDIR)/cmake/ffitypecheck $(INCLUDEDIR))|" \
		-e "s|@CMAKE_LIBS@|$$(echo $(PRIVATE_LIBS) | tr ' ' ';')|" -e 's|@PRIVATE_LIBS@|$(PRIVATE_LIBS)|' $< > $@

include mk/packages.mk mk/install.mk mk/check.mk mk/proofs.mk mk/bench.mk

# The patched _ctypes for Debian's Python 3.11.
PATCHED := $(BUILD)/python3.11
$(PATCHED)/_ctypes.so: $(wildcard patches/cpython/*.* patches/cpython/3.11/*) \
		tests/cpython/build.sh tests/cpython/tree.sh include/ffitypecheck.h | demo-packages
	patches/cpython/build.sh $(PATCHED)

## installs with apt what it needs, then describes, calls and checks real libraries
.PHONY: demo
demo: demo-packages
	@$(MAKE) --no-print-directory all $(PATCHED)/_ctypes.so
	@$(CC) -std=c99 -Wall -Wextra -Iinclude -o $(BUILD)/demo demo/demo.c \
		-L$(BUILD) -Wl,-rpath,$(abspath $(BUILD)) -lffitypecheck -lffi -ldl
	@echo; $(BUILD)/demo
	@echo; echo "The same on the command line:"
	$(BUILD)/ffitypecheck describe libc.so.6 printf 'mem*chr' realpath@GLIBC_2.2.5
	$(BUILD)/ffitypecheck where liblua5.4.so.0
	@echo; echo "Mistakes of bindings, under Python's ctypes as it is, with the package and with the patch:"
	@FFITYPECHECK_LIBRARY=$(abspath $(BUILD)/$(SONAME)) /usr/bin/python3.11 demo/bindings.py $(PATCHED)

## writes include/ffitypecheck.h from src/capi
.PHONY: header
header:
	FFITYPECHECK_WRITE_HEADER=1 $(CARGO) test --locked --test header the_committed

## removes what was built
.PHONY: clean
clean:
	rm -rf $(BUILD)
	$(CARGO) clean

## lists the targets
.PHONY: help
help:
	@awk '/^## / { text = substr($$0, 4) } /^\.PHONY: / && text { printf "%-30s %s\n", $$2, text; text = "" }' $(MAKEFILE_LIST)
