/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client order id by which an order of ours is found again at the venue, whatever became of
 * the answer: "tr", the state's own 8 characters, the order's number in base 36, a letter for the
 * leg with its generation, and 12 characters of a digest that ties it to account and signal. The
 * same order always has the same name, so that a question needs no memory of the sending. Read the
 * other way round, a name tells ours from a stranger's, this state's from another's, and an order
 * of a number never given: then the state was rolled back. Plain values.
 */
#ifndef CORE_PROTOCOL_CLIENT_NAME_H
#define CORE_PROTOCOL_CLIENT_NAME_H

#include "core/venues/binance_word.h"

#define CLIENT_INSTANCE_TEXT  9               /* 8 characters and a closing zero */
#define CLIENT_NUMBER_MAX     2821109907455LL /* eight digits in base 36 */
#define CLIENT_GENERATION_MAX 1295            /* two digits in base 36 */

typedef enum LegKind { LEG_MARKET, LEG_TARGET, LEG_STOP, LEG_REPLACEMENT, LEG_LIST } LegKind;

/* What a name is made of. */
typedef struct ClientFacts {
    const char *account, *instance, *order_id, *signal_id;
    LegKind leg;
    unsigned generation;
} ClientFacts;

typedef enum ClientOwner { CLIENT_FOREIGN, CLIENT_OTHER_INSTANCE, CLIENT_OURS } ClientOwner;

typedef struct ClientReading {
    ClientOwner owner;
    char instance[CLIENT_INSTANCE_TEXT]; /* empty: foreign */
    int64_t number;                      /* of order id "o-N"; of ours */
    LegKind leg;
    unsigned generation;
} ClientReading;

/* The N of "o-N"; 0 if it is none that a name can hold. */
int64_t client_order_number(const char *order_id);
/* False if the order's number or the generation does not fit. */
bool client_name_make(const ClientFacts *facts, ClientId *name) MUST_USE;
/* Anything that is not in our form is foreign. */
ClientReading client_name_read(const ClientId *name, const char *instance);

#endif
