/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every payload that the venue documents, and every recorded answer, through the reader of its
 * kind: read, or refused with an error that names it. A payload whose kind no row below knows fails
 * the test, and so does one that is read where it should be refused.
 */
#include "unit.h"

#include <dirent.h>

#include "core/venues/binance_rest.h"
#include "core/venues/binance_user.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d: %s\n", file, line, text);
    abort();
}

static BinanceFill fill_memory[64];
static BinanceReport report_memory[64];
static BinanceBalance balance_memory[64];

typedef bool Read(Slice payload, Error *error);

static bool read_order(Slice payload, Error *error) {
    BinanceFills fills = {fill_memory, 64, 0};
    BinanceReport report;
    return binance_reply_order(payload, &fills, &report, error) && report.order_id > 0 &&
           report.symbol.text[0] && report.client_id.text[0] &&
           (report.is_receipt || report.status != BINANCE_STATUS_OTHER) &&
           (report.is_receipt || report.type != BINANCE_TYPE_OTHER);
}

static bool read_orders(Slice payload, Error *error) {
    BinanceReports reports = {report_memory, 64, 0, NULL};
    return binance_reply_orders(payload, &reports, error) && reports.count > 0;
}

static bool read_list(Slice payload, Error *error) {
    BinanceFills fills = {fill_memory, 64, 0};
    BinanceListReport list;
    return binance_reply_list(payload, &fills, &list, error) && list.leg_count >= 2 &&
           (list.report_count == 0 || list.report_count == list.leg_count) &&
           list.state != BINANCE_LIST_OTHER;
}

static bool read_replaced(Slice payload, Error *error) {
    BinanceFills fills = {fill_memory, 64, 0};
    BinanceReplaced replaced;
    if (!binance_reply_replaced(payload, &fills, &replaced, error)) return false;
    return replaced.fault.code == -1015 ||
           (replaced.cancel != BINANCE_HALF_UNTOLD && replaced.order != BINANCE_HALF_UNTOLD);
}

static bool read_fault(Slice payload, Error *error) {
    BinanceFault fault;
    return binance_reply_fault(json_reader(payload), &fault, error) &&
           binance_error_find(fault.code);
}

static bool read_tested(Slice payload, Error *error) {
    BinanceCommission commission;
    return binance_reply_empty(payload, NULL) ||
           binance_account_commission(payload, &commission, error);
}

static bool read_commission(Slice payload, Error *error) {
    BinanceCommission commission;
    return binance_account_commission(payload, &commission, error) &&
           commission.standard.taker.units;
}

static bool read_account(Slice payload, Error *error) {
    BinanceBalances balances = {balance_memory, 64, 0};
    BinanceAccount account;
    return binance_account_read(payload, &account, &balances, error) && balances.count == 2 &&
           account.can_trade && account.uid == 354937868;
}

static bool read_trades(Slice payload, Error *error) {
    BinanceTrade memory[4];
    BinanceTrades trades = {memory, 4, 0};
    return binance_account_trades(payload, &trades, error) && trades.count == 1 &&
           memory[0].fill.commission.units == 1010000000 && memory[0].is_buyer;
}

static bool read_counts(Slice payload, Error *error) {
    BinanceGovernor governor;
    binance_governor_init(&governor);
    return binance_account_counts(payload, &governor, 0, error);
}

static bool read_rule(Slice payload, Error *error) {
    OrderRules rules = {0};
    return binance_account_rule(payload, &rules, error);
}

static bool read_user(Slice payload, Error *error) {
    BinanceBalances balances = {balance_memory, 64, 0};
    BinanceUserEvent event;
    return binance_user_read(payload, &balances, &event, error) &&
           event.kind != BINANCE_USER_UNKNOWN && event.event_us > 0;
}

static bool read_time(Slice payload, Error *error) {
    int64_t server_us;
    return binance_rest_time(payload, &server_us, error);
}

static bool read_exchange(Slice payload, Error *error) {
    static BinanceExchange exchange;
    binance_exchange_init(&exchange);
    return binance_rest_exchange_info(payload, &exchange, error);
}

static bool read_depth(Slice payload, Error *error) {
    BookLevel levels[16];
    BookChange change;
    return binance_rest_depth(payload, (BinanceLevels){levels, 16}, &change, error);
}

static bool read_klines(Slice payload, Error *error) {
    Bar bars[4];
    BinanceBars room = {.at = bars, .capacity = 4};
    return binance_rest_klines(payload, INTERVAL_1D, INT64_MAX, &room, error);
}

static bool read_stream(Slice payload, Error *error) {
    BookLevel levels[16];
    BinanceEvent event;
    return binance_stream_read_any(payload, (BinanceLevels){levels, 16}, &event, error);
}

/* What is asked of nobody here: every reader of orders says no and why. */
static bool read_nothing(Slice payload, Error *error) {
    Error other = {0};
    return read_order(payload, error) || read_list(payload, &other) || read_user(payload, &other);
}

typedef struct Kind {
    const char *part; /* of the section or file name; the first row that fits counts */
    const char *name;
    Read *read;
    bool refused;
} Kind;

static const Kind KINDS[] = {
    {"Error Codes", "error", read_fault, false},
    {"Test connectivity", "nothing", binance_reply_empty, false},
    {"Check server time", "time", read_time, false},
    {"Exchange information", "exchange information, abridged", read_exchange, true},
    {"Order book", "depth", read_depth, false},
    {"> Kline/Candlestick data", "klines", read_klines, false},
    {"Market Data endpoints", "market data that is not asked for", read_nothing, true},
    {"Execution Rules", "execution rules", read_nothing, true},
    {"Send a New Order", "cancel and replace", read_replaced, false},
    {"New order (TRADE)", "order", read_order, false},
    {"Test new order", "test of an order", read_tested, false},
    {"New order using SOR", "order", read_order, false},
    {"Cancel order (TRADE)", "order", read_order, false},
    {"Cancel All Open", "orders", read_orders, false},
    {"Amend Keep", "amendment", read_nothing, true},
    {"Query all Order lists", "array of lists", read_nothing, true},
    {"Query Open Order lists", "array of lists", read_nothing, true},
    {"Order lists", "list", read_list, false},
    {"Query Order list", "list", read_list, false},
    {"Account information", "account", read_account, false},
    {"Query order (USER", "order", read_order, false},
    {"Current open orders", "orders", read_orders, false},
    {"All orders", "orders", read_orders, false},
    {"Account trade list", "own trades", read_trades, false},
    {"Unfilled Order Count", "counts", read_counts, false},
    {"Query Commission", "commission", read_commission, false},
    {"Account Endpoints", "account pages that are not asked for", read_nothing, true},
    {"User Data Streams", "user event", read_user, false},
    {"Filters >", "filter", read_rule, false},
    {"All Market", "market stream, abridged", read_user, true},
    /* the documented candle opens below its low */
    {"Kline/Candlestick Streams", "candle that cannot be", read_stream, true},
    {"WebSocket Streams", "stream control", read_stream, false},
    {"Detailed Stream", "market stream", read_stream, false},
    {"user_stream/", "user event", read_user, false},
    {"account_response", "account", read_account, false},
    {"account_trades", "own trades", read_trades, false},
    {"all_orders", "orders", read_orders, false},
    {"cancel_open_orders", "orders", read_orders, false},
    {"open_orders", "orders", read_orders, false},
    {"order_response", "order", read_order, false},
    {"new_order_full", "order", read_order, false},
    {"ping_response", "nothing", binance_reply_empty, false},
    {"server_time", "time", read_time, false},
    {"depth_response", "depth", read_depth, false},
    {"klines_response", "klines", read_klines, false},
    {"exchange_info", "exchange information", read_exchange, false},
    {"_response", "market data that is not asked for", read_nothing, true},
};
#define KIND_COUNT (sizeof KINDS / sizeof KINDS[0])

static unsigned counts[KIND_COUNT];

static bool is_error(Slice payload) {
    return payload.length > 8 && memcmp(payload.at, "{\"code\":", 8) == 0;
}

static void judge(const char *section, Slice payload) {
    Error error = {0};
    unsigned at = 0;
    while (at < KIND_COUNT && !strstr(section, KINDS[at].part))
        at++;
    if (at == KIND_COUNT) fail_msg("no kind for %s", section);
    const Kind *kind = &KINDS[at];
    bool fault = kind->read != read_replaced && is_error(payload);
    bool refused = fault ? false : kind->refused;
    bool is_read = (fault ? read_fault : kind->read)(payload, &error);
    if (is_read == refused)
        fail_msg("%s: %s: %.*s: %s, %s", section, kind->name, (int)payload.length, payload.at,
                 error.message, error.where);
    if (refused) assert_true(error.code != ERROR_NONE && error.message[0] && error.where[0]);
    counts[at]++;
}

static char *file_text(const char *path, size_t *length) {
    static char memory[1 << 20];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    *length = fread(memory, 1, sizeof memory - 1, file);
    fclose(file);
    memory[*length] = 0;
    return memory;
}

/* Lines of {"section": ..., "payload": ...}, as the collector wrote them. */
static unsigned judge_lines(const char *path) {
    size_t length;
    unsigned lines = 0;
    char *text = file_text(path, &length);
    for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"), lines++) {
        char *section = strstr(line, "\"section\": \""), *payload = strstr(line, "\"payload\": ");
        assert_true(section && payload && payload > section);
        payload[-2] = 0;
        char *body = payload + strlen("\"payload\": ");
        judge(section + strlen("\"section\": \""), (Slice){body, strlen(body) - 1});
    }
    return lines;
}

static void documented(void **state) {
    (void)state;
    static const char *const FILES[] = {"rest-api", "user-data-stream", "filters",
                                        "web-socket-streams"};
    for (unsigned i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
        char path[200];
        snprintf(path, sizeof path, "api/binance/docs/%s.examples.jsonl", FILES[i]);
        assert_true(judge_lines(shared_data(path)) > 5);
    }
}

static void recorded(void **state) {
    (void)state;
    static const char *const FOLDERS[] = {"rest", "user_stream"};
    unsigned files = 0;
    for (unsigned i = 0; i < 2; i++) {
        char path[600];
        snprintf(path, sizeof path, "api/binance/%s", FOLDERS[i]);
        const char *folder = shared_data(path);
        DIR *list = opendir(folder);
        assert_non_null(list);
        for (struct dirent *entry; (entry = readdir(list));) {
            if (entry->d_name[0] == '.') continue;
            size_t length;
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            char *text = file_text(path, &length);
            judge(path, (Slice){text, length});
            files++;
        }
        closedir(list);
    }
    assert_true(files >= 29);
}

static void told(void **state) {
    (void)state;
    unsigned read = 0, refused = 0;
    for (unsigned i = 0; i < KIND_COUNT; i++) {
        for (unsigned k = i + 1; k < KIND_COUNT; k++)
            if (strcmp(KINDS[i].name, KINDS[k].name) == 0) {
                counts[i] += counts[k];
                counts[k] = 0;
            }
        if (counts[i] == 0) continue;
        print_message("  %3u %s %s\n", counts[i], KINDS[i].refused ? "refused" : "read   ",
                      KINDS[i].name);
        *(KINDS[i].refused ? &refused : &read) += counts[i];
    }
    print_message("binance payloads: %u of kinds that are read, %u of kinds that are refused\n",
                  read, refused);
    if (read + refused == 0) skip();
    assert_true(read >= 80);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documented),
        cmocka_unit_test(recorded),
        cmocka_unit_test(told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
