/* SPDX-License-Identifier: Apache-2.0 */
/* Indicators over columns, block by block: each in the fastest form that it has. */
#include "core/indicators/indicator.h"

#include "core/base/check.h"
#include "core/num/columns.h"

#include <math.h>

#ifndef INDICATOR_FORM
#define INDICATOR_FORM(indicator) (indicator) /* shell/accel has others */
#endif

_Static_assert(INDICATOR_BLOCK == COLUMNS_BLOCK, "a block is what columns.h works on");

IndicatorLane indicator_lane(const Indicator *indicator, const double *options, void *state) {
    indicator->init(state, options);
    return (IndicatorLane){.state = state, .warmup = indicator->warmup(options)};
}

/* The lane as it stands at bar `at` of its columns, with `left` bars behind the block. */
static IndicatorLane lane_at(const IndicatorLane *lane, size_t at, size_t left) {
    IndicatorLane part = *lane;
    part.behind = at;
    part.ahead = left;
    part.streams = false;
    const double **columns[] = {&part.bars.open,  &part.bars.high,   &part.bars.low,
                                &part.bars.close, &part.bars.volume, &part.bars.taker};
    for (unsigned column = 0; column < sizeof columns / sizeof columns[0]; column++)
        if (*columns[column]) *columns[column] += at;
    if (part.bars.time_us) part.bars.time_us += at;
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
        if (part.outputs[output]) part.outputs[output] += at;
    return part;
}

static double column_value(const double *column, size_t at) {
    return column ? column[at] : (double)NAN;
}

static void step_lane(const Indicator *indicator, const IndicatorLane *lane, size_t count) {
    const IndicatorColumns *bars = &lane->bars;
    double outputs[INDICATOR_OUTPUTS_MAX];
    for (size_t at = 0; at < count; at++) {
        IndicatorBar bar = {.open = column_value(bars->open, at),
                            .high = column_value(bars->high, at),
                            .low = column_value(bars->low, at),
                            .close = column_value(bars->close, at),
                            .volume = column_value(bars->volume, at),
                            .taker = column_value(bars->taker, at),
                            .time_us = bars->time_us ? bars->time_us[at] : 0};
        indicator->step(lane->state, &bar, outputs);
        for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
            if (lane->outputs[output]) lane->outputs[output][at] = outputs[output];
    }
}

/* ---- recursions of several indicators ------------------------------------------------------ */

#define STAGED_MAX     24
#define STAGED_COLUMNS 32 /* of a block: 136 KiB of the second cache */

/* Outputs of a lane that are streamed: each is made in a column first. */
typedef struct Streamed {
    double *targets[INDICATOR_OUTPUTS_MAX];
    unsigned count; /* of columns */
} Streamed;

/* One lane over one block, to be run in stages. */
typedef struct Staged {
    const IndicatorStages *stages;
    IndicatorLane lane;
    Streamed streamed;
    size_t count;
    unsigned stage, first, half; /* first: of its columns, in that half */
} Staged;

/* Those of two blocks: what is still to be done of the block before goes beside the first stages of
 * this one. Those with more recursions stand in front. */
typedef struct Stage {
    Staged staged[STAGED_MAX];
    unsigned count, half, columns_used; /* half, columns_used: of this block */
    double columns[2][STAGED_COLUMNS][INDICATOR_PITCH] __attribute__((aligned(64)));
} Stage;

static Streamed stream_begin(IndicatorLane *lane, double (*columns)[INDICATOR_PITCH]) {
    Streamed streamed = {.count = 0};
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++) {
        if (!lane->outputs[output]) continue;
        streamed.targets[output] = lane->outputs[output];
        lane->outputs[output] = columns[streamed.count++];
    }
    return streamed;
}

static void stream_end(const IndicatorLane *lane, const Streamed *streamed, size_t count) {
    for (unsigned output = 0; streamed->count && output < INDICATOR_OUTPUTS_MAX; output++)
        if (streamed->targets[output])
            columns_stream(streamed->targets[output], lane->outputs[output], count);
}

static bool is_of(const Stage *stage, const Staged *staged, bool before) {
    return !before || staged->half != stage->half;
}

/* The next stage of as many as there is room for, side by side; before: of the block before only.
 */
static void stage_round(Stage *stage, bool before) {
    SmoothLane smooth[COLUMNS_LANES];
    unsigned used = 0, kept = 0;
    size_t count = stage->count ? stage->staged[0].count : 0;
    for (unsigned index = 0; index < stage->count; index++) {
        Staged *staged = &stage->staged[index];
        bool fits = used + staged->stages->recursions <= COLUMNS_LANES;
        unsigned more = 1;
        if (fits && is_of(stage, staged, before)) {
            more = staged->stages->run(&staged->lane, staged->stage++, count,
                                       stage->columns[staged->half] + staged->first, smooth + used);
            used += more;
        }
        if (!more) stream_end(&staged->lane, &staged->streamed, count);
        if (more && kept++ != index) stage->staged[kept - 1] = *staged;
    }
    stage->count = kept;
    columns_smooth(smooth, used, count);
}

static void stage_flush(Stage *stage) {
    while (stage->count)
        stage_round(stage, false);
    stage->columns_used = 0;
}

static bool stage_has(const Stage *stage, bool fresh) {
    for (unsigned index = 0; index < stage->count; index++)
        if (fresh ? stage->staged[index].stage == 0 : stage->staged[index].half != stage->half)
            return true;
    return false;
}

/* Behind a block: all of it begins, and all of the block before ends. */
static void stage_turn(Stage *stage) {
    do
        stage_round(stage, false);
    while (stage_has(stage, true));
    while (stage_has(stage, false))
        stage_round(stage, true);
    stage->half ^= 1;
    stage->columns_used = 0;
}

static void stage_add(Stage *stage, const Indicator *indicator, bool streams,
                      const IndicatorLane *lane, size_t count) {
    const IndicatorStages *stages = &indicator->stages;
    unsigned most = stages->columns + (streams ? INDICATOR_OUTPUTS_MAX : 0);
    if (stage->count == STAGED_MAX || stage->columns_used + most > STAGED_COLUMNS ||
        (stage->count && stage->staged[0].count != count))
        stage_flush(stage);
    unsigned place = stage->count++;
    for (; place && stage->staged[place - 1].stages->recursions < stages->recursions; place--)
        stage->staged[place] = stage->staged[place - 1];
    Staged *staged = &stage->staged[place];
    *staged = (Staged){.stages = stages,
                       .lane = *lane,
                       .count = count,
                       .first = stage->columns_used,
                       .half = stage->half};
    stage->columns_used += stages->columns;
    if (streams)
        staged->streamed =
            stream_begin(&staged->lane, stage->columns[stage->half] + stage->columns_used);
    stage->columns_used += staged->streamed.count;
}

/* ---- blocks -------------------------------------------------------------------------------- */

/* Whether whole lines of the cache may be written to each output. */
static bool stands_well(const IndicatorLane *lane) {
    uintptr_t bits = 0;
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
        bits |= (uintptr_t)lane->outputs[output];
    return bits % (COLUMNS_ALIGN * sizeof(double)) == 0;
}

/* Lane by lane, so that what is to be streamed stays in the first cache until it is. */
static void batch_streamed(const Indicator *indicator, const IndicatorLane *lanes,
                           unsigned lane_count, size_t count) {
    _Alignas(64) double columns[INDICATOR_OUTPUTS_MAX][INDICATOR_PITCH];
    for (unsigned index = 0; index < lane_count; index++) {
        IndicatorLane lane = lanes[index];
        Streamed streamed = {.count = 0};
        lane.streams = stands_well(&lane);
        if (!lane.streams) streamed = stream_begin(&lane, columns);
        indicator->batch(&lane, 1, count);
        stream_end(&lane, &streamed, count);
    }
}

static void batch_lanes(const IndicatorPass *pass, const IndicatorLane *lanes, unsigned lane_count,
                        size_t count) {
    if (pass->streamed)
        batch_streamed(INDICATOR_FORM(pass->indicator), lanes, lane_count, count);
    else if (lane_count)
        INDICATOR_FORM(pass->indicator)->batch(lanes, lane_count, count);
}

typedef struct Passes {
    const IndicatorPass *passes;
    unsigned count;
    size_t bars;
} Passes;

/* One block: lanes that are still warming up step, the others go together. */
static void batch_block(const Passes *passes, unsigned which, Stage *stage, size_t at) {
    const IndicatorPass *pass = &passes->passes[which];
    size_t all = passes->bars, count = all - at < INDICATOR_BLOCK ? all - at : INDICATOR_BLOCK;
    const Indicator *indicator = INDICATOR_FORM(pass->indicator);
    bool abreast = indicator->abreast != NULL;
    IndicatorLane warm[INDICATOR_LANES];
    unsigned warm_count = 0;
    for (unsigned index = 0; index < pass->lane_count; index++) {
        IndicatorLane *lane = &pass->lanes[index], part = lane_at(lane, at, all - at - count);
        bool is_warm = lane->seen > lane->warmup;
        if (abreast && indicator_is_abreast(passes->passes, passes->count, which, index)) continue;
        if (is_warm && indicator->stages.run)
            stage_add(stage, indicator, pass->streamed, &part, count);
        else if (is_warm && indicator->batch)
            warm[warm_count++] = part;
        else
            step_lane(indicator, &part, count);
        if (warm_count == INDICATOR_LANES) {
            batch_lanes(pass, warm, warm_count, count);
            warm_count = 0;
        }
    }
    batch_lanes(pass, warm, warm_count, count);
}

/* The lanes have taken in the block. */
static void count_on(const IndicatorPass *pass, size_t count) {
    for (unsigned index = 0; index < pass->lane_count; index++)
        pass->lanes[index].seen += count;
}

void indicator_batch(const Indicator *indicator, IndicatorLane *lanes, unsigned lane_count,
                     size_t count) {
    indicator_batch_pass(&(IndicatorPass){indicator, lanes, lane_count, false}, 1, count);
}

void indicator_batch_pass(const IndicatorPass *passes, unsigned pass_count, size_t count) {
    Stage stage;
    Passes all = {passes, pass_count, count};
    bool streamed = false, alone = true;
    stage.count = stage.half = stage.columns_used = 0;
    for (size_t at = 0; at < count; at += INDICATOR_BLOCK) {
        size_t block = count - at < INDICATOR_BLOCK ? count - at : INDICATOR_BLOCK;
        indicator_abreast(passes, pass_count, at, block);
        for (unsigned pass = 0; pass < pass_count; pass++) {
            batch_block(&all, pass, &stage, at);
            streamed |= passes[pass].streamed;
            alone &= passes[pass].lane_count <= 1;
        }
        if (alone)
            stage_turn(&stage);
        else /* the next block's lanes may go abreast, and must find nothing undone */
            stage_flush(&stage);
        for (unsigned pass = 0; pass < pass_count; pass++)
            count_on(&passes[pass], block);
    }
    stage_flush(&stage);
    if (streamed) columns_settle();
}
