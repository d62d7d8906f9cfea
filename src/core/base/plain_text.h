/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Foreign text made harmless and short, before anything of ours looks at it: headlines, posts,
 * names, the words of a language model. What comes out is well-formed UTF-8 on one line: no control
 * characters, no invisible or direction-changing ones (Unicode 15: format characters, fillers,
 * variation selectors, tags, private use), no markup, single spaces, at most two combining marks in
 * a row, cut between two code points. HTML entities are decoded once; what that brings to light is
 * text like any other and passes the same rules. A '<' that is left never opens a tag.
 *
 * This makes text safe to print, to store and to quote; it does not make it true. Whoever puts it
 * into a prompt quotes it, whoever puts it on a page uses textContent. The caller owns both ends.
 */
#ifndef CORE_BASE_PLAIN_TEXT_H
#define CORE_BASE_PLAIN_TEXT_H

#include "core/base/json.h"

/* Fills `target` (zero-ended, capacity at least 1) and returns the length without the zero; 0 when
 * nothing is left. Clean text comes out as it went in. */
size_t plain_text_into(Slice foreign, char *target, size_t capacity);
/* The same of the string or key that a JSON reader read last, its escapes resolved first; a string
 * longer than the room, or one with \u0000 in it, is no error. */
size_t plain_text_of_json(const JsonReader *reader, char *target, size_t capacity);

#endif
