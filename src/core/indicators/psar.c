/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parabolic stop and reverse (Wilder 1978, pages 9 to 22). The stop moves towards the extreme
 * of the trend by a share that grows with each new extreme, but never into the range of the last
 * two bars; a bar that passes it turns the trend, and the stop starts from the old extreme. The
 * first trend is up if the middle of the second bar does not lie below that of the first.
 */
#include "core/indicators/indicator.h"

#include <math.h>

enum { PSAR_STEP, PSAR_LIMIT };

typedef struct PsarState {
    double stop, extreme, share, step, limit;
    double high[2], low[2]; /* of the last bar, and of the one before it */
    int32_t direction;      /* 0 before the second bar */
    uint32_t seen;          /* bars, at most 2 */
} PsarState;

static unsigned psar_warmup(const double *options) {
    (void)options;
    return 1;
}

static const char *psar_misfit(const double *options) {
    return options[PSAR_STEP] <= options[PSAR_LIMIT] ? NULL : "step";
}

static size_t psar_state_size(const double *options) {
    (void)options;
    return sizeof(PsarState);
}

static void psar_init(void *state, const double *options) {
    *(PsarState *)state = (PsarState){.step = options[PSAR_STEP], .limit = options[PSAR_LIMIT]};
}

static void psar_begin(PsarState *sar, const IndicatorBar *bar) {
    bool up = sar->high[0] + sar->low[0] <= bar->high + bar->low;
    sar->direction = up ? 1 : -1;
    sar->extreme = up ? sar->high[0] : sar->low[0];
    sar->stop = up ? sar->low[0] : sar->high[0];
    sar->share = sar->step;
}

/* Towards the extreme, but not into the last two bars; then the extreme itself. */
static void psar_move(PsarState *sar, const IndicatorBar *bar) {
    bool up = sar->direction > 0;
    double reached = up ? bar->high : bar->low;
    sar->stop += sar->share * (sar->extreme - sar->stop);
    for (uint32_t back = 0; back < sar->seen; back++) {
        if (up && sar->stop > sar->low[back]) sar->stop = sar->low[back];
        if (!up && sar->stop < sar->high[back]) sar->stop = sar->high[back];
    }
    if (up ? reached <= sar->extreme : reached >= sar->extreme) return;
    sar->extreme = reached;
    sar->share += sar->step;
    if (sar->share > sar->limit) sar->share = sar->limit;
}

static void psar_step(void *state, const IndicatorBar *bar, double *outputs) {
    PsarState *sar = state;
    outputs[0] = outputs[1] = (double)NAN;
    if (sar->seen > 0) {
        if (sar->direction == 0) psar_begin(sar, bar);
        psar_move(sar, bar);
        bool up = sar->direction > 0;
        if (up ? bar->low < sar->stop : bar->high > sar->stop) {
            sar->stop = sar->extreme;
            sar->extreme = up ? bar->low : bar->high;
            sar->direction = -sar->direction;
            sar->share = sar->step;
        }
        outputs[0] = sar->stop;
        outputs[1] = sar->direction;
    }
    sar->high[1] = sar->high[0], sar->low[1] = sar->low[0];
    sar->high[0] = bar->high, sar->low[0] = bar->low;
    if (sar->seen < 2) sar->seen++;
}

const Indicator indicator_psar = {
    .name = "psar",
    .group = GROUP_TREND,
    .sentence = "Parabolic stop and reverse (Wilder 1978): stop that moves towards the "
                "trend's extreme by a share growing by `step` to `limit` with each new "
                "extreme, and the trend, 1 up, -1 down; the first by the middles of the first "
                "two bars.",
    .inputs = INPUT_HIGH | INPUT_LOW,
    .memory = MEMORY_PATH,
    .options = {{"step", .preset = 0.02, .lowest = 0.001, .highest = 1, .unit = "fraction"},
                {"limit", .preset = 0.2, .lowest = 0.001, .highest = 1, .unit = "fraction"}},
    .outputs = {{"psar", .lowest = 0, .highest = (double)INFINITY, .flat = (double)NAN,
                 .price_scale = SCALE_LINEAR, .unit = "quote"},
                {"psar_direction", .lowest = -1, .highest = 1, .flat = 1, .unit = "-1 down, 1 up"}},
    .warmup = psar_warmup,
    .misfit = psar_misfit,
    .state_size = psar_state_size,
    .init = psar_init,
    .step = psar_step,
};
