/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the state as JSON arrays, each message as every other surface writes it. */
#include "shell/web/web_parts.h"

/* A log line says in its message whose and what; when is the message's own time. */
void web_write_log(const Message *message, JsonWriter *writer) {
    const LogLine *line = message->payload;
    json_object_begin(writer);
    json_key(writer, "time");
    json_time(writer, message->time_us);
    json_key(writer, "service");
    json_string(writer, line->service);
    json_key(writer, "level");
    json_string(writer, LogLevel_text(line->level));
    json_key(writer, "text");
    json_string(writer, line->text);
    json_object_end(writer);
}

static bool write_row(void *context, const Message *message) {
    JsonWriter *writer = context;
    if (message->topic == TOPIC_LOG_LINES)
        web_write_log(message, writer);
    else
        codec_write_json(topic_message((Topic)message->topic), message->payload, writer);
    return !writer->text->overflow;
}

bool web_write_list(const WebCall *call, JsonWriter *writer, Error *error) {
    const WebQuery *asked = &call->request->query;
    const WebRoute *route = call->route;
    bool curve = route->topic == TOPIC_EQUITY, logs = route->topic == TOPIC_LOG_LINES;
    bool whole = curve || logs || route->topic == TOPIC_NEWS_UPDATES; /* of no one symbol */
    StoreQuery query = {.symbol = asked->symbol[0] && !whole ? asked->symbol : NULL,
                        .field = asked->service[0] && logs ? "service" : NULL,
                        .value = asked->service,
                        .limit = asked->limit ? asked->limit : route->limit};
    if (route->topic == TOPIC_EXPLAINED_SIGNALS && asked->id[0]) {
        query.field = "signal_id";
        query.value = asked->id;
    }
    if (curve) query.every = asked->points ? asked->points : query.limit;
    Store *store = web_store(call->web);
    json_array_begin(writer);
    bool written = !store || store_select(store, route->topic, &query, write_row, writer, error);
    json_array_end(writer);
    return written;
}

bool web_write_latest(const WebCall *call, JsonWriter *writer, Error *error) {
    (void)error;
    _Alignas(16) uint8_t message[LIMIT_PAYLOAD];
    Store *store = web_store(call->web);
    if (store && store_latest(store, call->route->topic, NULL, message))
        codec_write_json(topic_message(call->route->topic), message, writer);
    else
        json_null(writer);
    return true;
}

bool web_write_topics(const WebCall *call, JsonWriter *writer, Error *error) {
    static const char *const modes[] = {"none", "each", "latest", "recent"};
    (void)error;
    Store *store = web_store(call->web);
    json_array_begin(writer);
    for (int i = 0; i < TOPIC_COUNT; i++) {
        const TopicShape *topic = &topic_shapes[i];
        json_object_begin(writer);
        json_key(writer, "name");
        json_string(writer, topic->name);
        json_key(writer, "message");
        json_string(writer, message_shapes[topic->kind].name);
        json_key(writer, "sentence");
        json_string(writer, topic->sentence);
        json_key(writer, "kept");
        json_string(writer, modes[topic->store]);
        json_key(writer, "rows");
        if (store && topic->store != STORE_NONE)
            json_int(writer, (int64_t)store_count(store, (Topic)i));
        else
            json_null(writer);
        json_object_end(writer);
    }
    json_array_end(writer);
    return true;
}

/* The engine writes the health of the services as one JSON text, once a second. */
bool web_write_services(const WebCall *call, JsonWriter *writer, Error *error) {
    (void)error;
    char *text = call->web->stream.scratch;
    Store *store = web_store(call->web);
    bool found =
        store && store_meta(store, "health", text, WEB_META_MAX) && json_valid(slice_of(text));
    json_raw(writer, found ? slice_of(text) : SLICE("[]"));
    return true;
}
