/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/web/web_login.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shell/web/web.h"

#define LOGIN_LINE_MAX 96 /* 64 hex digits, a blank, 16 digits of time, newline */

/* ---- lists --------------------------------------------------------------------------------- */

static void list_remove(LoginList *list, unsigned index) {
    memmove(&list->entries[index], &list->entries[index + 1],
            (list->count - index - 1) * sizeof list->entries[0]);
    list->count--;
}

static void list_expire(LoginList *list, int64_t now_us) {
    for (unsigned i = list->count; i-- > 0;)
        if (list->entries[i].until_us <= now_us) list_remove(list, i);
}

static void list_add(LoginList *list, const char *secret, int64_t until_us) {
    if (list->count == LOGIN_ENTRIES) list_remove(list, 0);
    LoginEntry *entry = &list->entries[list->count++];
    sha256_of(secret, strlen(secret), entry->hash);
    entry->until_us = until_us;
}

/* Compares every byte of every entry, so that the time taken says nothing. Returns the index, or
 * -1. */
static int list_find(const LoginList *list, Slice secret) {
    uint8_t hash[SHA256_SIZE];
    int found = -1;
    sha256_of(secret.at, secret.length, hash);
    for (unsigned i = 0; i < list->count; i++) {
        uint8_t difference = 0;
        for (unsigned k = 0; k < SHA256_SIZE; k++)
            difference |= (uint8_t)(hash[k] ^ list->entries[i].hash[k]);
        if (difference == 0) found = (int)i;
    }
    return found;
}

/* ---- files --------------------------------------------------------------------------------- */

static int nibble(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_line(Slice line, LoginEntry *entry) {
    if (line.length < 66 || line.at[64] != ' ') return false;
    for (unsigned i = 0; i < SHA256_SIZE; i++) {
        int high = nibble(line.at[2 * i]), low = nibble(line.at[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        entry->hash[i] = (uint8_t)(high << 4 | low);
    }
    return slice_int((Slice){line.at + 65, line.length - 65}, &entry->until_us);
}

/* Lines that are no entry are left out: a damaged file means logging in again, nothing worse. */
static void parse_list(Slice text, LoginList *list) {
    list->count = 0;
    while (text.length > 0 && list->count < LOGIN_ENTRIES) {
        const char *end = memchr(text.at, '\n', text.length);
        size_t length = end ? (size_t)(end - text.at) : text.length;
        if (parse_line((Slice){text.at, length}, &list->entries[list->count])) list->count++;
        text = (Slice){text.at + length + (end ? 1 : 0), text.length - length - (end ? 1 : 0)};
    }
}

static bool refused(Error *error, const char *path) {
    return error_set(error, errno == ENOSPC ? ERROR_DISK_FULL : ERROR_IO, strerror(errno), path,
                     "look at the rights of the state directory and the space on its disk");
}

/* Opens and locks STATE/NAME and reads it; the descriptor, or -1. Only the owner may read it. */
static int open_list(const char *directory, const char *name, LoginList *list, Error *error) {
    char path[600], memory[LOGIN_ENTRIES * LOGIN_LINE_MAX];
    Text text = TEXT_IN(path);
    text_format(&text, "%s/%s", directory, name);
    int file = open(text_end(&text), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0 || fchmod(file, 0600) != 0 || flock(file, LOCK_EX) != 0) {
        refused(error, path);
        if (file >= 0) close(file);
        return -1;
    }
    ssize_t count = pread(file, memory, sizeof memory, 0);
    parse_list((Slice){memory, count > 0 ? (size_t)count : 0}, list);
    return file;
}

static bool save_list(int file, const LoginList *list, Error *error) {
    char memory[LOGIN_ENTRIES * LOGIN_LINE_MAX];
    Text text = TEXT_IN(memory);
    for (unsigned i = 0; i < list->count; i++) {
        text_hex(&text, list->entries[i].hash, SHA256_SIZE);
        text_format(&text, " %D\n", list->entries[i].until_us);
    }
    bool saved = pwrite(file, memory, text.length, 0) == (ssize_t)text.length &&
                 ftruncate(file, (off_t)text.length) == 0;
    return saved || refused(error, "login");
}

/* ---- codes and sessions -------------------------------------------------------------------- */

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * INT64_C(1000000) + time.tv_nsec / 1000;
}

static bool new_secret(char *target, size_t size, Error *error) {
    uint8_t bytes[32];
    size_t count = (size - 1) / 2;
    if (getrandom(bytes, count, 0) != (ssize_t)count)
        return error_set(error, ERROR_IO, "the system gives no random bytes", "getrandom", NULL);
    Text text = text_in(target, size);
    text_hex(&text, bytes, count);
    text_end(&text);
    return true;
}

static bool add_secret(const char *directory, const char *name, const char *secret,
                       int64_t until_us, Error *error) {
    LoginList list;
    int file = open_list(directory, name, &list, error);
    if (file < 0) return false;
    list_expire(&list, now());
    list_add(&list, secret, until_us);
    bool saved = save_list(file, &list, error);
    close(file);
    return saved;
}

bool login_code_create(const char *state_directory, char code[static LOGIN_CODE_SIZE],
                       Error *error) {
    return new_secret(code, LOGIN_CODE_SIZE, error) &&
           add_secret(state_directory, "login", code, now() + LOGIN_CODE_LIFE_US, error);
}

void web_login_init(WebLogin *login, const char *directory) {
    memset(login, 0, sizeof *login);
    pthread_mutex_init(&login->lock, NULL);
    if (directory && !slice_copy(slice_of(directory), login->directory, sizeof login->directory))
        login->directory[0] = 0;
}

void web_login_deinit(WebLogin *login) {
    pthread_mutex_destroy(&login->lock);
}

bool web_login_new_code(WebLogin *login, char code[static LOGIN_CODE_SIZE], Error *error) {
    if (login->directory[0]) return login_code_create(login->directory, code, error);
    if (!new_secret(code, LOGIN_CODE_SIZE, error)) return false;
    pthread_mutex_lock(&login->lock);
    list_expire(&login->codes, now());
    list_add(&login->codes, code, now() + LOGIN_CODE_LIFE_US);
    pthread_mutex_unlock(&login->lock);
    return true;
}

/* Takes the code out of the list, so that it is valid once. */
static bool take_code(LoginList *list, Slice code, int64_t now_us) {
    list_expire(list, now_us);
    int index = list_find(list, code);
    if (index >= 0) list_remove(list, (unsigned)index);
    return index >= 0;
}

static LoginAnswer use_code(WebLogin *login, Slice code, int64_t now_us) {
    if (!login->directory[0])
        return take_code(&login->codes, code, now_us) ? LOGIN_GOOD : LOGIN_WRONG;
    LoginList list;
    int file = open_list(login->directory, "login", &list, NULL);
    if (file < 0) return LOGIN_FAILED;
    bool good = take_code(&list, code, now_us);
    bool saved =
        save_list(file, &list, NULL); /* a code that cannot be crossed out must not be good */
    close(file);
    if (!saved) return LOGIN_FAILED;
    return good ? LOGIN_GOOD : LOGIN_WRONG;
}

static bool too_many_wrong(const WebLogin *login, int64_t now_us) {
    if (login->wrong_count < LOGIN_WRONG_MAX) return false;
    return now_us - login->wrong_us[login->wrong_count % LOGIN_WRONG_MAX] < LOGIN_WRONG_US;
}

static LoginAnswer begin_session(WebLogin *login, int64_t now_us, char *token) {
    int64_t until_us = now_us + LOGIN_LIFE_DAYS * LOGIN_CODE_LIFE_US;
    if (!new_secret(token, LOGIN_TOKEN_SIZE, NULL)) return LOGIN_FAILED;
    if (login->directory[0])
        return add_secret(login->directory, "sessions", token, until_us, NULL) ? LOGIN_GOOD
                                                                               : LOGIN_FAILED;
    list_expire(&login->sessions, now_us);
    list_add(&login->sessions, token, until_us);
    return LOGIN_GOOD;
}

LoginAnswer web_login_enter(WebLogin *login, Slice code, int64_t now_us,
                            char token[static LOGIN_TOKEN_SIZE]) {
    pthread_mutex_lock(&login->lock);
    LoginAnswer answer =
        too_many_wrong(login, now_us) ? LOGIN_TOO_MANY : use_code(login, code, now_us);
    if (answer == LOGIN_WRONG) login->wrong_us[login->wrong_count++ % LOGIN_WRONG_MAX] = now_us;
    if (answer == LOGIN_GOOD) answer = begin_session(login, now_us, token);
    pthread_mutex_unlock(&login->lock);
    return answer;
}

bool web_login_is_in(WebLogin *login, const char *token, int64_t now_us) {
    if (strlen(token) != LOGIN_TOKEN_SIZE - 1) return false;
    pthread_mutex_lock(&login->lock);
    LoginList list = login->sessions;
    int file = login->directory[0] ? open_list(login->directory, "sessions", &list, NULL) : -1;
    if (file >= 0) close(file);
    list_expire(&list, now_us);
    bool in = list_find(&list, slice_of(token)) >= 0;
    pthread_mutex_unlock(&login->lock);
    return in;
}
