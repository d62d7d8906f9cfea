/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chat completions of OpenAI and of what imitates it (Ollama, llama.cpp, vLLM, LM Studio,
 * OpenRouter, DeepSeek ...): a question as the body of POST /chat/completions, a reply as content,
 * usage or the name of its fault. Servers differ in how an answer's form is asked for (the
 * dialect), in the name of the token limit and in whether they take a temperature; a reply is read
 * so that every known habit of theirs ends in an answer or in a named fault: errors inside of a
 * 200, blank lines and comments before the body, numeric codes, missing usage, fences and prose
 * around the object. Nothing of a reply is believed here: what its content may say is checked by
 * whoever asked (core/analyst/answer.h). No key, no address and no header is known. The caller owns
 * all memory.
 */
#ifndef CORE_VENUES_OPENAI_H
#define CORE_VENUES_OPENAI_H

#include "core/bus/message.h"

/* How the form of the answer is asked for. In each of them the fields are named in the text too:
 * some servers ignore response_format, and vLLM advises it. */
typedef enum OpenaiDialect {
    OPENAI_JSON_SCHEMA, /* response_format json_schema, strict */
    OPENAI_JSON_OBJECT, /* response_format json_object, the schema in the text */
    OPENAI_PROMPT       /* the text alone */
} OpenaiDialect;

typedef struct OpenaiQuestion {
    Slice model;
    OpenaiDialect dialect;
    bool send_temperature;
    double temperature;
    Slice token_parameter; /* max_completion_tokens or max_tokens; empty: no limit is sent */
    int64_t max_tokens;
    MessageKind answer; /* the shape of the answer */
    Slice system, user;
    Slice fault; /* a repair: what was wrong with the answer before this one; empty: none */
} OpenaiQuestion;

/* Of "json_schema", "json_object", "prompt"; false: none of them. */
bool openai_dialect(Slice word, OpenaiDialect *dialect) MUST_USE;
/* The body; false when it does not fit. */
bool openai_write_question(const OpenaiQuestion *question, Text *body) MUST_USE;

/* ---- the reply ------------------------------------------------------------------------------- */

#define OPENAI_CONTENT_MAX 16384 /* our answers have at most 6,000 bytes, prose around them */

typedef enum OpenaiFault {
    OPENAI_SOUND,         /* finish_reason stop, content, no refusal */
    OPENAI_REFUSAL,       /* the model declined */
    OPENAI_TRUNCATED,     /* finish_reason length */
    OPENAI_NO_ANSWER,     /* content filter, tool calls, empty content */
    OPENAI_GARBLED,       /* no chat completion at all */
    OPENAI_INVALID_MODEL, /* 404, or the model is named as unknown */
    OPENAI_UNAUTHORIZED,  /* 401, 403 */
    OPENAI_NO_CREDIT,     /* 402, 429 of a quota: waiting does not help */
    OPENAI_RATE_LIMITED,  /* 429 */
    OPENAI_UNSUPPORTED,   /* `parameter` is not taken for this model */
    OPENAI_BAD_REQUEST,   /* 400, 422 and other refusals of the request */
    OPENAI_BUSY           /* 408, 409, 5xx: try again */
} OpenaiFault;

typedef struct OpenaiReply {
    OpenaiFault fault;
    bool usage_told;
    int64_t prompt_tokens, completion_tokens;
    char message[160];  /* of an error or a refusal, made plain; never the content */
    char code[64];      /* of an error, or its type */
    char parameter[48]; /* that an error names */
    char content[OPENAI_CONTENT_MAX];
} OpenaiReply;

/* `status` is HTTP's, `body` what came. */
void openai_read_reply(int64_t status, Slice body, OpenaiReply *reply);
/* A name for logs: "rate limited". */
const char *openai_fault_text(OpenaiFault fault);
/* The first balanced {...} behind a model's thinking, prose and fences; empty if there is none. */
Slice openai_object_in(Slice content);

#endif
