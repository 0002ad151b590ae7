# Benchmarks. Each writes its tables into a page.

GUNGRAUN := $(shell sed -n 's/^gungraun = "=\(.*\)"/\1/p' benches/counts/Cargo.toml)
$(BUILD)/bin/gungraun-runner-$(GUNGRAUN):
	$(CARGO) install --quiet --debug --locked --root $(BUILD) gungraun-runner@$(GUNGRAUN)
	mv $(BUILD)/bin/gungraun-runner $@

## instructions and time of a repeated check and lookup, of a first lookup, and of a claim
.PHONY: bench-counts
bench-counts: library-packages all $(BUILD)/bin/gungraun-runner-$(GUNGRAUN)
	$(call need,$(SOURCE_PACKAGES))
	library=$$(tests/sources/build.sh zlib) && GUNGRAUN_RUNNER=$(abspath $(BUILD)/bin/gungraun-runner-$(GUNGRAUN)) \
		python3 benches/counts/counts.py $(BUILD)/ffitypecheck $$library $(BUILD)/counts --write docs/performance.md

## time of describe compared with gdb and drgn, in a new process
.PHONY: bench
bench: library-packages all $(VENV)/bin/drgn
	$(VENV)/bin/python benches/describe.py $(BUILD)/ffitypecheck $(BUILD)/$(REAL) --write docs/performance.md

SIZES_PACKAGES := $(BUILD_PACKAGES) g++ autoconf automake libtool gettext meson ninja-build tcl zlib1g-dev libpcre2-dev \
	libgmime-3.0-dev libxapian-dev libtalloc-dev binutils binutils-dev dwarves dwz abigail-tools xz-utils zstd libbpf-dev
.PHONY: sizes-packages
sizes-packages:
	$(call need,$(SOURCE_PACKAGES) $(SIZES_PACKAGES))

## slim type information of ten libraries: its size, and the cost of making it, compared with other formats
.PHONY: bench-sizes
bench-sizes: sizes-packages all
	python3 benches/sizes/sizes.py $(BUILD)/ffitypecheck --jvm $(BUILD)/jvm --write docs/slim.md

## the first lookup in a process, compared with libctf and libbpf
.PHONY: bench-first-lookup
bench-first-lookup: sizes-packages all
	python3 benches/sizes/first_lookup.py $(BUILD) include --write docs/performance.md

## pkgconfig/lookup.ld anew: the functions of a first lookup, which the linker places together
.PHONY: order
order: sizes-packages all
	$(call need,valgrind)
	python3 benches/sizes/order.py $(BUILD) include --write pkgconfig/lookup.ld

## calls, imports and prototypes under the stock and the patched ctypes
.PHONY: bench-ctypes
bench-ctypes: check-cpython
	LD_LIBRARY_PATH=$(abspath $(BUILD)) python3 benches/ctypes_call.py $(BUILD)/cpython/3.11/out/stock \
		$(BUILD)/cpython/3.11/out/checked --write docs/performance.md

## calls and imports under ctypes alone and with the Python package
.PHONY: bench-python
bench-python: all
	$(call need,$(CPYTHON_PACKAGES) $(BINDINGS_PACKAGES))
	LD_LIBRARY_PATH=$(abspath $(BUILD)) FFITYPECHECK_CACHE=off python3 benches/package_call.py --write docs/python.md
	LD_LIBRARY_PATH=$(abspath $(BUILD)) /usr/bin/python3.11 benches/package_import.py --write docs/python.md

## compiled calls under the stock and the patched ctypes of PyPy
.PHONY: bench-pypy
bench-pypy: check-pypy
	LD_LIBRARY_PATH=$(abspath $(BUILD)) FFITYPECHECK_CACHE=off python3 benches/pypy_call.py $(BUILD)/pypy/7.3.11 \
		--write docs/performance.md

## instructions of a call of a known pair, and of starting programs, under the preload library
.PHONY: bench-preload
bench-preload: all
	$(call need,$(BUILD_PACKAGES) valgrind ruby python3)
	python3 benches/preload.py $(BUILD)/$(PRELOAD) --write docs/preload.md
