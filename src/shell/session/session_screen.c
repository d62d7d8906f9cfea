/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/session_screen.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/plain_text.h"
#include "core/bus/shape.h"
#include "shell/screen/paint.h"
#include "shell/sys/clock.h"

static const char *mode_of(const SessionPlan *plan) {
    static const char *const modes[] = {"PAPER trading", "REPLAY", "REPLAY of a generated market",
                                        "DEMO on a generated market"};
    static const char *const markets[] = {"PAPER trading", "TEST trading: no real money",
                                          "LIVE trading: real money"};
    return plan->feed == SESSION_BINANCE ? markets[plan->venue] : modes[plan->feed];
}

static unsigned symbol_count(const SessionPlan *plan) {
    unsigned count = 1;
    for (const char *c = plan->settings.trading.symbols; *c; c++)
        count += *c == ',';
    return count;
}

/* Whether a model and the sources are asked; where a key goes and what that may cost is seen before
 * anything is. Modes are settled by now. */
static void show_ears(const Settings *settings) {
    const Settings_ai *ai = &settings->ai;
    char model[sizeof ai->model], arena[sizeof ai->arena]; /* a file beside us may have set them */
    plain_text_into(slice_of(ai->model), model, sizeof model);
    plain_text_into(slice_of(ai->arena), arena, sizeof arena);
    bool asks = strcmp(ai->mode, "live") == 0 || strcmp(ai->mode, "cached") == 0;
    if (asks)
        fprintf(stderr, "  language model %s at %s (%s); at most %.2f USD a run, %.2f a day%s%s\n",
                model, ai->base_url, ai->mode, ai->budget_per_run_usd, ai->budget_per_day_usd,
                arena[0] ? "; beside it " : "", arena);
    if (strcmp(ai->mode, "replay") == 0)
        fprintf(stderr, "  language model %s, by its recorded answers\n", model);
    if (strcmp(settings->social.mode, "live") == 0)
        fprintf(stderr, "  social data and news, live; with a key LunarCrush at %s\n",
                settings->lunarcrush.base_url);
}

void session_screen_open(SessionScreen *screen, const SessionPlan *plan, const World *world,
                         const char *state) {
    bool paced = plan->speed > 0 || plan->feed == SESSION_BINANCE;
    *screen = (SessionScreen){.plan = plan,
                              .quiet = plan->json,
                              .color = plan->color,
                              .terminal = isatty(STDERR_FILENO),
                              .begun_us = clock_monotonic_us(),
                              .full_speed = !paced};
    if (plan->feed == SESSION_DEMO)
        screen->quiet_until_us = SESSION_MARKET_START_US + plan->days * INSTANT_DAY_US;
    if (screen->quiet) return;
    unsigned symbols = symbol_count(plan);
    Style style = plan->venue == SESSION_LIVE ? STYLE_BAD : STYLE_BOLD;
    fprintf(stderr, "trader %s   %s%s%s   %u symbol%s   pid %d\n", TRADER_VERSION,
            paint_begin(style, screen->color), mode_of(plan), paint_end(style, screen->color),
            symbols, symbols == 1 ? "" : "s", (int)getpid());
    fprintf(stderr, "  %s; state %s\n", world->description, state);
    show_ears(&plan->settings);
    fprintf(stderr, "  Educational use; not financial advice.\n");
}

void session_screen_ready(SessionScreen *screen, const char *note) {
    if (!screen->quiet)
        fprintf(stderr, "  %s; ready after %d ms\n", note,
                (int)((clock_monotonic_us() - screen->begun_us) / 1000));
}

void session_screen_dashboard(SessionScreen *screen, const char *host, unsigned port,
                              const char *code) {
    fprintf(stderr, "  dashboard  http://%s:%u/?code=%s   (another code: trader token)\n", host,
            port, code);
    (void)screen;
}

/* ---- what happens -------------------------------------------------------------------------- */

static void head(const SessionScreen *screen, const Message *message, const char *what) {
    char stamp[24];
    instant_to_log(message->time_us, stamp);
    fprintf(stderr, "%s%.8s%s %-8s ", paint_begin(STYLE_DIM, screen->color), stamp + 11,
            paint_end(STYLE_DIM, screen->color), what);
}

static void show_signal(const SessionScreen *screen, const Message *message) {
    const Signal *signal = message->payload;
    if (signal->decision == DECISION_HOLD) return;
    Style style = signal->decision == DECISION_BUY ? STYLE_GOOD : STYLE_WARN;
    head(screen, message, "signal");
    fprintf(stderr, "%s %s%s%s score %+.2f%s   why: trader explain %s\n", signal->symbol,
            paint_begin(style, screen->color), Decision_text(signal->decision),
            paint_end(style, screen->color), signal->score, signal->unproven ? " (unproven)" : "",
            signal->id);
}

static void show_fill(const SessionScreen *screen, const Message *message) {
    static const char *const tags[] = {"paper", "test", "LIVE"};
    const Fill *fill = message->payload;
    char quantity[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    quantity_to_text(fill->quantity, quantity);
    price_to_text(fill->price, price);
    head(screen, message, "fill");
    fprintf(stderr, "%s %s %s @ %s, by %s  [%s]\n", Side_text(fill->side), quantity, fill->symbol,
            price, TradeReason_text(fill->reason), tags[screen->plan->venue]);
}

static void show_refusal(const SessionScreen *screen, const Message *message) {
    const Refusal *refusal = message->payload;
    head(screen, message, "refused");
    fprintf(stderr, "%s %s: %s\n", refusal->symbol, RefusalCode_text(refusal->code), refusal->text);
}

/* How the venue stands, when it changes: it is told after every reconciliation too. */
static void show_venue(SessionScreen *screen, const Message *message) {
    const VenueState *state = message->payload;
    if (screen->venue_told && state->condition == screen->venue) return;
    screen->venue_told = true;
    screen->venue = state->condition;
    bool bad = state->condition == VENUE_FROZEN || state->condition == VENUE_REFUSED;
    Style style = bad ? STYLE_BAD : state->condition == VENUE_READY ? STYLE_GOOD : STYLE_PLAIN;
    head(screen, message, "venue");
    const char *condition = VenueCondition_text(state->condition);
    bool says_more = strcmp(state->text, condition) != 0;
    fprintf(stderr, "%s%s%s %s\n", paint_begin(style, screen->color), condition,
            paint_end(style, screen->color), says_more ? state->text : "");
}

static void show_difference(const SessionScreen *screen, const Message *message) {
    const VenueDifference *difference = message->payload;
    char change[DECIMAL_TEXT_MAX];
    money_to_text(difference->change, change);
    head(screen, message, "outside");
    fprintf(stderr, "%s %s: %s\n", change, difference->asset, difference->text);
}

static void show_feed(const SessionScreen *screen, const Message *message) {
    const FeedStatus *status = message->payload;
    head(screen, message, "feed");
    fprintf(stderr, "%s %s %s\n", FeedCondition_text(status->condition), status->symbol,
            status->text);
}

/* Once, with the first bar that closes live: until the first decision there is nothing to see. */
static void show_next_decision(SessionScreen *screen, const Message *message) {
    if (screen->decision_told) return;
    int64_t grid = screen->plan->settings.trading.ai_analysis_interval * INSTANT_SECOND_US;
    Interval candles = (Interval)((const MarketBar *)message->payload)->interval;
    int64_t due = interval_next_on_grid(candles, grid, message->time_us);
    if (grid < interval_us(candles)) grid = interval_us(candles);
    char stamp[24];
    instant_to_log(due, stamp);
    head(screen, message, "analyst");
    fprintf(stderr, "the next decision is due at %.8s UTC, then every %d minutes\n", stamp + 11,
            (int)(grid / INSTANT_MINUTE_US));
    screen->decision_told = true;
}

void session_screen_message(SessionScreen *screen, const Message *message) {
    if (screen->quiet || screen->full_speed || message->time_us < screen->quiet_until_us) return;
    switch (message->topic) {
    case TOPIC_TRADING_SIGNALS:
        show_signal(screen, message);
        break;
    case TOPIC_TRADE_EXECUTIONS:
        show_fill(screen, message);
        break;
    case TOPIC_REFUSALS:
        show_refusal(screen, message);
        break;
    case TOPIC_VENUE_STATES:
        show_venue(screen, message);
        break;
    case TOPIC_VENUE_DIFFERENCES:
        show_difference(screen, message);
        break;
    case TOPIC_FEED_STATUS:
        show_feed(screen, message);
        break;
    case TOPIC_BARS:
        show_next_decision(screen, message);
        break;
    default:
        break;
    }
}

void session_screen_progress(SessionScreen *screen, int64_t market_us, const RunTally *tally) {
    bool history = screen->full_speed || market_us < screen->quiet_until_us;
    if (screen->quiet || !screen->terminal || !history) return;
    char stamp[25];
    instant_to_iso(market_us, stamp);
    fprintf(stderr, "\r  %.16s   %llu bars, %llu signals, %llu trades   ", stamp,
            (unsigned long long)tally->bars, (unsigned long long)tally->signals,
            (unsigned long long)tally->trades);
    screen->line_open = true;
}

/* ---- the end ------------------------------------------------------------------------------- */

static void show_summary(const SessionScreen *screen, const Engine *engine) {
    const RunTally *tally = engine_tally(engine);
    char memory[120], hash[65], asset[LIMIT_ASSET_TEXT];
    Money equity;
    Text text = TEXT_IN(memory);
    double seconds = (double)(clock_monotonic_us() - screen->begun_us) / 1e6;
    engine_journal_hash(engine, hash);
    if (engine_equity(engine, &equity, asset)) {
        number_money(&text, equity, 2, false);
        text_format(&text, " %s", asset);
        if (screen->plan->venue == SESSION_PAPER) { /* at a venue the opening is what it had free */
            text_put(&text, " (");
            number_money(&text, money_subtract(equity, screen->plan->opening), 2, true);
            text_put(&text, ")");
        }
    } else {
        text_put(&text, "no data");
    }
    printf(" Equity    %s\n", text_end(&text));
    printf(" Bars      %llu in %.2f s\n", (unsigned long long)tally->bars, seconds);
    printf(" Signals   %llu, refused %llu\n", (unsigned long long)tally->signals,
           (unsigned long long)tally->refusals);
    printf(" Trades    %llu (%llu fills)\n", (unsigned long long)tally->trades,
           (unsigned long long)tally->fills);
    uint64_t calls = tally->calls, cost = tally->cost_usd_micro, unheard_calls, unheard_cost;
    engine_unheard(engine, &unheard_calls, &unheard_cost);
    calls += unheard_calls;
    cost += unheard_cost;
    if (calls || tally->ai_missing)
        printf(" Model     %llu requests, %.4f USD; %llu questions without a recorded answer\n",
               (unsigned long long)calls, (double)cost / 1e6,
               (unsigned long long)tally->ai_missing);
    printf(" Journal   %.16s...\n", hash);
}

void session_screen_end(SessionScreen *screen, const Feed *feed, const Engine *engine,
                        bool stopped) {
    if (screen->line_open) fputc('\n', stderr);
    if (screen->quiet) return;
    char memory[2000];
    Text text = TEXT_IN(memory);
    if (feed->describe) feed->describe(feed, &text);
    if (text.length) fprintf(stderr, "%s\n", text_end(&text));
    fprintf(stderr, "%s\n",
            stopped ? "stopped; the same command continues" : "the data are through");
    show_summary(screen, engine);
}
