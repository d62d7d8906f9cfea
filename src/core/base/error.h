/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world's failure, as a value: what went wrong, where (file, line, column or key), what to do
 * about it, and whether trying again can help. A function that can fail returns false and fills the
 * Error its caller handed in; callers that do not care may hand in NULL. The domain's own "no" (a
 * refused order) is not an Error. The caller owns the Error; nothing in it points anywhere.
 */
#ifndef CORE_BASE_ERROR_H
#define CORE_BASE_ERROR_H

#include <stdbool.h>

#include "core/base/check.h"

typedef enum ErrorCode {
#define ERROR_ROW(name, text, exit_code) name,
#include "core/base/error.def"
#undef ERROR_ROW
    ERROR_CODE_COUNT
} ErrorCode;

typedef struct Error {
    ErrorCode code;
    bool retry_helps;
    char message[240];
    char where[160];
    char hint[200];
} Error;

/* The code as printed in JSON ("network"), and the program's exit code for it (0 to 8, 130). */
const char *error_name(ErrorCode code);
int error_exit_code(ErrorCode code);

/* Fills the error and returns false, so that a function can end with `return error_set(...)`. Texts
 * that do not fit are cut; NULL stands for empty. */
bool error_set(Error *error, ErrorCode code, const char *message, const char *where,
               const char *hint);

/* Replaces the place of an error that a callee has filled, and returns false. */
bool error_at(Error *error, const char *where);

#endif
