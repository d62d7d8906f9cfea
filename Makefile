# trader: one program, built by GNU make alone. `make` builds it, `make run` starts it, `make test` proves it.
#
#help make                builds build/trader
#help make run            installs what is missing, builds, starts: dashboard on port 8050 (ARGS="..." for trader run)
#help make test           installs what is missing, runs every test (SAN=1: the C tests with sanitizers)
#help make bench          measures, prints the table, writes build/bench.json (PEERS=1: beside fetched libraries)
#help make docs           writes anew what is made from the tables: commands, settings, messages, schemas, types
#help make fuzz           TARGET=json SECONDS=10
#help make install        PREFIX=/usr/local DESTDIR=
#help make deb            a Debian package
#help make clean          removes build/
#
#   make CC=clang OPT=-O0 BUILD=build/clang    another compiler or level, in a folder of its own
#   make SAN=1                                 address and undefined-behaviour sanitizers, in build/san
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

CC    := $(if $(filter default,$(origin CC)),gcc,$(CC))
OPT   ?= -O2
SAN   ?=
BUILD ?= $(if $(SAN),build/san,build)
VERSION := $(shell cat VERSION)

WARN := -Wall -Wextra -Wshadow -Wconversion -Wdouble-promotion -Wstrict-prototypes -Wmissing-prototypes -Wundef \
        -Wwrite-strings -Wvla -Werror
HARD := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
ifneq ($(filter -O0,$(OPT))$(SAN),)
HARD := -fstack-protector-strong -fPIE
endif
comma := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
CFLAGS   := -std=gnu17 $(OPT) -g $(WARN) $(HARD) $(SANFLAGS) -Isrc -I$(BUILD)/generated -D_GNU_SOURCE $(MORE)
CORE     := -ffp-contract=off -fno-math-errno -fno-trapping-math
ifneq ($(SAN),)
CORE     := -ffp-contract=off
endif
LDFLAGS  := -pie -Wl,-z,relro,-z,now,-z,noexecstack $(SANFLAGS)
LIBS     := -lcurl -lexpat -lwebsockets -lssl -lcrypto -lsqlite3 -lzip -lz -lm -lpthread

# --- sources: every .c below src/ belongs to the program; folders of plugs become tables ------------------------
SOURCES   := $(shell find src -name '*.c' | sort)
CORE_SRC  := $(filter src/core/%,$(SOURCES))
SHELL_SRC := $(filter-out src/core/% src/main.c,$(SOURCES))
PLUGS     := indicators:Indicator:indicator:core/indicators services:Service:service:core/services \
             strategies:Strategy:strategy:core/strategies \
             commands:Command:command:shell/cmd
GENERATED := $(BUILD)/generated
TABLES    := $(GENERATED)/table_indicator.c $(GENERATED)/table_service.c $(GENERATED)/table_strategy.c \
             $(GENERATED)/table_command.c

object = $(patsubst %.c,$(BUILD)/object/%.o,$(1))
CORE_OBJ  := $(call object,$(CORE_SRC)) $(BUILD)/object/generated/table_indicator.o $(BUILD)/object/generated/table_service.o \
             $(BUILD)/object/generated/table_strategy.o $(BUILD)/object/generated/prompt_texts.o
SHELL_OBJ := $(call object,$(SHELL_SRC)) $(BUILD)/object/generated/table_command.o $(BUILD)/object/generated/web_assets.o
CORE_LIB  := $(BUILD)/libcore.a
SHELL_LIB := $(BUILD)/libshell.a
TRADER    := $(BUILD)/trader

.PHONY: all
all: $(TRADER)
	@printf 'built %s\n' $(TRADER)

$(TRADER): $(call object,src/main.c) $(SHELL_LIB) $(CORE_LIB)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(CORE_LIB): $(CORE_OBJ) $(BUILD)/sources
	@rm -f $@ && ar rcs $@ $(filter %.o,$^)
$(SHELL_LIB): $(SHELL_OBJ) $(BUILD)/sources
	@rm -f $@ && ar rcs $@ $(filter %.o,$^)

# A file that went must go from the libraries too.
$(BUILD)/sources: FORCE
	@mkdir -p $(BUILD); printf '%s\n' $(SOURCES) | cmp -s - $@ || printf '%s\n' $(SOURCES) > $@

# The flags of a build are part of it: another compiler or option rebuilds.
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD); printf '%s\n' "$(CC) $(CFLAGS) $(CORE) $(VERSION)" | cmp -s - $@ || \
	  printf '%s\n' "$(CC) $(CFLAGS) $(CORE) $(VERSION)" > $@
FORCE:

$(BUILD)/object/src/core/%.o: src/core/%.c $(BUILD)/flags
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) $(CORE) $(OWN) -MMD -MP -c -o $@ $<
# The elementary functions are the same on every machine: the compiler puts nothing of its own in their place.
$(BUILD)/object/src/core/base/elementary.o: private OWN := -fno-builtin
# Columns are worked on in vectors, which -O2 makes too few of; the bits are the same.
COLUMNS := $(CORE) $(if $(filter -O2,$(OPT)),-O3)
$(call object,$(wildcard src/core/indicators/*.c src/core/num/columns*.c)): private OWN := $(COLUMNS)
# Kernels for newer processors: the core's text and its arithmetic, other instructions (shell/accel/accel.h).
ifeq ($(shell uname -m),x86_64)
$(BUILD)/object/src/shell/accel/wide_indicators_avx2.o: private OWN := $(COLUMNS) -mavx2 -DCOLUMNS_BYTES=32
$(BUILD)/object/src/shell/accel/wide_indicators_avx512.o: private OWN := $(COLUMNS) -mavx512f -mavx512dq -mavx512vl \
    -mprefer-vector-width=512 -DCOLUMNS_BYTES=64
$(BUILD)/object/src/shell/accel/wide_avx2.o: private OWN := $(CORE) -mavx2
$(BUILD)/object/src/shell/accel/wide_avx512.o: private OWN := $(CORE) -mavx512f -mavx512dq -mavx512vl \
    -mprefer-vector-width=512
endif
$(BUILD)/object/src/%.o: src/%.c $(BUILD)/flags
	@mkdir -p $(dir $@)
	$(call say,cc,$<)
	@$(CC) $(CFLAGS) $(OWN) -DTRADER_VERSION='"$(VERSION)"' -MMD -MP -c -o $@ $<
$(BUILD)/object/generated/%.o: $(GENERATED)/%.c $(BUILD)/flags
	@mkdir -p $(dir $@)
	@$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

say = @printf '  %-4s %s\n' $(1) $(2)

# A plug table: the folder's files, in order of their names, each defining the constant NOUN_FILE.
# $(1) noun  $(2) type  $(3) folder  $(4) folder of the header that defines the type
define plug_table
$(GENERATED)/table_$(1).c: $(filter src/$(3)/%.c,$(SOURCES)) $(BUILD)/flags Makefile
	@mkdir -p $$(dir $$@)
	@{ printf '/* Generated by the Makefile from the files of src/%s. */\n#include "%s/%s.h"\n' $(3) $(4) $(1); \
	  for f in $(sort $(notdir $(basename $(wildcard src/$(3)/*.c)))); do \
	    grep -q "^const $(2) $(1)_$$$$f = " src/$(3)/$$$$f.c || continue; \
	    printf 'extern const $(2) $(1)_%s;\n' $$$$f; done; \
	  printf 'const $(2) *const $(1)_table[] = {\n'; \
	  for f in $(sort $(notdir $(basename $(wildcard src/$(3)/*.c)))); do \
	    grep -q "^const $(2) $(1)_$$$$f = " src/$(3)/$$$$f.c || continue; \
	    printf '    &$(1)_%s,\n' $$$$f; done; \
	  printf '};\nconst unsigned $(1)_count = sizeof $(1)_table / sizeof $(1)_table[0];\n'; } > $$@
endef
$(eval $(call plug_table,indicator,Indicator,core/indicators,core/indicators))
$(eval $(call plug_table,strategy,Strategy,core/strategies,core/strategies))
$(eval $(call plug_table,service,Service,core/services,core/bus))
$(eval $(call plug_table,command,Command,shell/cmd,shell/cmd))

# The built page (committed in web/dist) becomes constant bytes inside the binary.
WEB_FILES := $(sort $(wildcard web/dist/*))
$(GENERATED)/web_assets.c: $(WEB_FILES) tools/embed.sh
	@mkdir -p $(dir $@)
	@sh tools/embed.sh $(WEB_FILES) > $@

# The built-in prompts, in order of their names, as constant text inside the core.
PROMPTS := $(sort $(wildcard config/prompts/*.txt))
$(GENERATED)/prompt_texts.c: $(PROMPTS) tools/embed_prompts.sh
	@mkdir -p $(dir $@)
	@sh tools/embed_prompts.sh $(PROMPTS) > $@

-include $(shell find $(BUILD)/object -name '*.d' 2>/dev/null)

.PHONY: run test
run:
	@sh tools/install.sh run
	@$(MAKE) --no-print-directory $(PARALLEL) all
	@exec $(TRADER) run $(ARGS)
test:
	@sh tools/install.sh run test
	@SAN=$(SAN) sh tests/run.sh
# As many jobs as cores where the caller did not say.
PARALLEL = $(if $(findstring j,$(firstword -$(MAKEFLAGS))),,-j$(shell nproc))

include tests/tests.mk
include tests/fuzz/fuzz.mk
include tests/sim/sim.mk
include tools/tools.mk
include bench/bench.mk

.PHONY: help
help:
	@sed -n 's/^#help //p' $(MAKEFILE_LIST)

.PHONY: clean
clean:
	@rm -rf build && echo 'clean: removed build/'
