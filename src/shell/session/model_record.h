/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The model registry as the state's database has it, for commands and the dashboard: versions,
 * events, and the outcomes of one version (of its signals, or of a strategy's trades). A
 * ModelRecord owns its lists until model_record_free.
 */
#ifndef SHELL_SESSION_MODEL_RECORD_H
#define SHELL_SESSION_MODEL_RECORD_H

#include "core/trade/version_score.h"
#include "shell/store/store.h"

typedef struct ModelRecord {
    ModelVersion *versions; /* champion first, then by registration, newest first */
    VersionEvent *events;   /* oldest first */
    unsigned count, event_count;
} ModelRecord;

bool model_record_read(Store *store, ModelRecord *record, Error *error) MUST_USE;
void model_record_free(ModelRecord *record);

/* By id, or by the beginning of one that fits a single version; ERROR_DATA says what is wrong. */
const ModelVersion *model_record_find(const ModelRecord *record, const char *id, Error *error);
const ModelVersion *model_record_champion(const ModelRecord *record, Error *error);

/* The newest VERSION_OUTCOMES of a version. Opinions that were only scored have none on record. */
bool model_record_outcomes(Store *store, const ModelVersion *version, VersionOutcomes *outcomes,
                           Error *error) MUST_USE;

#endif
