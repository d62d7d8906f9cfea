/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/web/web_query.h"

#include <string.h>

static bool is_name_char(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

static bool take_word(Slice value, char *target, size_t capacity) {
    for (size_t i = 0; i < value.length; i++)
        if (!is_name_char(value.at[i])) return false;
    return slice_copy(value, target, capacity);
}

static bool take_count(Slice value, unsigned *target) {
    int64_t number;
    if (!slice_int(value, &number) || number < 1 || number > WEB_ROWS_MAX) return false;
    *target = (unsigned)number;
    return true;
}

void web_query_take(WebQuery *query, Slice argument) {
    const char *equals = memchr(argument.at, '=', argument.length);
    size_t length = equals ? (size_t)(equals - argument.at) : argument.length;
    Slice name = {argument.at, length};
    Slice value = {equals ? equals + 1 : "", equals ? argument.length - length - 1 : 0};
    const char *fault = NULL;
    if (slice_is(name, "symbol") && !take_word(value, query->symbol, sizeof query->symbol))
        fault = "symbol";
    if (slice_is(name, "interval") && !take_word(value, query->interval, sizeof query->interval))
        fault = "interval";
    if (slice_is(name, "service") && !take_word(value, query->service, sizeof query->service))
        fault = "service";
    if (slice_is(name, "id") && !take_word(value, query->id, sizeof query->id)) fault = "id";
    if (slice_is(name, "limit") && !take_count(value, &query->limit)) fault = "limit";
    if (slice_is(name, "points") && !take_count(value, &query->points)) fault = "points";
    if (fault && !query->fault) query->fault = fault;
}

/* Cuts the text before `separator` off the rest. */
static Slice next_part(Slice *rest, char separator) {
    const char *at = memchr(rest->at, separator, rest->length);
    size_t length = at ? (size_t)(at - rest->at) : rest->length;
    Slice part = {rest->at, length};
    rest->at += at ? length + 1 : length;
    rest->length -= at ? length + 1 : length;
    return slice_trim(part);
}

bool web_query_cookie(Slice header, const char *name, char *target, size_t capacity) {
    while (header.length > 0) {
        Slice value = next_part(&header, ';');
        Slice key = next_part(&value, '=');
        if (slice_is(key, name) && value.length > 0) return take_word(value, target, capacity);
    }
    return false;
}

bool web_query_accepts(Slice header, const char *encoding) {
    while (header.length > 0) {
        Slice quality = next_part(&header, ',');
        Slice word = next_part(&quality, ';');
        if (!slice_is(word, encoding)) continue;
        return !(slice_is(quality, "q=0") || slice_starts(quality, "q=0.0"));
    }
    return false;
}

bool web_query_has_tag(Slice header, const char *tag) {
    while (header.length > 0) {
        Slice entry = next_part(&header, ',');
        if (slice_is(entry, "*")) return true;
        if (slice_starts(entry, "W/")) entry = (Slice){entry.at + 2, entry.length - 2};
        if (entry.length < 2 || entry.at[0] != '"' || entry.at[entry.length - 1] != '"') continue;
        if (slice_is((Slice){entry.at + 1, entry.length - 2}, tag)) return true;
    }
    return false;
}

/* ---- the Host ------------------------------------------------------------------------------ */

/* Only digits and dots, or anything within brackets: an address, which no name server can turn
 * elsewhere. */
static bool is_address(Slice name) {
    if (name.length > 2 && name.at[0] == '[' && name.at[name.length - 1] == ']') return true;
    for (size_t i = 0; i < name.length; i++)
        if ((name.at[i] < '0' || name.at[i] > '9') && name.at[i] != '.') return false;
    return name.length > 0;
}

static bool same_name(Slice a, const char *b) {
    size_t length = strlen(b);
    if (a.length != length) return false;
    for (size_t i = 0; i < length; i++) {
        char c = a.at[i], d = b[i];
        if (c >= 'A' && c <= 'Z') c = (char)(c + 32);
        if (d >= 'A' && d <= 'Z') d = (char)(d + 32);
        if (c != d) return false;
    }
    return true;
}

static void split_host(Slice host, Slice *name, Slice *port) {
    size_t end = host.length;
    while (end > 0 && host.at[end - 1] >= '0' && host.at[end - 1] <= '9')
        end--;
    *name = host;
    *port = (Slice){"", 0};
    if (end == 0 || end == host.length || host.at[end - 1] != ':') return;
    *name = (Slice){host.at, end - 1};
    *port = (Slice){host.at + end, host.length - end};
}

bool web_query_host_fits(Slice host, const char *configured, unsigned port) {
    Slice name, digits;
    int64_t number = 80;
    split_host(host, &name, &digits);
    if (digits.length > 0 && !slice_int(digits, &number)) return false;
    bool everywhere = strcmp(configured, "0.0.0.0") == 0 || strcmp(configured, "::") == 0;
    bool known =
        same_name(name, "localhost") || slice_is(name, "127.0.0.1") || slice_is(name, "[::1]");
    if (everywhere) return known || is_address(name);
    bool bracketed = name.length > 2 && name.at[0] == '[';
    Slice bare = bracketed ? (Slice){name.at + 1, name.length - 2} : name;
    return number == (int64_t)port && (known || same_name(bare, configured));
}
