# make deb: a Debian package of what `make install` would put below /usr.
.PHONY: deb
deb: $(TRADER)
	@rm -rf $(BUILD)/deb
	@$(MAKE) --no-print-directory -s install DESTDIR=$(BUILD)/deb PREFIX=/usr >/dev/null
	@sh tools/deb.sh $(BUILD)/deb $(VERSION) $(BUILD)
