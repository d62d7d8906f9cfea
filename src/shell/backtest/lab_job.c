/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/lab_job.h"

#include <stdlib.h>
#include <string.h>

#include "core/indicators/indicator.h"
#include "core/trade/hit_rate.h"
#include "shell/backtest/lab_run.h"
#include "shell/sys/clock.h"

#define TRADES_FIRST 4096 /* kept at first; a run with more is run again with room */
/* What was asked and paid for is not asked again for want of room. */
#define TRADES_ASKED (1u << 18)

typedef struct LabWork {
    LabRun run;
    LabMarket markets[LIMIT_SYMBOLS];
    TrialOutput output;
    LabResult result;
    double seconds;
} LabWork;

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "backtest", "ask for fewer bars");
}

static bool room_for_trades(TrialOutput *output, uint32_t count) {
    free(output->trades);
    output->trades = calloc(count, sizeof output->trades[0]);
    output->trades_max = count;
    return output->trades != NULL;
}

static bool open_work(LabWork *work, const MarketLoad *load, Error *error) {
    size_t bars = 0;
    for (unsigned i = 0; i < load->count; i++) {
        const TrialMarket *market = &load->markets[i];
        work->markets[i] =
            (LabMarket){market->candles, load->symbols[i], market->first, market->end};
        bars += market->end - market->first;
    }
    work->run.markets = work->markets;
    work->run.market_count = load->count;
    work->run.social = load->social.at;
    work->run.social_count = load->social.count;
    work->run.news = load->social.news;
    work->run.news_count = load->social.news_count;
    work->output.equity = calloc(bars + 1, sizeof work->output.equity[0]);
    work->output.equity_us = calloc(bars + 1, sizeof work->output.equity_us[0]);
    work->output.equity_max = bars;
    return (work->output.equity && work->output.equity_us &&
            room_for_trades(&work->output, work->run.outside.ask ? TRADES_ASKED : TRADES_FIRST)) ||
           no_memory(error);
}

static void close_work(LabWork *work) {
    free(work->output.trades);
    free(work->output.equity);
    free(work->output.equity_us);
    free(work);
}

static bool run_once(LabWork *work, Error *error) {
    work->output.equity_count = 0;
    int64_t began_us = clock_monotonic_us();
    bool sound = lab_run_all(&work->run, &work->output, &work->result, error);
    work->seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    return sound;
}

static bool run_whole(LabWork *work, Error *error) {
    if (!run_once(work, error)) return false;
    uint32_t trades = work->result.trial.trades;
    if (trades <= work->output.trades_max) return true;
    return (room_for_trades(&work->output, trades) || no_memory(error)) && run_once(work, error);
}

/* The symbols of the run stand in the result; the hash is of everything else that decides. */
static void digest_settings(const Settings *settings, TrialJob *job) {
    Settings plain = *settings;
    plain.trading.symbols[0] = 0;
    settings_hash(&plain, job->settings);
}

/* Of all that the vote needs, the trend of the slow candles takes longest to know. */
static void tell_warm_up(int64_t candle_us, Text *note) {
    const Indicator *trend = indicator_find("trend");
    double options[INDICATOR_OPTIONS_MAX];
    Interval interval = INTERVAL_1M;
    CHECK(trend, "the analyst's trend is an indicator");
    indicator_presets(trend, options);
    while (interval < INTERVAL_1D && interval_us(interval) < candle_us)
        interval++;
    text_format(note, " (the first needs %d candles of %s, those before the start included)",
                (int)trend->warmup(options) + 1, interval_name(interval_slower(interval)));
}

/* Whoever sees no trades, or small ones, wants to know why. */
static void tell(const LabResult *lab, const Settings *settings, Result *result) {
    char kept[sizeof result->note];
    memcpy(kept, result->note, sizeof kept);
    Text note = TEXT_IN(result->note);
    text_format(&note, "%D signals of the local analyst, %D orders", (int64_t)lab->signals,
                (int64_t)lab->orders);
    if (lab->signals == 0) tell_warm_up(result->length_us, &note);
    if (lab->orders > 0) {
        text_put(&note, "; entries of ");
        text_double(&note, settings->trading.min_trade_amount);
        text_format(&note, " until %d outcomes prove a score", HIT_RATE_PROVEN);
    }
    if (kept[0]) text_format(&note, "; %s", kept);
    text_end(&note);
}

static void tell_asked(const LabResult *lab, Result *result) {
    result->calls = lab->calls;
    result->ai_missing = lab->ai_missing;
    result->ai_recallable = lab->ai_recallable;
    result->cost_usd = (double)lab->cost_usd_micro / 1e6;
}

typedef struct LabJob {
    const TrialJob *job;
    const Settings *settings;
    const Outside *outside;
} LabJob;

static bool run_loaded(const LabJob *lab, const MarketLoad *load, Result *result, Error *error) {
    LabWork *work = calloc(1, sizeof *work);
    if (!work) return no_memory(error);
    const TrialJob *job = lab->job;
    const Settings *settings = lab->settings;
    TrialJob described = *job;
    digest_settings(settings, &described);
    work->run.settings = settings;
    work->run.balance = job->balance;
    work->run.flatten = true;
    if (lab->outside) work->run.outside = *lab->outside;
    bool sound = open_work(work, load, error) && run_whole(work, error);
    TrialRun run = {&described, load, &work->output, &work->result.trial, work->seconds};
    sound = sound && trial_run_describe(&run, result, error);
    if (sound) tell(&work->result, settings, result);
    if (sound) tell_asked(&work->result, result);
    close_work(work);
    return sound;
}

bool lab_job_run(const TrialJob *job, const Settings *settings, const Outside *outside,
                 Result *result, Error *error) {
    const LabJob lab = {job, settings, outside};
    if (job->wish.resolve_us)
        return error_set(error, ERROR_USAGE, "only a strategy's stops can be judged on finer bars",
                         "resolve", "give --strategy, or run --intervals 1m");
    MarketLoad *load = calloc(1, sizeof *load);
    if (!load) return no_memory(error);
    bool sound = market_load_open(load, &job->wish, error) && run_loaded(&lab, load, result, error);
    market_load_close(load);
    free(load);
    return sound;
}
