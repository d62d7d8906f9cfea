/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of the program as the page's frame shows it. What only the engine knows (mode, feed,
 * next decision ...) it writes as one JSON object into the named text `runtime`, once a second; the
 * rest is read from the tables. What is not known is null.
 */
#include "core/base/number_text.h"
#include "shell/web/web_parts.h"

/* The mission's disclaimer in one paragraph; the README has it in full. */
#define DISCLAIMER                                                                                 \
    "Experimental, for educational and research purposes only. This is not financial advice and "  \
    "not investment advice; signals and analyses are not recommendations to buy, sell or trade. "  \
    "Past performance does not guarantee future results. Cryptocurrency trading involves "         \
    "substantial risk of loss. Never invest money you cannot afford to lose; you use this system " \
    "at your own risk."

static const char *const runtime_names[] = {
    "mode",        "world", "feed",          "venue",   "version",       "time",       "symbols",
    "quote_asset", "speed", "next_decision", "started", "history_until", "full_speed", "ended",
};
#define RUNTIME_COUNT (sizeof runtime_names / sizeof runtime_names[0])

/* The values of the runtime object as raw JSON; empty slices where it has none. */
static void read_runtime(Slice text, Slice values[static RUNTIME_COUNT]) {
    memset(values, 0, RUNTIME_COUNT * sizeof values[0]);
    JsonReader reader = json_reader(text);
    if (!json_valid(text) || json_next(&reader) != JSON_OBJECT_BEGIN) return;
    while (json_next(&reader) == JSON_KEY) {
        Slice key = reader.slice;
        const char *begin = reader.at;
        if (!json_skip(&reader)) return;
        Slice value = {begin, (size_t)(reader.at - begin)};
        for (size_t i = 0; i < RUNTIME_COUNT; i++)
            if (slice_is(key, runtime_names[i])) values[i] = value;
    }
}

/* Between a key and its value stands the colon, with blanks. */
static Slice without_colon(Slice raw) {
    raw = slice_trim(raw);
    if (raw.length > 0 && raw.at[0] == ':') raw = (Slice){raw.at + 1, raw.length - 1};
    return slice_trim(raw);
}

static void write_runtime(JsonWriter *writer, const Slice *values) {
    for (size_t i = 0; i < RUNTIME_COUNT; i++) {
        Slice value = without_colon(values[i]);
        json_key(writer, runtime_names[i]);
        bool list = strcmp(runtime_names[i], "symbols") == 0;
        json_raw(writer, value.length > 0 ? value : list ? SLICE("[]") : SLICE("null"));
    }
}

static void write_intervals(JsonWriter *writer) {
    json_key(writer, "intervals");
    json_array_begin(writer);
    for (int i = 0; i < INTERVAL_COUNT; i++)
        json_string(writer, interval_name((Interval)i));
    json_array_end(writer);
}

static void write_percent(JsonWriter *writer, double value) {
    char digits[64];
    size_t length = number_to_fixed(value, 4, digits, sizeof digits);
    json_raw(writer, length > 0 ? (Slice){digits, length} : SLICE("null"));
}

/* The day's change is against the last point before 00:00 UTC of the market's own day, or the first
 * point. */
static void write_equity(Store *store, JsonWriter *writer) {
    EquityPoint newest, base;
    bool known = store && store_latest(store, TOPIC_EQUITY, NULL, &newest);
    json_key(writer, "equity");
    if (known)
        json_money(writer, newest.equity);
    else
        json_null(writer);
    json_key(writer, "day_change_pct");
    int64_t midnight = known ? interval_floor(newest.time, INSTANT_DAY_US) : 0;
    if (known && store_before(store, TOPIC_EQUITY, midnight, &base) && base.equity.units > 0)
        write_percent(writer, (money_double(newest.equity) / money_double(base.equity) - 1) * 100);
    else
        json_null(writer);
}

static void write_kill(Store *store, JsonWriter *writer) {
    KillState kill = {.level = KILL_NONE};
    json_key(writer, "kill");
    if (store && !store_latest(store, TOPIC_KILL_STATE, NULL, &kill))
        kill = (KillState){.level = KILL_NONE};
    codec_write_json(topic_message(TOPIC_KILL_STATE), &kill, writer);
}

static bool keep_feed(void *context, const Message *message) {
    JsonWriter *writer = context;
    const FeedStatus *status = message->payload;
    json_object_begin(writer);
    json_key(writer, "state");
    json_string(writer, FeedCondition_text(status->condition));
    json_key(writer, "text");
    json_string(writer, status->text);
    json_key(writer, "time");
    json_time(writer, message->time_us);
    json_object_end(writer);
    return true;
}

/* Of a recent status of the whole feed or of a symbol, whichever came last. */
static void write_feed(Store *store, JsonWriter *writer) {
    const StoreQuery last = {.limit = 1};
    json_key(writer, "feed_state");
    size_t before = writer->text->length;
    if (store && !store_select(store, TOPIC_FEED_STATUS, &last, keep_feed, writer, NULL))
        store = NULL;
    if (!store || writer->text->length == before) json_null(writer);
}

static void write_halted(Web *web, JsonWriter *writer) {
    char text[sizeof web->halted];
    pthread_mutex_lock(&web->halt_lock);
    memcpy(text, web->halted, sizeof text);
    pthread_mutex_unlock(&web->halt_lock);
    json_key(writer, "halted");
    text[0] ? json_string(writer, text) : json_null(writer);
}

/* How the real venue stands; null where orders go to paper. */
static void write_venue(Store *store, JsonWriter *writer) {
    VenueState state;
    json_key(writer, "venue_state");
    if (store && store_latest(store, TOPIC_VENUE_STATES, NULL, &state))
        codec_write_json(topic_message(TOPIC_VENUE_STATES), &state, writer);
    else
        json_null(writer);
}

/* Whose account, and since when it is armed: the first day has a cap. */
static void write_account(Store *store, JsonWriter *writer) {
    VenueIdentity identity;
    json_key(writer, "account");
    bool known = store && store_latest(store, TOPIC_VENUE_IDENTITIES, NULL, &identity);
    known ? json_string(writer, identity.account) : json_null(writer);
    json_key(writer, "armed_since");
    known &&identity.armed_since > 0 ? json_time(writer, identity.armed_since) : json_null(writer);
    bool capped = known && identity.live && identity.armed_since > 0;
    json_key(writer, "first_day_until");
    capped ? json_time(writer, identity.armed_since + INSTANT_DAY_US) : json_null(writer);
}

void web_state_object(Web *web, JsonWriter *writer) {
    char runtime[8192];
    Slice values[RUNTIME_COUNT];
    Store *store = web_store(web);
    if (!store || !store_meta(store, "runtime", runtime, sizeof runtime)) runtime[0] = 0;
    read_runtime(slice_of(runtime), values);
    json_object_begin(writer);
    write_runtime(writer, values);
    write_intervals(writer);
    write_equity(store, writer);
    write_kill(store, writer);
    write_feed(store, writer);
    write_venue(store, writer);
    write_account(store, writer);
    write_halted(web, writer);
    json_key(writer, "refresh_interval_ms");
    json_int(writer, web->refresh_ms);
    json_key(writer, "disclaimer");
    json_string(writer, DISCLAIMER);
    json_object_end(writer);
}

bool web_write_state(const WebCall *call, JsonWriter *writer, Error *error) {
    (void)error;
    web_state_object(call->web, writer);
    return true;
}
