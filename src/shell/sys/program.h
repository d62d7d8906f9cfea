/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this very program is, asked at run time: how it was linked (its own ELF headers), and the
 * versions of the libraries that the loader found, by their own version functions. And sealing it,
 * for those that hold a secret. Stateless; texts go to memory of the caller.
 */
#ifndef SHELL_SYS_PROGRAM_H
#define SHELL_SYS_PROGRAM_H

#include "core/base/error.h"
#include "core/base/text.h"

typedef struct Hardening {
    bool position_independent;  /* the kernel may place it anywhere */
    bool relocations_read_only; /* RELRO, all symbols bound at start */
    bool stack_not_executable;
} Hardening;

bool program_hardening(Hardening *hardening, Error *error) MUST_USE;
/* "sqlite 3.40.1, curl 7.88.1, ..." of those that are linked. */
void program_libraries(Text *text);

/* Before a secret is read: no core dump, and nobody but root may read or trace this process. */
void program_seal(void);

#endif
