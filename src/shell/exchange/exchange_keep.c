/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/exchange/exchange_keep.h"

#include <stdlib.h>

#include "shell/sys/files.h"

#define STATE_FILE "exchange.state"
#define KEY_FILE   "key"
#define STATE_MAX  (sizeof(Exchange) + 65536) /* the block, its head and its digest */
#define PATH_SIZE  4096

static bool path_of(const char *directory, const char *name, char path[static PATH_SIZE],
                    Error *error) {
    Text text = text_in(path, PATH_SIZE);
    text_format(&text, "%s/%s", directory, name);
    text_end(&text);
    return !text.overflow ||
           error_set(error, ERROR_USAGE, "the path is too long", name, "a shorter --state");
}

bool exchange_keep_read(const char *directory, Exchange *exchange, bool *found, Error *error) {
    char path[PATH_SIZE], *bytes;
    size_t length;
    if (!files_make_directory(directory, error) || !path_of(directory, STATE_FILE, path, error))
        return false;
    *found = files_exist(path);
    if (!*found) return true;
    if (!files_read(path, STATE_MAX, &bytes, &length, error)) return false;
    bool sound = exchange_restore(exchange, (const unsigned char *)bytes, length, error);
    free(bytes);
    return sound;
}

bool exchange_keep_write(const char *directory, const Exchange *exchange, Error *error) {
    char path[PATH_SIZE];
    size_t size = exchange_save_size(exchange);
    if (!path_of(directory, STATE_FILE, path, error)) return false;
    unsigned char *bytes = malloc(size);
    if (!bytes)
        return error_set(error, ERROR_LIMIT, "no memory for the exchange's state", NULL, NULL);
    exchange_save(exchange, bytes);
    bool sound = files_write(path, (const char *)bytes, size, 0600, error);
    free(bytes);
    return sound;
}

bool exchange_keep_key(const char *directory, ExchangeKeyring *ring, Error *error) {
    char path[PATH_SIZE], memory[2 * EXCHANGE_KEY_SIZE + 2];
    Text text = TEXT_IN(memory);
    if (!path_of(directory, KEY_FILE, path, error)) return false;
    if (files_exist(path)) return exchange_key_open(ring, 0, path, error) != NULL;
    const ExchangeKey *key = exchange_key_open(ring, 0, NULL, error);
    if (!key) return false;
    text_format(&text, "%s\n%s\n", key->key, key->secret);
    text_end(&text);
    return files_write(path, memory, text.length, 0600, error);
}
