/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/model_record.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/digest.h"

/* ---- versions and events ------------------------------------------------------------------- */

/* Room for one more in a list that doubles; the new element. */
static void *grow(void **list, unsigned *count, size_t size) {
    if ((*count & (*count - 1)) == 0) {
        *list = realloc(*list, (*count ? 2 * *count : 1) * size);
        CHECK(*list, "model_record: out of memory");
    }
    return (char *)*list + (*count)++ * size;
}

static bool keep_version(void *context, const Message *message) {
    ModelRecord *record = context;
    void *list = record->versions;
    void *place = grow(&list, &record->count, sizeof(ModelVersion));
    record->versions = list;
    memcpy(place, message->payload, sizeof(ModelVersion));
    return true;
}

static bool keep_event(void *context, const Message *message) {
    ModelRecord *record = context;
    void *list = record->events;
    void *place = grow(&list, &record->event_count, sizeof(VersionEvent));
    record->events = list;
    memcpy(place, message->payload, sizeof(VersionEvent));
    return true;
}

static bool is_champion(const ModelVersion *version) {
    return strcmp(version->status, "champion") == 0;
}

static int by_rank(const void *a, const void *b) {
    const ModelVersion *left = a, *right = b;
    int first = is_champion(right) - is_champion(left);
    if (first) return first;
    if (left->registration_date != right->registration_date)
        return left->registration_date > right->registration_date ? -1 : 1;
    return strcmp(left->version_id, right->version_id);
}

bool model_record_read(Store *store, ModelRecord *record, Error *error) {
    *record = (ModelRecord){.count = 0};
    if (!store_visit(store, TOPIC_MODEL_VERSIONS, keep_version, record, error) ||
        !store_visit(store, TOPIC_VERSION_EVENTS, keep_event, record, error)) {
        model_record_free(record);
        return false;
    }
    if (record->count) qsort(record->versions, record->count, sizeof(ModelVersion), by_rank);
    return true;
}

void model_record_free(ModelRecord *record) {
    free(record->versions);
    free(record->events);
    *record = (ModelRecord){.count = 0};
}

const ModelVersion *model_record_find(const ModelRecord *record, const char *id, Error *error) {
    const ModelVersion *found = NULL;
    for (unsigned i = 0; i < record->count; i++) {
        const ModelVersion *version = &record->versions[i];
        if (strcmp(version->version_id, id) == 0) return version;
        if (!id[0] || strncmp(version->version_id, id, strlen(id)) != 0) continue;
        if (found) {
            error_set(error, ERROR_DATA, "several versions begin so", id, "trader models");
            return NULL;
        }
        found = version;
    }
    if (!found) error_set(error, ERROR_DATA, "there is no such version", id, "trader models");
    return found;
}

const ModelVersion *model_record_champion(const ModelRecord *record, Error *error) {
    if (record->count && is_champion(&record->versions[0])) return &record->versions[0];
    error_set(error, ERROR_DATA, "there is no champion", "models", "trader models");
    return NULL;
}

/* ---- outcomes of one version --------------------------------------------------------------- */

typedef struct SignalPlace {
    char id[24];
    uint64_t key;
    int64_t emitted_us;
} SignalPlace;

typedef struct Gather {
    const ModelVersion *version;
    SignalPlace *signals; /* of the version */
    unsigned count;
    VersionOutcomes *outcomes;
} Gather;

static uint64_t key_of(const Signal *signal) {
    uint8_t digest[SHA256_SIZE];
    uint64_t key;
    sha256_of(signal->symbol, strlen(signal->symbol), digest);
    memcpy(&key, digest, sizeof key);
    return key ^ (uint64_t)signal->market_timestamp;
}

static bool keep_signal(void *context, const Message *message) {
    Gather *gather = context;
    const Signal *signal = message->payload;
    const ModelVersion *version = gather->version;
    bool by_id = signal->model_id[0] && strcmp(signal->model_id, version->version_id) == 0;
    bool by_name = !signal->model_id[0] && !strcmp(signal->model_version, version->version_name);
    if ((!by_id && !by_name) || signal->decision == DECISION_HOLD) return true;
    void *list = gather->signals;
    SignalPlace *place = grow(&list, &gather->count, sizeof *place);
    gather->signals = list;
    *place = (SignalPlace){.key = key_of(signal), .emitted_us = signal->timestamp};
    memcpy(place->id, signal->id, sizeof place->id);
    return true;
}

static int by_id(const void *a, const void *b) {
    return strcmp(((const SignalPlace *)a)->id, ((const SignalPlace *)b)->id);
}

static void take(Gather *gather, const char *signal_id, double return_pct) {
    SignalPlace wanted = {.key = 0};
    memcpy(wanted.id, signal_id, sizeof wanted.id);
    const SignalPlace *place =
        gather->count ? bsearch(&wanted, gather->signals, gather->count, sizeof wanted, by_id)
                      : NULL;
    if (!place) return;
    version_outcomes_take(gather->outcomes, &(VersionOutcome){.key = place->key,
                                                              .emitted_us = place->emitted_us,
                                                              .return_pct = return_pct});
}

static bool keep_outcome(void *context, const Message *message) {
    const SignalOutcome *outcome = message->payload;
    take(context, outcome->signal_id, outcome->return_pct);
    return true;
}

static bool keep_trade(void *context, const Message *message) {
    const Trade *trade = message->payload;
    take(context, trade->signal_id, trade->pnl_pct);
    return true;
}

bool model_record_outcomes(Store *store, const ModelVersion *version, VersionOutcomes *outcomes,
                           Error *error) {
    Gather gather = {.version = version, .outcomes = outcomes};
    bool trades = strcmp(version->model_type, "strategy") == 0;
    outcomes->count = 0;
    bool sound = store_visit(store, TOPIC_TRADING_SIGNALS, keep_signal, &gather, error);
    if (sound && gather.count) qsort(gather.signals, gather.count, sizeof(SignalPlace), by_id);
    sound = sound && store_visit(store, trades ? TOPIC_TRADES : TOPIC_SIGNAL_OUTCOMES,
                                 trades ? keep_trade : keep_outcome, &gather, error);
    free(gather.signals);
    return sound;
}
