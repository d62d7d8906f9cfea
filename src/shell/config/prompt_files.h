/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts of the operator's own: NAME.txt in the directory that openai.prompt_directory names, one
 * for each of those that are to differ from the built-in ones (config/prompts). Each is checked as
 * it is read (core/analyst/prompt.h): an error names file, line, column and the nearest name, and
 * nothing runs with a prompt that says something else than was meant. The caller owns the
 * templates.
 */
#ifndef SHELL_CONFIG_PROMPT_FILES_H
#define SHELL_CONFIG_PROMPT_FILES_H

#include "core/analyst/prompt.h"
#include "core/bus/message.h"

/* In order of their names; an empty directory name reads nothing. */
bool prompt_files_read(const char *directory, PromptTemplate templates[static PROMPT_COUNT],
                       unsigned *count, Error *error) MUST_USE;

#endif
