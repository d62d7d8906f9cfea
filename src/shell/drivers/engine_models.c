/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's words to the model registry (shell/store/model_inbox.h) become inputs: each its
 * own turn, in the order in which they were written, and gone from the disk once the journal has
 * it.
 */
#include <stdio.h>

#include "shell/drivers/engine_parts.h"
#include "shell/store/model_inbox.h"

/* A word that stays would be heard for ever: it and those behind it wait until it can go. */
static bool remove_heard(Engine *engine) {
    if (!engine->word_heard[0]) return true;
    if (!model_inbox_done(engine->word_heard)) return false;
    engine->word_heard[0] = 0;
    return true;
}

bool engine_models_hear(Engine *engine, Error *error) {
    ModelOrder order;
    Error unread = {.code = ERROR_NONE};
    if (engine_now(engine) ==
        0) { /* a virtual run before its first instant: there is no time yet */
        engine_look_at_control();
        return true;
    }
    if (!remove_heard(engine)) return true;
    while (model_inbox_next(engine->plan->state_directory, &order, engine->word_heard, &unread)) {
        int64_t now = engine_now(engine);
        if (!kernel_input(engine->kernel, TOPIC_MODEL_ORDERS, now, &order, error) ||
            !engine_finish_turn(engine, error) || !journal_flush(engine->journal, true, error))
            return false;
        if (remove_heard(engine)) continue;
        fprintf(stderr, "! models: %s: heard, but it cannot be removed: words behind it wait\n",
                engine->word_heard);
        return true;
    }
    engine->word_heard[0] = 0; /* what was put aside stands there */
    if (unread.code != ERROR_NONE)
        fprintf(stderr, "! models: %s: %s: a word to the registry is put aside\n", unread.where,
                unread.message);
    return true;
}
