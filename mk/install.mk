DEST_LIB = $(DESTDIR)$(LIBDIR)
COMPLETIONS = bash-completion/completions zsh/site-functions fish/vendor_completions.d
# The date in man pages is that of the header, or of the source package.
MAN_DATE = $(shell date -u -d "@$${SOURCE_DATE_EPOCH:-$$(stat -c %Y include/ffitypecheck.h)}" +%F)

## PREFIX=/usr/local LIBDIR= DESTDIR=; root without DESTDIR also runs ldconfig; STRIP=: leaves the debug information in, for a package that takes it out itself
.PHONY: install
install: all
	install -d $(DEST_LIB)/pkgconfig $(DEST_LIB)/cmake/ffitypecheck $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man3
	install -m 755 $(BUILD)/$(REAL) $(DEST_LIB)/
	ln -sf $(REAL) $(DEST_LIB)/$(SONAME)
	ln -sf $(SONAME) $(DEST_LIB)/libffitypecheck.so
	install -m 644 $(BUILD)/libffitypecheck.a $(DEST_LIB)/
	install -m 644 $(BUILD)/ffitypecheck.pc $(DEST_LIB)/pkgconfig/
	install -m 644 $(addprefix $(BUILD)/ffitypecheck-,config.cmake config-version.cmake) $(DEST_LIB)/cmake/ffitypecheck/
	install -m 644 include/ffitypecheck.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 755 $(BUILD)/ffitypecheck $(DESTDIR)$(BINDIR)/
	install -d $(DEST_LIB)/ffitypecheck
	install -m 755 $(BUILD)/$(PRELOAD) $(DEST_LIB)/ffitypecheck/
	$(STRIP) --strip-unneeded $(DEST_LIB)/$(REAL) $(DEST_LIB)/ffitypecheck/$(PRELOAD) $(DESTDIR)$(BINDIR)/ffitypecheck
	$(STRIP) --strip-debug $(DEST_LIB)/libffitypecheck.a
	$(BUILD)/ffitypecheck generate man $(DESTDIR)$(MANDIR)/man1
	awk -v directory=$(DESTDIR)$(MANDIR)/man3 -v version=$(VERSION) -v date="$(MAN_DATE)" -f mk/man3.awk include/ffitypecheck.h
	install -d $(addprefix $(DESTDIR)$(PREFIX)/share/,$(COMPLETIONS))
	$(BUILD)/ffitypecheck generate completion bash > $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ffitypecheck
	$(BUILD)/ffitypecheck generate completion zsh > $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ffitypecheck
	$(BUILD)/ffitypecheck generate completion fish > $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ffitypecheck.fish
	$(if $(DESTDIR),,[ "$$(id -u)" != 0 ] || $(LDCONFIG))

## removes what `make install` with the same PREFIX installed
.PHONY: uninstall
uninstall:
	rm -f $(DEST_LIB)/$(REAL) $(DEST_LIB)/$(SONAME) $(DEST_LIB)/libffitypecheck.so $(DEST_LIB)/libffitypecheck.a \
		$(DEST_LIB)/pkgconfig/ffitypecheck.pc $(DEST_LIB)/cmake/ffitypecheck/ffitypecheck-*.cmake $(DESTDIR)$(INCLUDEDIR)/ffitypecheck.h $(DESTDIR)$(BINDIR)/ffitypecheck \
		$(DEST_LIB)/ffitypecheck/$(PRELOAD) \
		$(DESTDIR)$(MANDIR)/man1/ffitypecheck*.1 $(DESTDIR)$(MANDIR)/man3/ffitypecheck.3 \
		$(DESTDIR)$(MANDIR)/man3/ftc_*.3 $(DESTDIR)$(MANDIR)/man3/ffi_describe_symbol.3 $(DESTDIR)$(MANDIR)/man3/ffi_prep_cif*_checked.3 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/ffitypecheck \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ffitypecheck \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ffitypecheck.fish
	rmdir $(DEST_LIB)/ffitypecheck 2>/dev/null || :

## the addon for debhelper with the command, as a package of Debian: build/dh-ffitypecheck_*.deb
.PHONY: deb
deb: $(BUILD)/ffitypecheck
	packaging/make-deb.sh $(abspath $(BUILD)) $(VERSION)
