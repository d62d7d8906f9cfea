/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage for tests of stored social history: files written where a test works (temporary.h),
 * taken into a store that stands there too, and read again as a run hears them.
 */
#ifndef TESTS_SOCIAL_STAGE_H
#define TESTS_SOCIAL_STAGE_H

#include "unit.h"

#include "shell/store/social_history.h"
#include "shell/store/social_import.h"
#include "temporary.h"

static inline void write_file(const char *name, const char *text) {
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

typedef struct Refusals {
    unsigned count;
    Error first;
} Refusals;

static Refusals refusals;

static inline void keep_refusal(void *context, const Error *reason) {
    Refusals *kept = context;
    if (kept->count++ == 0) kept->first = *reason;
}

static inline SocialImported import_at(const char *path, int64_t now_us) {
    SocialImportPlan plan = {
        .root = ".", .now_us = now_us, .on_refused = keep_refusal, .context = &refusals};
    SocialImported imported;
    Error error = {.code = ERROR_NONE};
    assert_true(social_import_knows(path));
    refusals = (Refusals){.count = 0};
    bool good = social_import(&plan, path, &imported, &error);
    if (!good) print_error("%s: %s\n", error.where, error.message);
    assert_true(good);
    return imported;
}

static inline SocialImported import(const char *path) {
    return import_at(path, instant_of(2026, 6, 1, 0, 0, 0));
}

static inline SocialHistory history_of(const char *const *names, unsigned count) {
    SocialHistory history;
    Symbol symbols[4];
    Error error;
    for (unsigned i = 0; i < count; i++) {
        assert_true(symbol_name_set(&symbols[i].name, slice_of(names[i])));
        assert_true(symbol_split(&symbols[i].name, &symbols[i].base, &symbols[i].quote));
    }
    SocialSpan all = {INT64_MIN, INT64_MAX};
    assert_true(social_history_open(&history, ".", symbols, count, all, &error));
    return history;
}

#endif
