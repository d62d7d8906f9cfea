/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of a configuration file changed in place: comments, order and blanks of everything else
 * stay as they are. A key that the file does not have is put at the beginning of its section, and a
 * missing section is made. The result is a new text; the caller owns it.
 */
#ifndef SHELL_CONFIG_CONFIG_EDIT_H
#define SHELL_CONFIG_CONFIG_EDIT_H

#include "core/base/error.h"
#include "core/base/text.h"

/* `value` is JSON. `file` is the name in messages; `target` has room for the text, the path and the
 * value. */
bool config_edit(const char *file, Slice text, const char *path, Slice value, Text *target,
                 Error *error) MUST_USE;

#endif
