# Tests: one C program per file below tests/unit, tests/laws, tests/golden and tests/tidy, linked with cmocka and the
# libraries; tests/run.sh runs them all, and the other kinds, and counts.
TEST_SRC := $(sort $(wildcard tests/unit/*.c tests/laws/*.c tests/golden/*.c tests/tidy/*.c))
TEST_BIN := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SRC))

$(BUILD)/tests/%: tests/%.c $(SHELL_LIB) $(CORE_LIB)
	@mkdir -p $(dir $@)
	$(call say,test,$<)
	@$(CC) $(CFLAGS) -Itests -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(SHELL_LIB) $(CORE_LIB) $(LIBS) -lcmocka
-include $(wildcard $(BUILD)/tests/*/*.d)

# They run the program itself.
$(BUILD)/tests/unit/command_line $(BUILD)/tests/unit/command_state $(BUILD)/tests/unit/command_candles $(BUILD)/tests/unit/command_judge: | $(TRADER)

.PHONY: test-programs
test-programs: $(TEST_BIN) $(if $(SAN),,$(BUILD)/describe)

# For tests/run.sh. What reads the source and the objects of the release build needs no sanitizer.
.PHONY: test-list
test-list:
	@printf '%s\n' $(if $(SAN),$(filter-out $(BUILD)/tests/tidy/%,$(TEST_BIN)),$(TEST_BIN))

include tests/outside/outside.mk
include tests/torture.mk
include tests/damage.mk
