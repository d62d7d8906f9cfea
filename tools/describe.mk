# What the tables of messages, topics and services say, written down: documents, JSON Schemas, TypeScript types.
$(BUILD)/describe: tools/describe.c $(CORE_LIB)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $< $(CORE_LIB) -lm

.PHONY: describe
describe: $(BUILD)/describe
	@mkdir -p docs/schema
	@$< .
docs: describe
