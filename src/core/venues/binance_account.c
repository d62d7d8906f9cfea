/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_account.h"

/* ---- balances and trades --------------------------------------------------------------------- */

static const Field BALANCE_ROWS[] = {
    {"asset", FIELD_ASSET, true, offsetof(BinanceBalance, asset)},
    {"free", FIELD_MONEY, true, offsetof(BinanceBalance, free)},
    {"locked", FIELD_MONEY, true, offsetof(BinanceBalance, locked)},
};
static const FieldTable BALANCE_TABLE = FIELD_TABLE("balance", BALANCE_ROWS);

static bool balance_take(JsonReader *object, void *target, Error *error) {
    BinanceBalances *balances = target;
    BinanceBalance balance = {0};
    if (!binance_fields_read(object, &BALANCE_TABLE, &balance, NULL, error)) return false;
    if (!balance.asset.text[0]) return binance_fail(error, object, "balance", "without an asset");
    if (balances->count == balances->capacity) {
        return binance_fail(error, object, "balances", "more assets than there is room for");
    }
    balances->at[balances->count++] = balance;
    return true;
}

typedef struct AccountDraft {
    BinanceAccount account;
    Slice kind;
    JsonReader balances;
} AccountDraft;

static const Field ACCOUNT_ROWS[] = {
    {"canTrade", FIELD_BOOL, true, offsetof(AccountDraft, account.can_trade)},
    {"canWithdraw", FIELD_BOOL, true, offsetof(AccountDraft, account.can_withdraw)},
    {"canDeposit", FIELD_BOOL, false, offsetof(AccountDraft, account.can_deposit)},
    {"uid", FIELD_INT, false, offsetof(AccountDraft, account.uid)},
    {"updateTime", FIELD_INT, false, offsetof(AccountDraft, account.update_ms)},
    {"accountType", FIELD_SLICE, false, offsetof(AccountDraft, kind)},
    {"balances", FIELD_VALUE, true, offsetof(AccountDraft, balances)},
};
static const FieldTable ACCOUNT_TABLE = FIELD_TABLE("account", ACCOUNT_ROWS);

bool binance_account_read(Slice body, BinanceAccount *account, BinanceBalances *balances,
                          Error *error) {
    AccountDraft draft = {.account = {.uid = -1}};
    balances->count = 0;
    if (!binance_fields_whole(body, &ACCOUNT_TABLE, &draft, NULL, error)) return false;
    *account = draft.account;
    if (!slice_copy(draft.kind, account->kind, sizeof account->kind)) {
        return binance_fail(error, &draft.balances, "account", "type is too long");
    }
    return binance_fields_each(&draft.balances, "balances", balance_take, balances, error);
}

static const Field TRADE_ROWS[] = {
    {"symbol", FIELD_SYMBOL, true, offsetof(BinanceTrade, symbol)},
    {"id", FIELD_INT, true, offsetof(BinanceTrade, fill.trade_id)},
    {"orderId", FIELD_INT, true, offsetof(BinanceTrade, order_id)},
    {"orderListId", FIELD_INT, false, offsetof(BinanceTrade, list_id)},
    {"price", FIELD_PRICE, true, offsetof(BinanceTrade, fill.price)},
    {"qty", FIELD_QUANTITY, true, offsetof(BinanceTrade, fill.quantity)},
    {"quoteQty", FIELD_MONEY, true, offsetof(BinanceTrade, quote_quantity)},
    {"commission", FIELD_MONEY, true, offsetof(BinanceTrade, fill.commission)},
    {"commissionAsset", FIELD_ASSET, true, offsetof(BinanceTrade, fill.commission_asset)},
    {"time", FIELD_STAMP, true, offsetof(BinanceTrade, time_us)},
    {"isBuyer", FIELD_BOOL, true, offsetof(BinanceTrade, is_buyer)},
    {"isMaker", FIELD_BOOL, true, offsetof(BinanceTrade, is_maker)},
};
static const FieldTable TRADE_TABLE = FIELD_TABLE("own trade", TRADE_ROWS);

static bool trade_take(JsonReader *object, void *target, Error *error) {
    BinanceTrades *trades = target;
    BinanceTrade trade = {.list_id = -1};
    if (!binance_fields_read(object, &TRADE_TABLE, &trade, NULL, error)) return false;
    if (trade.fill.price.units <= 0 || trade.fill.quantity.units <= 0) {
        return binance_fail(error, object, "own trade", "price or quantity is not above zero");
    }
    if (trades->count == trades->capacity) {
        return binance_fail(error, object, "own trades", "more trades than there is room for");
    }
    trades->at[trades->count++] = trade;
    return true;
}

bool binance_account_trades(Slice body, BinanceTrades *trades, Error *error) {
    trades->count = 0;
    return binance_fields_list(body, "own trades", trade_take, trades, error);
}

/* ---- commission ------------------------------------------------------------------------------ */

static const Field RATE_ROWS[] = {
    {"maker", FIELD_MONEY, true, offsetof(BinanceRates, maker)},
    {"taker", FIELD_MONEY, true, offsetof(BinanceRates, taker)},
    {"buyer", FIELD_MONEY, false, offsetof(BinanceRates, buyer)},
    {"seller", FIELD_MONEY, false, offsetof(BinanceRates, seller)},
};
static const FieldTable RATE_TABLE = FIELD_TABLE("rates", RATE_ROWS);

static const Field DISCOUNT_ROWS[] = {
    {"enabledForAccount", FIELD_BOOL, true, offsetof(BinanceCommission, discount_account)},
    {"enabledForSymbol", FIELD_BOOL, true, offsetof(BinanceCommission, discount_symbol)},
    {"discountAsset", FIELD_ASSET, true, offsetof(BinanceCommission, discount_asset)},
    {"discount", FIELD_MONEY, true, offsetof(BinanceCommission, discount)},
};
static const FieldTable DISCOUNT_TABLE = FIELD_TABLE("discount", DISCOUNT_ROWS);

typedef struct CommissionDraft {
    JsonReader standard, special, tax, discount;
} CommissionDraft;

/* Each in its two spellings: the even rows of the account, the odd ones of a test order. */
static const Field COMMISSION_ROWS[] = {
    {"standardCommission", FIELD_VALUE, false, offsetof(CommissionDraft, standard)},
    {"standardCommissionForOrder", FIELD_VALUE, false, offsetof(CommissionDraft, standard)},
    {"specialCommission", FIELD_VALUE, false, offsetof(CommissionDraft, special)},
    {"specialCommissionForOrder", FIELD_VALUE, false, offsetof(CommissionDraft, special)},
    {"taxCommission", FIELD_VALUE, false, offsetof(CommissionDraft, tax)},
    {"taxCommissionForOrder", FIELD_VALUE, false, offsetof(CommissionDraft, tax)},
    {"discount", FIELD_VALUE, false, offsetof(CommissionDraft, discount)},
};
static const FieldTable COMMISSION_TABLE = FIELD_TABLE("commission", COMMISSION_ROWS);

bool binance_account_commission(Slice body, BinanceCommission *commission, Error *error) {
    CommissionDraft draft;
    uint32_t seen;
    *commission = (BinanceCommission){0};
    if (!binance_fields_whole(body, &COMMISSION_TABLE, &draft, &seen, error)) return false;
    JsonReader start = json_reader(body);
    if ((seen & 3) == 0) return binance_fail(error, &start, "commission", "no standard rates");
    bool ok = binance_fields_inside(draft.standard, &RATE_TABLE, &commission->standard, error);
    if (ok && (seen >> 2 & 3))
        ok = binance_fields_inside(draft.special, &RATE_TABLE, &commission->special, error);
    if (ok && (seen >> 4 & 3))
        ok = binance_fields_inside(draft.tax, &RATE_TABLE, &commission->tax, error);
    if (ok && (seen >> 6 & 1))
        ok = binance_fields_inside(draft.discount, &DISCOUNT_TABLE, commission, error);
    return ok;
}

/* ---- counts and rights ----------------------------------------------------------------------- */

typedef struct Counts {
    BinanceGovernor *governor;
    int64_t now_us;
} Counts;

static const Field COUNT_ROWS[] = {
    {"rateLimitType", FIELD_SLICE, true, offsetof(BinanceLimit, kind)},
    {"interval", FIELD_SLICE, true, offsetof(BinanceLimit, interval)},
    {"intervalNum", FIELD_INT, true, offsetof(BinanceLimit, intervals)},
    {"limit", FIELD_INT, true, offsetof(BinanceLimit, limit)},
    {"count", FIELD_INT, false, offsetof(BinanceLimit, used)},
};
static const FieldTable COUNT_TABLE = FIELD_TABLE("rate limit", COUNT_ROWS);

static bool count_take(JsonReader *object, void *target, Error *error) {
    Counts *counts = target;
    BinanceLimit limit = {.used = -1};
    if (!binance_fields_read(object, &COUNT_TABLE, &limit, NULL, error)) return false;
    /* A kind or interval that is new binds nothing that is known here. */
    (void)binance_governor_limit(counts->governor, &limit, counts->now_us);
    return true;
}

bool binance_account_counts(Slice body, BinanceGovernor *governor, int64_t now_us, Error *error) {
    Counts counts = {governor, now_us};
    return binance_fields_list(body, "rate limits", count_take, &counts, error);
}

typedef struct RightsDraft {
    bool bound, reads, withdraws, transfers, universal, trades;
} RightsDraft;

static const Field RIGHTS_ROWS[] = {
    {"ipRestrict", FIELD_BOOL, true, offsetof(RightsDraft, bound)},
    {"enableWithdrawals", FIELD_BOOL, true, offsetof(RightsDraft, withdraws)},
    {"enableSpotAndMarginTrading", FIELD_BOOL, true, offsetof(RightsDraft, trades)},
    {"enableReading", FIELD_BOOL, false, offsetof(RightsDraft, reads)},
    {"enableInternalTransfer", FIELD_BOOL, false, offsetof(RightsDraft, transfers)},
    {"permitsUniversalTransfer", FIELD_BOOL, false, offsetof(RightsDraft, universal)},
};
static const FieldTable RIGHTS_TABLE = FIELD_TABLE("rights of the key", RIGHTS_ROWS);

bool binance_account_rights(Slice body, BinanceRights *rights, Error *error) {
    RightsDraft draft = {.reads = true, .transfers = true, .universal = true};
    if (!binance_fields_whole(body, &RIGHTS_TABLE, &draft, NULL, error)) return false;
    *rights = (BinanceRights){.may_withdraw = draft.withdraws,
                              .may_trade = draft.trades,
                              .may_transfer = draft.transfers || draft.universal,
                              .may_read = draft.reads,
                              .is_bound = draft.bound};
    return true;
}

/* ---- rules ----------------------------------------------------------------------------------- */

/* Every key of every filter that is judged, in one table: a filter holds only its own. Bounds are
 * read as Money, whose range is wider; what is beyond an order's own range binds nothing. */
typedef struct RuleDraft {
    Slice type;
    Money least, most, step, notional_min, notional_max, position;
    Money up, down, bid_up, bid_down, ask_up, ask_down;
    bool to_market, min_to_market, max_to_market;
    uint32_t orders, stops, icebergs, lists, minutes;
} RuleDraft;

static const Field RULE_ROWS[] = {
    {"filterType", FIELD_SLICE, true, offsetof(RuleDraft, type)},
    {"minQty", FIELD_MONEY, false, offsetof(RuleDraft, least)},
    {"maxQty", FIELD_MONEY, false, offsetof(RuleDraft, most)},
    {"stepSize", FIELD_MONEY, false, offsetof(RuleDraft, step)},
    {"minNotional", FIELD_MONEY, false, offsetof(RuleDraft, notional_min)},
    {"maxNotional", FIELD_MONEY, false, offsetof(RuleDraft, notional_max)},
    {"maxPosition", FIELD_MONEY, false, offsetof(RuleDraft, position)},
    {"multiplierUp", FIELD_MONEY, false, offsetof(RuleDraft, up)},
    {"multiplierDown", FIELD_MONEY, false, offsetof(RuleDraft, down)},
    {"bidMultiplierUp", FIELD_MONEY, false, offsetof(RuleDraft, bid_up)},
    {"bidMultiplierDown", FIELD_MONEY, false, offsetof(RuleDraft, bid_down)},
    {"askMultiplierUp", FIELD_MONEY, false, offsetof(RuleDraft, ask_up)},
    {"askMultiplierDown", FIELD_MONEY, false, offsetof(RuleDraft, ask_down)},
    {"applyToMarket", FIELD_BOOL, false, offsetof(RuleDraft, to_market)},
    {"applyMinToMarket", FIELD_BOOL, false, offsetof(RuleDraft, min_to_market)},
    {"applyMaxToMarket", FIELD_BOOL, false, offsetof(RuleDraft, max_to_market)},
    {"maxNumOrders", FIELD_COUNT, false, offsetof(RuleDraft, orders)},
    {"maxNumAlgoOrders", FIELD_COUNT, false, offsetof(RuleDraft, stops)},
    {"maxNumIcebergOrders", FIELD_COUNT, false, offsetof(RuleDraft, icebergs)},
    {"maxNumOrderLists", FIELD_COUNT, false, offsetof(RuleDraft, lists)},
    {"avgPriceMins", FIELD_COUNT, false, offsetof(RuleDraft, minutes)},
};
static const FieldTable RULE_TABLE = FIELD_TABLE("filter", RULE_ROWS);

static int64_t narrow(Money value) {
    if (value.units < 0) return 0;
    return value.units > INT64_MAX ? INT64_MAX : (int64_t)value.units;
}

static void keep_notional(const RuleDraft *draft, bool min_to_market, OrderRules *rules) {
    /* Where both forms are given the stricter bound counts. */
    if (draft->notional_min.units > rules->notional_min.units)
        rules->notional_min = draft->notional_min;
    if (draft->notional_max.units > 0) rules->notional_max = draft->notional_max;
    rules->min_to_market = rules->min_to_market || min_to_market;
    rules->max_to_market = rules->max_to_market || draft->max_to_market;
    rules->average_minutes = draft->minutes;
}

static void keep_band(const RuleDraft *draft, bool by_side, OrderRules *rules) {
    const RuleDraft *d = draft;
    rules->band = (PriceBand){.is_set = true,
                              .bid_up = narrow(by_side ? d->bid_up : d->up),
                              .bid_down = narrow(by_side ? d->bid_down : d->down),
                              .ask_up = narrow(by_side ? d->ask_up : d->up),
                              .ask_down = narrow(by_side ? d->ask_down : d->down)};
    rules->average_minutes = draft->minutes;
}

static void keep_counts(const RuleDraft *draft, OrderRules *rules) {
    Slice type = draft->type;
    if (slice_is(type, "MAX_NUM_ORDERS")) {
        rules->has_orders_max = true;
        rules->orders_max = draft->orders;
    } else if (slice_is(type, "MAX_NUM_ALGO_ORDERS")) {
        rules->has_stops_max = true;
        rules->stops_max = draft->stops;
    } else if (slice_is(type, "MAX_NUM_ICEBERG_ORDERS")) {
        rules->has_icebergs_max = true;
        rules->icebergs_max = draft->icebergs;
    } else if (slice_is(type, "MAX_NUM_ORDER_LISTS")) {
        rules->has_lists_max = true;
        rules->lists_max = draft->lists;
    } else if (slice_is(type, "MAX_POSITION")) {
        rules->has_position_max = true;
        rules->position_max = quantity_of(narrow(draft->position));
    }
}

/* A filter whose name is known must have what it is judged by: rows of RULE_ROWS. */
static bool is_whole(Slice type, uint32_t seen) {
    static const struct {
        const char *name;
        uint32_t rows;
    } NEEDS[] = {
        {"MARKET_LOT_SIZE", 7u << 1},
        {"MIN_NOTIONAL", 1u << 4},
        {"NOTIONAL", 1u << 4},
        {"MAX_POSITION", 1u << 6},
        {"PERCENT_PRICE", 3u << 7},
        {"PERCENT_PRICE_BY_SIDE", 15u << 9},
        {"MAX_NUM_ORDERS", 1u << 16},
        {"MAX_NUM_ALGO_ORDERS", 1u << 17},
        {"MAX_NUM_ICEBERG_ORDERS", 1u << 18},
        {"MAX_NUM_ORDER_LISTS", 1u << 19},
    };
    for (unsigned i = 0; i < sizeof NEEDS / sizeof NEEDS[0]; i++)
        if (slice_is(type, NEEDS[i].name)) return (seen & NEEDS[i].rows) == NEEDS[i].rows;
    return true;
}

/* ICEBERG_PARTS alone calls its bound `limit`, which MAX_ASSET uses for an amount. */
static bool keep_parts(JsonReader object, OrderRules *rules, Error *error) {
    static const Field ROWS[] = {{"limit", FIELD_COUNT, true, 0}};
    static const FieldTable TABLE = FIELD_TABLE("ICEBERG_PARTS", ROWS);
    return binance_fields_read(&object, &TABLE, &rules->iceberg_parts_max, NULL, error);
}

static bool rule_take(JsonReader *object, void *target, Error *error) {
    OrderRules *rules = target;
    RuleDraft draft = {0};
    JsonReader again = *object;
    uint32_t seen;
    if (!binance_fields_read(object, &RULE_TABLE, &draft, &seen, error)) return false;
    Slice type = draft.type;
    if (!is_whole(type, seen)) return binance_fail(error, object, "filter", "lacks a bound");
    if (slice_is(type, "MARKET_LOT_SIZE")) {
        rules->market_min = quantity_of(narrow(draft.least));
        rules->market_max = quantity_of(narrow(draft.most));
        rules->market_step = quantity_of(narrow(draft.step));
    } else if (slice_is(type, "NOTIONAL")) {
        keep_notional(&draft, draft.min_to_market, rules);
    } else if (slice_is(type, "MIN_NOTIONAL")) {
        keep_notional(&draft, draft.to_market, rules);
    } else if (slice_is(type, "PERCENT_PRICE") || slice_is(type, "PERCENT_PRICE_BY_SIDE")) {
        keep_band(&draft, type.length > sizeof "PERCENT_PRICE", rules);
    } else if (slice_is(type, "ICEBERG_PARTS")) {
        return keep_parts(again, rules, error);
    }
    keep_counts(&draft, rules);
    return true;
}

bool binance_account_rule(Slice filter, OrderRules *rules, Error *error) {
    JsonReader reader = json_reader(filter);
    if (json_next(&reader) != JSON_OBJECT_BEGIN) {
        return binance_fail(error, &reader, "filter", "not an object");
    }
    return rule_take(&reader, rules, error);
}

typedef struct Wanted {
    const SymbolName *symbol;
    OrderRules *rules;
    bool found;
} Wanted;

typedef struct ListingDraft {
    SymbolName symbol;
    JsonReader filters;
} ListingDraft;

static bool listing_take(JsonReader *object, void *target, Error *error) {
    static const Field ROWS[] = {
        {"symbol", FIELD_SYMBOL, true, offsetof(ListingDraft, symbol)},
        {"filters", FIELD_VALUE, true, offsetof(ListingDraft, filters)},
    };
    static const FieldTable TABLE = FIELD_TABLE("symbol", ROWS);
    Wanted *wanted = target;
    ListingDraft draft;
    if (!binance_fields_read(object, &TABLE, &draft, NULL, error)) return false;
    if (!symbol_name_equal(&draft.symbol, wanted->symbol)) return true;
    wanted->found = true;
    return binance_fields_each(&draft.filters, "filters", rule_take, wanted->rules, error);
}

bool binance_account_rules(Slice exchange_info, const SymbolName *symbol, OrderRules *rules,
                           Error *error) {
    static const Field ROWS[] = {{"symbols", FIELD_VALUE, true, 0}};
    static const FieldTable TABLE = FIELD_TABLE("exchangeInfo", ROWS);
    JsonReader symbols;
    Wanted wanted = {.symbol = symbol, .rules = rules};
    *rules = (OrderRules){0};
    if (!binance_fields_whole(exchange_info, &TABLE, &symbols, NULL, error)) return false;
    if (!binance_fields_each(&symbols, "symbols", listing_take, &wanted, error)) return false;
    return wanted.found || binance_fail(error, &symbols, symbol->text, "not listed by the venue");
}
