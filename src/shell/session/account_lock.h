/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One instance an account, on this machine: two that trade the same account would each take the
 * other's orders for strangers'. flock on files named by the account, owned by who runs it, in the
 * user's run-time directory and in /tmp, for not every way of starting a program knows the first
 * one; whoever cannot take all of them does not trade, whichever state it has. The kernel lets go
 * when the process ends, however it ends. Another machine is seen by its orders only (the venue
 * service). The holder of an AccountLock releases it.
 */
#ifndef SHELL_SESSION_ACCOUNT_LOCK_H
#define SHELL_SESSION_ACCOUNT_LOCK_H

#include "core/base/error.h"

#define ACCOUNT_LOCKS_MAX 6 /* two names in three places */

typedef struct AccountLock {
    int files[ACCOUNT_LOCKS_MAX];
    unsigned count;
} AccountLock;

/* Adds the account to what is held. ERROR_STATE naming the pid of who has it. */
bool account_lock_take(AccountLock *lock, const char *account, Error *error) MUST_USE;
void account_lock_release(AccountLock *lock);

#endif
