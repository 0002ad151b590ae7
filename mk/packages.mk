# The Debian packages that the targets need. They are installed with apt.

BUILD_PACKAGES := gcc libc6-dev libffi-dev pkg-config make
# The packages that tests/sources/fetch.sh needs, and that build.sh needs for all of its libraries.
FETCH_PACKAGES := dpkg-dev debian-archive-keyring
SOURCE_PACKAGES := $(FETCH_PACKAGES) tcl
AUTOTOOLS := autoconf automake libtool
DEMO_PACKAGES := $(BUILD_PACKAGES) $(FETCH_PACKAGES) binutils libc6-dbg liblua5.4-0 liblua5.4-0-dbg \
	libkrb5-3 libkrb5-dbg libgsl27 libgsl-dbg python3.11 python3.11-dev python3-venv
CHECK_PACKAGES := $(DEMO_PACKAGES) g++ gfortran gnat clang lld llvm dwz elfutils gdb valgrind libclang-rt-14-dev groff mandoc man-db \
	gcc-aarch64-linux-gnu gcc-i686-linux-gnu gcc-s390x-linux-gnu \
	libc6-dev-arm64-cross libc6-dev-i386-cross libc6-dev-s390x-cross
LIBRARY_PACKAGES := liblua5.4-dev lua5.4 python3-cffi libdb5.3 libdb5.3-dbg librados2 librados2-dbg \
	libpython3.11 python3.11-dbg libbinutils-dbg abigail-tools dwarves python3-venv

# Asks apt only for missing packages, so that a second run needs no network. Waits while another apt is running.
define need
	@missing=; for package in $(1); do \
		dpkg-query -W -f '$${db:Status-Status}' $$package 2>/dev/null | grep -qxE 'installed|triggers-(awaited|pending)' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
		echo "installing$$missing"; \
		$(SUDO) apt-get update -qq && \
		$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			-o DPkg::Lock::Timeout=300 $$missing >/dev/null; \
	fi
endef

.PHONY: demo-packages check-packages library-packages
demo-packages:
	$(call need,$(DEMO_PACKAGES))
check-packages:
	$(call need,$(CHECK_PACKAGES))
library-packages:
	$(call need,$(CHECK_PACKAGES) $(LIBRARY_PACKAGES))
