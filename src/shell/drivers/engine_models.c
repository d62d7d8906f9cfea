/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's words to the model registry (shell/store/model_inbox.h) become inputs: each its
 * own turn, in the order in which they were written, and gone from the disk once the journal has
 * it.
 */
#include <stdio.h>

#include "shell/drivers/engine_parts.h"
#include "shell/store/model_inbox.h"

bool engine_models_hear(Engine *engine, Error *error) {
    ModelOrder order;
    char file[MODEL_INBOX_PATH];
    Error unread;
    while (model_inbox_next(engine->plan->state_directory, &order, file, &unread)) {
        int64_t now = engine_now(engine);
        if (!kernel_input(engine->kernel, TOPIC_MODEL_ORDERS, now, &order, error) ||
            !engine_finish_turn(engine, error) || !journal_flush(engine->journal, true, error))
            return false;
        model_inbox_done(file);
    }
    if (unread.code != ERROR_NONE)
        fprintf(stderr, "! models: %s: %s: a word to the registry is put aside\n", unread.where,
                unread.message);
    return true;
}
