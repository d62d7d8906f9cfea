# What is written down twice is made from one place: the commands' constants and the table of settings.
DOCS := docs/cli.md docs/CONFIGURATION.md docs/trader.1 config/config.json .env.example

.PHONY: docs
docs: $(TRADER)
	@mkdir -p docs config
	@$(TRADER) help --markdown > docs/cli.md
	@$(TRADER) help --man > docs/trader.1
	@$(TRADER) config defaults --markdown > docs/CONFIGURATION.md
	@$(TRADER) config defaults > config/config.json
	@$(TRADER) config defaults --environment > .env.example
	@printf 'docs: wrote %s\n' '$(DOCS)'
