/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's end when a bug of ours is found: what and where, on standard error and through
 * whoever listens (check.h), then an abort. Recovery is the next start.
 */
#include "shell/sys/check.h"

#include <stdio.h>
#include <stdlib.h>

void check_failed(const char *file, int line, const char *text) {
    char message[400];
    snprintf(message, sizeof message, "%s:%d: %s", file, line, text);
    fprintf(stderr, "trader: stopped by a check of its own: %s; please report it\n", message);
    check_tell(message);
    abort();
}
