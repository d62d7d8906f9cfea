/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a journal from its first file and says whether it is what was written: the checksum of each
 * record, the chain's digest in each header, and at the end the chain of a place that is trusted (a
 * snapshot's). Reads only; somebody may be writing behind that place. Nothing is kept.
 */
#ifndef SHELL_STORE_JOURNAL_VERIFY_H
#define SHELL_STORE_JOURNAL_VERIFY_H

#include <stdatomic.h>

#include "core/base/text.h"
#include "shell/store/journal.h"

/* Records read. Words in `finding`: what is damaged. `until` NULL: to the end, where a torn record
 * is no damage; `stop` (NULL: never) ends it early without a finding. */
uint64_t journal_verify(const char *state_directory, const JournalMark *until,
                        const atomic_bool *stop, Text *finding);

#endif
