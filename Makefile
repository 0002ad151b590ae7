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
PRELOAD := libffitypecheck-preload.so
# The preload library has the crate without the feature capi. In one directory each of the two builds would undo the other.
PRELOAD_RELEASE := target/preload/release
# For pkg-config and CMake.
PACKAGE_FILES := $(addprefix $(BUILD)/,ffitypecheck.pc ffitypecheck-config.cmake ffitypecheck-config-version.cmake)

## builds everything into build/
.PHONY: all
all: $(BUILD)/$(REAL) $(BUILD)/libffitypecheck.a $(BUILD)/ffitypecheck $(BUILD)/$(PRELOAD) $(PACKAGE_FILES)

# Cargo decides what is out of date. Its outputs are copied only if they have changed.
.PHONY: cargo
cargo:
	$(CARGO) build --release --locked -p ffitypecheck -p ffitypecheck-tool --features ffitypecheck/capi
# A build of its own, because the feature capi would add the C interface and a second allocator.
	$(CARGO) build --release --locked -p ffitypecheck-preload --target-dir target/preload

$(RELEASE)/libffitypecheck.a $(RELEASE)/ffitypecheck $(PRELOAD_RELEASE)/libffitypecheck_preload.a: cargo ;

$(BUILD)/libffitypecheck.a: $(RELEASE)/libffitypecheck.a
	@mkdir -p $(BUILD)
	cmp -s $< $@ || cp $< $@

$(BUILD)/ffitypecheck: $(RELEASE)/ffitypecheck
	@mkdir -p $(BUILD)
	cmp -s $< $@ || cp $< $@

# Places the functions of a first lookup together (docs/performance.md). GNU ld and lld read it; for another linker: make ORDER=
ORDER ?= -Wl,-T,pkgconfig/lookup.ld

# rustc passes its own version script for a cdylib, and then ours cannot be used. So the shared library is linked from
# the static one.
$(BUILD)/$(REAL): $(BUILD)/libffitypecheck.a pkgconfig/ffitypecheck.map pkgconfig/lookup.ld
	$(CC) -shared -o $@ -Wl,-soname,$(SONAME) -Wl,--version-script=pkgconfig/ffitypecheck.map \
		-Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,--as-needed -Wl,--build-id $(ORDER) $(LDFLAGS) \
		-Wl,--whole-archive $(BUILD)/libffitypecheck.a -Wl,--no-whole-archive -lffi $(NATIVE_LIBS)
	ln -sf $(REAL) $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $(BUILD)/libffitypecheck.so

$(BUILD)/libffitypecheck-preload.a: $(PRELOAD_RELEASE)/libffitypecheck_preload.a
	@mkdir -p $(BUILD)
	cmp -s $< $@ || cp $< $@

# libffi is needed, so that the functions behind the library's own are there in every process.
$(BUILD)/$(PRELOAD): $(BUILD)/libffitypecheck-preload.a preload/preload.map preload/versions.c
	$(CC) -shared -fPIC -o $@ -Wl,-soname,$(PRELOAD) -Wl,--version-script=preload/preload.map \
		-Wl,--gc-sections -Wl,-z,relro,-z,now -Wl,--build-id $(LDFLAGS) preload/versions.c \
		-Wl,--whole-archive $(BUILD)/libffitypecheck-preload.a -Wl,--no-whole-archive \
		-Wl,--no-as-needed -lffi -Wl,--as-needed $(NATIVE_LIBS)

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

include mk/packages.mk mk/install.mk mk/python.mk mk/check.mk mk/proofs.mk mk/bench.mk

# The patched _ctypes for Debian's Python 3.11.
PATCHED := $(BUILD)/python3.11
$(PATCHED)/_ctypes.so: $(wildcard patches/cpython/*.* patches/cpython/3.11/*) \
		tests/cpython/build.sh tests/cpython/tree.sh include/ffitypecheck.h | demo-packages
	patches/cpython/build.sh $(PATCHED)

# Nothing but the wheel is installed there.
DEMO_VENV := $(BUILD)/demo-venv

## installs with apt what it needs, then describes, calls and checks real libraries
.PHONY: demo
demo: demo-packages
	@$(MAKE) --no-print-directory all $(PATCHED)/_ctypes.so wheel
	@rm -rf $(DEMO_VENV) && /usr/bin/python3.11 -m venv $(DEMO_VENV)
	@$(DEMO_VENV)/bin/pip install --quiet --disable-pip-version-check --no-index --no-deps $(WHEEL)/*.whl
	@$(CC) -std=c99 -Wall -Wextra -Iinclude -o $(BUILD)/demo demo/demo.c \
		-L$(BUILD) -Wl,-rpath,$(abspath $(BUILD)) -lffitypecheck -lffi -ldl
	@echo; $(BUILD)/demo
	@echo; echo "The same on the command line:"
	$(BUILD)/ffitypecheck describe libc.so.6 printf 'mem*chr' realpath@GLIBC_2.2.5
	$(BUILD)/ffitypecheck where liblua5.4.so.0
	@echo; echo "Mistakes of bindings, under Python's ctypes as it is, with the wheel in an environment of its own, and with the patch:"
	@/usr/bin/python3.11 demo/bindings.py $(PATCHED) $(abspath $(DEMO_VENV))/bin/python
	@echo; echo "The declarations of a library, as a module of Python:"
	$(DEMO_VENV)/bin/python -m ffitypecheck bindings liblua5.4.so.0 'lua_push*' | tail -n 12

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
