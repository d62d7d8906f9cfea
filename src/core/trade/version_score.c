/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/version_score.h"

#include <math.h>
#include <string.h>

#include "core/base/random.h"

#define WILSON_Z 1.959963984540054 /* 97.5 % of a normal lie below */

/* ---- what a version is --------------------------------------------------------------------- */

static void clear_metrics(VersionMetrics *metrics) {
    VersionTally none = {0};
    version_tally_metrics(&none, metrics);
}

void version_begin(ModelVersion *version, const char *model_type, const char *id,
                   const char *name) {
    Text type = TEXT_IN(version->model_type), key = TEXT_IN(version->version_id);
    Text title = TEXT_IN(version->version_name), status = TEXT_IN(version->status);
    text_put(&type, model_type);
    text_end(&type);
    text_put(&key, id);
    text_end(&key);
    text_put(&title, name);
    text_end(&title);
    text_put(&status, "registered");
    text_end(&status);
    clear_metrics(&version->performance_metrics);
    clear_metrics(&version->out_of_sample);
}

void version_put_hash(ModelVersion *version, const Settings *settings) {
    uint8_t digest[SHA256_SIZE];
    Text text = TEXT_IN(version->settings_hash);
    settings_hash(settings, digest);
    text_hex(&text, digest, sizeof digest);
    text_end(&text);
}

/* ---- tallies ------------------------------------------------------------------------------- */

void version_tally_take(VersionTally *tally, bool hit, double return_pct, double costs_pct,
                        double confidence) {
    tally->scored++;
    tally->hits += hit;
    tally->right += return_pct + costs_pct > 0;
    tally->confidence += confidence;
    if (return_pct > 0) tally->gains += return_pct;
    if (return_pct < 0) tally->losses -= return_pct;
}

static double share(double part, int64_t whole) {
    return whole > 0 ? part / (double)whole : (double)NAN;
}

void version_tally_metrics(const VersionTally *tally, VersionMetrics *metrics) {
    *metrics = (VersionMetrics){
        .total_trades = tally->scored,
        .successful_trades = tally->hits,
        .failed_trades = tally->scored - tally->hits,
        .win_rate = share((double)tally->hits, tally->scored),
        .accuracy = share((double)tally->right, tally->scored),
        .avg_confidence = share(tally->confidence, tally->scored),
        .profit_factor = tally->losses > 0 ? tally->gains / tally->losses : (double)NAN,
        .gains_pct = tally->gains,
        .losses_pct = tally->losses,
        .separate_trades = tally->separate,
    };
}

VersionTally version_tally_of(const VersionMetrics *metrics) {
    VersionTally tally = {.scored = metrics->total_trades,
                          .hits = metrics->successful_trades,
                          .gains = metrics->gains_pct,
                          .losses = metrics->losses_pct,
                          .separate = metrics->separate_trades};
    if (tally.scored == 0) return tally;
    double scored = (double)tally.scored;
    if (!isnan(metrics->accuracy)) tally.right = (int64_t)rint(metrics->accuracy * scored);
    if (!isnan(metrics->avg_confidence)) tally.confidence = metrics->avg_confidence * scored;
    return tally;
}

void version_tally_span(VersionTally *tally, int64_t emitted_us, int64_t settled_us) {
    if (emitted_us < tally->separate_us) return;
    tally->separate++;
    tally->separate_us = settled_us;
}

void version_share_interval(int64_t hits, int64_t count, int64_t separate, double *low,
                            double *high) {
    *low = *high = (double)NAN;
    if (count <= 0 || separate <= 0) return;
    double n = (double)separate, p = (double)hits / (double)count, z2 = WILSON_Z * WILSON_Z;
    double middle = (p + z2 / (2 * n)) / (1 + z2 / n);
    double half = WILSON_Z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n));
    *low = middle > half ? middle - half : 0;
    *high = middle + half < 1 ? middle + half : 1;
}

/* ---- outcomes ------------------------------------------------------------------------------ */

void version_outcomes_take(VersionOutcomes *outcomes, const VersionOutcome *outcome) {
    outcomes->ring[outcomes->count++ % VERSION_OUTCOMES] = *outcome;
}

static unsigned held(const VersionOutcomes *outcomes) {
    return outcomes->count < VERSION_OUTCOMES ? outcomes->count : VERSION_OUTCOMES;
}

unsigned version_outcomes_since(const VersionOutcomes *outcomes, int64_t since_us) {
    unsigned count = 0;
    for (unsigned i = 0; i < held(outcomes); i++)
        count += outcomes->ring[i].emitted_us >= since_us;
    return count;
}

static const VersionOutcome *same_close(const VersionOutcomes *outcomes, uint64_t key) {
    for (unsigned i = 0; i < held(outcomes); i++)
        if (outcomes->ring[i].key == key) return &outcomes->ring[i];
    return NULL;
}

bool version_outcome_held(const VersionOutcomes *outcomes, uint64_t key) {
    return same_close(outcomes, key) != NULL;
}

/* ---- days, drawn --------------------------------------------------------------------------- */

/* What was said on one day, by one side; a pair counts as challenger - champion. */
typedef struct DaySum {
    int64_t day;
    bool challenger;
    double sum;
    unsigned count;
} DaySum;

typedef struct DayTable {
    unsigned count;
    DaySum days[2 * VERSION_OUTCOMES];
} DayTable;

static void add_to_day(DayTable *table, int64_t emitted_us, bool challenger, double value) {
    int64_t day = emitted_us / INSTANT_DAY_US;
    unsigned at = 0;
    while (at < table->count &&
           (table->days[at].day != day || table->days[at].challenger != challenger))
        at++;
    if (at == table->count) table->days[table->count++] = (DaySum){day, challenger, 0, 0};
    table->days[at].sum += value;
    table->days[at].count++;
}

static unsigned take_pairs(const VersionOutcomes *champion, const VersionOutcomes *challenger,
                           int64_t since_us, DayTable *table) {
    unsigned pairs = 0;
    for (unsigned i = 0; i < held(challenger); i++) {
        const VersionOutcome *one = &challenger->ring[i];
        const VersionOutcome *other = same_close(champion, one->key);
        if (one->emitted_us < since_us || !other) continue;
        add_to_day(table, one->emitted_us, true, one->return_pct - other->return_pct);
        pairs++;
    }
    return pairs;
}

static void take_side(const VersionOutcomes *outcomes, int64_t since_us, bool challenger,
                      DayTable *table) {
    for (unsigned i = 0; i < held(outcomes); i++)
        if (outcomes->ring[i].emitted_us >= since_us)
            add_to_day(table, outcomes->ring[i].emitted_us, challenger,
                       outcomes->ring[i].return_pct);
}

static double mean_of_pairs(const DayTable *table, Random *random) {
    double sum = 0, count = 0;
    for (unsigned i = 0; i < table->count; i++) {
        bool turned = random && random_below(random, 2);
        sum += turned ? -table->days[i].sum : table->days[i].sum;
        count += table->days[i].count;
    }
    return sum / count;
}

/* Sides are drawn by a walk through the days that deals out as many to the challenger as it had. */
static double difference_of_sides(const DayTable *table, Random *random) {
    double sum[2] = {0, 0}, count[2] = {0, 0};
    unsigned left = 0;
    for (unsigned i = 0; i < table->count; i++)
        left += table->days[i].challenger;
    for (unsigned i = 0; i < table->count; i++) {
        bool side = table->days[i].challenger;
        if (random) side = random_below(random, table->count - i) < left;
        if (random) left -= side;
        sum[side] += table->days[i].sum;
        count[side] += table->days[i].count;
    }
    return sum[1] / count[1] - sum[0] / count[0];
}

static double drawn_p(const DayTable *table, bool paired, double observed, uint64_t seed) {
    Random random = random_stream(seed, 0x76657273); /* "vers" */
    unsigned as_large = 1;
    double slack = fabs(observed) * 1e-12; /* sums in another order are no other difference */
    for (unsigned i = 0; i < VERSION_PERMUTATIONS; i++) {
        double drawn = paired ? mean_of_pairs(table, &random) : difference_of_sides(table, &random);
        as_large += drawn >= observed - slack;
    }
    return as_large / (VERSION_PERMUTATIONS + 1.0);
}

VersionTest version_test(const VersionOutcomes *champion, const VersionOutcomes *challenger,
                         int64_t since_us, unsigned least, uint64_t seed) {
    DayTable table = {.count = 0};
    VersionTest test = {.difference = (double)NAN, .p = (double)NAN};
    unsigned pairs = take_pairs(champion, challenger, since_us, &table);
    test.paired = pairs >= least && pairs > 0;
    if (test.paired) {
        test.champion_count = test.challenger_count = pairs;
    } else {
        table.count = 0;
        take_side(champion, since_us, false, &table);
        take_side(challenger, since_us, true, &table);
        test.champion_count = version_outcomes_since(champion, since_us);
        test.challenger_count = version_outcomes_since(challenger, since_us);
    }
    test.days = table.count;
    if (test.champion_count < least || test.challenger_count < least || least == 0) return test;
    test.difference = test.paired ? mean_of_pairs(&table, NULL) : difference_of_sides(&table, NULL);
    if (table.count >= VERSION_DAYS_MIN)
        test.p = drawn_p(&table, test.paired, test.difference, seed);
    return test;
}

void version_put_test(Text *text, const VersionTest *test, int64_t look, double level) {
    text_format(text, "look %D: %s ", look, test->paired ? "same closes" : "two samples");
    if (isnan(test->difference))
        text_put(text, "not comparable");
    else
        text_fixed(text, test->difference, 3);
    text_format(text, " %% a signal, %d against %d outcomes, %d days, p ",
                (int)test->challenger_count, (int)test->champion_count, (int)test->days);
    if (isnan(test->p))
        text_put(text, "unknown (too few days)");
    else
        text_fixed(text, test->p, 4);
    text_put(text, ", level ");
    text_fixed(text, level, 4);
}

uint64_t version_look_at(int64_t least, int64_t look) {
    return look < 32 ? (uint64_t)least << (look - 1) : UINT64_MAX;
}

double version_look_level(double alpha, int64_t look) {
    return alpha / ((double)look * ((double)look + 1));
}
