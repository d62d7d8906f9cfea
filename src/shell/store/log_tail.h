/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log files from the reader's side: the last lines of one or of all services in order of time, and
 * what is appended afterwards, also across a rotation (the name then means another file). A line is
 * "2024-11-24 21:33:45,400 - INFO - [TradeExecutor] text". The opener owns the LogTail and closes
 * it; lines handed to the visitor live until it returns.
 */
#ifndef SHELL_STORE_LOG_TAIL_H
#define SHELL_STORE_LOG_TAIL_H

#include "core/base/error.h"
#include "core/base/text.h"

typedef struct LogEntry {
    const char *service;     /* the file's name without .log */
    Slice line;              /* without its end */
    Slice time, level, text; /* empty where the line has another form */
} LogEntry;

typedef void (*LogVisitor)(void *context, const LogEntry *entry);

typedef struct LogTail LogTail;

/* `service` NULL: every NAME.log of the directory. ERROR_DATA where there is none. */
LogTail *log_tail_open(const char *directory, const char *service, Error *error);
/* The newest `lines` lines of all, oldest first; reading goes on behind them. */
bool log_tail_last(LogTail *tail, unsigned lines, LogVisitor visitor, void *context,
                   Error *error) MUST_USE;
/* Whole lines that were appended since. Files that appear are taken in. */
bool log_tail_more(LogTail *tail, LogVisitor visitor, void *context, Error *error) MUST_USE;
void log_tail_close(LogTail *tail);

#endif
