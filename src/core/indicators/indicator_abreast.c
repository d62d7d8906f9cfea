/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Recursive indicators of several series abreast: a short stretch of the bars of as many series as
 * a vector has lanes is turned into rows, every indicator that can steps through them, and its
 * outputs are turned back into the series' columns. Series of one set of bars only: the lanes of
 * one number in all passes.
 */
#include "core/indicators/indicator.h"

#include "core/num/abreast.h"
#include "core/num/columns.h"

#ifndef INDICATOR_FORM
#define INDICATOR_FORM(indicator) (indicator)
#endif

#define STRETCH 64 /* bars: their rows, 4 KiB a column, stay in the first cache */

#define AHEAD 128 /* bars: what comes after the next stretch is asked for from memory */

typedef struct AbreastRows {
    double high[STRETCH * NEAR_LANES], low[STRETCH * NEAR_LANES], close[STRETCH * NEAR_LANES];
    double outputs[INDICATOR_OUTPUTS_MAX][STRETCH * NEAR_LANES];
} AbreastRows;

/* A pass whose lanes [first, first + NEAR_LANES) are all past their warm-up. */
static bool is_ready(const IndicatorPass *pass, unsigned first) {
    if (!INDICATOR_FORM(pass->indicator)->abreast || pass->lane_count < first + NEAR_LANES)
        return false;
    for (unsigned lane = first; lane < first + NEAR_LANES; lane++)
        if (pass->lanes[lane].seen <= pass->lanes[lane].warmup) return false;
    return true;
}

static bool reads_the_same(const IndicatorPass *pass, const IndicatorPass *model, unsigned first) {
    unsigned inputs = pass->indicator->inputs;
    if (inputs & ~model->indicator->inputs) return false;
    for (unsigned lane = first; lane < first + NEAR_LANES; lane++) {
        const IndicatorColumns *own = &pass->lanes[lane].bars, *other = &model->lanes[lane].bars;
        if ((inputs & INPUT_CLOSE) && own->close != other->close) return false;
        if ((inputs & INPUT_HIGH) && own->high != other->high) return false;
        if ((inputs & INPUT_LOW) && own->low != other->low) return false;
    }
    return true;
}

/* The pass whose bars the lanes from `first` on are turned by: the ready one that reads most. */
static const IndicatorPass *model_of(const IndicatorPass *passes, unsigned pass_count,
                                     unsigned first) {
    const IndicatorPass *model = NULL;
    for (unsigned pass = 0; pass < pass_count; pass++)
        if (is_ready(&passes[pass], first) &&
            (!model || passes[pass].indicator->inputs > model->indicator->inputs))
            model = &passes[pass];
    return model;
}

bool indicator_is_abreast(const IndicatorPass *passes, unsigned pass_count, unsigned pass,
                          unsigned index) {
    unsigned first = index / NEAR_LANES * NEAR_LANES;
    if (!is_ready(&passes[pass], first)) return false;
    return reads_the_same(&passes[pass], model_of(passes, pass_count, first), first);
}

/* ---- rows ---------------------------------------------------------------------------------- */

static void turn_in(const double *const columns[static NEAR_LANES], size_t at, size_t count,
                    double *rows) {
    size_t bar = 0;
    for (; bar + NEAR_LANES <= count; bar += NEAR_LANES) {
        Near square[NEAR_LANES];
        for (unsigned lane = 0; lane < NEAR_LANES; lane++)
            square[lane] = near_load(columns[lane] + at + bar);
        for (unsigned lane = 0; lane < NEAR_LANES; lane++)
            near_ask(columns[lane] + at + bar, AHEAD);
        abreast_turn(square);
        for (unsigned row = 0; row < NEAR_LANES; row++)
            near_store(rows + (bar + row) * NEAR_LANES, square[row]);
    }
    for (; bar < count; bar++)
        for (unsigned lane = 0; lane < NEAR_LANES; lane++)
            rows[bar * NEAR_LANES + lane] = columns[lane][at + bar];
}

/* Whole vectors go past the caches where they may and stand well. */
static void turn_out(const double *rows, double *const columns[static NEAR_LANES], size_t count,
                     bool streamed) {
    size_t bar = 0;
    for (unsigned lane = 0; lane < NEAR_LANES; lane++)
        streamed &= (uintptr_t)columns[lane] % COLUMNS_BYTES == 0;
    for (; bar + NEAR_LANES <= count; bar += NEAR_LANES) {
        Near square[NEAR_LANES];
        for (unsigned row = 0; row < NEAR_LANES; row++)
            square[row] = near_load(rows + (bar + row) * NEAR_LANES);
        abreast_turn(square);
        for (unsigned lane = 0; lane < NEAR_LANES; lane++)
            if (streamed)
                near_stream(columns[lane] + bar, square[lane]);
            else
                near_store(columns[lane] + bar, square[lane]);
    }
    for (; bar < count; bar++)
        for (unsigned lane = 0; lane < NEAR_LANES; lane++)
            columns[lane][bar] = rows[bar * NEAR_LANES + lane];
}

static void read_bars(const IndicatorLane *lanes, unsigned inputs, size_t at, size_t count,
                      AbreastRows *rows) {
    const double *columns[3][NEAR_LANES];
    for (unsigned lane = 0; lane < NEAR_LANES; lane++) {
        columns[0][lane] = lanes[lane].bars.high;
        columns[1][lane] = lanes[lane].bars.low;
        columns[2][lane] = lanes[lane].bars.close;
    }
    if (inputs & INPUT_HIGH) turn_in(columns[0], at, count, rows->high);
    if (inputs & INPUT_LOW) turn_in(columns[1], at, count, rows->low);
    if (inputs & INPUT_CLOSE) turn_in(columns[2], at, count, rows->close);
}

/* An output that one lane wants is made for all, and goes nowhere for the others. */
static void run_pass(const IndicatorPass *pass, unsigned first, size_t at, size_t count,
                     AbreastRows *rows) {
    const Indicator *indicator = INDICATOR_FORM(pass->indicator);
    const IndicatorLane *lanes = pass->lanes + first;
    double nowhere[STRETCH];
    IndicatorAbreast abreast = {rows->high, rows->low, rows->close, {NULL}, count};
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++)
        for (unsigned lane = 0; lane < NEAR_LANES; lane++)
            if (lanes[lane].outputs[output]) abreast.outputs[output] = rows->outputs[output];
    indicator->abreast(lanes, &abreast);
    for (unsigned output = 0; output < INDICATOR_OUTPUTS_MAX; output++) {
        if (!abreast.outputs[output]) continue;
        double *columns[NEAR_LANES];
        for (unsigned lane = 0; lane < NEAR_LANES; lane++)
            columns[lane] =
                lanes[lane].outputs[output] ? lanes[lane].outputs[output] + at : nowhere;
        turn_out(abreast.outputs[output], columns, count, pass->streamed);
    }
}

static void run_group(const IndicatorPass *passes, unsigned pass_count, unsigned first,
                      const size_t range[static 2]) {
    _Alignas(64) AbreastRows rows;
    const IndicatorPass *model = model_of(passes, pass_count, first);
    for (size_t at = range[0]; model && at < range[1]; at += STRETCH) {
        size_t count = range[1] - at < STRETCH ? range[1] - at : STRETCH;
        read_bars(model->lanes + first, model->indicator->inputs, at, count, &rows);
        for (unsigned pass = 0; pass < pass_count; pass++)
            if (is_ready(&passes[pass], first) && reads_the_same(&passes[pass], model, first))
                run_pass(&passes[pass], first, at, count, &rows);
    }
}

void indicator_abreast(const IndicatorPass *passes, unsigned pass_count, size_t at, size_t count) {
    unsigned lane_count = 0;
    for (unsigned pass = 0; pass < pass_count; pass++)
        if (passes[pass].lane_count > lane_count) lane_count = passes[pass].lane_count;
    for (unsigned first = 0; first + NEAR_LANES <= lane_count; first += NEAR_LANES)
        run_group(passes, pass_count, first, (const size_t[]){at, at + count});
}
