# Fuzzers: one libFuzzer entry point per file, built by clang with the core's sources that it needs and sanitizers.
#
#   make fuzz TARGET=json SECONDS=10
FUZZ_BUILD := $(BUILD)/fuzz
FUZZ_FLAGS := -std=gnu17 -O1 -g $(WARN) -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
              -ffp-contract=off -Isrc -D_GNU_SOURCE
SECONDS    ?= 10
# What a fuzzer needs beside core/base.
FUZZ_MORE_web_query := src/shell/web/web_query.c
FUZZ_MORE_binance_stream := $(filter src/core/venues/%.c src/core/market/%.c,$(SOURCES)) $(addprefix src/core/bus/,shape.c codec_json.c codec_schema.c)
FUZZ_MORE_model_reply := $(FUZZ_MORE_binance_stream) src/core/analyst/answer.c
FUZZ_MORE_binance_order := $(FUZZ_MORE_binance_stream)
FUZZ_MORE_binance_user := $(FUZZ_MORE_binance_stream)
FUZZ_MORE_binance_reply := $(FUZZ_MORE_binance_stream)
FUZZ_MORE_record := src/core/kernel/record.c src/core/bus/shape.c src/core/bus/codec_bytes.c src/core/bus/codec_json.c $(filter src/core/market/%.c,$(SOURCES))
FUZZ_MORE_candle_json := $(filter src/core/market/%.c,$(SOURCES))
FUZZ_MORE_candle_file := $(FUZZ_MORE_candle_json) $(addprefix src/shell/store/candle_,key.c format.c store.c) src/shell/sys/files.c
FUZZ_MORE_candle_rows := $(FUZZ_MORE_candle_json) $(addprefix src/shell/store/,candle_file.c candle_file_json.c packed_file.c)
FUZZ_LIBS_candle_rows := -lzip -lz
FUZZ_MORE_social_body := $(FUZZ_MORE_record) $(filter src/core/venues/headline_%.c src/core/venues/lunarcrush%.c \
  src/core/venues/foreign_items.c src/core/venues/fear_greed.c src/core/trade/headline_%.c,$(SOURCES))
FUZZ_MORE_feed_items := $(addprefix src/shell/outside/,feed_items.c outside_headers.c)
FUZZ_LIBS_feed_items := -lexpat -lcurl
FUZZ_MORE_exchange_api := $(filter src/core/sim/%.c src/core/market/%.c src/core/num/%.c,$(SOURCES))

$(FUZZ_BUILD)/%: tests/fuzz/%.c $(wildcard src/core/base/*.[ch])
	@mkdir -p $(dir $@)
	$(call say,fuzz,$<)
	@clang $(FUZZ_FLAGS) -o $@ $< $(filter src/core/base/%.c,$(SOURCES)) $(FUZZ_MORE_$*) $(FUZZ_LIBS_$*) -lm

.PHONY: fuzz
fuzz: $(FUZZ_BUILD)/$(TARGET)
	@test -n '$(TARGET)' || { echo 'fuzz: name a file of tests/fuzz, as in TARGET=json'; exit 2; }
	@mkdir -p $(FUZZ_BUILD)/corpus/$(TARGET) && cd $(FUZZ_BUILD) && \
	  ./$(TARGET) -max_total_time=$(SECONDS) -max_len=4096 -print_final_stats=1 corpus/$(TARGET) \
	  > $(TARGET).log 2>&1 || { tail -40 $(TARGET).log; echo 'fuzz $(TARGET): failed'; exit 1; }
	@printf 'fuzz %s: %s inputs in %s s, nothing found\n' '$(TARGET)' \
	  "$$(sed -n 's/stat::number_of_executed_units: *//p' $(FUZZ_BUILD)/$(TARGET).log)" '$(SECONDS)'
