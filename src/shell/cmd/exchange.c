/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number_text.h"
#include "shell/cmd/command.h"
#include "shell/exchange/exchange_server.h"
#include "shell/session/session_world.h"
#include "shell/sys/clock.h"

#define PORT_PRESET    8060 /* beside the dashboard's 8050 */
#define HISTORY_PRESET 4320 /* three days of minutes: a candle of each interval has some of it */
#define SPEED_MAX      10000

/* Parts per million. The fees of a new account; a spread and a slippage of liquid pairs; a quarter
 * of what is traded reaches an order that rests; a quarter off for fees in BNB. */
static const ExchangeCosts costs = {.maker_ppm = 1000,
                                    .taker_ppm = 1000,
                                    .half_spread_ppm = 50,
                                    .slippage_ppm = 20,
                                    .share_ppm = 250000,
                                    .discount_ppm = 250000};

static atomic_bool stopping;

static void stop(int signal_number) {
    (void)signal_number;
    atomic_store(&stopping, true);
}

static bool take_whole(const CommandCall *call, const char *option, int64_t most, int64_t *number,
                       Error *error) {
    const char *value = call_value(call, option);
    if (!value || (slice_int(slice_of(value), number) && *number >= 0 && *number <= most))
        return true;
    return error_set(error, ERROR_USAGE, "not a whole number in its bounds", option, "as in 7");
}

static bool take_speed(const CommandCall *call, double *speed, Error *error) {
    const char *value = call_value(call, "speed");
    *speed = 1;
    if (!value || (number_from_slice(slice_of(value), speed) && *speed > 0 && *speed <= SPEED_MAX))
        return true;
    return error_set(error, ERROR_USAGE, "not a speed", "speed", "above 0, at most 10000");
}

/* ---- balances ------------------------------------------------------------------------------ */

static bool take_balance(Exchange *exchange, const char *word, Error *error) {
    const char *equals = strchr(word, '=');
    Money amount;
    Slice asset = {word, equals ? (size_t)(equals - word) : 0};
    if (equals && asset.length && money_parse(slice_of(equals + 1), &amount) && amount.units >= 0 &&
        exchange_deposit(exchange, asset, amount))
        return true;
    return error_set(error, ERROR_USAGE, "not a balance", word, "as in --balance USDC=10000");
}

/* Without --balance: enough of each quote asset to begin with. */
static bool take_balances(const CommandCall *call, Exchange *exchange, Error *error) {
    const char *const *words;
    unsigned count = call_list(call, "balance", &words);
    for (unsigned i = 0; i < count; i++)
        if (!take_balance(exchange, words[i], error)) return false;
    for (unsigned i = 0; i < exchange->pair_count && count == 0; i++) {
        unsigned quote = exchange->pairs[i].quote;
        exchange->accounts[0].balances[quote].free = money_of((__int128)10000 * DECIMAL_SCALE);
    }
    return true;
}

/* ---- the market ---------------------------------------------------------------------------- */

static void join_symbols(const char *const *names, unsigned count, Settings *chosen) {
    Text list = TEXT_IN(chosen->trading.symbols);
    for (unsigned i = 0; i < count; i++)
        text_format(&list, "%s%s", i ? "," : "", names[i]);
    text_end(&list);
}

static bool take_plan(CommandCall *call, ExchangeMarketPlan *plan, SymbolName *symbols,
                      Error *error) {
    const Settings *settings;
    Settings chosen;
    int64_t seed, history = HISTORY_PRESET;
    unsigned count = 0;
    if (!call_settings(call, &settings, error)) return false;
    chosen = *settings;
    seed = settings->demo.seed;
    const char *const *names;
    unsigned named = call_list(call, "symbols", &names);
    if (named) join_symbols(names, named, &chosen);
    plan->replay.path_count = call_list(call, "data", &plan->replay.paths);
    plan->replay.filters_path = "config/filters.json";
    if (call_has(call, "generated") && plan->replay.path_count)
        return error_set(error, ERROR_USAGE, "either recorded or generated", "generated", NULL);
    if (!session_symbol_list(&chosen, symbols, &count, error) ||
        !take_whole(call, "seed", INT64_MAX, &seed, error) ||
        !take_whole(call, "history", LIMIT_EXCHANGE_BARS, &history, error) ||
        !take_speed(call, &plan->speed, error))
        return false;
    bool all_of_files = plan->replay.path_count && !named;
    plan->replay.symbols = symbols;
    plan->replay.symbol_count = all_of_files ? 0 : count;
    plan->history_minutes = (unsigned)history;
    plan->generated = (FeedGeneratedPlan){.seed = (uint64_t)seed,
                                          .start_us = clock_wall_us() - history * INSTANT_MINUTE_US,
                                          .symbols = symbols,
                                          .symbol_count = count};
    return true;
}

/* ---- the run ------------------------------------------------------------------------------- */

static void tell(const CommandCall *call, const ExchangeServer *server, const ExchangeKey *key) {
    int port = (int)exchange_server_port(server);
    if (call_json(call))
        printf("{\"rest\":\"http://127.0.0.1:%d\",\"streams\":\"ws://127.0.0.1:%d\","
               "\"api\":\"ws://127.0.0.1:%d/ws-api/v3\",\"key\":\"%s\",\"secret\":\"%s\"}\n",
               port, port, port, key->key, key->secret);
    else
        printf("exchange   http://127.0.0.1:%d (REST), ws://127.0.0.1:%d (/ws, /stream, "
               "/ws-api/v3)\nkey        %s\nsecret     %s\n",
               port, port, key->key, key->secret);
    fflush(stdout);
}

static bool serve(CommandCall *call, ExchangeMarket *market, Error *error) {
    ExchangeKey key;
    int64_t port = PORT_PRESET;
    struct sigaction action = {.sa_handler = stop};
    if (!take_balances(call, market->exchange, error) ||
        !take_whole(call, "port", 65535, &port, error) ||
        !exchange_key_open(&key, call_value(call, "key_file"), error))
        return false;
    ExchangeServer *server = exchange_server_open(market, &key, (unsigned)port, error);
    if (!server) return false;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    tell(call, server, &key);
    bool sound = exchange_server_run(server, &stopping, error);
    exchange_server_close(server);
    return sound;
}

static int exchange_command(CommandCall *call, Error *error) {
    SymbolName symbols[LIMIT_SYMBOLS];
    ExchangeMarketPlan plan = {0};
    ExchangeMarket market;
    if (!take_plan(call, &plan, symbols, error)) return error_exit_code(error->code);
    Exchange *exchange = malloc(sizeof *exchange);
    if (!exchange)
        return error_set(error, ERROR_LIMIT, "no memory for the exchange", NULL, NULL),
               error_exit_code(ERROR_LIMIT);
    exchange_init(exchange, &costs);
    exchange->costs.pays_in_bnb = call_has(call, "fees_in_bnb");
    bool sound =
        exchange_market_open(&market, exchange, &plan, error) && serve(call, &market, error);
    exchange_market_close(&market);
    free(exchange);
    return sound ? 0 : error_exit_code(error->code);
}

const Command command_exchange = {
    .name = "exchange",
    .group = "run",
    .sentence = "A simulated Binance on a port of this machine: its REST, streams and WebSocket "
                "API over a generated or recorded market, to try bots against.",
    .examples = {"trader exchange --balance USDC=10000 BTC=0.5",
                 "trader exchange --data BTCUSDC-1m.csv.gz --speed 60 --port 0"},
    .options = {{"port", OPTION_VALUE, "N", "port (8060), 0 takes a free one", NULL},
                {"data", OPTION_LIST, "FILE", "candle files whose market is played", NULL},
                {"generated", OPTION_SWITCH, NULL, "a generated market (without --data)", NULL},
                {"symbols", OPTION_LIST, "SYMBOL",
                 "what is traded; else the settings', or the "
                 "files'",
                 NULL},
                {"seed", OPTION_VALUE, "N", "seed of the generated market", NULL},
                {"history", OPTION_VALUE, "N", "minutes that are past at the start (4320)", NULL},
                {"speed", OPTION_VALUE, "N", "so many times real time (1)", NULL},
                {"balance", OPTION_LIST, "ASSET=AMOUNT",
                 "what the account begins with (10000 of each quote asset)", NULL},
                {"fees_in_bnb", OPTION_SWITCH, NULL, "fees are paid in BNB where there is some",
                 NULL},
                {"key_file", OPTION_VALUE, "FILE",
                 "key and secret, a line each; else drawn and printed", NULL}},
    .run = exchange_command,
};
