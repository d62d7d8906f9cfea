/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/error.h"

#include "core/base/text.h"

typedef struct ErrorRow {
    const char *name;
    int exit_code;
} ErrorRow;

static const ErrorRow rows[] = {
#define ERROR_ROW(name, text, exit_code) [name] = {text, exit_code},
#include "core/base/error.def"
#undef ERROR_ROW
};

static const ErrorRow *row_of(ErrorCode code) {
    CHECK((unsigned)code < ERROR_CODE_COUNT, "error: unknown code");
    return &rows[code];
}

const char *error_name(ErrorCode code) {
    return row_of(code)->name;
}

int error_exit_code(ErrorCode code) {
    return row_of(code)->exit_code;
}

/* A network comes back and an exchange recovers; the rest stays as it is until somebody changes it.
 */
static bool may_pass(ErrorCode code) {
    return code == ERROR_NETWORK || code == ERROR_EXCHANGE;
}

/* Cuts between characters, never inside a UTF-8 sequence: the text goes into JSON later. */
static void put_cut(char *target, size_t capacity, const char *source) {
    size_t length = source ? strnlen(source, capacity) : 0;
    if (length == capacity) {
        length = capacity - 1;
        while (length && ((unsigned char)source[length] & 0xC0) == 0x80)
            length--;
    }
    if (length) memmove(target, source, length);
    target[length] = 0;
}

bool error_set(Error *error, ErrorCode code, const char *message, const char *where,
               const char *hint) {
    if (!error) return false;
    error->code = code;
    error->retry_helps = may_pass(code);
    put_cut(error->message, sizeof error->message, message);
    put_cut(error->where, sizeof error->where, where);
    put_cut(error->hint, sizeof error->hint, hint);
    return false;
}

bool error_at(Error *error, const char *where) {
    if (error) put_cut(error->where, sizeof error->where, where);
    return false;
}
