/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checks before the first order may leave: is the key accepted, what may it do, can the account
 * trade, does our clock agree with the venue's, does the venue trade these symbols with the orders
 * that protection needs. Each is a named line with its result and what to do; `doctor` shows the
 * same lines. With real money (`strict`) every doubt is a failure: what cannot be told is not
 * assumed. Questions go out through the plan's functions, so that tests can answer them. The caller
 * owns plan and Arming; nothing in them points into an answer.
 */
#ifndef SHELL_SESSION_ARMING_H
#define SHELL_SESSION_ARMING_H

#include "core/bus/settings.h"
#include "core/market/symbol.h"
#include "shell/drivers/venue_binance.h"
#include "shell/screen/paint.h"
#include "shell/session/venue_key.h"

#define ARMING_CHECKS_MAX 24 /* seven of the venue's, and what doctor has found */

typedef struct ArmingCheck {
    char name[16];
    Mark mark;      /* MARK_BAD: not armed */
    ErrorCode code; /* of a failure: its exit code is 4, 5 or 7 */
    char text[220];
    char fix[200];
} ArmingCheck;

typedef struct ArmingPlan {
    const Settings *settings;
    const VenueKey *key;
    const SymbolName *symbols;
    unsigned symbol_count;
    bool strict;
    const char *quote_asset; /* whose free balance is told */
    bool (*clock)(void *context, VenueClock *clock, Error *error);
    bool (*ask)(void *context, const char *path, const VenueClock *clock, VenueAnswer *answer,
                Error *error);
    void *context;
} ArmingPlan;

typedef struct Arming {
    ArmingCheck checks[ARMING_CHECKS_MAX];
    unsigned count;
    VenueClock clock;
    int64_t uid; /* the venue's number of the account, -1: not told */
    Money free;  /* of the quote asset */
    bool has_free;
} Arming;

/* All checks that can be made: without a key or a connection those behind it are left out. */
void arming_check(const ArmingPlan *plan, Arming *arming);
/* A check from elsewhere, at the end of the list. */
ArmingCheck *arming_add(Arming *arming, const char *name, Mark mark, const char *text,
                        const char *fix);
/* True if none failed; else the first failure as an Error. */
bool arming_passed(const Arming *arming, Error *error) MUST_USE;
void arming_print(const Arming *arming, FILE *file, bool color);

/* arming_symbols.c: status, kinds of orders and lists of every symbol, from exchangeInfo. */
void arming_check_symbols(const ArmingPlan *plan, Arming *arming, Slice exchange_info);

#endif
