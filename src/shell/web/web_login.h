/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may look: a one-time code of 128 random bits, typed once, becomes a session in a cookie.
 * Codes and sessions stand in the state (STATE/login, STATE/sessions, mode 0600) as SHA-256 hashes
 * with their last moment, so that a copied file opens nothing, a restart keeps the login, and
 * `trader token` works beside a running server: each use locks the file, reads it whole and writes
 * it whole. Without a state they live in memory. Ten wrong codes within a minute close the door for
 * that minute. The server owns its WebLogin; any thread may call.
 */
#ifndef SHELL_WEB_WEB_LOGIN_H
#define SHELL_WEB_WEB_LOGIN_H

#include <pthread.h>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/text.h"

#define LOGIN_CODE_SIZE    33 /* 32 hex digits: 128 bits, and a closing zero */
#define LOGIN_TOKEN_SIZE   65 /* of the cookie: 256 bits */
#define LOGIN_ENTRIES      32 /* sessions, and codes not used yet; the oldest makes room */
#define LOGIN_CODE_LIFE_US (24LL * 3600 * 1000000)
#define LOGIN_LIFE_DAYS    30
#define LOGIN_WRONG_MAX    10
#define LOGIN_WRONG_US     (60LL * 1000000)

typedef struct LoginEntry {
    uint8_t hash[SHA256_SIZE];
    int64_t until_us;
} LoginEntry;

typedef struct LoginList {
    LoginEntry entries[LOGIN_ENTRIES];
    unsigned count;
} LoginList;

typedef struct WebLogin {
    pthread_mutex_t lock;
    char directory[512]; /* empty: in memory */
    LoginList codes, sessions;
    int64_t wrong_us[LOGIN_WRONG_MAX]; /* ring of the last wrong codes */
    unsigned wrong_count;
} WebLogin;

typedef enum LoginAnswer { LOGIN_GOOD, LOGIN_WRONG, LOGIN_TOO_MANY, LOGIN_FAILED } LoginAnswer;

void web_login_init(WebLogin *login, const char *directory);
void web_login_deinit(WebLogin *login);
bool web_login_new_code(WebLogin *login, char code[static LOGIN_CODE_SIZE], Error *error) MUST_USE;
/* A good code is used up and gives the token of a new session. */
LoginAnswer web_login_enter(WebLogin *login, Slice code, int64_t now_us,
                            char token[static LOGIN_TOKEN_SIZE]);
bool web_login_is_in(WebLogin *login, const char *token, int64_t now_us);

#endif
