/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a lab keeps of what is said: counts, closed trades as a trial writes them, equity at each
 * close. It reads the services' messages alone and decides nothing. A plain value; trades and
 * equity go to the caller's output.
 */
#ifndef CORE_LAB_LAB_BOOK_H
#define CORE_LAB_LAB_BOOK_H

#include "core/lab/lab.h"

typedef struct LabPosition {
    bool open;
    Money slippage;        /* of its fills so far */
    Price highest, lowest; /* since the entry */
    Price high, low;       /* of the bar at hand; 0: none closed in this turn */
} LabPosition;

typedef struct LabBook {
    const LabPlan *plan;
    TrialOutput *output;
    LabResult result;
    LabPosition positions[LIMIT_SYMBOLS];
    Money equity;    /* as last said */
    bool flattening; /* the data ended */
    unsigned closes; /* bars of the turn at hand */
} LabBook;

void lab_book_init(LabBook *book, const LabPlan *plan, TrialOutput *output);
/* Every message of a turn, in order. */
void lab_book_hear(LabBook *book, const Message *message);
/* The turn is over. */
void lab_book_turn_ends(LabBook *book, int64_t time_us);

#endif
