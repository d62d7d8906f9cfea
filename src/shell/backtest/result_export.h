/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A result in the forms that other programs read: its trades or its curve as CSV (RFC 4180, a head
 * line, a dot for the decimal point), the whole document as JSON, or a line a trade as NDJSON.
 * Stateless.
 */
#ifndef SHELL_BACKTEST_RESULT_EXPORT_H
#define SHELL_BACKTEST_RESULT_EXPORT_H

#include "shell/backtest/result.h"

bool result_export_known(const char *format);
/* Of a file's name: "csv", "json", "ndjson", "html". */
const char *result_export_suffix(const char *format);
/* `format` is known. */
void result_export(const Result *result, const char *format, FILE *file);

#endif
