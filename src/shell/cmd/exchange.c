/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number_text.h"
#include "shell/cmd/command.h"
#include "shell/exchange/exchange_keep.h"
#include "shell/exchange/exchange_server.h"
#include "shell/session/session_world.h"
#include "shell/sys/clock.h"
#include "shell/sys/files.h"

#define PORT_PRESET           8060 /* beside the dashboard's 8050 */
#define HISTORY_PRESET        4320 /* minutes of three days: some of every interval */
#define TRADES_HISTORY_PRESET 60   /* a daily file is to leave some of its day */
#define FILTERS_PATH          "config/filters.json"
#define SPEED_MAX             10000
#define SESSION_HOURS_PRESET  24 /* the venue's */
#define SESSION_HOURS_MAX     8760
#define ACCOUNTS_FILE_MAX     65536 /* eight lines of keys and balances */

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

/* ---- accounts ------------------------------------------------------------------------------ */

static bool take_balance(Exchange *exchange, unsigned account, Slice word, Error *error) {
    const char *equals = word.length ? memchr(word.at, '=', word.length) : NULL;
    Money amount;
    Slice asset = {word.at, equals ? (size_t)(equals - word.at) : 0};
    Slice number = {equals ? equals + 1 : "", equals ? word.length - asset.length - 1 : 0};
    if (asset.length && money_parse(number, &amount) && amount.units >= 0 &&
        exchange_deposit_to(exchange, account, asset, amount))
        return true;
    char shown[64];
    if (!slice_copy(word, shown, sizeof shown)) shown[0] = 0;
    return error_set(error, ERROR_USAGE, "not a balance", shown, "as in --balance USDC=10000");
}

/* Without --balance: enough of each quote asset to begin with. */
static bool take_balances(const CommandCall *call, Exchange *exchange, unsigned account,
                          Error *error) {
    const char *const *words;
    unsigned count = call_list(call, "balance", &words);
    for (unsigned i = 0; i < count; i++)
        if (!take_balance(exchange, account, slice_of(words[i]), error)) return false;
    for (unsigned i = 0; i < exchange->pair_count && count == 0; i++) {
        unsigned quote = exchange->pairs[i].quote;
        exchange->accounts[account].balances[quote].free =
            money_of((__int128)10000 * DECIMAL_SCALE);
    }
    return true;
}

static Slice next_word(Slice *line) {
    *line = slice_trim(*line);
    size_t length = 0;
    while (length < line->length && line->at[length] != ' ' && line->at[length] != '\t')
        length++;
    Slice word = {line->at, length};
    *line = (Slice){line->at + length, line->length - length};
    return word;
}

static bool is_pem(Slice word) {
    return word.length > 4 && slice_is((Slice){word.at + word.length - 4, 4}, ".pem");
}

/* The account of this index, made where no earlier run has made it (`is_new`). */
static bool take_account(Exchange *exchange, unsigned index, bool *is_new, Error *error) {
    *is_new = index >= exchange->account_count;
    return !*is_new || exchange_add_account(exchange) == (int)index ||
           error_set(error, ERROR_LIMIT, "too many accounts", NULL, "at most 8 in all");
}

/* KEY SECRET ASSET=AMOUNT ..., or the path of a public key in the place of the secret. */
static bool take_account_line(ExchangeKeyring *ring, Exchange *exchange, unsigned account,
                              Slice line, Error *error) {
    Slice key = next_word(&line), secret = next_word(&line), word;
    char path[PATH_MAX];
    bool is_new;
    if (!take_account(exchange, account, &is_new, error)) return false;
    bool sound = is_pem(secret) ? slice_copy(secret, path, sizeof path) &&
                                      exchange_key_open_public(ring, account, path, key, error)
                                : exchange_key_add(ring, account, key, secret, error) != NULL;
    while (sound && (word = next_word(&line)).length)
        sound = !is_new || take_balance(exchange, account, word, error);
    return sound;
}

static bool take_accounts_file(ExchangeKeyring *ring, Exchange *exchange, const char *path,
                               Error *error) {
    char *bytes;
    size_t length;
    unsigned account = 1;
    bool sound = true;
    if (!files_read(path, ACCOUNTS_FILE_MAX, &bytes, &length, error)) return false;
    Slice rest = {bytes, length};
    while (rest.length && sound) {
        const char *end = memchr(rest.at, '\n', rest.length);
        size_t size = end ? (size_t)(end - rest.at) : rest.length;
        Slice line = slice_trim((Slice){rest.at, size});
        size_t step = size + (end != NULL);
        rest = (Slice){rest.at + step, rest.length - step};
        if (line.length && line.at[0] != '#')
            sound = take_account_line(ring, exchange, account++, line, error);
    }
    free(bytes);
    return sound;
}

/* --accounts N: so many in all, with drawn keys and the same balances; or a file of more. */
static bool take_accounts(const CommandCall *call, ExchangeKeyring *ring, Exchange *exchange,
                          Error *error) {
    const char *value = call_value(call, "accounts");
    int64_t count;
    if (!value) return true;
    if (!slice_int(slice_of(value), &count))
        return take_accounts_file(ring, exchange, value, error);
    if (count < 1 || count > LIMIT_EXCHANGE_ACCOUNTS)
        return error_set(error, ERROR_USAGE, "not a number of accounts", value, "1 to 8");
    for (unsigned i = 1; i < (unsigned)count; i++) {
        bool is_new;
        if (!take_account(exchange, i, &is_new, error) ||
            (is_new && !take_balances(call, exchange, i, error)) ||
            !exchange_key_open(ring, i, NULL, error))
            return false;
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

/* At most one of --data, --trades, --generated and --follow. */
static bool take_source(const CommandCall *call, ExchangeMarketPlan *plan, Error *error) {
    const char *follow = call_value(call, "follow");
    plan->replay.path_count = call_list(call, "data", &plan->replay.paths);
    plan->trades.path_count = call_list(call, "trades", &plan->trades.paths);
    const char *filters = files_exist(FILTERS_PATH) ? FILTERS_PATH : NULL;
    plan->replay.filters_path = plan->trades.filters_path = filters;
    plan->source = follow ? MARKET_LIVE : plan->trades.path_count ? MARKET_TRADES : MARKET_MINUTES;
    if ((plan->replay.path_count > 0) + (plan->trades.path_count > 0) +
            call_has(call, "generated") + (follow != NULL) >
        1)
        return error_set(error, ERROR_USAGE, "one market at a time", "data",
                         "--data, --trades, --generated or --follow");
    if (follow && strcmp(follow, "binance") != 0)
        return error_set(error, ERROR_USAGE, "no such venue", "follow", "--follow binance");
    if (follow && plan->speed != 1)
        return error_set(error, ERROR_USAGE, "a live market has the speed of the clock", "speed",
                         "leave it out");
    return true;
}

static void plan_live(const Settings *settings, ExchangeMarketPlan *plan) {
    plan->live = (FeedBinancePlan){.symbols = plan->generated.symbols,
                                   .symbol_count = plan->generated.symbol_count,
                                   .rest_url = settings->feed.binance_rest_url,
                                   .stream_url = settings->feed.binance_ws_url,
                                   .backfill_bars = (unsigned)settings->feed.backfill_bars,
                                   .exchange_info_timeout_ms =
                                       (unsigned)settings->feed.exchange_info_timeout_ms,
                                   .allow_plain_http = settings->feed.allow_plain_http};
}

static bool take_plan(CommandCall *call, ExchangeMarketPlan *plan, Settings *chosen,
                      SymbolName *symbols, Error *error) {
    const Settings *settings;
    unsigned count = 0;
    if (!call_settings(call, &settings, error)) return false;
    *chosen = *settings;
    int64_t seed = settings->demo.seed;
    const char *const *names;
    unsigned named = call_list(call, "symbols", &names);
    if (named) join_symbols(names, named, chosen);
    if (!take_speed(call, &plan->speed, error) || !take_source(call, plan, error)) return false;
    /* A file of trades often has a day alone. */
    int64_t history = plan->source == MARKET_TRADES ? TRADES_HISTORY_PRESET : HISTORY_PRESET;
    if (!session_symbol_list(chosen, symbols, &count, error) ||
        !take_whole(call, "seed", INT64_MAX, &seed, error) ||
        !take_whole(call, "history", LIMIT_EXCHANGE_BARS, &history, error))
        return false;
    bool all_of_files = plan->replay.path_count && !named;
    plan->replay.symbols = symbols;
    plan->replay.symbol_count = all_of_files ? 0 : count;
    plan->history_minutes = (unsigned)history;
    plan->generated = (FeedGeneratedPlan){.seed = (uint64_t)seed,
                                          .start_us = clock_wall_us() - history * INSTANT_MINUTE_US,
                                          .symbols = symbols,
                                          .symbol_count = count};
    plan_live(chosen, plan);
    return true;
}

/* ---- the run ------------------------------------------------------------------------------- */

static void tell(const CommandCall *call, const ExchangeServer *server,
                 const ExchangeKeyring *ring) {
    int port = (int)exchange_server_port(server);
    bool json = call_json(call);
    if (json)
        printf("{\"rest\":\"http://127.0.0.1:%d\",\"streams\":\"ws://127.0.0.1:%d\","
               "\"api\":\"ws://127.0.0.1:%d/ws-api/v3\",\"key\":\"%s\",\"secret\":\"%s\","
               "\"keys\":[",
               port, port, port, ring->keys[0].key, ring->keys[0].secret);
    else
        printf("exchange   http://127.0.0.1:%d (REST), ws://127.0.0.1:%d (/ws, /stream, "
               "/ws-api/v3)\n",
               port, port);
    for (unsigned i = 0; i < ring->count; i++) {
        const ExchangeKey *key = &ring->keys[i];
        const char *secret = key->public_key ? "" : key->secret;
        if (json)
            printf("%s{\"account\":%u,\"key\":\"%s\",\"secret\":\"%s\"}", i ? "," : "",
                   key->account, key->key, secret);
        else
            printf("key        %s (account %u%s)\n%s%s%s", key->key, key->account,
                   key->public_key ? ", Ed25519" : "", secret[0] ? "secret     " : "", secret,
                   secret[0] ? "\n" : "");
    }
    if (json) printf("]}\n");
    fflush(stdout);
}

static bool take_keys(const CommandCall *call, ExchangeKeyring *ring, Exchange *exchange,
                      Error *error) {
    const char *public_path = call_value(call, "key_ed25519"), *path = call_value(call, "key_file");
    const char *state = call_state(call);
    bool sound = !path && state ? exchange_keep_key(state, ring, error)
                                : exchange_key_open(ring, 0, path, error) != NULL;
    return sound &&
           (!public_path || exchange_key_open_public(ring, 0, public_path, SLICE(""), error)) &&
           take_accounts(call, ring, exchange, error);
}

static bool run_server(CommandCall *call, ExchangeMarket *market, const ExchangeKeyring *ring,
                       Error *error) {
    int64_t port = PORT_PRESET, hours = SESSION_HOURS_PRESET;
    struct sigaction action = {.sa_handler = stop};
    if (!take_whole(call, "port", 65535, &port, error) ||
        !take_whole(call, "disconnect_after", SESSION_HOURS_MAX, &hours, error))
        return false;
    ExchangeServerPlan plan = {.keys = ring,
                               .port = (unsigned)port,
                               .session_us = hours * INSTANT_HOUR_US,
                               .state = call_state(call),
                               .has_no_limits = call_has(call, "no_limits")};
    ExchangeServer *server = exchange_server_open(market, &plan, error);
    if (!server) return false;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    tell(call, server, ring);
    bool sound = exchange_server_run(server, &stopping, error);
    exchange_server_close(server);
    return sound;
}

static bool serve(CommandCall *call, ExchangeMarket *market, bool resumes, Error *error) {
    ExchangeKeyring ring = {.count = 0};
    bool sound = (resumes || take_balances(call, market->exchange, 0, error)) &&
                 take_keys(call, &ring, market->exchange, error) &&
                 run_server(call, market, &ring, error);
    exchange_key_close(&ring);
    return sound;
}

static int exchange_command(CommandCall *call, Error *error) {
    SymbolName symbols[LIMIT_SYMBOLS];
    Settings settings;
    ExchangeMarketPlan plan = {.source = MARKET_MINUTES};
    ExchangeMarket market = {.feed = NULL};
    if (!take_plan(call, &plan, &settings, symbols, error)) return error_exit_code(error->code);
    Exchange *exchange = malloc(sizeof *exchange);
    if (!exchange)
        return error_set(error, ERROR_LIMIT, "no memory for the exchange", NULL, NULL),
               error_exit_code(ERROR_LIMIT);
    exchange_init(exchange, &costs);
    const char *state = call_state(call);
    bool sound = !state || exchange_keep_read(state, exchange, &plan.resumes, error);
    exchange->costs = costs; /* of this run, whatever an earlier one had */
    exchange->costs.pays_in_bnb = call_has(call, "fees_in_bnb");
    if (call_has(call, "queue")) exchange->costs.queue = EXCHANGE_QUEUE_TRADES;
    sound = sound && exchange_market_open(&market, exchange, &plan, error);
    if (sound) sound = serve(call, &market, plan.resumes, error);
    exchange_market_close(&market);
    free(exchange);
    return sound ? 0 : error_exit_code(error->code);
}

const Command command_exchange = {
    .name = "exchange",
    .group = "run",
    .sentence = "A simulated Binance on a port of this machine: its REST, streams and WebSocket "
                "API over a generated or recorded market, to try bots against. With --state DIR "
                "accounts and orders survive.",
    .examples = {"trader exchange --balance USDC=10000 BTC=0.5",
                 "trader exchange --data BTCUSDC-1m.csv.gz --speed 60 --port 0"},
    .options =
        {{"port", OPTION_VALUE, "N", "port (8060), 0 takes a free one", NULL},
         {"data", OPTION_LIST, "FILE", "candle files whose market is played", NULL},
         {"trades", OPTION_LIST, "FILE", "files of trades or aggTrades whose market is played",
          NULL},
         {"follow", OPTION_VALUE, "VENUE",
          "binance: the live prices of its public feed (BINANCE_REST_URL, BINANCE_WS_URL)", NULL},
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
         {"queue", OPTION_SWITCH, NULL,
          "orders that rest wait behind the market's quantity at their price (else a quarter of "
          "each print reaches them)",
          NULL},
         {"fees_in_bnb", OPTION_SWITCH, NULL, "fees are paid in BNB where there is some", NULL},
         {"key_file", OPTION_VALUE, "FILE", "key and secret, a line each; else drawn and printed",
          NULL},
         {"key_ed25519", OPTION_VALUE, "FILE", "public Ed25519 key (PEM) for the same account",
          NULL},
         {"accounts", OPTION_VALUE, "N|FILE",
          "so many accounts, or a line for each more: KEY SECRET ASSET=AMOUNT ...", NULL},
         {"no_limits", OPTION_SWITCH, NULL, "no limits of weight, orders, connections", NULL},
         {"disconnect_after", OPTION_VALUE, "N", "hours that a WebSocket lives (24)", NULL}},
    .run = exchange_command,
};
