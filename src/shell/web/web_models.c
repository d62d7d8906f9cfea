/* SPDX-License-Identifier: Apache-2.0 */
/* One version of the model registry: its entry, its metrics over time, and what was done with it.
 */
#include "shell/web/web_parts.h"

#define POINTS_MOST 600 /* of its history: a page is about a thousand pixels wide */
#define EVENTS_MOST 200

static bool write_row(void *context, const Message *message) {
    JsonWriter *writer = context;
    codec_write_json(topic_message((Topic)message->topic), message->payload, writer);
    return !writer->text->overflow;
}

static bool write_rows(Store *store, Topic topic, const char *id, unsigned limit,
                       JsonWriter *writer, Error *error) {
    StoreQuery query = {.field = "version_id", .value = id, .limit = limit};
    json_array_begin(writer);
    bool written = store_select(store, topic, &query, write_row, writer, error);
    json_array_end(writer);
    return written;
}

bool web_write_model(const WebCall *call, JsonWriter *writer, Error *error) {
    const char *id = call->request->path + strlen(call->route->path);
    Store *store = web_store(call->web);
    ModelVersion version;
    if (!store || !store_latest(store, TOPIC_MODEL_VERSIONS, id, &version))
        return error_set(error, ERROR_DATA, "there is no such version", id,
                         "/api/v1/models lists them");
    json_object_begin(writer);
    json_key(writer, "version");
    codec_write_json(&message_shapes[MESSAGE_MODEL_VERSION], &version, writer);
    json_key(writer, "points");
    if (!write_rows(store, TOPIC_VERSION_POINTS, id, POINTS_MOST, writer, error)) return false;
    json_key(writer, "events");
    if (!write_rows(store, TOPIC_VERSION_EVENTS, id, EVENTS_MOST, writer, error)) return false;
    json_object_end(writer);
    return true;
}
