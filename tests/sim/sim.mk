# The whole-system simulation (docs/SIMULATION.md).
#
#help make sim            SEEDS=10000 FIRST=1 MINUTES=720: whole-system simulation by seed
#help make sim-bugs       SEEDS=200: every planted bug must be found
SIM_SRC := $(wildcard tests/sim/*.c)
SIM_OBJ := $(patsubst %.c,$(BUILD)/object/%.o,$(SIM_SRC))
SIM     := $(BUILD)/sim
# Of the shell only this: what the core says is compared with what stands in the journal.
SIM_REPLAY := $(call object,src/shell/drivers/turn_replay.c)
SEEDS   ?= 200
FIRST   ?= 1
MINUTES ?= 720
SIM_REGRESS := $(sort $(wildcard tests/sim/regress/*.sim))

$(BUILD)/object/tests/sim/%.o: tests/sim/%.c $(BUILD)/flags
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) $(CORE) -Itests -MMD -MP -c -o $@ $<

$(SIM): $(SIM_OBJ) $(SIM_REPLAY) $(CORE_LIB)
	@$(CC) $(LDFLAGS) -o $@ $(SIM_OBJ) $(SIM_REPLAY) $(CORE_LIB) -lm

.PHONY: sim sim-bugs
sim: $(SIM)
	@$(SIM) --incidents
	@$(if $(SIM_REGRESS),$(SIM) --play $(SIM_REGRESS),true)
	@$(SIM) --seeds $(SEEDS) --first $(FIRST) --minutes $(MINUTES)

# A build of its own, in which mistakes can be switched on: the simulation finds each, and of those that make live
# orders other than paper's (a trade booked twice, fees, the last fill) the law of tests/laws/paper_and_live.c tells.
UNEQUAL_BUGS := 6 26 33 40
sim-bugs:
	@$(MAKE) --no-print-directory BUILD=build/planted MORE=-DPLANTED_BUGS build/planted/sim
	@build/planted/sim --bugs $(SEEDS) --minutes $(MINUTES)
	@$(MAKE) --no-print-directory BUILD=build/planted MORE=-DPLANTED_BUGS build/planted/tests/laws/paper_and_live
	@for bug in $(UNEQUAL_BUGS); do \
	  ! build/planted/tests/laws/paper_and_live $$bug >/dev/null 2>&1 || \
	    { printf 'sim-bugs: paper and live stay equal with bug %s\n' $$bug; exit 1; }; done
	@printf 'sim-bugs: paper and live differ with each of: %s\n' '$(UNEQUAL_BUGS)'
