/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a language model said, before it counts for anything: the first object in its content is
 * read by the shape that it was asked for. Fields of that shape and nothing else are looked at, so
 * that a symbol, a size or a limit in a reply has nowhere to go. Every one must be there once, with
 * its type (a number may stand in quotes, as small models put it), within its bounds and its room;
 * texts are made plain (core/base/plain_text.h). What does not pass is not an answer, and the fault
 * is told in words of ours: field and rule, nothing of the content. Pure; the caller owns all
 * memory.
 */
#ifndef CORE_ANALYST_ANSWER_H
#define CORE_ANALYST_ANSWER_H

#include "core/base/text.h"
#include "core/bus/message.h"

/* Fills `answer` (the struct of `kind`) or puts the fault into `fault`. */
bool answer_read(MessageKind kind, Slice content, void *answer, Text *fault) MUST_USE;

#endif
