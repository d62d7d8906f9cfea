/* SPDX-License-Identifier: Apache-2.0 */
/* The one listener of check.h, apart from the hook, so that a test may bring its own hook. */
#include <stddef.h>

#include "shell/sys/check.h"

static void (*listener)(void *context, const char *text);
static void *listener_context;

void check_listen(void (*listen)(void *context, const char *text), void *context) {
    listener = listen;
    listener_context = context;
}

void check_tell(const char *text) {
    void (*listen)(void *context, const char *text) = listener;
    listener = NULL; /* a listener that fails itself is not asked again */
    if (listen) listen(listener_context, text);
}
