/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the files of describe: the one buffer in which every text is built, one file after the
 * other, and where it goes when it is whole. A text of another file begins where this one ended;
 * nothing is kept.
 */
#ifndef TOOLS_DESCRIBE_H
#define TOOLS_DESCRIBE_H

#include "core/base/text.h"

#define DESCRIBE_BYTES (1 << 20) /* the longest file, MESSAGES.md, has 60 kB */

extern char describe_memory[DESCRIBE_BYTES];

/* Writes the file below the root, or compares with it. */
void describe_file(const char *name, const Text *text);
/* Puts a file that is written by hand into the text. */
void describe_prose(Text *text, const char *name);

void describe_indicators(void); /* docs/INDICATORS.md */
void describe_strategies(void); /* docs/STRATEGIES.md */

#endif
