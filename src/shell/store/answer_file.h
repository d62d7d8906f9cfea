/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of answers: what a source or a language model said to a question, found by the
 * question's hash, so that a backtest hears again what was heard and pays nothing. One file an
 * answer, DIRECTORY/AB/ABCD....answer, shared by all states as candles are:
 *
 *   {"answer":1,"seal":"SHA-256 of all behind this line"}
 *   {"hash":"...","asked":"2026-...","body":N,"question":N,"reply":{OutsideReply without body}}
 *   N bytes of body, a line's end, N bytes of question, a line's end
 *
 * A file comes into being whole (written aside, flushed, renamed); asked again, a question's newer
 * answer takes the place of the older. One that is damaged, or stands under another's name, is as
 * good as none, and a line says so. Nothing is kept open.
 */
#ifndef SHELL_STORE_ANSWER_FILE_H
#define SHELL_STORE_ANSWER_FILE_H

#include "core/base/error.h"
#include "core/bus/message.h"

/* 64 hex digits: what can be the name of a question. */
bool answer_hash_is_sound(const char *hash);
/* Fills all of `reply` but service, id and source, which are the asker's. `found` is false where
 * there is none, or none to believe; then `damaged` says which. */
void answer_file_read(const char *directory, const char *hash, OutsideReply *reply, bool *found,
                      bool *damaged);
bool answer_file_write(const char *directory, const OutsideRequest *request,
                       const OutsideReply *reply, int64_t asked_us, Error *error) MUST_USE;

#endif
