/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be asked of the outside in a run, and with which keys: from settings, feed and
 * environment. The modes `openai.mode` and `social.mode` come in as the user's wish (empty: by the
 * feed and the key) and go out as what holds, which is what services read. What costs money needs a
 * key and a budget, and where time is virtual the budget must have been given for this very run.
 * Addresses are judged here, before anything is asked.
 *
 * Keys live in the plan alone: the environment's copies are overwritten. Whoever made a plan wipes
 * it (the port keeps a copy of its own, and wipes that).
 */
#ifndef SHELL_OUTSIDE_OUTSIDE_PLAN_H
#define SHELL_OUTSIDE_OUTSIDE_PLAN_H

#include "core/bus/message.h"
#include "core/bus/settings.h"
#include "shell/config/dotenv.h"

#define OUTSIDE_KEY_MAX    512 /* project keys have about 170 characters */
#define OUTSIDE_MODELS_MAX 9   /* the first, and an arena of eight */
#define OUTSIDE_FEEDS_MAX  32
#define OUTSIDE_URL_MAX    256

typedef enum OutsideMode { OUTSIDE_OFF, OUTSIDE_REPLAY, OUTSIDE_CACHED, OUTSIDE_LIVE } OutsideMode;

/* One address that is asked. */
typedef struct OutsidePlace {
    char url[OUTSIDE_URL_MAX]; /* empty: not asked */
    char key[OUTSIDE_KEY_MAX]; /* empty: none */
    bool is_own;               /* on this machine: needs no key */
    bool is_secure;
} OutsidePlace;

typedef struct OutsidePlan {
    OutsideMode model_mode, social_mode;
    char directory[520]; /* of the record */
    bool allow_plain;
    OutsidePlace models[OUTSIDE_MODELS_MAX], feeds[OUTSIDE_FEEDS_MAX];
    unsigned model_count, feed_count;
    OutsidePlace lunarcrush, fear_greed, binance, cryptopanic, gdelt, reddit;
    char reddit_secret[OUTSIDE_KEY_MAX]; /* of the client whose id is `reddit.key` */
} OutsidePlan;

/* What a run knows and settings do not. */
typedef struct OutsideWish {
    bool is_live;          /* the feed is live: time is the machine's */
    bool is_budget_given;  /* --ai-budget */
    const char *data_root; /* below it the record stands, where no setting says another place */
    const Dotenv *dotenv;
} OutsideWish;

/* Settles the modes of `settings`, and fills the plan. Exit codes by the error: 3 an unknown mode
 * or a bad address, 4 a key that is missing, 7 no budget. */
bool outside_plan_make(Settings *settings, const OutsideWish *wish, OutsidePlan *plan,
                       Error *error) MUST_USE;
void outside_plan_wipe(OutsidePlan *plan);
/* The place that a source and a slot name, or NULL. */
const OutsidePlace *outside_plan_place(const OutsidePlan *plan, OutsideSource source, int64_t slot);

#endif
