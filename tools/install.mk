# make install [PREFIX=/usr/local] [DESTDIR=]: the program, its other names, man page, completions, settings.
PREFIX  ?= /usr/local
DESTDIR ?=
INTO    := $(DESTDIR)$(PREFIX)
# The mission's scripts: the program acts as the command of that name.
OTHER_NAMES := run_trader run_backtest dashboard run_ai_model_services

.PHONY: install
install: $(TRADER)
	@install -D -m 755 $(TRADER) $(INTO)/bin/trader
	@for name in $(OTHER_NAMES); do ln -sf trader $(INTO)/bin/$$name; done
	@install -d $(INTO)/share/man/man1 $(INTO)/share/trader $(INTO)/share/bash-completion/completions \
	  $(INTO)/share/zsh/site-functions $(INTO)/share/fish/vendor_completions.d
	@$(TRADER) help --man > $(INTO)/share/man/man1/trader.1
	@$(TRADER) completion bash > $(INTO)/share/bash-completion/completions/trader
	@$(TRADER) completion zsh > $(INTO)/share/zsh/site-functions/_trader
	@$(TRADER) completion fish > $(INTO)/share/fish/vendor_completions.d/trader.fish
	@install -m 644 $(wildcard config/*.json) .env.example $(INTO)/share/trader
	@printf 'install: %s/bin/trader and %s\n' '$(INTO)' '$(OTHER_NAMES)'
