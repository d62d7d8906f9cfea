/* SPDX-License-Identifier: Apache-2.0 */
/* What each message becomes on the streams of events, whether it came from the engine or was read
 * from the state. */
#include "shell/web/web_parts.h"

#define FOLLOW_ROWS                                                                                \
    500 /* read at once from a topic: a browser behind more reads everything anew                  \
         */

typedef enum EventForm {
    FORM_NONE,
    FORM_PRICE,
    FORM_CANDLE,
    FORM_LOG,
    FORM_LATEST,
    FORM_EACH
} EventForm;

typedef struct EventRow {
    EventForm form;
    const char *event;
} EventRow;

static const EventRow rows[TOPIC_COUNT] = {
    [TOPIC_PRICES] = {FORM_PRICE, "price"},        [TOPIC_BARS] = {FORM_CANDLE, "candle"},
    [TOPIC_LOG_LINES] = {FORM_LOG, "log"},         [TOPIC_EQUITY] = {FORM_LATEST, "equity"},
    [TOPIC_HOLDINGS] = {FORM_LATEST, "portfolio"}, [TOPIC_KILL_STATE] = {FORM_LATEST, "kill"},
    [TOPIC_FEED_STATUS] = {FORM_LATEST, "feed"},   [TOPIC_TRADING_SIGNALS] = {FORM_EACH, "signal"},
    [TOPIC_TRADES] = {FORM_EACH, "trade"},         [TOPIC_TRADE_EXECUTIONS] = {FORM_EACH, "fill"},
    [TOPIC_REFUSALS] = {FORM_EACH, "refusal"},
};

bool web_event_wanted(Topic topic) {
    return rows[topic].form != FORM_NONE;
}

/* The next one of these replaces it. */
bool web_event_droppable(Topic topic) {
    return rows[topic].form == FORM_PRICE || topic == TOPIC_EQUITY || topic == TOPIC_HOLDINGS;
}

static void set_price(Web *web, const Message *message) {
    const PriceMove *move = message->payload;
    char memory[256], key[40];
    Text json = TEXT_IN(memory), name = TEXT_IN(key);
    JsonWriter writer = json_writer(&json);
    json_object_begin(&writer);
    json_key(&writer, "symbol");
    json_string(&writer, move->symbol);
    json_key(&writer, "price");
    json_price(&writer, move->price);
    json_key(&writer, "time");
    json_time(&writer, message->time_us);
    json_object_end(&writer);
    text_format(&name, "price %s", move->symbol);
    if (!json.overflow)
        web_stream_set(&web->stream, text_end(&name), "price", (Slice){json.at, json.length});
}

static void add_candle(Web *web, const MarketBar *bar) {
    char memory[512];
    Text json = TEXT_IN(memory);
    JsonWriter writer = json_writer(&json);
    json_object_begin(&writer);
    json_key(&writer, "symbol");
    json_string(&writer, bar->symbol);
    json_key(&writer, "time");
    json_int(&writer, bar->open_time / INSTANT_SECOND_US);
    json_key(&writer, "open");
    json_price(&writer, bar->open);
    json_key(&writer, "high");
    json_price(&writer, bar->high);
    json_key(&writer, "low");
    json_price(&writer, bar->low);
    json_key(&writer, "close");
    json_price(&writer, bar->close);
    json_key(&writer, "volume");
    json_double(&writer, bar->volume);
    json_object_end(&writer);
    if (!json.overflow) web_stream_add(&web->stream, "candle", (Slice){json.at, json.length});
}

/* The page's frame has its own form of the feed's condition: state, text, time. */
static void write_feed(const Message *message, JsonWriter *writer) {
    const FeedStatus *status = message->payload;
    json_object_begin(writer);
    json_key(writer, "state");
    json_string(writer, FeedCondition_text(status->condition));
    json_key(writer, "text");
    json_string(writer, status->text);
    json_key(writer, "time");
    json_time(writer, message->time_us);
    json_object_end(writer);
}

void web_event(Web *web, const Message *message) {
    const Topic topic = (Topic)message->topic;
    const EventRow *row = &rows[topic];
    if (row->form == FORM_NONE) return;
    if (row->form == FORM_PRICE) {
        set_price(web, message);
        return;
    }
    if (row->form == FORM_CANDLE) {
        add_candle(web, message->payload);
        return;
    }
    Text json = TEXT_IN(web->stream.scratch);
    JsonWriter writer = json_writer(&json);
    if (row->form == FORM_LOG)
        web_write_log(message, &writer);
    else if (topic == TOPIC_FEED_STATUS)
        write_feed(message, &writer);
    else
        codec_write_json(topic_message(topic), message->payload, &writer);
    Slice text = {json.at, json.length};
    if (json.overflow)
        web_stream_lose(&web->stream);
    else if (row->form == FORM_LATEST)
        web_stream_set(&web->stream, row->event, row->event, text);
    else
        web_stream_add(&web->stream, row->event, text);
}

/* ---- from the state ------------------------------------------------------------------------ */

typedef struct Follower {
    Web *web;
    unsigned count;
} Follower;

static bool follow_row(void *context, const Message *message) {
    Follower *follower = context;
    follower->web->stream.followed[message->topic] = message->sequence;
    follower->count++;
    web_event(follower->web, message);
    return true;
}

static void follow_topic(Web *web, Store *store, Topic topic) {
    Follower follower = {.web = web};
    StoreQuery query = {.after_sequence = web->stream.followed[topic], .limit = FOLLOW_ROWS};
    bool read = store_select(store, topic, &query, follow_row, &follower, NULL);
    if (!read || follower.count == FOLLOW_ROWS) web_stream_lose(&web->stream);
}

/* Bars are not rows of a topic: the newest candles of each symbol that has a price are looked at.
 */
static void follow_candles(Web *web, Store *store) {
    Bar bars[8]; /* half a second at 60 times real time has one */
    for (int i = 0; i < LIMIT_SYMBOLS; i++) {
        const char *key = web->stream.latest[i].key;
        if (strncmp(key, "price ", 6) != 0) continue;
        unsigned count = store_bars(store, key + 6, INTERVAL_1M, bars, 8);
        for (unsigned k = 0; k < count; k++) {
            if (bars[k].time_us <= web->stream.candle_us[i]) continue;
            MarketBar bar = {.open_time = bars[k].time_us,
                             .open = bars[k].open,
                             .high = bars[k].high,
                             .low = bars[k].low,
                             .close = bars[k].close,
                             .volume = bars[k].volume};
            if (!slice_copy(slice_of(key + 6), bar.symbol, sizeof bar.symbol)) continue;
            if (web->stream.candle_us[i] > 0) add_candle(web, &bar);
            web->stream.candle_us[i] = bars[k].time_us;
        }
    }
}

void web_event_follow(Web *web) {
    Store *store = web_store(web);
    for (int i = 0; store && i < TOPIC_COUNT; i++)
        if (rows[i].form != FORM_NONE && topic_shapes[i].store != STORE_NONE)
            follow_topic(web, store, (Topic)i);
    if (store) follow_candles(web, store);
}

/* Prices and other latest rows are read from the start: the first look shows them all. */
void web_event_follow_from_now(Web *web) {
    Store *store = web_store(web);
    memset(web->stream.candle_us, 0, sizeof web->stream.candle_us);
    for (int i = 0; i < TOPIC_COUNT; i++) {
        bool latest = topic_shapes[i].store == STORE_LATEST;
        web->stream.followed[i] = store && !latest && rows[i].form != FORM_NONE
                                      ? store_last_sequence(store, (Topic)i)
                                      : 0;
    }
}

static void set_if_changed(WebStream *stream, const char *event, Slice json) {
    for (int i = 0; i < WEB_LATEST_MAX; i++) {
        const WebLatest *latest = &stream->latest[i];
        if (strcmp(latest->key, event) != 0 || latest->version == 0) continue;
        size_t head = strlen("event: \ndata: ") + strlen(event);
        Slice old = {latest->frame + head, latest->length - head - 2};
        if (slice_equal(old, json)) return;
    }
    web_stream_set(stream, event, event, json);
}

void web_event_state(Web *web) {
    WebStream *stream = &web->stream;
    Store *store = web_store(web);
    Text json = TEXT_IN(stream->scratch);
    JsonWriter writer = json_writer(&json);
    web_state_object(web, &writer);
    if (!json.overflow) set_if_changed(stream, "state", (Slice){json.at, json.length});
    if (store && store_meta(store, "health", stream->scratch, WEB_META_MAX) &&
        json_valid(slice_of(stream->scratch)))
        set_if_changed(stream, "health", slice_of(stream->scratch));
}
