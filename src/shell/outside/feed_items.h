/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A feed of headlines (RSS 0.9 to 2.0, RDF, Atom) as a JSON array of its items, newest first:
 * [{"title","link","guid","published","summary"}], missing ones null, in UTF-8. The XML may declare
 * any encoding with one byte a character that the system knows, or the server may; what a feed says
 * of entities of its own is not expanded (expat's limits hold besides), and nothing outside of it
 * is ever fetched. Of a feed that is broken somewhere, what stands before that is kept. Only this
 * file knows expat. Stateless; the texts are the caller's.
 */
#ifndef SHELL_OUTSIDE_FEED_ITEMS_H
#define SHELL_OUTSIDE_FEED_ITEMS_H

#include "core/base/error.h"
#include "core/base/text.h"

#define FEED_ITEMS_MAX 200 /* the longest feed of the presets has 100 */

/* False with a reason where no item can be read. `charset` is the server's word, or empty. Items
 * that do not fit any more are left out, the oldest first; `cut` says so. */
bool feed_items_read(Slice xml, const char *charset, Text *json, bool *cut, Error *error) MUST_USE;

#endif
