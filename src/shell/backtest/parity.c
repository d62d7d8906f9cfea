/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/parity.h"

#include <stdlib.h>
#include <string.h>

#include "core/bus/shape.h"
#include "shell/backtest/lab_run.h"

#define ROOM_FIRST 64

typedef struct Comparison {
    const RecordedRun *run;
    bool other_settings; /* the caller's own */
    Trade *lab;
    size_t lab_count, lab_room;
    bool *matched; /* lab trades that a recorded one has met */
    bool no_memory;
    Parity *parity;
} Comparison;

const char *parity_reason_words(ParityReason reason) {
    static const char *const words[PARITY_REASON_COUNT] = {
        [PARITY_OTHER_BUILD] = "another build",
        [PARITY_OTHER_SETTINGS] = "other settings",
        [PARITY_REBUILT] = "rebuilt at a start",
        [PARITY_OPERATOR] = "the operator's word",
        [PARITY_MISSING_CANDLES] = "missing candles",
        [PARITY_LIVE_PRICES] = "prices between the closes",
        [PARITY_FOLLOWS] = "follows from the one before",
        [PARITY_UNEXPLAINED] = "UNEXPLAINED",
    };
    return words[reason];
}

/* ---- the lab's trades ---------------------------------------------------------------------- */

static void hear(void *context, const Message *message) {
    Comparison *comparison = context;
    if (message->topic != TOPIC_TRADES || comparison->no_memory) return;
    if (comparison->lab_count == comparison->lab_room) {
        size_t room = comparison->lab_room ? 2 * comparison->lab_room : ROOM_FIRST;
        Trade *grown = realloc(comparison->lab, room * sizeof *grown);
        comparison->no_memory = !grown;
        if (!grown) return;
        comparison->lab = grown;
        comparison->lab_room = room;
    }
    comparison->lab[comparison->lab_count++] = *(const Trade *)message->payload;
}

static bool run_again(Comparison *comparison, const Settings *settings, Error *error) {
    const RecordedRun *run = comparison->run;
    LabMarket traded[LIMIT_SYMBOLS];
    LabResult result;
    unsigned count = 0;
    for (unsigned i = 0; i < run->columns.count; i++)
        if (run->columns.markets[i].first < run->columns.markets[i].end)
            traded[count++] = run->columns.markets[i];
    LabRun again = {.settings = settings,
                    .markets = traded,
                    .market_count = count,
                    .balance = run->opening.amount,
                    .social = run->readings,
                    .social_count = run->reading_count,
                    .news = run->news,
                    .news_count = run->news_count,
                    .watch = hear,
                    .watch_context = comparison};
    if (!lab_run_all(&again, NULL, &result, error)) return false;
    Text hash = TEXT_IN(comparison->parity->lab_hash);
    text_hex(&hash, result.journal, sizeof result.journal);
    text_end(&hash);
    comparison->matched = calloc(comparison->lab_count + 1, sizeof *comparison->matched);
    return (comparison->matched && !comparison->no_memory) ||
           error_set(error, ERROR_LIMIT, "out of memory", "trades", NULL);
}

/* ---- reasons ------------------------------------------------------------------------------- */

static const RunMark *mark_before(const RecordedRun *run, RunMarkKind kind, const Trade *trade) {
    for (size_t i = run->mark_count; i-- > 0;) {
        const RunMark *mark = &run->marks[i];
        bool of_it = !mark->symbol[0] || strcmp(mark->symbol, trade->symbol) == 0;
        if (mark->kind == kind && of_it && mark->time_us <= trade->exit_time) return mark;
    }
    return NULL;
}

/* Candles that are not there, since the run began and before the trade ended. */
static int64_t missing_before(const RecordedRun *run, const Trade *trade) {
    int index = bar_columns_find(&run->columns, trade->symbol);
    if (index < 0) return 0;
    const LabMarket *market = &run->columns.markets[index];
    const CandleSeries *candles = &market->candles;
    int64_t missing = 0;
    for (size_t row = market->first + 1; row < market->end; row++) {
        int64_t step = candles->time_us[row] - candles->time_us[row - 1];
        if (candles->time_us[row] > trade->exit_time) break;
        missing += step / candles->length_us - 1;
    }
    return missing;
}

static ParityReason reason_of(const Comparison *comparison, const Trade *trade, bool first,
                              Text *text) {
    static const struct {
        RunMarkKind kind;
        ParityReason reason;
    } marks[] = {{MARK_OTHER_BUILD, PARITY_OTHER_BUILD},
                 {MARK_OTHER_SETTINGS, PARITY_OTHER_SETTINGS},
                 {MARK_REBUILT, PARITY_REBUILT},
                 {MARK_OPERATOR, PARITY_OPERATOR}};
    const RecordedRun *run = comparison->run;
    if (strcmp(run->version, TRADER_VERSION) != 0) {
        text_format(text, "; the run was made by version %s", run->version);
        return PARITY_OTHER_BUILD;
    }
    if (comparison->other_settings) return PARITY_OTHER_SETTINGS;
    for (unsigned i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        const RunMark *mark = mark_before(run, marks[i].kind, trade);
        if (!mark) continue;
        char iso[25];
        instant_to_iso(mark->time_us, iso);
        text_format(text, "; %s: %s", iso, mark->text);
        return marks[i].reason;
    }
    const RunMark *lost = mark_before(run, MARK_REFUSED, trade);
    int64_t missing = missing_before(run, trade);
    if (lost && missing) text_format(text, "; %D candles are missing", missing);
    if (lost) text_format(text, "; %s", lost->text);
    if (lost) return PARITY_MISSING_CANDLES;
    if (run->live) return PARITY_LIVE_PRICES;
    return first ? PARITY_UNEXPLAINED : PARITY_FOLLOWS;
}

/* ---- trades side by side ------------------------------------------------------------------- */

static void put_times(Text *text, const char *what, int64_t run_us, int64_t lab_us) {
    char run[25], lab[25];
    if (run_us == lab_us) return;
    instant_to_iso(run_us, run);
    instant_to_iso(lab_us, lab);
    text_format(text, "; %s %s, lab %s", what, run, lab);
}

static void put_prices(Text *text, const char *what, Price run_price, Price lab_price) {
    char run[DECIMAL_TEXT_MAX], lab[DECIMAL_TEXT_MAX];
    if (run_price.units == lab_price.units) return;
    price_to_text(run_price, run);
    price_to_text(lab_price, lab);
    text_format(text, "; %s %s, lab %s", what, run, lab);
}

static void put_amounts(Text *text, const Trade *run, const Trade *lab) {
    char ours[DECIMAL_TEXT_MAX], theirs[DECIMAL_TEXT_MAX];
    if (run->quantity.units != lab->quantity.units) {
        quantity_to_text(run->quantity, ours);
        quantity_to_text(lab->quantity, theirs);
        text_format(text, "; quantity %s, lab %s", ours, theirs);
    }
    if (money_compare(run->pnl, lab->pnl) != 0 || money_compare(run->fees, lab->fees) != 0) {
        money_to_fixed(run->pnl, 2, ours);
        money_to_fixed(lab->pnl, 2, theirs);
        text_format(text, "; result %s, lab %s", ours, theirs);
    }
    if (run->reason != lab->reason)
        text_format(text, "; %s, lab %s", TradeReason_text(run->reason),
                    TradeReason_text(lab->reason));
}

/* What differs, in words; nothing: they are equal. */
static void put_differences(Text *text, const Trade *run, const Trade *lab) {
    put_times(text, "entry", run->entry_time, lab->entry_time);
    put_prices(text, "at", run->entry_price, lab->entry_price);
    put_times(text, "exit", run->exit_time, lab->exit_time);
    put_prices(text, "at", run->exit_price, lab->exit_price);
    put_amounts(text, run, lab);
}

/* The lab's trade of the same symbol whose entry lies in the same candle. */
static Trade *counterpart(Comparison *comparison, const Trade *trade) {
    int index = bar_columns_find(&comparison->run->columns, trade->symbol);
    if (index < 0) return NULL;
    int64_t length_us = comparison->run->columns.markets[index].candles.length_us;
    for (size_t i = 0; i < comparison->lab_count; i++) {
        const Trade *lab = &comparison->lab[i];
        if (comparison->matched[i] || strcmp(lab->symbol, trade->symbol) != 0) continue;
        if (interval_floor(lab->entry_time, length_us) !=
            interval_floor(trade->entry_time, length_us))
            continue;
        comparison->matched[i] = true;
        return &comparison->lab[i];
    }
    return NULL;
}

static bool add(Comparison *comparison, const Trade *run, const Trade *lab, Error *error) {
    Parity *parity = comparison->parity;
    if (parity->count == parity->room) {
        size_t room = parity->room ? 2 * parity->room : ROOM_FIRST;
        ParityDifference *grown = realloc(parity->differences, room * sizeof *grown);
        if (!grown) return error_set(error, ERROR_LIMIT, "out of memory", "differences", NULL);
        parity->differences = grown;
        parity->room = room;
    }
    ParityDifference *difference = &parity->differences[parity->count];
    memset(difference, 0, sizeof *difference);
    difference->side = !lab ? PARITY_ONLY_RUN : !run ? PARITY_ONLY_LAB : PARITY_BOTH;
    if (run) difference->run = *run;
    if (lab) difference->lab = *lab;
    parity->count++;
    return true;
}

static bool compare_one(Comparison *comparison, const Trade *trade, Error *error) {
    char words[200];
    Text text = TEXT_IN(words);
    const Trade *lab = counterpart(comparison, trade);
    if (lab) put_differences(&text, trade, lab);
    if (!lab || text.length > 0) return add(comparison, trade, lab, error);
    comparison->parity->equal++;
    return true;
}

static int by_entry(const void *a, const void *b) {
    const ParityDifference *left = a, *right = b;
    const Trade *l = left->side == PARITY_ONLY_LAB ? &left->lab : &left->run;
    const Trade *r = right->side == PARITY_ONLY_LAB ? &right->lab : &right->run;
    if (l->entry_time != r->entry_time) return l->entry_time < r->entry_time ? -1 : 1;
    return strcmp(l->symbol, r->symbol);
}

static void explain(const Comparison *comparison, ParityDifference *difference, bool first) {
    char words[sizeof difference->text + 2];
    Text text = TEXT_IN(words);
    bool both = difference->side == PARITY_BOTH;
    const Trade *trade = difference->side == PARITY_ONLY_LAB ? &difference->lab : &difference->run;
    if (both) put_differences(&text, &difference->run, &difference->lab);
    difference->reason = reason_of(comparison, trade, first, &text);
    text_end(&text);
    Text said = TEXT_IN(difference->text);
    if (text.length > 2) text_put(&said, words + 2); /* behind the first "; " */
    text_end(&said);
}

static bool compare_all(Comparison *comparison, Error *error) {
    const RecordedRun *run = comparison->run;
    Parity *parity = comparison->parity;
    for (size_t i = 0; i < run->trade_count; i++)
        if (!compare_one(comparison, &run->trades[i], error)) return false;
    for (size_t i = 0; i < comparison->lab_count; i++)
        if (!comparison->matched[i] && !add(comparison, NULL, &comparison->lab[i], error))
            return false;
    if (parity->count)
        qsort(parity->differences, parity->count, sizeof *parity->differences, by_entry);
    for (size_t i = 0; i < parity->count; i++)
        explain(comparison, &parity->differences[i], i == 0);
    return true;
}

/* ---- all of it ----------------------------------------------------------------------------- */

static bool check(Comparison *comparison, const Settings *settings, Error *error) {
    const RecordedRun *run = comparison->run;
    Parity *parity = comparison->parity;
    parity->live = run->live;
    memcpy(parity->run_hash, run->journal_hash, sizeof parity->run_hash);
    if (!run_again(comparison, settings, error) || !compare_all(comparison, error)) return false;
    parity->run_trades = run->trade_count;
    parity->lab_trades = comparison->lab_count;
    parity->same_journal = strcmp(parity->run_hash, parity->lab_hash) == 0;
    return true;
}

bool parity_check(const char *state_directory, const Settings *settings, Parity *parity,
                  Error *error) {
    RecordedRun run;
    memset(parity, 0, sizeof *parity);
    if (!recorded_run_read(state_directory, &run, error)) return false;
    uint8_t theirs[SHA256_SIZE], ours[SHA256_SIZE];
    settings_hash(&run.settings, theirs);
    if (settings) settings_hash(settings, ours);
    Comparison comparison = {.run = &run,
                             .parity = parity,
                             .other_settings = settings && memcmp(ours, theirs, sizeof ours) != 0};
    bool sound = check(&comparison, settings ? settings : &run.settings, error);
    free(comparison.lab);
    free(comparison.matched);
    recorded_run_free(&run);
    if (!sound) parity_free(parity);
    return sound;
}

void parity_free(Parity *parity) {
    free(parity->differences);
    *parity = (Parity){0};
}
