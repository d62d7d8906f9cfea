/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/canary.h"

#include <string.h>

#include "core/base/arena.h"
#include "core/base/digest.h"
#include "core/base/random.h"

#define COLUMNS      9
#define FACTOR_UP    3 /* the future at half as much again */
#define FACTOR_DOWN  2
#define WALK_STEP    200 /* another walk moves by up to 1/200 a bar */
#define WALK_RANGE   400 /* and its bars reach 1/400 beyond */
#define OTHER_VOLUME 7.0

const char *canary_change_name(CanaryChange change) {
    static const char *const names[CANARY_CHANGE_COUNT] = {
        [CANARY_MULTIPLIED] = "multiplied",   [CANARY_TURNED] = "turned around",
        [CANARY_OTHER_WALK] = "another walk", [CANARY_OTHER_VOLUME] = "other volumes",
        [CANARY_CUT_OFF] = "cut off",
    };
    return names[change];
}

/* ---- what is said -------------------------------------------------------------------------- */

typedef struct CanaryEvent {
    int64_t time_us;
    uint64_t hash;
    unsigned part;
} CanaryEvent;

/* The first run writes events down, the others compare theirs with them. */
struct CanarySink {
    CanaryEvent *events;
    size_t room, count, known;
    bool compares, overflow, over; /* over: behind the cut, nothing more is compared */
    int64_t cut_us;
    bool found, same_bar;
    int64_t first_us, same_bar_us;
    unsigned part;
};

static void differ(CanarySink *sink, int64_t time_us, unsigned part) {
    if (sink->found) return;
    sink->found = true;
    sink->first_us = time_us;
    sink->part = part;
}

static void compare(CanarySink *sink, const CanaryEvent *said) {
    if (sink->over || sink->found) return;
    bool more = sink->count < sink->known;
    const CanaryEvent *was = more ? &sink->events[sink->count] : NULL;
    if (said->time_us >= sink->cut_us) {
        sink->over = true; /* and what was said before must all have been said again */
        if (was && was->time_us < sink->cut_us) differ(sink, was->time_us, was->part);
        return;
    }
    sink->count++;
    if (!was || was->time_us != said->time_us || was->hash != said->hash)
        differ(sink, said->time_us, said->part);
}

void canary_say(CanarySink *sink, int64_t time_us, unsigned part, const void *bytes, size_t count) {
    CanaryEvent said = {.time_us = time_us, .hash = hash64(bytes, count), .part = part};
    if (sink->compares) {
        compare(sink, &said);
    } else if (sink->count == sink->room) {
        sink->overflow = true;
    } else {
        sink->events[sink->count++] = said;
    }
}

void canary_filled(CanarySink *sink, int64_t decided_us, int64_t filled_us) {
    if (sink->same_bar || filled_us > decided_us) return;
    sink->same_bar = true;
    sink->same_bar_us = decided_us;
}

/* The changed world ended: what was said before the cut must all have been said again. */
static void end_compare(CanarySink *sink) {
    if (sink->over || sink->found || sink->count >= sink->known) return;
    const CanaryEvent *was = &sink->events[sink->count];
    if (was->time_us < sink->cut_us) differ(sink, was->time_us, was->part);
}

/* ---- other futures ------------------------------------------------------------------------- */

/* A series whose columns are ours to write. */
typedef struct Columns {
    int64_t *time_us, *prices[4]; /* open, high, low, close */
    double *volumes[3];           /* volume, quote, taker */
    uint32_t *trades;
} Columns;

static Columns copy_series(Arena *arena, const CandleSeries *from, CandleSeries *to) {
    size_t count = from->count;
    const int64_t *prices[] = {from->open, from->high, from->low, from->close};
    const double *volumes[] = {from->volume, from->quote_volume, from->taker};
    Columns columns = {.time_us = arena_take(arena, count * sizeof(int64_t))};
    memcpy(columns.time_us, from->time_us, count * sizeof(int64_t));
    for (unsigned i = 0; i < 4; i++) {
        columns.prices[i] = arena_take(arena, count * sizeof(int64_t));
        memcpy(columns.prices[i], prices[i], count * sizeof(int64_t));
    }
    for (unsigned i = 0; i < 3; i++) {
        columns.volumes[i] = arena_take(arena, count * sizeof(double));
        if (volumes[i]) memcpy(columns.volumes[i], volumes[i], count * sizeof(double));
    }
    columns.trades = arena_take(arena, count * sizeof(uint32_t));
    if (from->trades) memcpy(columns.trades, from->trades, count * sizeof(uint32_t));
    *to = *from;
    to->time_us = columns.time_us;
    to->open = columns.prices[0];
    to->high = columns.prices[1];
    to->low = columns.prices[2];
    to->close = columns.prices[3];
    to->volume = columns.volumes[0];
    to->quote_volume = columns.volumes[1];
    to->taker = from->taker ? columns.volumes[2] : NULL;
    to->trades = from->trades ? columns.trades : NULL;
    return columns;
}

static void multiply(const Columns *columns, size_t from, size_t count) {
    for (unsigned column = 0; column < 4; column++)
        for (size_t row = from; row < count; row++)
            columns->prices[column][row] = columns->prices[column][row] / FACTOR_DOWN * FACTOR_UP;
}

static void turn(const Columns *columns, size_t from, size_t count) {
    for (size_t low = from, high = count; low + 1 < high; low++) {
        high--;
        for (unsigned column = 0; column < 4; column++) {
            int64_t kept = columns->prices[column][low];
            columns->prices[column][low] = columns->prices[column][high];
            columns->prices[column][high] = kept;
        }
    }
}

static void walk(const Columns *columns, size_t from, size_t count, uint64_t seed) {
    Random random = random_stream(seed, from);
    int64_t price = columns->prices[3][from ? from - 1 : 0];
    for (size_t row = from; row < count; row++) {
        int64_t step = price / WALK_STEP, reach = price / WALK_RANGE;
        int64_t next = price - step + (int64_t)(random_uniform(&random) * 2 * (double)step) + 1;
        int64_t high = price > next ? price : next, low = price < next ? price : next;
        columns->prices[0][row] = price;
        columns->prices[1][row] = high + reach;
        columns->prices[2][row] = low > reach ? low - reach : low;
        columns->prices[3][row] = price = next;
    }
}

static void change_volumes(const Columns *columns, size_t from, size_t count) {
    for (unsigned column = 0; column < 3; column++)
        for (size_t row = from; row < count; row++)
            columns->volumes[column][row] = columns->volumes[column][row] * OTHER_VOLUME + 1;
}

static void change_future(const Columns *columns, CandleSeries *series, size_t from,
                          CanaryChange change, uint64_t seed) {
    switch (change) {
    case CANARY_MULTIPLIED:
        multiply(columns, from, series->count);
        break;
    case CANARY_TURNED:
        turn(columns, from, series->count);
        break;
    case CANARY_OTHER_WALK:
        walk(columns, from, series->count, seed);
        break;
    case CANARY_OTHER_VOLUME:
        change_volumes(columns, from, series->count);
        break;
    default:
        series->count = from;
    }
}

/* ---- the watch ----------------------------------------------------------------------------- */

typedef struct Watch {
    const CanaryPlan *plan;
    const CanarySubject *subject;
    Arena arena;
    CanaryEvent *events;
    size_t known;
    uint64_t compared;
} Watch;

static size_t copies_size(const CanaryPlan *plan) {
    size_t size = 0;
    for (unsigned i = 0; i < plan->series_count; i++)
        size += COLUMNS * arena_rounded(plan->series[i].count * sizeof(int64_t));
    return size;
}

size_t canary_memory(const CanaryPlan *plan) {
    return arena_rounded(plan->events_max * sizeof(CanaryEvent)) + copies_size(plan);
}

static CanaryFinding finding_of(const Watch *watch, const CanarySink *sink, CanaryChange change) {
    const CanarySubject *subject = watch->subject;
    CanaryFinding finding = {.verdict = sink->found ? CANARY_FUTURE : CANARY_SINGS,
                             .change = change,
                             .cut_us = sink->cut_us,
                             .first_us = sink->first_us,
                             .compared = watch->compared};
    if (!sink->found) return finding;
    finding.part = subject->part_name ? subject->part_name(subject, sink->part) : subject->name;
    return finding;
}

/* Without a future time ends with the last candle: nothing comes due behind it. Data of another
 * length than the first series' stand beside the candles and carry no time. */
static int64_t end_of_time(const CandleSeries *series, unsigned count) {
    int64_t end_us = INT64_MIN;
    for (unsigned i = 0; i < count; i++) {
        if (series[i].count == 0 || series[i].length_us != series[0].length_us) continue;
        int64_t close_us = series[i].time_us[series[i].count - 1] + series[i].length_us;
        if (close_us > end_us) end_us = close_us;
    }
    return end_us;
}

/* One future, at one cut. */
static CanaryFinding look(Watch *watch, int64_t cut_us, CanaryChange change, Error *error) {
    const CanaryPlan *plan = watch->plan;
    CandleSeries changed[CANARY_SERIES_MAX];
    Arena arena = watch->arena; /* each look takes the same memory */
    CanarySink sink = {
        .events = watch->events, .known = watch->known, .compares = true, .cut_us = cut_us};
    for (unsigned i = 0; i < plan->series_count; i++) {
        Columns columns = copy_series(&arena, &plan->series[i], &changed[i]);
        change_future(&columns, &changed[i], candle_series_before(&changed[i], cut_us), change,
                      plan->seed + i);
    }
    int64_t end_us = end_of_time(changed, plan->series_count);
    if (end_us < sink.cut_us) sink.cut_us = end_us;
    if (!watch->subject->run(watch->subject, changed, plan->series_count, plan->scratch, &sink,
                             error))
        return (CanaryFinding){.verdict = CANARY_FAILED, .change = change, .cut_us = cut_us};
    end_compare(&sink);
    watch->compared += sink.count;
    return finding_of(watch, &sink, change);
}

static bool write_down(Watch *watch, CanarySink *sink, Error *error) {
    const CanaryPlan *plan = watch->plan;
    *sink = (CanarySink){.events = watch->events, .room = plan->events_max};
    if (!watch->subject->run(watch->subject, plan->series, plan->series_count, plan->scratch, sink,
                             error))
        return false;
    watch->known = sink->count;
    return !sink->overflow ||
           error_set(error, ERROR_LIMIT, "the canary's subject says more than fits",
                     watch->subject->name, NULL);
}

static CanaryFinding look_at(Watch *watch, size_t row, Error *error) {
    int64_t cut_us = watch->plan->series[0].time_us[row];
    CanaryFinding finding = {.verdict = CANARY_SINGS};
    for (CanaryChange change = 0; change < CANARY_CHANGE_COUNT; change++) {
        finding = look(watch, cut_us, change, error);
        if (finding.verdict != CANARY_SINGS) return finding;
    }
    return finding;
}

/* Whoever fills gaps backwards shows it there only. */
static CanaryFinding look_behind_gaps(Watch *watch, Error *error) {
    const CandleSeries *first = &watch->plan->series[0];
    CanaryFinding finding = {.verdict = CANARY_SINGS};
    unsigned gaps = 0;
    for (size_t row = 1; row < first->count && gaps < watch->plan->cuts; row++) {
        if (first->time_us[row] - first->time_us[row - 1] <= first->length_us) continue;
        gaps++;
        finding = look_at(watch, row, error);
        if (finding.verdict != CANARY_SINGS) return finding;
    }
    return finding;
}

static CanaryFinding look_everywhere(Watch *watch, Error *error) {
    const CanaryPlan *plan = watch->plan;
    for (unsigned cut = 0; cut < plan->cuts; cut++) {
        size_t row = plan->series[0].count * (cut + 1) / (plan->cuts + 1);
        CanaryFinding finding = look_at(watch, row, error);
        if (finding.verdict != CANARY_SINGS) return finding;
    }
    return look_behind_gaps(watch, error);
}

CanaryFinding canary_watch(const CanaryPlan *plan, const CanarySubject *subject, void *memory,
                           Error *error) {
    Watch watch = {
        .plan = plan, .subject = subject, .arena = arena_in(memory, canary_memory(plan))};
    CanarySink sink;
    CHECK(plan->series_count >= 1 && plan->series_count <= CANARY_SERIES_MAX, "1 to 8 series");
    watch.events = arena_take(&watch.arena, plan->events_max * sizeof(CanaryEvent));
    if (!write_down(&watch, &sink, error)) return (CanaryFinding){.verdict = CANARY_FAILED};
    if (sink.same_bar)
        return (CanaryFinding){.verdict = CANARY_SAME_BAR, .first_us = sink.same_bar_us};
    CanaryFinding finding = look_everywhere(&watch, error);
    finding.compared = watch.compared;
    if (finding.verdict == CANARY_SINGS && watch.compared == 0) finding.verdict = CANARY_SILENT;
    return finding;
}
