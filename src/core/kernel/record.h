/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One record of the journal, as bytes. INPUT and EFFECT records are hashed into the chain, in
 * order: journal_hash is the SHA-256 over their bytes behind the checksum. TURN ends an instant:
 * what stands behind the last TURN is torn. NOTE says what is not part of history (start, stop,
 * build, host) and stays outside the chain.
 *
 *   bytes  0..3   CRC-32C of all that follows
 *          4..7   length of the payload
 *          8      kind   9 topic   10 origin   11 zero
 *          12..19 sequence   20..27 time_us   28.. payload
 *
 * The payload of a FULL topic is the message's canonical bytes, of a DIGEST topic their 64-bit
 * hash. Plain values over the caller's memory.
 */
#ifndef CORE_KERNEL_RECORD_H
#define CORE_KERNEL_RECORD_H

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/bus/message.h"

#define RECORD_HEADER 28
#define RECORD_MAX    (RECORD_HEADER + LIMIT_PAYLOAD)

typedef enum RecordKind { RECORD_INPUT = 1, RECORD_EFFECT, RECORD_TURN, RECORD_NOTE } RecordKind;

typedef struct Record {
    RecordKind kind;
    uint8_t topic, origin;
    uint64_t sequence;
    int64_t time_us;
    const uint8_t *payload;
    uint32_t length;
} Record;

/* Bytes of the record that a message leaves, 0 for a topic that is not journaled. */
size_t record_of_message(const Message *message, uint8_t target[static RECORD_MAX]);
size_t record_write(const Record *record, uint8_t target[static RECORD_MAX]);
/* Reads the record at the start of `bytes`: its size, or 0 if it is torn or damaged. */
size_t record_read(const uint8_t *bytes, size_t count, Record *record);
/* Adds a written record to the chain (INPUT and EFFECT only). */
void record_chain(Sha256 *chain, const uint8_t *record, size_t size);
/* The same for a message whose record nobody keeps. */
void record_chain_message(Sha256 *chain, const Message *message);

#endif
