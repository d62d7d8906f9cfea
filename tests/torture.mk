# The full loops: 100 kills on a generated market and on real candles, and again with sanitizers; then every system call
# and byte around an order before a real venue, and one in ten with sanitizers. The table, with date and commit, is kept
# in docs/TORTURE.md. `make test` runs a sample: ten kills, one call or byte in twenty (ORDER_SHARE).
TORTURE_KILLS ?= 100
ORDER_SHARE ?= 1
ORDER_SHARE_SAN ?= 10
TORTURE_TABLE := docs/TORTURE.md

.PHONY: torture
torture: $(TRADER) $(BUILD)/tests/order_life $(BUILD)/tests/cut_proxy
	@$(MAKE) --no-print-directory SAN=1 BUILD=build/san build/san/trader \
	  build/san/tests/order_life build/san/tests/cut_proxy
	@mkdir -p $(BUILD)
	@failed=0; \
	KILLS=$(TORTURE_KILLS) TRADER=$(TRADER) TABLE=$(BUILD)/torture.md sh tests/torture.sh || failed=1; \
	KILLS=$(TORTURE_KILLS) TRADER=build/san/trader REAL_SYMBOLS=BTCUSDT TABLE=$(BUILD)/torture-san.md sh tests/torture.sh || failed=1; \
	SHARE=$(ORDER_SHARE) JOBS=16 TRADER=$(TRADER) LIFE=$(BUILD)/tests/order_life PROXY=$(BUILD)/tests/cut_proxy \
	  TABLE=$(BUILD)/torture-orders.md bash tests/order_torture.sh || failed=1; \
	SHARE=$(ORDER_SHARE_SAN) JOBS=10 TRADER=build/san/trader LIFE=build/san/tests/order_life \
	  PROXY=build/san/tests/cut_proxy TABLE=$(BUILD)/torture-orders-san.md bash tests/order_torture.sh || failed=1; \
	{ printf '# Torture\n\nWhat `make torture` does: kills, stops, full disks and wrong input against the whole program;\n'; \
	  printf 'after each the run is started again and must end with the counts, equity and journal hash of an\n'; \
	  printf 'undisturbed one, the same signals in its database, and a journal that replays.\n\n'; \
	  printf 'Seen on %s at commit %s, %s kills a loop.\n' \
	    "$$(date -u +%Y-%m-%d)" "$$(git rev-parse --short HEAD)" "$(TORTURE_KILLS)"; \
	  printf '\n## Release build\n\n'; cat $(BUILD)/torture.md; \
	  printf '\n## Address and undefined-behaviour sanitizers\n\n'; cat $(BUILD)/torture-san.md; \
	  printf '\n## Orders before a real venue\n\nThe engine, journal, database and transport of the program against `trader exchange`,\n'; \
	  printf 'which survives; one call or byte in %s. After each the program is started again, goes on with its\n' "$(ORDER_SHARE)"; \
	  printf 'scenario, waits until every fate is known, and must have on record what the venue has: orders, fills\n'; \
	  printf 'one by one, position, protection.\n\n'; cat $(BUILD)/torture-orders.md; \
	  printf '\n## Orders, with sanitizers\n\nOne call or byte in %s.\n\n' "$(ORDER_SHARE_SAN)"; \
	  cat $(BUILD)/torture-orders-san.md; } > $(TORTURE_TABLE); \
	[ $$failed -eq 0 ] && printf 'torture: all passed, table in %s\n' $(TORTURE_TABLE) || \
	  { printf 'torture: something failed, table in %s\n' $(TORTURE_TABLE); exit 1; }

# A life before a real venue, for tests/order_torture.sh.
ORDER_LIFE_SRC := $(filter-out %/cut_proxy.c,$(wildcard tests/order_torture/*.c))
$(BUILD)/tests/order_life: $(ORDER_LIFE_SRC) $(wildcard tests/order_torture/*.h) $(SHELL_LIB) $(CORE_LIB)
	@mkdir -p $(dir $@)
	$(call say,test,$@)
	@$(CC) $(CFLAGS) -Itests/order_torture $(LDFLAGS) -o $@ $(ORDER_LIFE_SRC) $(SHELL_LIB) $(CORE_LIB) $(LIBS)
$(BUILD)/tests/cut_proxy: tests/order_torture/cut_proxy.c $(BUILD)/flags
	@mkdir -p $(dir $@)
	$(call say,test,$@)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< -lpthread
test-programs: $(BUILD)/tests/order_life $(BUILD)/tests/cut_proxy

# Whether intervals say the truth about luck, over as many markets as docs/HONESTY.md has (HONESTY_FIRST: others).
.PHONY: honesty
honesty: $(BUILD)/tests/laws/honesty
	@HONESTY_SEEDS=$(or $(HONESTY_SEEDS),1000) $<
