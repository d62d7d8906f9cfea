/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry's table: versions with their records, found by id or by the name that their signals
 * bear. At most one is champion. A version that is new gets a free place or, when all are taken,
 * that of the retired one which was heard of longest ago, else of the one that never said anything.
 * A plain block owned by the registry.
 */
#ifndef CORE_TRADE_VERSION_TABLE_H
#define CORE_TRADE_VERSION_TABLE_H

#include "core/trade/version_score.h"

#define VERSIONS_MAX 64 /* settings tried by hand, and a social variant of each of 32 symbols */

typedef struct VersionEntry {
    ModelVersion version;
    VersionTally tally;
    VersionOutcomes outcomes;
    int64_t told_us; /* last point of its history */
} VersionEntry;

typedef struct VersionTable {
    uint32_t count;
    VersionEntry entries[VERSIONS_MAX];
} VersionTable;

/* By id, or by name where one is given ("" and NULL match nothing); NULL: none. */
VersionEntry *version_find(VersionTable *table, const char *id, const char *name);
bool version_is(const VersionEntry *entry, const char *status);
void version_set(VersionEntry *entry, const char *status);
VersionEntry *version_champion(VersionTable *table);
/* Who was champion last before the present one, and may be again; NULL: nobody. */
VersionEntry *version_former(VersionTable *table);
/* Of its model_type, by registration; NULL: the first of its kind. */
const VersionEntry *version_newest(const VersionTable *table, const char *model_type);
unsigned version_challengers(const VersionTable *table);
/* Zeroed; NULL: all places are taken by versions with a record. */
VersionEntry *version_place(VersionTable *table);

#endif
