/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/tick_peers.h"

#include "core/base/decimal.h"
#include "core/base/number_text.h"
#ifdef WITH_CJSON
#include <cjson/cJSON.h>
#endif
#ifdef WITH_JANSSON
#include <jansson.h>
#endif

int64_t tick_sink;

#if defined(WITH_CJSON) || defined(WITH_JANSSON)
/* Converts what a library gives as text, as the codec does; sums it up. */
static bool take_texts(const char *const *prices, const char *const *volumes) {
    Price price;
    double volume;
    for (; *prices; prices++) {
        if (!price_parse(slice_of(*prices), &price) || price.units <= 0) return false;
        tick_sink += price.units;
    }
    for (; *volumes; volumes++) {
        if (!number_from_slice(slice_of(*volumes), &volume) || volume < 0) return false;
        tick_sink += (int64_t)volume;
    }
    return true;
}
#endif

#ifdef WITH_CJSON
static const char *cjson_text(const cJSON *object, const char *key) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
    return text ? text : "";
}

bool tick_read_cjson(Slice frame) {
    cJSON *root = cJSON_ParseWithLength(frame.at, frame.length);
    const cJSON *data = cJSON_GetObjectItemCaseSensitive(root, "data");
    const cJSON *k = cJSON_GetObjectItemCaseSensitive(data, "k");
    const cJSON *at = k ? k : data;
    const char *texts[][5] = {
        {cjson_text(at, "o"), cjson_text(at, "h"), cjson_text(at, "l"), cjson_text(at, "c"), NULL},
        {cjson_text(at, "v"), cjson_text(at, "q"), cjson_text(at, "V"), NULL, NULL},
        {cjson_text(at, "p"), cjson_text(at, "q"), NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL}};
    bool ok = cjson_text(data, "s")[0] && take_texts(texts[k ? 0 : 2], texts[k ? 1 : 3]);
    tick_sink += (int64_t)cJSON_GetNumberValue(cJSON_GetObjectItemCaseSensitive(at, k ? "t" : "T"));
    tick_sink += cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(at, k ? "x" : "m"));
    cJSON_Delete(root);
    return ok;
}
#endif

#ifdef WITH_JANSSON
static const char *jansson_text(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

bool tick_read_jansson(Slice frame) {
    json_t *root = json_loadb(frame.at, frame.length, 0, NULL);
    const json_t *data = json_object_get(root, "data"), *k = json_object_get(data, "k");
    const json_t *at = k ? k : data;
    const char *texts[][5] = {
        {jansson_text(at, "o"), jansson_text(at, "h"), jansson_text(at, "l"), jansson_text(at, "c"),
         NULL},
        {jansson_text(at, "v"), jansson_text(at, "q"), jansson_text(at, "V"), NULL, NULL},
        {jansson_text(at, "p"), jansson_text(at, "q"), NULL, NULL, NULL},
        {NULL, NULL, NULL, NULL, NULL}};
    bool ok = jansson_text(data, "s")[0] && take_texts(texts[k ? 0 : 2], texts[k ? 1 : 3]);
    tick_sink += json_integer_value(json_object_get(at, k ? "t" : "T"));
    tick_sink += json_is_true(json_object_get(at, k ? "x" : "m"));
    json_decref(root);
    return ok;
}
#endif
