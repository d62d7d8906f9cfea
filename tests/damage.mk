# Damage: N files flipped, cut, blanked, taken away or swapped for an older copy; none may be silent. `make test` runs
# 1,000 of them; SEED chooses others.
N ?= 100000
.PHONY: damage
damage: $(BUILD)/tests/unit/damage $(BUILD)/tests/unit/damage_calls
	@DAMAGE=$(N) SEED=$(or $(SEED),1) JOBS=$(or $(JOBS),$(shell nproc)) $(BUILD)/tests/unit/damage
	@CALLS=1 $(BUILD)/tests/unit/damage_calls
