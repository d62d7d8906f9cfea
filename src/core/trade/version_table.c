/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/version_table.h"

#include <string.h>

static bool same(const char *wanted, const char *text) {
    return wanted && wanted[0] && strcmp(wanted, text) == 0;
}

VersionEntry *version_find(VersionTable *table, const char *id, const char *name) {
    for (unsigned i = 0; i < table->count; i++) {
        const ModelVersion *version = &table->entries[i].version;
        if (same(id, version->version_id) || same(name, version->version_name))
            return &table->entries[i];
    }
    return NULL;
}

bool version_is(const VersionEntry *entry, const char *status) {
    return strcmp(entry->version.status, status) == 0;
}

void version_set(VersionEntry *entry, const char *status) {
    Text text = TEXT_IN(entry->version.status);
    text_put(&text, status);
    text_end(&text);
}

VersionEntry *version_champion(VersionTable *table) {
    for (unsigned i = 0; i < table->count; i++)
        if (version_is(&table->entries[i], "champion")) return &table->entries[i];
    return NULL;
}

VersionEntry *version_former(VersionTable *table) {
    VersionEntry *former = NULL;
    for (unsigned i = 0; i < table->count; i++) {
        VersionEntry *entry = &table->entries[i];
        bool may = !version_is(entry, "champion") && !version_is(entry, "retired");
        if (!may || !entry->version.promoted) continue;
        if (!former || entry->version.promoted > former->version.promoted) former = entry;
    }
    return former;
}

const VersionEntry *version_newest(const VersionTable *table, const char *model_type) {
    const VersionEntry *newest = NULL;
    for (unsigned i = 0; i < table->count; i++) {
        const VersionEntry *entry = &table->entries[i];
        if (!same(model_type, entry->version.model_type)) continue;
        if (!newest || entry->version.registration_date > newest->version.registration_date)
            newest = entry;
    }
    return newest;
}

unsigned version_challengers(const VersionTable *table) {
    unsigned count = 0;
    for (unsigned i = 0; i < table->count; i++)
        count += version_is(&table->entries[i], "challenger");
    return count;
}

/* The better to give up the larger: retired 2, registered and silent so far 1, else 0. */
static int spare(const VersionEntry *entry) {
    if (version_is(entry, "retired")) return 2;
    return version_is(entry, "registered") && entry->tally.scored == 0 && !entry->version.promoted;
}

VersionEntry *version_place(VersionTable *table) {
    VersionEntry *best = NULL;
    if (table->count < VERSIONS_MAX) return &table->entries[table->count++];
    for (unsigned i = 0; i < VERSIONS_MAX; i++) {
        VersionEntry *entry = &table->entries[i];
        int rank = spare(entry), least = best ? spare(best) : 1;
        bool older = best && entry->version.last_updated < best->version.last_updated;
        if (rank > least || (rank == least && (!best || older))) best = entry;
    }
    if (best) memset(best, 0, sizeof *best);
    return best;
}
