/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operator's words to the model registry: a file each in STATE/models/inbox, written whole or
 * not at all, named by the time it was written, taken in that order. Whoever runs on the state is
 * signalled to look; with nothing running they wait for the next start. A word is removed once the
 * journal has it, so that none is lost; one that is heard twice after a crash changes nothing the
 * second time. What cannot be read is put aside under another name.
 */
#ifndef SHELL_STORE_MODEL_INBOX_H
#define SHELL_STORE_MODEL_INBOX_H

#include "core/base/error.h"
#include "core/bus/message.h"

#define MODEL_INBOX_PATH 544

/* `holder`: pid of the instance that was signalled, 0: none runs. */
bool model_inbox_put(const char *state, const ModelOrder *order, int *holder,
                     Error *error) MUST_USE;
/* The oldest word and its file; false: there is none. `error` names each that was put aside on the
 * way (the last of them), and has ERROR_NONE when none was. */
bool model_inbox_next(const char *state, ModelOrder *order, char file[static MODEL_INBOX_PATH],
                      Error *error);
/* False: the file cannot be removed, and would come again. */
bool model_inbox_done(const char *file) MUST_USE;

#endif
