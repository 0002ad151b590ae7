# Checks that are run by hand, because they are slow or unpack a whole Debian. docs/testing.md has their last results.

## public catalogues of ABI changes; CASES=--write writes the page
.PHONY: check-abi-cases
check-abi-cases: all
	$(call need,$(BUILD_PACKAGES) binutils abi-compliance-checker python3-pip python3-setuptools)
	python3 tests/abi_cases/run.py $(abspath $(BUILD))/ffitypecheck docs/abi_cases.md $(CASES)

## the same tests with CPython 3.13, in an unpacked Debian 13
.PHONY: check-cpython-3.13
## the same tests with CPython 2.7, in an unpacked Debian 11
.PHONY: check-cpython-2.7
check-cpython-3.13 check-cpython-2.7: check-cpython-%: all
	$(call need,$(CHECK_PACKAGES) mmdebstrap)
	@SUDO="$(SUDO)" tests/cpython/check.sh $*

## the Python package under the stock CPython 3.9, 3.13, 3.14 and 3.15, and PyPy 7.3 and 8.0
.PHONY: check-python-versions
check-python-versions: all
	$(call need,$(CPYTHON_PACKAGES) $(AUDIT_PACKAGES) mmdebstrap pypy3 pypy3-dev)
	LD_LIBRARY_PATH=$(abspath $(BUILD)) pypy3 python/tests/run.py
	$(SUDO) python/tests/suite.sh bullseye python3.9
	$(SUDO) python/tests/suite.sh trixie python3.13
	$(SUDO) python/tests/suite.sh forky python3.14 python3.15 pypy3

# Builds a whole CPython from Debian's source with the patch. $(1) is the version, $(2) the suite, $(3) the script
# that builds and tests it.
define whole_cpython
	$(call need,$(CPYTHON_PACKAGES) autoconf automake autoconf-archive pkg-config zlib1g-dev)
	@rm -rf $(BUILD)/$(3) && mkdir -p $(BUILD)/$(3)
	$(MAKE) --no-print-directory install PREFIX=$(abspath $(BUILD))/$(3)/prefix
	source=$$(tests/sources/fetch.sh python$(1) $(2)) && cp -r $$source $(BUILD)/$(3)/tree
	patches/cpython/apply.sh $(1) $(BUILD)/$(3)/tree
	tests/cpython/$(3).sh $(BUILD)/$(3)/tree $(BUILD)/$(3)/prefix
endef

## a whole CPython 3.11, configured without our option and with it
.PHONY: check-cpython-configure
check-cpython-configure: all
	$(call whole_cpython,3.11,bookworm,configure)

## a whole CPython 3.13 without the global interpreter lock, and under ThreadSanitizer
.PHONY: check-cpython-free-threading
check-cpython-free-threading: all
	$(call whole_cpython,3.13,trixie,free_threading)

## the user's cache of types: with a full disk, killed writers, and many processes at once
.PHONY: check-cache
check-cache: all
	$(call need,$(BUILD_PACKAGES) binutils gdb libc6-dbg)
	$(SUDO) tests/cache/crash.sh $(BUILD)

FLIPS ?= 100000

## notes and cache entries with single bits flipped; FLIPS=100000
.PHONY: check-flips
check-flips: library-packages
	FLIPS=$(FLIPS) $(CARGO) test --locked -p ffitypecheck-tool --test flips -- --nocapture

## the generator of check-conformance with the compilers of Debian 13 and forky
.PHONY: check-compilers
check-compilers: check-packages
	$(call need,mmdebstrap)
	$(CARGO) build --locked -p ffitypecheck-conformance
	for suite in trixie forky; do $(SUDO) conformance/compilers.sh $$suite target/debug/conformance $(CONFORMANCE) || exit 1; done

## make install in an unpacked Debian 12 and 13; cc, CMake and meson use what it installed, shared and static
.PHONY: check-install
check-install: demo-packages
	$(call need,mmdebstrap)
	for suite in bookworm trixie; do $(SUDO) env PATH="$$PATH" tests/install/install.sh $$suite || exit 1; done

## the build with the oldest Rust that Cargo.toml allows, or the next one in a Debian release
.PHONY: check-msrv
check-msrv: check-packages
	$(call need,mmdebstrap)
	$(SUDO) tests/msrv.sh

FUZZ_TIME ?= 60
FUZZ_TARGETS := library debug_file claim parse

$(BUILD)/bin/cargo-fuzz:
	$(CARGO) install --quiet --locked --root $(BUILD) cargo-fuzz@0.13.2

## the fuzz targets, FUZZ_TIME=60 seconds each
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

BINDINGS_PACKAGES := python3.11-dbg python3-pip python3-venv python3-setuptools python3-pytest autoconf automake libtool \
	cmake g++ zlib1g-dev libbz2-dev liblzma-dev libpng-dev gperf flex bison autopoint gettext nasm xauth xvfb fuse libudev-dev \
	libusb-1.0-0-dev libzmq3-dev lv2-dev libserd-dev libsord-dev libsratom-dev libxml2-dev xutils-dev xtrans-dev libxcb1-dev \
	x11proto-dev libxrandr-dev libxinerama-dev libxcursor-dev libxi-dev libxfixes3 libgl1-mesa-dri libglu1-mesa \
	fonts-dejavu-core libclang1-14 libmagic-mgc python3-numpy python3-pil
## packages of PyPI that use ctypes: their declarations and their own tests; BINDINGS=name for some
.PHONY: check-bindings
check-bindings: demo-packages
	$(call need,$(BINDINGS_PACKAGES))
	@$(MAKE) --no-print-directory all $(PATCHED)/_ctypes.so
	/usr/bin/python3.11 tests/bindings/run.py $(PATCHED) $(BINDINGS)

CORPUS_PACKAGES := python3-cffi python3-lxml meson ninja-build pkg-config libmonosgen-2.0-1 libmonosgen-2.0-1-dbg libgmime-3.0-dev \
	libxapian-dev libtalloc-dev libglib2.0-dev libsndfile1-dev libltdl-dev libcap-dev libasound2-dev libpam0g-dev
## the audit on all packages of tests/bindings, against findings that were judged by hand; CORPUS=--write, or names
.PHONY: check-corpus
check-corpus: demo-packages
	$(call need,$(BINDINGS_PACKAGES) $(CORPUS_PACKAGES))
	@$(MAKE) --no-print-directory all
	/usr/bin/python3.11 tests/bindings/corpus.py $(CORPUS)

## slim type information in the products of make and meson builds
.PHONY: check-build
check-build: check-packages all
	$(call need,meson)
	packaging/test-build.sh

## slim type information in ten source packages of Debian
.PHONY: check-deb
check-deb:
	$(call need,$(DEMO_PACKAGES) $(AUTOTOOLS) gdb debhelper dwz chrpath gperf indent libpam0g-dev mmdebstrap)
	@$(MAKE) --no-print-directory all deb $(PATCHED)/_ctypes.so
	packaging/test-deb.sh
	$(SUDO) packaging/test-deb-root.sh

## slim type information in rpm packages
.PHONY: check-rpm
check-rpm:
	$(call need,$(DEMO_PACKAGES) $(AUTOTOOLS) gdb rpm debugedit dwz elfutils cpio file xz-utils)
	@$(MAKE) --no-print-directory all $(PATCHED)/_ctypes.so
	packaging/test-rpm.sh

## adds a note to every shared library of this system, and loads it; LIBRARIES=paths
.PHONY: check-alloc
check-alloc: all
	$(call need,$(BUILD_PACKAGES) g++ binutils elfutils)
	python3 tests/loading/loading.py $(BUILD)/ffitypecheck $(LIBRARIES)

RUNTIME_PACKAGES := gcc libc6-dbg libffi-dev python3 python3-cffi python3-gi gir1.2-glib-2.0 gobject-introspection pypy3 ruby ruby-ffi \
	guile-3.0 libffi-platypus-perl ocaml-nox ocaml-findlib libctypes-ocaml-dev libjna-java default-jdk-headless ghc php-cli racket sbcl \
	meson ninja-build zlib1g-dev libpcre2-dev

## calls of fifteen runtimes of Debian under the preload library; RUNTIMES=--write writes the page
.PHONY: check-runtimes
check-runtimes: all
	$(call need,$(SOURCE_PACKAGES) $(RUNTIME_PACKAGES))
	glib=$$(tests/sources/build.sh glib2.0) && python3 preload/runtimes $(BUILD)/ffitypecheck $$(dirname $$glib) $(patsubst --write,--write docs/preload.md,$(RUNTIMES))

## libffi's own tests and CPython's tests of ctypes under the preload library
.PHONY: check-preload-suites
check-preload-suites: all $(STOCK)/out/stock/_ctypes.so
	$(call need,$(SOURCE_PACKAGES) $(CPYTHON_PACKAGES) g++)
	python3 preload/suites/libffi.py "$$(tests/sources/fetch.sh libffi)/testsuite" $(BUILD)/ffitypecheck
	python3 preload/suites/cpython.py /usr/bin/python3.11 $(STOCK)/out/stock $(BUILD)/ffitypecheck

## the patch of libffi 3.4.4 and 3.8.0: without the option and with it, libffi's own tests, programs linked with libffi alone
.PHONY: check-libffi-patch
check-libffi-patch: check-packages all
	$(call need,$(SOURCE_PACKAGES) $(AUTOTOOLS) libltdl-dev texinfo dejagnu)
	for version in 3.4.4 3.8.0; do work=$(BUILD)/libffi-patch/$$version; \
		tests/libffi_patch/build.sh $$version $$work --suite && python3 tests/libffi_patch $$work $(BUILD) || exit 1; done
	python3 tests/libffi_suite "$$(tests/sources/fetch.sh libffi)/testsuite" $(abspath $(BUILD))/libffi-patch/3.4.4/both $(abspath include)

## a program in RPython, translated with the patch of clibffi and run, in an unpacked Debian 11
.PHONY: check-rpython
check-rpython: all
	$(call need,$(BUILD_PACKAGES) mmdebstrap python3-pip)
	$(SUDO) tests/rpython/check.sh

SOAK ?= 600

## a threaded Python and a threaded Ruby under the preload library, with dlopen and dlclose; SOAK=seconds
.PHONY: check-preload-soak
check-preload-soak: all
	$(call need,gcc libc6-dbg python3 ruby)
	python3 preload/soak.py $(BUILD)/ffitypecheck $(SOAK)

PYPY_PACKAGES := $(DEMO_PACKAGES) $(SOURCE_PACKAGES) pypy3 pypy3-dev pypy3-lib-testsuite mmdebstrap

## the patch of PyPy 7.3.11 and, in an unpacked Debian forky, 8.0.1; the same declarations under CPython and PyPy
.PHONY: check-pypy
check-pypy: all
	$(call need,$(PYPY_PACKAGES))
	@$(MAKE) --no-print-directory $(PATCHED)/_ctypes.so
	@SUDO="$(SUDO)" tests/pypy/check.sh "$$(tests/sources/build.sh zlib)"

DIVISION_PACKAGES := $(SOURCE_PACKAGES) gdb lldb valgrind linux-perf elfutils llvm abigail-tools dwarves dwz patchelf debugedit lld mold
## other tools on libraries with our note
.PHONY: check-division
check-division: library-packages all $(VENV)/bin/drgn
	$(call need,$(DIVISION_PACKAGES))
	library=$$(tests/sources/build.sh zlib) && DRGN=$(abspath $(VENV))/bin/python \
		python3 tests/division/division.py $(BUILD)/ffitypecheck $$library $$(dirname $$library) --write docs/division.md

## the same with the newer tools of an unpacked Debian 13
.PHONY: check-division-trixie
check-division-trixie: check-packages all
	$(call need,$(SOURCE_PACKAGES) mmdebstrap)
	library=$$(tests/sources/build.sh zlib) && $(SUDO) tests/division/trixie.sh $(BUILD)/ffitypecheck $$library

# polars reads the records and writes Parquet, matplotlib draws, distributed runs a survey on a cluster.
SURVEY_VENV := $(BUILD)/survey-venv
$(SURVEY_VENV)/bin/python: mk/proofs.mk
	python3 -m venv $(SURVEY_VENV)
	$(SURVEY_VENV)/bin/pip install --quiet --disable-pip-version-check polars==2.1.0 matplotlib==3.11.2 distributed==2026.8.0
	touch $@

SURVEY ?= $(BUILD)/survey
# More files of records are separated by spaces.
SURVEY_RECORDS ?= $(SURVEY)/records.jsonl
SURVEY_PACKAGES := dpkg-dev binutils dwz python3-venv gcc libc6-dev rpm rpm2cpio cpio debugedit

## measures the packages of Debian that have debug packages: downloads 630 MB, writes records, tables and the page; SURVEY=directory
.PHONY: survey
survey: all $(SURVEY_VENV)/bin/python
	$(call need,$(SURVEY_PACKAGES))
	$(SURVEY_VENV)/bin/python -m survey fetch $(SURVEY)/pool
	$(BUILD)/ffitypecheck survey $(SURVEY)/pool --output $(SURVEY)/records.jsonl
	$(SURVEY_VENV)/bin/python -m survey report $(SURVEY)/records.jsonl --output $(SURVEY)/report

## what notes take of the libraries that FFI loads and of the whole archive, after `survey`: downloads 950 MB, searches code, writes the page
.PHONY: survey-archive
survey-archive: all $(SURVEY_VENV)/bin/python
	$(call need,$(SURVEY_PACKAGES) apt-file)
	$(SUDO) apt-get update -qq
	$(SURVEY_VENV)/bin/python -m survey sample $(SURVEY)/archive
	$(SURVEY_VENV)/bin/python -m survey ffi-use $(SURVEY)/archive
	$(BUILD)/ffitypecheck survey $(SURVEY)/archive/pool $(SURVEY)/archive/libraries --no-rebuild --output $(SURVEY)/archive/stripped.jsonl
	$(SURVEY_VENV)/bin/python -m survey report $(SURVEY_RECORDS) --archive $(SURVEY)/archive --output $(SURVEY)/report

BUILT := $(SURVEY)/built
## builds source packages of Debian 12 and rpm packages, which takes hours, and measures them, for docs/survey.md; SURVEY=directory
.PHONY: survey-built
survey-built: all $(SURVEY_VENV)/bin/python
	$(call need,$(SURVEY_PACKAGES) $(SOURCE_PACKAGES) $(AUTOTOOLS) g++ gfortran cmake elfutils zstd mmdebstrap)
	$(SUDO) $(SURVEY_VENV)/bin/python -m survey build $(BUILT)/debian
	$(SURVEY_VENV)/bin/python -m survey rpm $(BUILT)/rpm
	$(BUILD)/ffitypecheck survey $(BUILT)/debian --output $(BUILT)/debian.jsonl
	$(BUILD)/ffitypecheck survey $(BUILT)/rpm/plain --output $(BUILT)/rpm-plain.jsonl
	$(BUILD)/ffitypecheck survey $(BUILT)/rpm/noted --output $(BUILT)/rpm-noted.jsonl
	$(SURVEY_VENV)/bin/python -m survey built $(BUILT)/debian.jsonl $(BUILT)/rpm-plain.jsonl $(BUILT)/rpm-noted.jsonl --write docs/survey.md

## the survey of some packages: the same records in each way of running; figures of ten libraries by readelf and objcopy
.PHONY: check-survey
check-survey: all $(SURVEY_VENV)/bin/python
	$(call need,$(SURVEY_PACKAGES))
	$(SURVEY_VENV)/bin/python survey/check.py $(abspath $(BUILD))/ffitypecheck $(BUILD)/check-survey
