DEST_LIB = $(DESTDIR)$(LIBDIR)
COMPLETIONS = bash-completion/completions zsh/site-functions fish/vendor_completions.d

## PREFIX=/usr/local LIBDIR= DESTDIR=; root without DESTDIR also runs ldconfig; STRIP=: leaves the debug information in, for a package that takes it out itself
.PHONY: install
install: all
	install -d $(DEST_LIB)/pkgconfig $(DEST_LIB)/cmake/ffitypecheck $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(BINDIR) $(DESTDIR)$(MANDIR)/man1
	install -m 755 $(BUILD)/$(REAL) $(DEST_LIB)/
	ln -sf $(REAL) $(DEST_LIB)/$(SONAME)
	ln -sf $(SONAME) $(DEST_LIB)/libffitypecheck.so
	install -m 644 $(BUILD)/libffitypecheck.a $(DEST_LIB)/
	install -m 644 $(BUILD)/ffitypecheck.pc $(DEST_LIB)/pkgconfig/
	install -m 644 $(addprefix $(BUILD)/ffitypecheck-,config.cmake config-version.cmake) $(DEST_LIB)/cmake/ffitypecheck/
	install -m 644 include/ffitypecheck.h $(DESTDIR)$(INCLUDEDIR)/
	install -m 755 $(BUILD)/ffitypecheck $(DESTDIR)$(BINDIR)/
	$(STRIP) --strip-unneeded $(DEST_LIB)/$(REAL) $(DESTDIR)$(BINDIR)/ffitypecheck
	$(STRIP) --strip-debug $(DEST_LIB)/libffitypecheck.a
	$(BUILD)/ffitypecheck generate man $(DESTDIR)$(MANDIR)/man1
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
		$(DESTDIR)$(MANDIR)/man1/ffitypecheck*.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/ffitypecheck \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_ffitypecheck \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/ffitypecheck.fish

## the addon for debhelper with the command, as a package of Debian: build/dh-ffitypecheck_*.deb
.PHONY: deb
deb: $(BUILD)/ffitypecheck
	packaging/make-deb.sh $(abspath $(BUILD)) $(VERSION)
