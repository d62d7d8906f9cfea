/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Log files, one a service: DIRECTORY/NAME.log with lines "2024-11-24 21:33:45,400 - INFO -
 * [TradeExecutor] text" (UTC). A line that would not fit any more below `rotate_bytes` goes into a
 * new file: NAME.log becomes NAME.log.1, that .2 and so on, and the oldest goes. Lines are
 * collected in memory and written by log_file_flush, which the caller calls at least once a second;
 * what a full disk refuses is kept for the next try, so no line is lost or cut. Text from outside
 * cannot forge a line: newlines and control characters are escaped. The caller owns the LogFiles
 * from open to close and uses it from one thread.
 */
#ifndef SHELL_STORE_LOG_FILE_H
#define SHELL_STORE_LOG_FILE_H

#include "core/base/error.h"
#include "core/bus/message.h"

typedef struct LogFiles LogFiles;

typedef struct LogFilesPlan {
    const char *directory;
    uint64_t rotate_bytes; /* logging.rotate_bytes */
    unsigned keep_files;   /* logging.keep_files: rotated ones beside NAME.log */
} LogFilesPlan;

typedef struct LogFileLine {
    const char *service; /* the file's NAME: "trade_executor" */
    const char *label;   /* in brackets: "TradeExecutor" */
    LogLevel level;
    int64_t time_us;
    const char *text;
} LogFileLine;

/* Makes the directory if need be. */
LogFiles *log_file_open(const LogFilesPlan *plan, Error *error);
/* ERROR_LIMIT for more services than LIMIT_SERVICES, ERROR_DISK_FULL or ERROR_IO when the line
 * could be neither written nor kept. */
bool log_file_put(LogFiles *files, const LogFileLine *line, Error *error) MUST_USE;
bool log_file_flush(LogFiles *files, Error *error) MUST_USE;
/* Flushes and closes. */
void log_file_close(LogFiles *files);

/* The line as it stands in the file, with its newline; what does not fit `text` is cut at the end.
 */
void log_file_format(Text *text, const LogFileLine *line);

#endif
