/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an indicator is. A file of this folder ends with one constant: `const Indicator
 * indicator_NAME = {...}`; the build lists the folder into `indicator_table`. An indicator is
 * streaming: `init` prepares state_size(options) bytes that the caller owns (a plain block without
 * pointers, so that a snapshot is a copy), `step` takes one closed bar and writes one value per
 * output, NaN until its warm-up is over. Help, documentation, the compute command, the laws and the
 * search space of evolution all read this constant; what it declares here is what the laws hold it
 * to.
 */
#ifndef CORE_INDICATORS_INDICATOR_H
#define CORE_INDICATORS_INDICATOR_H

#include "core/market/candle.h"
#include "core/num/wide.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct SmoothLane; /* core/num/columns.h */

#define INDICATOR_OPTIONS_MAX 4
#define INDICATOR_OUTPUTS_MAX 7 /* pivot points: the pivot and three levels on either side */

typedef enum IndicatorGroup {
    GROUP_PRICE_ACTION,
    GROUP_MOMENTUM,
    GROUP_VOLATILITY,
    GROUP_TREND,
    GROUP_VOLUME
} IndicatorGroup;

/* What of the past an output depends on; the laws test what it implies. */
typedef enum IndicatorMemory {
    /* The last `window(options)` bars and nothing else: after them a spike is forgotten exactly. */
    MEMORY_WINDOW,
    MEMORY_DECAY,      /* all bars, older ones with exponentially falling weight */
    MEMORY_CUMULATIVE, /* all bars since the start */
    /* The session that the bar lies in and the one before; the first option says its hours. */
    MEMORY_SESSION,
    MEMORY_PATH /* depends on the order of events (stops, swings) */
} IndicatorMemory;

/* How an output answers when every price (or every volume) is multiplied by a constant. */
typedef enum IndicatorScale {
    SCALE_NONE,   /* stays */
    SCALE_LINEAR, /* is multiplied by it too */
} IndicatorScale;

/* Bit set of what step reads; compute asks a file only for these. */
enum {
    INPUT_OPEN = 1,
    INPUT_HIGH = 2,
    INPUT_LOW = 4,
    INPUT_CLOSE = 8,
    INPUT_VOLUME = 16,
    INPUT_TAKER = 32, /* read where the source has it */
    INPUT_TIME = 64
};

typedef struct IndicatorBar {
    double open, high, low, close, volume;
    double taker;    /* of the volume, what takers bought; NaN where the source does not say */
    int64_t time_us; /* open time */
} IndicatorBar;

/* A stretch of bars by columns; one that the indicator does not read may be NULL. */
typedef struct IndicatorColumns {
    const double *open, *high, *low, *close, *volume, *taker;
    const int64_t *time_us;
} IndicatorColumns;

/* One series with one set of options on its way through indicator_batch. */
typedef struct IndicatorLane {
    void *state;
    uint64_t seen; /* bars that the state has taken in: 0 behind init, counted on by the batch */
    IndicatorColumns bars;
    double *outputs[INDICATOR_OUTPUTS_MAX]; /* a column each; NULL: not wanted */
    unsigned warmup;                        /* the indicator's, of this lane's options */
    /* Set by the batch: bars that may be read before the columns' first (the state has taken them
     * in) and behind the block. Where both are there, the state may be left as it is. */
    size_t behind, ahead;
    bool streams; /* set by the batch: the outputs are aligned, and go past the caches */
} IndicatorLane;

#define INDICATOR_BLOCK 512 /* bars of one call of `batch`; columns.h says why */
#define INDICATOR_LANES 8   /* lanes of one call */
/* From one column to the next: not a whole number of pages, since those would share the same few
 * lines of the first cache. */
#define INDICATOR_PITCH (INDICATOR_BLOCK + 24)

/* What a recursive indicator needs to be run in stages: the recursions of several then stand side
 * by side, since each waits for its own last result. */
typedef struct IndicatorStages {
    unsigned recursions; /* of a stage, at most 8 */
    unsigned columns;    /* of its own, INDICATOR_PITCH apart */
    /* Names what is to be smoothed before the next stage and returns how many; 0 behind the last.
     * What is smoothed may stand in `columns`, which stay. For lane and count see `batch`. */
    unsigned (*run)(const IndicatorLane *lane, unsigned stage, size_t count,
                    double (*columns)[INDICATOR_PITCH], struct SmoothLane *smooth);
} IndicatorStages;

/* Bars of several series abreast (core/num/abreast.h), and where the outputs go, by rows. */
typedef struct IndicatorAbreast {
    const double *high, *low, *close;
    double *outputs[INDICATOR_OUTPUTS_MAX]; /* NULL: not wanted */
    size_t count;
} IndicatorAbreast;

typedef struct IndicatorOption {
    const char *name;
    double preset, lowest, highest;
    const char *unit; /* "bars", "deviations" */
    bool whole;       /* only whole numbers */
} IndicatorOption;

typedef struct IndicatorOutput {
    /* The main output, the first, bears the indicator's name, alone or before '_' (stoch_k). */
    const char *name;
    double lowest, highest; /* range, infinities where there is none */
    /* Value on a flat series (all prices equal, takers buying half); NaN: that price. */
    double flat;
    IndicatorScale price_scale, volume_scale;
    const char *unit; /* "0 to 100", "quote", "fraction" */
} IndicatorOutput;

typedef struct Indicator {
    const char *name;
    IndicatorGroup group;
    const char *sentence; /* what it is, with its source, and the seed of each recursive average */
    unsigned inputs;
    IndicatorMemory memory;
    IndicatorOption options[INDICATOR_OPTIONS_MAX]; /* ends at the first without a name */
    IndicatorOutput outputs[INDICATOR_OUTPUTS_MAX];
    /* Bars before the first value of the last output to appear: that output is NaN on bars 0 ..
     * warmup-1. With MEMORY_SESSION: bars of an hour, the first of which begins a session. */
    unsigned (*warmup)(const double *options);
    /* Of options that are each within bounds: the name of the first that does not fit the others,
     * or NULL. A NULL pointer here says that any fit. */
    const char *(*misfit)(const double *options);
    /* MEMORY_WINDOW: how many bars the outputs depend on. NULL otherwise. */
    unsigned (*window)(const double *options);
    size_t (*state_size)(const double *options);
    /* Writes every byte of the state (suitably aligned for a double), so that equal states are
     * equal bytes. */
    void (*init)(void *state, const double *options);
    void (*step)(void *state, const IndicatorBar *bar, double *outputs);
    /* The same over columns of count <= INDICATOR_BLOCK bars, in at most INDICATOR_LANES lanes,
     * each past its warm-up: bit for bit the outputs of step, and a state that goes on alike. NULL:
     * there is none, and indicator_batch steps. */
    void (*batch)(const IndicatorLane *lanes, unsigned lane_count, size_t count);
    IndicatorStages stages; /* in place of `batch` */
    /* Beside `stages`: as many lanes as a vector has, stepped abreast. */
    void (*abreast)(const IndicatorLane *lanes, const IndicatorAbreast *rows);
} Indicator;

/* The warm-up of two parts that wait for one another. */
static inline unsigned indicator_later(unsigned warmup, unsigned other) {
    return warmup > other ? warmup : other;
}

extern const Indicator *const indicator_table[];
extern const unsigned indicator_count;

/* The bar as indicators read it. That takers bought nothing in a bar with trades counts as not
 * said: a source that lacks the column says 0, too. */
IndicatorBar indicator_bar(const Bar *bar);

/* By name ('-' and '_' alike), or NULL. */
const Indicator *indicator_find(const char *name);
unsigned indicator_option_count(const Indicator *indicator);
unsigned indicator_output_count(const Indicator *indicator);
/* Fills the presets, in the order of `.options`. */
void indicator_presets(const Indicator *indicator, double options[static INDICATOR_OPTIONS_MAX]);
/* NULL if the options are within their bounds and whole where they must be, and fit together, else
 * the name of the first that is not. */
const char *indicator_options_fault(const Indicator *indicator, const double *options);

/* A lane before its first bar: `state` is initialised; columns and outputs are the caller's to set.
 */
IndicatorLane indicator_lane(const Indicator *indicator, const double *options, void *state);
/* What step gives for each of `count` bars of each lane, bit for bit, in the outputs' columns. The
 * lanes may be symbols, or sets of options on one symbol; calls go on where the last one ended, and
 * a state may be stepped in between if `seen` is counted on. Several lanes in one call take less
 * time than one by one. */
void indicator_batch(const Indicator *indicator, IndicatorLane *lanes, unsigned lane_count,
                     size_t count);

/* Several indicators over the same bars, block by block, so that the bars are read from memory
 * once. */
typedef struct IndicatorPass {
    const Indicator *indicator;
    IndicatorLane *lanes;
    unsigned lane_count;
    /* Nobody reads the outputs soon: they go past the caches to memory, which takes half the time
     * where they are more than a cache holds. */
    bool streamed;
} IndicatorPass;

void indicator_batch_pass(const IndicatorPass *passes, unsigned pass_count, size_t count);
/* The same in the form of these kernels: the same bits. */
void indicator_wide_pass(const WideKernels *wide, const IndicatorPass *passes, unsigned pass_count,
                         size_t count);

/* What of a block goes abreast: those passes' lanes are run, and counted on by the caller. */
void indicator_abreast(const IndicatorPass *passes, unsigned pass_count, size_t at, size_t count);
/* Whether lane `index` of this pass does. */
bool indicator_is_abreast(const IndicatorPass *passes, unsigned pass_count, unsigned pass,
                          unsigned index);

#endif
