/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told when a CHECK fails, before the program aborts: the engine, to save the journal's
 * tail. */
#ifndef SHELL_SYS_CHECK_H
#define SHELL_SYS_CHECK_H

#include "core/base/check.h"

/* One listener; NULL takes it away. It must not allocate and may not return anything. */
void check_listen(void (*listen)(void *context, const char *text), void *context);
/* Tells the listener, once. */
void check_tell(const char *text);

#endif
