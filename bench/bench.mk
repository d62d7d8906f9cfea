# Benchmarks. Each prints its figures in the form of bench/figure.h; bench/run.sh runs them all, prints one table,
# writes $(BUILD)/bench.json and fails if a limit is missed. They are linked with the objects of the program itself.
BENCH_SRC := $(filter-out bench/figure.c bench/child.c bench/tick_peers.c bench/pass_peers.c,$(wildcard bench/*.c))
BENCH_BIN := $(patsubst bench/%.c,$(BUILD)/bench/%,$(BENCH_SRC))
BENCH_OBJ := $(BUILD)/bench/figure.o $(BUILD)/bench/child.o

# Two JSON libraries stand beside the tick path where their headers are installed; they are linked into it only.
TICK_CJSON   := $(if $(wildcard /usr/include/cjson/cJSON.h),-DWITH_CJSON -lcjson)
TICK_JANSSON := $(if $(wildcard /usr/include/jansson.h),-DWITH_JANSSON -ljansson)

$(BUILD)/bench/%.o: bench/%.c bench/figure.h bench/child.h $(BUILD)/flags
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) -I. -c -o $@ $<
$(BUILD)/bench/tick: bench/tick.c bench/tick_peers.c bench/tick_peers.h $(BENCH_OBJ) $(CORE_LIB)
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) -I. $(LDFLAGS) -o $@ bench/tick.c bench/tick_peers.c $(BENCH_OBJ) $(CORE_LIB) \
	  $(TICK_CJSON) $(TICK_JANSSON) -lm
# PEERS=1: TA-Lib and Tulip Indicators stand beside the pass over eleven indicators; their sources are fetched and built.
PEERS ?=
$(BUILD)/peers/libpeers.a: bench/peers.sh
	$(call say,get,$(@D))
	@CC="$(CC)" sh bench/peers.sh $(@D)
# Built anew when PEERS changes.
$(BUILD)/bench/peers: FORCE
	@mkdir -p $(@D); printf '%s\n' "$(PEERS)" | cmp -s - $@ || printf '%s\n' "$(PEERS)" > $@
$(BUILD)/bench/pass: bench/pass.c bench/pass_peers.c bench/pass_peers.h $(BENCH_OBJ) $(SHELL_LIB) $(CORE_LIB) \
    $(BUILD)/bench/peers $(if $(PEERS),$(BUILD)/peers/libpeers.a)
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) $(if $(PEERS),-DWITH_PEERS -isystem $(BUILD)/peers/include) -I. -Itests $(LDFLAGS) -o $@ bench/pass.c \
	  bench/pass_peers.c $(BENCH_OBJ) $(SHELL_LIB) $(CORE_LIB) $(if $(PEERS),$(BUILD)/peers/libpeers.a) $(LIBS)
$(BUILD)/bench/%: bench/%.c $(BENCH_OBJ) $(SHELL_LIB) $(CORE_LIB)
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) -I. -Itests -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(BENCH_OBJ) $(SHELL_LIB) $(CORE_LIB) $(LIBS)
-include $(wildcard $(BUILD)/bench/*.d)

# SEEDS=20: the demo of every seed from 1 to 20 instead of a sample; DATA: another folder of real candles.
.PHONY: bench
bench: $(TRADER) $(BENCH_BIN)
	@sh bench/run.sh $(BUILD)
# A bench that does not build any more is found by the tests.
test-programs: $(BENCH_BIN)
.PHONY: bench-indicators bench-tick bench-turn
bench-indicators bench-tick bench-turn: bench-%: $(BUILD)/bench/%
	@$<
