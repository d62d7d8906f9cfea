/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program's end when a bug of ours is found: what and where, on standard error and (through
 * whoever listens, once) in the journal, then an abort. Recovery is the next start.
 */
#include "shell/sys/check.h"

#include <stdio.h>
#include <stdlib.h>

static void (*listener)(void *context, const char *text);
static void *listener_context;

void check_listen(void (*listen)(void *context, const char *text), void *context) {
    listener = listen;
    listener_context = context;
}

void check_failed(const char *file, int line, const char *text) {
    char message[400];
    snprintf(message, sizeof message, "%s:%d: %s", file, line, text);
    fprintf(stderr, "trader: stopped by a check of its own: %s; please report it\n", message);
    void (*listen)(void *context, const char *text) = listener;
    listener = NULL; /* a listener that fails itself is not asked again */
    if (listen) listen(listener_context, message);
    abort();
}
