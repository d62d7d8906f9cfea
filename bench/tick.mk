# The tick path against its limit. cJSON and jansson stand beside it where their headers are installed; they are linked
# into this bench only.
TICK_CJSON   := $(if $(wildcard /usr/include/cjson/cJSON.h),-DWITH_CJSON -lcjson)
TICK_JANSSON := $(if $(wildcard /usr/include/jansson.h),-DWITH_JANSSON -ljansson)

$(BUILD)/bench/tick: bench/tick.c bench/tick_peers.c bench/tick_peers.h $(CORE_LIB)
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) -I. $(LDFLAGS) -o $@ bench/tick.c bench/tick_peers.c $(CORE_LIB) \
	  $(TICK_CJSON) $(TICK_JANSSON) -lm

.PHONY: bench-tick
bench-tick: $(BUILD)/bench/tick
	@$<
