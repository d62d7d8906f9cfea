/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a strategy is. A file of this folder ends with one constant `const Strategy strategy_NAME =
 * {...}`; the build lists the folder into `strategy_table`. A strategy is declared parameters and a
 * *plan*: which columns it reads (candles, indicators, longer intervals, social series), when it
 * enters and leaves (rules over the columns), how a position is protected and how large it is.
 * Rules are data, so that evolution can change them, a sweep can share their columns, and a screen
 * can print them. What rules cannot say (a grid, a schedule of purchases) is a `step` over a plain
 * block of state, which reads the same columns.
 *
 * A decision is made at a bar's close, from closed bars only, and fills no earlier than the next
 * open. A value that is missing (NaN: warm-up, no social data) makes a condition false, and nothing
 * is bought before every column of candles has had its first. Plans are plain values; state is a
 * block that the caller owns.
 */
#ifndef CORE_STRATEGIES_STRATEGY_H
#define CORE_STRATEGIES_STRATEGY_H

#include "core/indicators/indicator.h"
#include "core/trade/sizing.h"

#define STRATEGY_PARAMETERS_MAX 12
#define PLAN_COLUMNS_MAX        16
#define PLAN_CONDITIONS_MAX     4 /* of one group, that must hold together */
#define PLAN_GROUPS_MAX         4 /* of which one must hold */

/* ---- columns --------------------------------------------------------------------------------- */

typedef enum BarField { BAR_OPEN, BAR_HIGH, BAR_LOW, BAR_CLOSE, BAR_VOLUME } BarField;

/* Series beside the candles; each on its own scale (READING 2: sentiment 0 to 1, 0.5 neutral). */
typedef enum ExternalSeries {
    EXTERNAL_SENTIMENT,
    EXTERNAL_SOCIAL_VOLUME,
    EXTERNAL_ENGAGEMENT,
    EXTERNAL_NEWS_IMPACT,
    EXTERNAL_COUNT
} ExternalSeries;

typedef enum ColumnKind {
    COLUMN_CONSTANT,  /* `factor` itself */
    COLUMN_BAR,       /* a field of the bar, as a double */
    COLUMN_INDICATOR, /* an output of an indicator */
    COLUMN_EXTERNAL   /* the latest sample known at the bar's close */
} ColumnKind;

typedef struct RuleColumn {
    ColumnKind kind;
    BarField field;
    const Indicator *indicator;
    double options[INDICATOR_OPTIONS_MAX];
    unsigned output;
    ExternalSeries external;
    /* 0: the run's own interval. Else a multiple of it: the newest candle of that length, on the
     * UTC grid, that had closed by the bar's close (never the one that is still forming). */
    int64_t length_us;
    uint8_t lag;   /* 1: the value one candle (of its interval) earlier; 0: the newest */
    double factor; /* the value is multiplied by it */
} RuleColumn;

/* ---- rules ----------------------------------------------------------------------------------- */

typedef enum RuleTest {
    TEST_ABOVE,         /* left > right */
    TEST_BELOW,         /* left < right */
    TEST_CROSSES_ABOVE, /* left > right, and one bar before left <= right */
    TEST_CROSSES_BELOW  /* left < right, and one bar before left >= right */
} RuleTest;

typedef struct RuleCondition {
    RuleTest test;
    uint8_t left, right; /* columns of the plan */
} RuleCondition;

typedef struct RuleGroup {
    uint8_t count; /* of conditions that must all hold; 0: the group never holds */
    RuleCondition conditions[PLAN_CONDITIONS_MAX];
} RuleGroup;

/* Holds when one of its groups does. */
typedef struct RuleList {
    uint8_t count;
    RuleGroup groups[PLAN_GROUPS_MAX];
} RuleList;

/* Distance of a level from the entry as a share of the price: `fraction`, or, with a column (index
 * + 1), `multiple` times its value over the close at the decision (an average true range, say).
 * Both 0: there is no such level. */
typedef struct LevelRule {
    double fraction, multiple;
    uint8_t column;
} LevelRule;

typedef struct StrategyPlan {
    uint8_t column_count;
    RuleColumn columns[PLAN_COLUMNS_MAX];
    RuleList enter, leave; /* of a strategy without a step; where both hold, it leaves */
    LevelRule stop, target;
    bool trails;
    TrailingRule trailing;
    double size_fraction; /* of equity, at an entry */
    uint32_t bars_max;    /* a position is left at the close of the bars_max-th bar; 0: never */
    uint32_t bars_pause;  /* after a position, so many closes go by without an entry */
} StrategyPlan;

/* ---- what rules cannot say ------------------------------------------------------------------- */

typedef enum WishKind {
    WISH_NONE,
    WISH_ENTER, /* no position yet */
    WISH_ADD,   /* to the position that is open, or the first of it */
    WISH_REDUCE,
    WISH_LEAVE
} WishKind;

typedef struct StrategyWish {
    WishKind kind;
    double fraction; /* ENTER, ADD: of equity (the run's start, if `of_start`); REDUCE: of what is
                        held */
    bool of_start;
    double stop_fraction, target_fraction; /* distances from the entry, 0: none */
} StrategyWish;

/* What a step sees at a bar's close. */
typedef struct StrategyView {
    uint64_t index;  /* of the bar in the run */
    int64_t time_us; /* of its close: open time + interval */
    const double *columns;
    bool open; /* a position is held */
    uint32_t bars_held;
    double price;         /* the close */
    double average;       /* entry price of what is held, fees aside */
    double held_fraction; /* value of what is held over equity */
    double growth;        /* equity over that of the run's start; 0: not told */
    uint64_t seed;        /* of the run, for the placebo */
} StrategyView;

/* ---- the plug -------------------------------------------------------------------------------- */

typedef struct StrategyParameter {
    const char *name;
    double preset, lowest, highest;
    double step; /* of a coarse search; whole parameters: 1 or more */
    const char *unit;
    bool whole;
} StrategyParameter;

typedef struct Strategy {
    const char *name;
    const char *group; /* "trend", "momentum", "mean reversion", "breakout", "accumulation", ... */
    const char *sentence;
    StrategyParameter parameters[STRATEGY_PARAMETERS_MAX]; /* ends at the first without a name */
    /* NULL, or the name of the first parameter that does not fit the others. NULL pointer: any fit.
     */
    const char *(*misfit)(const double *parameters);
    /* `plan` comes zeroed. */
    void (*plan)(const double *parameters, StrategyPlan *plan);
    /* NULL: the plan's rules decide. */
    size_t (*state_size)(const double *parameters);
    void (*init)(void *state, const double *parameters);
    StrategyWish (*step)(void *state, const StrategyView *view);
    bool needs_social; /* without social data it never trades, and says so */
} Strategy;

extern const Strategy *const strategy_table[];
extern const unsigned strategy_count;

/* By name ('-' and '_' alike), or NULL. */
const Strategy *strategy_find(const char *name);
unsigned strategy_parameter_count(const Strategy *strategy);
void strategy_presets(const Strategy *strategy, double parameters[static STRATEGY_PARAMETERS_MAX]);
/* NULL if all are within bounds, whole where they must be and fit together, else the name of the
 * first that is not. */
const char *strategy_fault(const Strategy *strategy, const double *parameters);
/* The strategy's plan for these parameters. */
void strategy_make_plan(const Strategy *strategy, const double *parameters, StrategyPlan *plan);

/* ---- for the files of this folder: writing a plan -------------------------------------------- */

/* Each adds a column and returns its index. An indicator is named as in its constant; `options` are
 * the first of its options, the others stay at their presets. */
uint8_t plan_constant(StrategyPlan *plan, double value);
uint8_t plan_bar(StrategyPlan *plan, BarField field);
uint8_t plan_indicator(StrategyPlan *plan, const char *name, unsigned output, const double *options,
                       unsigned count);
uint8_t plan_external(StrategyPlan *plan, ExternalSeries series);
/* A copy of a column: its value one candle earlier; times a factor; on candles of another interval.
 */
uint8_t plan_earlier(StrategyPlan *plan, uint8_t column);
uint8_t plan_scaled(StrategyPlan *plan, uint8_t column, double factor);
uint8_t plan_longer(StrategyPlan *plan, uint8_t column, int64_t length_us);
/* A new group with one condition; and one more condition for the newest group. */
void plan_when(RuleList *list, uint8_t left, RuleTest test, uint8_t right);
void plan_and(RuleList *list, uint8_t left, RuleTest test, uint8_t right);
/* Enters only while a series beside the candles is above `least` (besides what else is asked for);
 * and leaves, also, when the column falls below `least`. The first returns the series' column. */
uint8_t plan_enter_above(StrategyPlan *plan, ExternalSeries series, double least);
void plan_leave_below(StrategyPlan *plan, uint8_t column, double least);
/* Enters only while the price is above its average of so many bars, leaves when it is below. */
void plan_above_average(StrategyPlan *plan, const double *bars);
/* Stop and target so many percent from the entry (0: none), and the share of equity to enter with.
 */
void plan_protect(StrategyPlan *plan, double stop_pct, double target_pct, double size);
/* A stop that follows the highest price at so many percent, from the entry on; 0: none. */
void plan_trail(StrategyPlan *plan, double trail_pct);

/* The rows of these parameters, which most strategies have. */
#define STRATEGY_SENTIMENT(title, at)                                                              \
    { title, .preset = (at), .lowest = 0, .highest = 1, .step = 0.05, .unit = "of 1" }
#define STRATEGY_MENTIONS(title, at, stride)                                                       \
    { title, .preset = (at), .lowest = 0, .highest = 1000000, .step = (stride), .unit = "mentions" }
#define STRATEGY_ENGAGEMENTS(title, at)                                                            \
    { title, .preset = (at), .lowest = 0, .highest = 10000000, .step = 500, .unit = "engagements" }
#define STRATEGY_STOP(at)                                                                          \
    { "stop_pct", .preset = (at), .lowest = 0, .highest = 50, .step = 0.5, .unit = "percent" }
#define STRATEGY_TARGET(at)                                                                        \
    { "target_pct", .preset = (at), .lowest = 0, .highest = 500, .step = 0.5, .unit = "percent" }
#define STRATEGY_TRAIL(at)                                                                         \
    { "trail_pct", .preset = (at), .lowest = 0, .highest = 50, .step = 0.5, .unit = "percent" }
#define STRATEGY_SIZE(at)                                                                          \
    { "size", .preset = (at), .lowest = 0.01, .highest = 1, .step = 0.05, .unit = "of equity" }
/* A whole number of bars. */
#define STRATEGY_BARS(title, at, least, most, stride)                                              \
    {                                                                                              \
        title, .preset = (at), .lowest = (least), .highest = (most), .step = (stride),             \
               .unit = "bars", .whole = true                                                       \
    }

/* ---- for the files of this folder: purchases on a schedule ------------------------------------
 */

/* A share of the start at every slot of the UTC clock, until the allocation is spent. */
typedef struct StrategySchedule {
    int64_t interval_us, slot_us; /* slot_us: start of the last one that was used */
    double share, allocation, spent;
} StrategySchedule;

#define STRATEGY_HOURS(at)                                                                         \
    {                                                                                              \
        "interval_hours", .preset = (at), .lowest = 1, .highest = 720, .step = 12,                 \
                          .unit = "hours", .whole = true                                           \
    }
#define STRATEGY_SHARE(at)                                                                         \
    {                                                                                              \
        "share_pct", .preset = (at), .lowest = 0.1, .highest = 100, .step = 0.5,                   \
                     .unit = "percent of the start"                                                \
    }
#define STRATEGY_ALLOCATION(at)                                                                    \
    {                                                                                              \
        "allocation", .preset = (at), .lowest = 0.01, .highest = 1, .step = 0.1,                   \
                      .unit = "of the start"                                                       \
    }

/* For `misfit`: a share is no more than the allocation. */
const char *strategy_share_misfit(double share_pct, double allocation);
StrategySchedule strategy_schedule(double hours, double share_pct, double allocation);
/* Whether this is the first close in a slot, which is then used. */
bool strategy_slot_begins(StrategySchedule *schedule, int64_t time_us);
/* A purchase of `share`, or of what is left of the allocation; after the position was closed it is
 * whole again. */
StrategyWish strategy_purchase(StrategySchedule *schedule, const StrategyView *view, double share);

#endif
