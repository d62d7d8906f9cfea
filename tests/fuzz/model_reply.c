/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a language model's reply, and as the content of one: what is read has a name, what
 * is taken for an answer is within its bounds and plain. */
#include <stdlib.h>
#include <string.h>

#include "core/analyst/answer.h"
#include "core/bus/codec.h"
#include "core/venues/openai.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

static void judge(MessageKind kind, Slice content) {
    static _Alignas(16) uint8_t answer[LIMIT_PAYLOAD];
    char memory[200];
    Text fault = TEXT_IN(memory);
    if (!answer_read(kind, content, answer, &fault)) {
        if (fault.length == 0 || strchr(text_end(&fault), '\n')) abort();
    } else if (codec_fault(&message_shapes[kind], answer)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static const int64_t statuses[] = {200, 200, 200, 200, 400, 429, 500, 0};
    static const MessageKind kinds[] = {MESSAGE_MODEL_SIGNAL_ANSWER, MESSAGE_MODEL_MARKET_ANSWER,
                                        MESSAGE_MODEL_RISK_ANSWER};
    static OpenaiReply reply;
    if (count == 0) return 0;
    Slice body = {(const char *)bytes + 1, count - 1};
    openai_read_reply(statuses[bytes[0] % 8], body, &reply);
    if ((unsigned)reply.fault > OPENAI_BUSY || !openai_fault_text(reply.fault)) abort();
    for (unsigned i = 0; i < 3; i++) {
        judge(kinds[i], slice_of(reply.content));
        judge(kinds[i], body);
    }
    return 0;
}
