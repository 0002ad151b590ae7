# make            builds the shared and the static library, the command and the pkg-config file into build/
# make install    PREFIX=/usr/local LIBDIR= DESTDIR=
# make demo       does the main job on real libraries, and installs with apt what it needs
# make check      passes the tests, and installs with apt what they need
# make help       lists the slower proofs

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
CARGO ?= cargo
CC ?= cc
SUDO ?= $(shell [ "$$(id -u)" = 0 ] || echo sudo)

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SOVERSION := 0
SONAME := libffitypecheck.so.$(SOVERSION)
REAL := libffitypecheck.so.$(VERSION)
BUILD := build
RELEASE := target/release

.PHONY: all
all: $(BUILD)/$(REAL) $(BUILD)/libffitypecheck.a $(BUILD)/ffitypecheck $(BUILD)/ffitypecheck.pc

# Cargo knows what is out of date; its outputs are copied only when they changed.
.PHONY: cargo
cargo:
	$(CARGO) build --release --locked -p ffitypecheck -p ffitypecheck-tool

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

$(BUILD)/ffitypecheck.pc: pkgconfig/ffitypecheck.pc.in Makefile Cargo.toml
	@mkdir -p $(BUILD)
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' -e 's|@NATIVE_LIBS@|$(NATIVE_LIBS)|' $< > $@

.PHONY: header
header:
	FFITYPECHECK_WRITE_HEADER=1 $(CARGO) test --locked --test header the_committed

.PHONY: clean
clean:
	rm -rf $(BUILD)
	$(CARGO) clean
