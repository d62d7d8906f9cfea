# Benchmarks: one program per file below bench/, linked with the core as it is built for release.
$(BUILD)/bench/%: bench/%.c $(CORE_LIB)
	@mkdir -p $(dir $@)
	$(call say,bench,$<)
	@$(CC) $(CFLAGS) -Itests -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(CORE_LIB) -lm
-include $(wildcard $(BUILD)/bench/*.d)

.PHONY: bench-indicators
bench-indicators: $(BUILD)/bench/indicators
	@$<
