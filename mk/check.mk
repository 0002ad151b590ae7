# The checks that `make check` runs. A check fails if something that it needs is missing.

# As many checks run at the same time as there are processors. Checks that mostly use one process begin first. The release is
# linked by one process; the checks that do not need it run beside it.
CHECKS := check-cpython check-rust check-style check-c check-mutants check-conformance check-oracles check-libffi \
	check-releases check-extracted check-memory check-mistakes check-python check-examples check-abi check-wheel check-deny

## installs with apt what the tests need, then runs them
.PHONY: check
check:
	$(call need,$(CHECK_PACKAGES) $(LIBRARY_PACKAGES) $(SOURCE_PACKAGES) $(CPYTHON_PACKAGES) $(AUDIT_PACKAGES) zlib1g-dev)
	@$(MAKE) --no-print-directory --output-sync=target -j$$(nproc) $(CHECKS)

## rustfmt, clippy, rustdoc; PEP 7 for the patch of CPython
.PHONY: check-style
check-style:
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path benches/counts/Cargo.toml --check
	$(CARGO) clippy --locked --workspace --all-targets -- -D warnings -D clippy::match_bool
	$(CARGO) clippy --locked -p ffitypecheck --features capi -- -D warnings -D clippy::match_bool
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --locked --no-deps --workspace --quiet
	python3 tests/cpython/pep7.py

$(BUILD)/bin/cargo-deny:
	CARGO_PROFILE_DEV_DEBUG=0 $(CARGO) install --quiet --debug --locked --root $(BUILD) cargo-deny@0.20.2

## licences, versions and sources of the crates against deny.toml, and advisories if github.com can be reached
.PHONY: check-deny
check-deny: $(BUILD)/bin/cargo-deny
	$(BUILD)/bin/cargo-deny --workspace --locked check licenses bans sources
	@if git ls-remote --quiet https://github.com/rustsec/advisory-db HEAD >/dev/null 2>&1; then \
		$(BUILD)/bin/cargo-deny --workspace --locked check advisories; \
	else \
		echo "advisories are not looked at: github.com cannot be reached"; \
	fi

## the Rust tests
.PHONY: check-rust
check-rust: library-packages
	$(CARGO) test --locked --workspace
	$(CARGO) test --locked --workspace --exclude ffitypecheck-preload --features ffitypecheck/capi --lib -- capi reserve

## a C program for each behaviour of the header, under sanitizers and valgrind too
.PHONY: check-c
check-c: all
	$(MAKE) -C c-tests

## the programs of docs/c-api.md and examples/: C, Lua, C++, ctypes, cffi
.PHONY: check-examples
check-examples: library-packages all
	python3 tests/examples/run.py $(BUILD)

## calls while allocations fail or the address space is small
.PHONY: check-memory
check-memory: library-packages all
	@mkdir -p $(BUILD)/memory
	$(CC) -std=c99 -D_GNU_SOURCE -Wall -Wextra -Iinclude -o $(BUILD)/memory/failing tests/memory/failing.c \
		-L$(BUILD) -Wl,-rpath,$(abspath $(BUILD)) -lffitypecheck -lffi -ldl
	$(CC) -g -shared -fPIC -Wl,--build-id -o $(BUILD)/memory/libshapes.so c-tests/fixtures/shapes.c
	$(BUILD)/memory/failing $(BUILD)/memory/libshapes.so /usr/lib/x86_64-linux-gnu/libc.so.6 walk

# Builds the whole workspace, as check-rust does. A single crate would be compiled with other features of its
# dependencies.
BUILD_PROOFS := $(CARGO) build --locked --workspace --bins --tests --examples

## generated C libraries, called through the cifs that we describe; CONFORMANCE="--functions N --seed S"
.PHONY: check-conformance
check-conformance: check-packages
	$(BUILD_PROOFS)
	target/debug/conformance $(CONFORMANCE)

## the true claims of eight real libraries, and their mutants; MUTANTS=--write writes the page
.PHONY: check-mutants
check-mutants: library-packages
	$(BUILD_PROOFS)
	target/debug/mutants $(MUTANTS)

VENV := $(BUILD)/venv
$(VENV)/bin/drgn:
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --disable-pip-version-check drgn==0.3.0

## every export of eight libraries, compared with drgn, abidw and the compiler
.PHONY: check-oracles
check-oracles: library-packages all $(VENV)/bin/drgn
	FFITYPECHECK=$(BUILD)/ffitypecheck $(VENV)/bin/python oracles
	FFITYPECHECK=$(BUILD)/ffitypecheck $(VENV)/bin/python oracles/test_oracles.py

## the output of `extract` for these libraries, read by other DWARF tools
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

## `diff` on two releases of three libraries, compared with abidiff
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
STOCK := $(abspath $(BUILD))/cpython/package
$(STOCK)/out/stock/_ctypes.so: tests/cpython/build.sh tests/cpython/tree.sh | all
	$(call need,$(CPYTHON_PACKAGES))
	tests/cpython/tree.sh 3.11 $(STOCK)
	tests/cpython/build.sh /usr/bin/python3.11 $(STOCK) stock $(STOCK)/out/stock

# What reads the audit's reports, and what it reads.
AUDIT_PACKAGES := libpython3.11 python3-venv python3-gi gobject-introspection
AUDIT_VENV := $(abspath $(BUILD))/venv-audit
$(AUDIT_VENV)/bin/pytest:
	$(call need,python3-venv)
	/usr/bin/python3.11 -m venv --system-site-packages $(AUDIT_VENV)
	$(AUDIT_VENV)/bin/pip install --quiet --disable-pip-version-check cffi==2.1.1 jsonschema==4.26.0 junitparser==5.0.3 \
		pytest==9.2.0 pytest-xdist==3.8.0

## the Python package under the stock Python 3.11: the patch's tests, CPython's own, and its own
.PHONY: check-python
check-python: all $(STOCK)/out/stock/_ctypes.so $(AUDIT_VENV)/bin/pytest
	$(call need,$(CPYTHON_PACKAGES) $(AUDIT_PACKAGES))
	LD_LIBRARY_PATH=$(abspath $(BUILD)) /usr/bin/python3.11 python/tests/run.py
	LD_LIBRARY_PATH=$(abspath $(BUILD)) /usr/bin/python3.11 python/tests/stock.py /usr/bin/python3.11 $(STOCK)
	LD_LIBRARY_PATH=$(abspath $(BUILD)) FFITYPECHECK_CACHE=off PYTHONPATH=$(abspath python/tests) \
		$(AUDIT_VENV)/bin/python -m unittest discover -q -s python/tests/consumers

## the binary interface that the header declares, compared with pkgconfig/libffitypecheck.abi, and with the library's exports
.PHONY: check-abi
check-abi: library-packages all
	tests/abi/abi.sh $(abspath $(BUILD)) $(SONAME) pkgconfig/libffitypecheck.abi
	tests/abi/changes.sh $(SONAME)

## writes pkgconfig/libffitypecheck.abi, after a change that is meant
.PHONY: abi
abi: library-packages all
	tests/abi/abi.sh $(abspath $(BUILD)) $(SONAME) pkgconfig/libffitypecheck.abi --write
