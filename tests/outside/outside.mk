# The port at the command line, for the servers of this folder (ONLY=outside).
$(BUILD)/tests/outside_asker: tests/outside/asker.c $(SHELL_LIB) $(CORE_LIB)
	@mkdir -p $(dir $@)
	$(call say,test,$<)
	@$(CC) $(CFLAGS) -Itests -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(SHELL_LIB) $(CORE_LIB) $(LIBS)
-include $(BUILD)/tests/outside_asker.d
test-programs: $(BUILD)/tests/outside_asker
