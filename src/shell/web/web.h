/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dashboard's server: libwebsockets in a thread of its own, serving the built page, the API
 * under /api/v1 from the state's database (its own read-only connection) and one event stream.
 * Beside a running engine it is told of each message as it happens; alone (`trader dashboard`) it
 * follows the database. It never touches the engine's memory; what a user orders (kill, resume)
 * goes through STATE/control. The caller owns the Web from start to stop.
 */
#ifndef SHELL_WEB_WEB_H
#define SHELL_WEB_WEB_H

#include "core/base/error.h"
#include "core/bus/message.h"

typedef struct Web Web;

typedef struct WebPlan {
    const char *state_directory; /* NULL: none yet (dashboard beside nothing): empty states */
    const char *host;            /* 127.0.0.1 */
    unsigned port;               /* 0: a free one */
    unsigned refresh_ms;         /* prices at most this often */
    bool follow_store;           /* true: poll the database; false: web_message is called */
} WebPlan;

/* A port in use is ERROR_STATE with the port and a hint. Answering before this returns. */
Web *web_start(const WebPlan *plan, Error *error);
unsigned web_port(const Web *web);
/* A fresh one-time login code (also: `trader token` through a file in the state). */
void web_login_code(Web *web, char code[static 33]);
/* From the engine's thread, after the message was handled; copies what the stream needs and
 * never waits: a slow browser loses price events first, never signals or fills. */
void web_message(Web *web, const Message *message);
/* The state is recovered and running: /ready answers 200 from here on. */
void web_ready(Web *web, bool ready);
/* The engine has failed and the session stays for the operator: what every page then says. */
void web_halted(Web *web, const char *text);
void web_stop(Web *web);

/* Login codes shared through STATE/login (0600, hashes only), so that `trader token` works
 * beside a running server. */
bool login_code_create(const char *state_directory, char code[static 33], Error *error) MUST_USE;

#endif
