/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages to bytes and to JSON and back, by the tables of shape.h. The canonical bytes are what
 * the journal holds and hashes: fields in order of messages.def, whole numbers and doubles as 8
 * bytes little-endian (one pattern for "no data"), money as 16, texts and lists with their counts:
 * equal messages give equal bytes on every machine. Reading checks every bound: what comes back is
 * a valid message or an Error. Nothing is kept; memory is the caller's.
 */
#ifndef CORE_BUS_CODEC_H
#define CORE_BUS_CODEC_H

#include "core/base/error.h"
#include "core/base/json.h"
#include "core/bus/shape.h"

/* Canonical bytes of a message; the length, or 0 if `capacity` is too small (LIMIT_PAYLOAD always
 * suffices). */
size_t codec_encode(const MessageShape *shape, const void *message, uint8_t *target,
                    size_t capacity);
/* Fills `message` (shape->size bytes) from canonical bytes; all of them must be used. */
bool codec_decode(const MessageShape *shape, const uint8_t *bytes, size_t count, void *message,
                  Error *error) MUST_USE;
/* NULL if every field is within its bounds, else the name of the first that is not. */
const char *codec_fault(const MessageShape *shape, const void *message);
/* The message as one JSON object. */
void codec_write_json(const MessageShape *shape, const void *message, JsonWriter *writer);
/* Reads one JSON object: unknown fields are stepped over, a missing, mistyped or out-of-bounds
 * field is an Error that names it (fields that may be null and optional ones may be missing). */
bool codec_read_json(const MessageShape *shape, JsonReader *reader, void *message,
                     Error *error) MUST_USE;
/* The JSON Schema (draft 2020-12) of a message. */
void codec_write_schema(const MessageShape *shape, JsonWriter *writer);
/* The schema that a language model is given: the subset which strict servers take (every property
 * required, no others, no bounds: those are checked when the answer is read). The shape is flat. */
void codec_write_answer_schema(const MessageShape *shape, JsonWriter *writer);
/* The field's name in JSON: without the underscore that keeps a C keyword away. */
Slice field_json_name(const Field *field);

#endif
