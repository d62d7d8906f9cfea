# What the tables of messages, topics and services say, written down: documents, JSON Schemas, TypeScript types.
DESCRIBE_SRC := tools/describe.c tools/describe_plugs.c
$(BUILD)/describe: $(DESCRIBE_SRC) tools/describe.h $(CORE_LIB)
	$(call say,cc,$@)
	@$(CC) $(CFLAGS) $(LDFLAGS) -Itools -o $@ $(DESCRIBE_SRC) $(CORE_LIB) -lm

.PHONY: describe
describe: $(BUILD)/describe
	@mkdir -p docs/schema
	@$< .
docs: describe
