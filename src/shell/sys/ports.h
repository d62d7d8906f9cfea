/* SPDX-License-Identifier: Apache-2.0 */
/* Can a TCP port of this machine be listened on? The answer is of this moment only. Stateless. */
#ifndef SHELL_SYS_PORTS_H
#define SHELL_SYS_PORTS_H

#include "core/base/error.h"

/* ERROR_CONFIG where `host` is no address of this machine. */
bool ports_free(const char *host, unsigned port, bool *is_free, Error *error) MUST_USE;

#endif
