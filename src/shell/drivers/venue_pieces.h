/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of the venue that is longer than one message holds, such as 200 open orders: it is read
 * whole into memory of the request's own, and handed out as several lists, cut between its objects.
 * So whoever reads them needs no other reader and no more memory than for a short one. Only a whole
 * and sound array of objects is cut, each of which fits a message by itself; anything else stays
 * what it is, an answer that is too long. A VenuePieces owns its text.
 */
#ifndef SHELL_DRIVERS_VENUE_PIECES_H
#define SHELL_DRIVERS_VENUE_PIECES_H

#include "core/base/json.h"

/* An order has 500 bytes and the venue lets 200 rest on a symbol: ten times that. */
#define VENUE_PIECES_MAX (1u << 20)

typedef struct VenuePieces {
    char *text; /* NULL: none */
    JsonReader reader;
} VenuePieces;

/* Memory for VENUE_PIECES_MAX bytes; NULL: there is none. */
char *venue_pieces_open(VenuePieces *pieces);
void venue_pieces_close(VenuePieces *pieces);
/* The text has come. False: it is no list that can be cut. */
bool venue_pieces_begin(VenuePieces *pieces, size_t length, size_t capacity) MUST_USE;
/* The next part of the list as a list of its own, zero-ended; false: it was the last. */
bool venue_pieces_next(VenuePieces *pieces, char *target, size_t capacity);

#endif
