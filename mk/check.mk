# What `make check` runs. Whatever a proof needs and does not find is a failure.

## passes the tests, and installs with apt what they need
.PHONY: check
check: library-packages
	@$(MAKE) --no-print-directory all check-style check-rust check-conformance check-mutants check-c check-oracles \
		check-memory check-extracted check-libffi check-mistakes check-releases check-cpython check-python

## rustfmt, clippy, rustdoc
.PHONY: check-style
check-style:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings
	$(CARGO) clippy --locked -p ffitypecheck --features capi -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --workspace --quiet

## the Rust tests
.PHONY: check-rust
check-rust: library-packages
	$(CARGO) test --locked --workspace
	$(CARGO) test --locked -p ffitypecheck --features capi --lib -- capi reserve

## a C program for each behaviour of the header, under sanitizers and valgrind too
.PHONY: check-c
check-c: all
	$(MAKE) -C c-tests

## calls while allocations fail or the address space is small
.PHONY: check-memory
check-memory: library-packages all
	@mkdir -p $(BUILD)/memory
	$(CC) -std=c99 -D_GNU_SOURCE -Wall -Wextra -Iinclude -o $(BUILD)/memory/failing tests/memory/failing.c \
		-L$(BUILD) -Wl,-rpath,$(abspath $(BUILD)) -lffitypecheck -lffi -ldl
	$(CC) -g -shared -fPIC -Wl,--build-id -o $(BUILD)/memory/libshapes.so c-tests/fixtures/shapes.c
	$(BUILD)/memory/failing $(BUILD)/memory/libshapes.so /usr/lib/x86_64-linux-gnu/libc.so.6 walk

## generated C libraries, called through the cifs that we describe; CONFORMANCE="--functions N --seed S"
.PHONY: check-conformance
check-conformance: check-packages
	$(CARGO) run --locked -p ffitypecheck-conformance --bin conformance -- $(CONFORMANCE)

## the true claims of eight real libraries, and their mutants; MUTANTS=--write writes the page
.PHONY: check-mutants
check-mutants: library-packages
	$(CARGO) run --locked -p ffitypecheck-mutants -- $(MUTANTS)

VENV := $(BUILD)/venv
$(VENV)/bin/drgn:
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check drgn==0.3.0

## every export of eight libraries, compared with drgn, abidw and the compiler
.PHONY: check-oracles
check-oracles: library-packages all $(VENV)/bin/drgn
	FFITYPECHECK=$(BUILD)/ffitypecheck $(VENV)/bin/python oracles
	FFITYPECHECK=$(BUILD)/ffitypecheck $(VENV)/bin/python oracles/test_oracles.py

## what `extract` writes of these libraries, read by the tools of DWARF
.PHONY: check-extracted
check-extracted: library-packages all $(VENV)/bin/drgn
	DRGN=$(abspath $(VENV))/bin/python python3 tests/extracted/extracted.py $(BUILD)/ffitypecheck

## libffi's own tests, every call checked; SUITE=--all: with clang and -O2 too
.PHONY: check-libffi
check-libffi: check-packages all
	$(call need,$(SOURCE_PACKAGES))
	@python3 tests/libffi_suite "$$(tests/sources/fetch.sh libffi)/testsuite" $(abspath $(BUILD)) $(abspath include) $(SUITE)

## mistakes that bindings make, each with a real library
.PHONY: check-mistakes
check-mistakes: library-packages all
	$(call need,$(SOURCE_PACKAGES))
	@tests/mistakes/run.sh $(abspath $(BUILD))/ffitypecheck "$$(tests/sources/build.sh file)"

## two releases of three libraries: what `diff` finds, beside abidiff
.PHONY: check-releases
check-releases: library-packages all
	$(call need,$(SOURCE_PACKAGES) zlib1g-dev)
	@tests/releases/run.sh $(abspath $(BUILD))/ffitypecheck

CPYTHON_PACKAGES := $(CHECK_PACKAGES) python3.11-dbg libpython3.11-testsuite

## CPython 3.11's own ctypes tests and the patch's, under the patched _ctypes
.PHONY: check-cpython
check-cpython: all
	$(call need,$(CPYTHON_PACKAGES))
	@SUDO="$(SUDO)" tests/cpython/check.sh 3.11

# The stock _ctypes and _ctypes_test of Debian's Python 3.11, compiled with -g.
STOCK := $(BUILD)/cpython/package
$(STOCK)/out/stock/_ctypes.so: tests/cpython/build.sh tests/cpython/tree.sh | all
	$(call need,$(CPYTHON_PACKAGES))
	tests/cpython/tree.sh 3.11 $(STOCK)
	tests/cpython/build.sh /usr/bin/python3.11 $(STOCK) stock $(STOCK)/out/stock

## the Python package under the stock Python 3.11: the patch's tests, CPython's own, and its own
.PHONY: check-python
check-python: all $(STOCK)/out/stock/_ctypes.so
	$(call need,$(CPYTHON_PACKAGES) python3-venv)
	LD_LIBRARY_PATH=$(abspath $(BUILD)) /usr/bin/python3.11 python/tests/run.py
	LD_LIBRARY_PATH=$(abspath $(BUILD)) /usr/bin/python3.11 python/tests/stock.py /usr/bin/python3.11 $(STOCK)
