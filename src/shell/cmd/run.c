/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/base/number_text.h"
#include "shell/cmd/command.h"
#include "shell/session/session.h"

static bool bad(Error *error, const char *option, const char *what, const char *hint) {
    return error_set(error, ERROR_USAGE, what, option, hint);
}

static bool take_date(const CommandCall *call, const char *option, int64_t *time_us, Error *error) {
    const char *value = call_value(call, option);
    if (!value || instant_parse(slice_of(value), time_us)) return true;
    return bad(error, option, "not a date", "as in 2024-01-31 or 2024-01-31T12:00");
}

static bool take_whole(const CommandCall *call, const char *option, int64_t least, int64_t *number,
                       Error *error) {
    const char *value = call_value(call, option);
    if (!value) return true;
    if (slice_int(slice_of(value), number) && *number >= least) return true;
    return bad(error, option, "not a whole number in its bounds", "as in 7");
}

static bool take_speed(const CommandCall *call, double *speed, Error *error) {
    const char *value = call_value(call, "speed");
    if (!value) return true;
    *speed = 0;
    if (strcmp(value, "max") == 0) return true;
    if (number_from_slice(slice_of(value), speed) && *speed > 0) return true;
    return bad(error, "speed", "neither max nor a positive number", "as in --speed 60");
}

static bool take_feed(const CommandCall *call, SessionPlan *plan, Error *error) {
    const char *feed = call_value(call, "feed");
    plan->path_count = call_list(call, "data", &plan->paths);
    if (!feed) feed = plan->path_count ? "replay" : "binance";
    plan->fall_back = !call_value(call, "feed");
    if (strcmp(feed, "binance") == 0)
        plan->feed = SESSION_BINANCE;
    else if (strcmp(feed, "replay") == 0)
        plan->feed = SESSION_REPLAY;
    else if (strcmp(feed, "generated") == 0)
        plan->feed = SESSION_GENERATED;
    else
        return bad(error, "feed", "unknown feed", "binance, replay or generated");
    if (plan->feed == SESSION_REPLAY && plan->path_count == 0)
        return bad(error, "data", "a replay needs candle files", "--data FILE...");
    if (plan->path_count > SESSION_PATHS_MAX)
        return bad(error, "data", "more than 256 files", NULL);
    return true;
}

/* Flags win over the settings; --live says that orders are real, so it names the venue too. */
static bool take_venue(const CommandCall *call, SessionPlan *plan, Error *error) {
    const char *venue = call_value(call, "venue");
    char *name = plan->settings.venue.name;
    if (!venue) venue = call_has(call, "live") ? "binance" : name;
    bool real = strcmp(venue, "binance") == 0;
    if (!real && strcmp(venue, "paper") != 0)
        return bad(error, "venue", "unknown venue", "paper or binance");
    if (call_has(call, "live") && !real)
        return bad(error, "live", "paper orders are never live", "--venue binance");
    Text text = text_in(name, sizeof plan->settings.venue.name);
    text_put(&text, real ? "binance" : "paper");
    text_end(&text);
    plan->live = call_has(call, "live");
    plan->live_word = call_value(call, "live");
    plan->no_input = call_has(call, "no_input") || call_json(call);
    plan->dotenv = call_dotenv(call);
    plan->ai_budget_given = call_value(call, "ai_budget") != NULL;
    return true;
}

static bool take_port(const CommandCall *call, SessionPlan *plan, Error *error) {
    int64_t port = plan->settings.dashboard.port;
    bool given = call_value(call, "port") != NULL;
    bool max = plan->speed == 0 && plan->feed != SESSION_BINANCE;
    if (!take_whole(call, "port", 0, &port, error)) return false;
    if (port > 65535) return bad(error, "port", "not a port", "0 to 65535");
    plan->port = call_has(call, "no_dashboard") || (max && !given) ? NO_DASHBOARD : (int)port;
    return true;
}

#define BALANCE_MAX 1000000000000 /* a million millions: also enough in the smallest currency */

static bool take_rest(CommandCall *call, SessionPlan *plan, Error *error) {
    const char *balance = call_value(call, "balance");
    int64_t seed = plan->settings.demo.seed, days = plan->settings.demo.days;
    Quantity opening;
    bool sound = quantity_from_double(plan->settings.paper.opening_balance, &opening);
    CHECK(sound, "the opening balance is bounded by its declaration");
    plan->opening = money_of(opening.units);
    if (balance && (!money_parse(slice_of(balance), &plan->opening) || plan->opening.units <= 0))
        return bad(error, "balance", "not a positive amount", "as in --balance 10000");
    if (plan->opening.units > (__int128)BALANCE_MAX * DECIMAL_SCALE)
        return bad(error, "balance", "more than there is", "at most 1000000000000");
    plan->balance_given = balance != NULL;
    plan->symbols_given = call_has(call, "symbols");
    plan->state = call_state(call);
    plan->fresh = call_has(call, "fresh");
    plan->json = call_json(call);
    plan->color = call_color(call);
    if (!take_date(call, "start_date", &plan->start_us, error) ||
        !take_date(call, "end_date", &plan->end_us, error) ||
        !take_whole(call, "seed", 0, &seed, error) || !take_whole(call, "days", 1, &days, error) ||
        !take_speed(call, &plan->speed, error))
        return false;
    plan->seed = (uint64_t)seed;
    plan->days = (unsigned)days;
    return take_port(call, plan, error);
}

static void join_symbols(const CommandCall *call, SessionPlan *plan) {
    const char *const *symbols;
    unsigned count = call_list(call, "symbols", &symbols);
    if (count == 0) return;
    Text text = TEXT_IN(plan->settings.trading.symbols);
    for (unsigned i = 0; i < count; i++) {
        if (i) text_char(&text, ',');
        text_put(&text, symbols[i]);
    }
    text_end(&text);
}

static int run(CommandCall *call, Error *error) {
    SessionPlan plan = {.port = NO_DASHBOARD};
    const Settings *settings;
    bool sound = call_settings(call, &settings, error);
    if (sound) plan.settings = *settings;
    sound = sound && take_feed(call, &plan, error) && take_venue(call, &plan, error) &&
            take_rest(call, &plan, error);
    if (!sound) return error_exit_code(error->code);
    join_symbols(call, &plan);
    return session_run(&plan, error);
}

const Command command_run = {
    .name = "run",
    .group = "run",
    .sentence = "The whole system in one process: live public data, recorded candles or a "
                "generated market, on paper or with real orders.",
    .examples = {"trader run",
                 "trader run --feed replay --data BTCUSDT-1m.csv.gz --speed max --json",
                 "trader run --feed generated --seed 7 --days 30",
                 "trader run --feed binance --venue binance --live --balance 100"},
    .options =
        {{"feed", OPTION_VALUE, "NAME", "binance, replay or generated", NULL},
         {"data", OPTION_LIST, "FILE", "candle files to replay (Binance CSV, .gz and .zip too)",
          NULL},
         {"symbols", OPTION_LIST, "SYMBOL", "what is traded; else the settings', or the files'",
          NULL},
         {"start_date", OPTION_VALUE, "DATE", "replay from here, inclusive (UTC)", NULL},
         {"end_date", OPTION_VALUE, "DATE", "replay to here, exclusive (UTC)", NULL},
         {"seed", OPTION_VALUE, "N", "seed of the generated market", NULL},
         {"days", OPTION_VALUE, "N", "days of the generated market", NULL},
         {"speed", OPTION_VALUE, "N", "max, or so many times real time", NULL},
         {"balance", OPTION_VALUE, "AMOUNT",
          "opening balance in the symbols' quote asset; at a real venue the most of it that "
          "is used",
          NULL},
         {"venue", OPTION_VALUE, "NAME",
          "paper, or binance: real orders; without --live only at the testnet, in demo mode "
          "or at trader exchange",
          NULL},
         {"live", OPTION_MAYBE_VALUE, "WORD",
          "real money: every check binds, and a word is asked for (see docs/LIVE.md)", NULL},
         {"ai", OPTION_VALUE, "MODE",
          "who judges: off (the local analyst), replay (recorded answers of the language "
          "model), cached (recorded, else asked), live; else live with a key on a live "
          "feed",
          "openai.mode"},
         {"ai_budget", OPTION_VALUE, "USD",
          "what may be spent on the language model in this run; a replay that asks needs it",
          "openai.budget_per_run_usd"},
         {"data_dir", OPTION_VALUE, "DIR", "where history and recorded answers stand (./data)",
          "data.directory"},
         {"social", OPTION_VALUE, "MODE",
          "off, live (ask the sources), or replay (what is recorded and stored)", "social.mode"},
         {"strategy", OPTION_VALUE, "NAME",
          "a strategy trades in the analyst's place (trader list strategies)", "strategy.name"},
         {"parameters", OPTION_VALUE, "LIST", "of the strategy, as in fast=10,slow=30",
          "strategy.parameters"},
         {"interval", OPTION_VALUE, "INTERVAL", "candles on which the strategy decides",
          "strategy.interval"},
         {"port", OPTION_VALUE, "N", "port of the dashboard, 0 takes a free one", NULL},
         {"no_dashboard", OPTION_SWITCH, NULL, "no dashboard", NULL},
         {"fresh", OPTION_SWITCH, NULL, "begin anew; an existing state is moved aside", NULL}},
    .run = run,
};
