/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/sweep.h"

#include <math.h>

#include "core/trial/trial_plan.h"
#include "core/trial/trial_walk.h"

#define SETS_AT_ONCE    256 /* walks of one pass: their state is 3 MiB */
#define COLUMNS_AT_ONCE 512 /* columns of one pass: their window is 8 MiB */
/* Memory of one pass. More sets than fit into it take several passes, with the same rows. */
#define PASS_BYTES ((size_t)16 << 20)
/* A set's columns are added before their memory is known: so much is left for them. 16 columns with
 * their indicators' longest windows. */
#define SET_BYTES ((size_t)2 << 20)

typedef struct SweepPass {
    const SweepSpace *space;
    const TrialPlan *plan;
    RuleColumns columns;
    TrialWindow *window;
    uint32_t count;
    TrialWalk *walks[SETS_AT_ONCE];
    SweepRow *rows[SETS_AT_ONCE];
    TrialPlan plans[SETS_AT_ONCE];
} SweepPass;

static bool passes(const SweepSpace *space, const TrialPlan *plan) {
    TrialPlan own = *plan;
    own.strategy = space->strategy;
    own.rules = NULL;
    return trial_fast_fits(&own);
}

static void make_row(const SweepSpace *space, uint64_t index, SweepRow *row) {
    *row = (SweepRow){.index = index};
    row->fits = sweep_parameters(space, index, row->parameters);
}

static TrialPlan plan_of(const SweepSpace *space, const TrialPlan *plan, const SweepRow *row) {
    TrialPlan own = *plan;
    own.strategy = space->strategy;
    own.rules = NULL;
    memcpy(own.parameters, row->parameters, sizeof own.parameters);
    return own;
}

/* ---- in passes ----------------------------------------------------------------------------- */

static void begin_pass(SweepPass *pass, Arena *arena) {
    pass->count = 0;
    pass->window = arena_take(arena, sizeof *pass->window);
    rule_columns_init(&pass->columns, arena, COLUMNS_AT_ONCE,
                      pass->plan->markets[0].candles.length_us);
}

/* Takes the set in; false with ERROR_NONE when the pass is full. */
static bool take_set(SweepPass *pass, Arena *arena, SweepRow *row, Error *error) {
    StrategyPlan rules;
    RuleStream stream;
    size_t used = arena->used + rule_columns_memory(&pass->columns, RULE_MASK_WINDOW);
    bool full = pass->count == SETS_AT_ONCE || used + SET_BYTES > arena->size ||
                pass->columns.count + PLAN_COLUMNS_MAX > COLUMNS_AT_ONCE;
    error->code = ERROR_NONE;
    if (full) return false;
    TrialPlan *plan = &pass->plans[pass->count];
    *plan = plan_of(pass->space, pass->plan, row);
    if (!trial_plan_stream(plan, &rules, &stream, error)) return false;
    TrialWalk *walk = arena_take(arena, trial_walk_size());
    if (!rule_columns_add(&pass->columns, &rules, walk->places, error)) return false;
    trial_walk_begin(walk, plan, &rules, NULL);
    pass->walks[pass->count] = walk;
    pass->rows[pass->count++] = row;
    return true;
}

static void run_pass(SweepPass *pass, Arena *arena) {
    const TrialMarket *market = &pass->plan->markets[0];
    rule_columns_open(&pass->columns, arena, RULE_MASK_WINDOW);
    if (pass->plan->wide) pass->columns.wide = pass->plan->wide;
    for (size_t from = 0; from < market->end; from += RULE_MASK_WINDOW) {
        size_t count = rule_columns_next(&pass->columns, &market->candles, market->external);
        trial_window_fill(pass->window, market, &pass->columns, from, count);
        for (uint32_t i = 0; i < pass->count; i++)
            trial_walk_window(pass->walks[i], pass->window);
    }
    for (uint32_t i = 0; i < pass->count; i++) {
        SweepRow *row = pass->rows[i];
        trial_walk_end(pass->walks[i], &row->result);
        row->summary = trial_summary(&pass->plans[i], &row->result, &pass->walks[i]->track);
    }
}

static bool run_in_passes(const SweepSpace *space, const TrialPlan *plan, uint32_t count,
                          void *memory, SweepRow *rows, Error *error) {
    Error own;
    uint32_t done = 0;
    while (done < count) {
        Arena arena = arena_in(memory, PASS_BYTES);
        SweepPass *pass = arena_take(&arena, sizeof *pass);
        pass->space = space;
        pass->plan = plan;
        begin_pass(pass, &arena);
        while (done < count && (!rows[done].fits || take_set(pass, &arena, &rows[done], &own)))
            done++;
        if (done < count && own.code != ERROR_NONE) {
            if (error) *error = own;
            return false;
        }
        if (pass->count) run_pass(pass, &arena);
    }
    return true;
}

/* ---- bar by bar ---------------------------------------------------------------------------- */

static bool run_singly(const SweepSpace *space, const TrialPlan *plan, uint32_t count, void *memory,
                       SweepRow *rows, Error *error) {
    for (uint32_t i = 0; i < count; i++) {
        EquityTrack track;
        TrialOutput output = {.track = &track};
        if (!rows[i].fits) continue;
        TrialPlan own = plan_of(space, plan, &rows[i]);
        if (!trial_run(&own, memory, &output, &rows[i].result, error)) return false;
        rows[i].summary = trial_summary(&own, &rows[i].result, &track);
    }
    return true;
}

/* ---- both ---------------------------------------------------------------------------------- */

size_t sweep_memory(const SweepSpace *space, const TrialPlan *plan, SweepRange range) {
    if (passes(space, plan)) return PASS_BYTES;
    size_t most = 1;
    for (uint32_t i = 0; i < range.count; i++) {
        SweepRow row;
        make_row(space, range.from + i, &row);
        TrialPlan own = plan_of(space, plan, &row);
        size_t size = row.fits ? trial_memory(&own) : 0;
        if (size > most) most = size;
    }
    return most;
}

bool sweep_run(const SweepSpace *space, const TrialPlan *plan, SweepRange range, void *memory,
               SweepRow *rows, Error *error) {
    for (uint32_t i = 0; i < range.count; i++)
        make_row(space, range.from + i, &rows[i]);
    bool (*run)(const SweepSpace *, const TrialPlan *, uint32_t, void *, SweepRow *, Error *) =
        passes(space, plan) ? run_in_passes : run_singly;
    return run(space, plan, range.count, memory, rows, error);
}
