/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a question goes and how it is asked: address, headers, what proves who asks. Here the key
 * meets the question, behind the core and in front of the wire; `secrets` names what must not come
 * back in an answer. A target is a plain value; whoever made it wipes it.
 */
#ifndef SHELL_OUTSIDE_OUTSIDE_TARGET_H
#define SHELL_OUTSIDE_OUTSIDE_TARGET_H

#include "shell/outside/outside_plan.h"

#define TARGET_URL_MAX     2048 /* address, path, parameters and a key */
#define TARGET_HEADERS_MAX 6

typedef struct OutsideTarget {
    char url[TARGET_URL_MAX];
    char headers[TARGET_HEADERS_MAX][3 * OUTSIDE_KEY_MAX + 64];
    unsigned header_count;
    bool is_own;       /* on this machine */
    bool allow_plain;  /* http to other hosts, as the operator said */
    bool may_redirect; /* feeds move */
    bool is_feed;      /* XML is wanted */
} OutsideTarget;

/* NULL, or why the question cannot be asked. `token` is Reddit's, for the question itself. */
const char *outside_target_make(const OutsidePlan *plan, const OutsideRequest *request,
                                const char *token, OutsideTarget *target);
/* Reddit: the question for the token that questions need. */
const char *outside_target_token(const OutsidePlan *plan, OutsideTarget *target);
void outside_target_wipe(OutsideTarget *target);

/* Every key of the plan that occurs in the text is overwritten by stars, as it stands or
 * percent-encoded. */
void outside_scrub(const OutsidePlan *plan, char *text);

#endif
