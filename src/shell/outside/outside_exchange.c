/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/outside_exchange.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "shell/drivers/binance_address.h"
#include "shell/outside/feed_items.h"
#include "shell/outside/outside_wire.h"
#include "shell/sys/clock.h"

#define CONNECT_MS_MAX  5000       /* as OpenAI's own client */
#define TIMEOUT_MS      30000      /* of a question that names none */
#define FEED_BYTES      (4u << 20) /* the longest feed of the presets has 600 KB */
#define KEEP_ALIVE_ROOM 16384      /* blank lines and comments of a server that lets one wait */

/* ---- private addresses --------------------------------------------------------------------- */

/* RFC 6890: this machine, private and shared networks, link-local, multicast, reserved. */
static bool is_private_four(uint32_t address) {
    static const struct {
        uint32_t net;
        int bits;
    } nets[] = {{0x00000000, 8},  {0x0A000000, 8},  {0x64400000, 10}, {0x7F000000, 8},
                {0xA9FE0000, 16}, {0xAC100000, 12}, {0xC0000000, 24}, {0xC0A80000, 16},
                {0xC6120000, 15}, {0xE0000000, 3}};
    for (unsigned i = 0; i < sizeof nets / sizeof nets[0]; i++)
        if ((address ^ nets[i].net) >> (32 - nets[i].bits) == 0) return true;
    return false;
}

static bool is_private_six(const struct in6_addr *six) {
    const uint8_t *byte = six->s6_addr;
    uint32_t last =
        (uint32_t)byte[12] << 24 | (uint32_t)byte[13] << 16 | (uint32_t)byte[14] << 8 | byte[15];
    static const uint8_t nat64[12] = {0, 0x64, 0xFF, 0x9B};
    if (IN6_IS_ADDR_V4MAPPED(six) || IN6_IS_ADDR_V4COMPAT(six) || memcmp(byte, nat64, 12) == 0)
        return is_private_four(last);
    if (byte[0] == 0x20 && byte[1] == 0x02) /* 6to4 (RFC 3056): the IPv4 address stands in front */
        return is_private_four((uint32_t)byte[2] << 24 | (uint32_t)byte[3] << 16 |
                               (uint32_t)byte[4] << 8 | byte[5]);
    return (byte[0] & 0xE0) != 0x20; /* only 2000::/3 is given out */
}

static bool is_private_socket(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return is_private_four(
            ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
    if (address->sa_family == AF_INET6)
        return is_private_six(&((const struct sockaddr_in6 *)(const void *)address)->sin6_addr);
    return true;
}

static bool ends_with(const char *host, const char *tail) {
    size_t length = strlen(host), end = strlen(tail);
    return length >= end && strcasecmp(host + length - end, tail) == 0;
}

/* By its letters; a name is judged by the socket that it leads to. A host without a dot is one of a
 * local network. */
static bool is_private_host(const char *host) {
    struct in_addr four;
    struct in6_addr six;
    if (inet_pton(AF_INET, host, &four) == 1) return is_private_four(ntohl(four.s_addr));
    if (inet_pton(AF_INET6, host, &six) == 1) return is_private_six(&six);
    return !strchr(host, '.') || ends_with(host, ".local") || ends_with(host, ".internal") ||
           ends_with(host, ".localhost") || ends_with(host, ".arpa");
}

static curl_socket_t open_socket(void *context, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
    const OutsideExchange *exchange = context;
    (void)purpose;
    if (exchange->is_guarded && is_private_socket(&address->addr)) return CURL_SOCKET_BAD;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* ---- hearing ------------------------------------------------------------------------------- */

static size_t take_body(char *bytes, size_t one, size_t count, void *context) {
    OutsideExchange *exchange = context;
    size_t size = one * count, room = exchange->limit - exchange->length;
    if (size > room) {
        exchange->is_too_long = true;
        size = room;
    }
    if (exchange->length + size + 1 > exchange->capacity) {
        size_t capacity = exchange->capacity ? exchange->capacity : 16384;
        while (capacity < exchange->length + size + 1)
            capacity *= 2;
        char *body = realloc(exchange->body, capacity);
        if (!body) return 0;
        exchange->body = body;
        exchange->capacity = capacity;
    }
    memcpy(exchange->body + exchange->length, bytes, size);
    exchange->length += size;
    return exchange->is_too_long ? 0 : one * count;
}

static size_t take_header(char *bytes, size_t one, size_t count, void *context) {
    OutsideExchange *exchange = context;
    outside_headers_line(&exchange->heard, (Slice){bytes, one * count}, clock_wall_us());
    return one * count;
}

/* ---- life ---------------------------------------------------------------------------------- */

OutsideExchange *outside_exchange_new(const OutsideRequest *request) {
    OutsideExchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange) return NULL;
    exchange->request = *request;
    exchange->began_us = clock_monotonic_us();
    return exchange;
}

static void drop_handle(OutsideExchange *exchange) {
    if (exchange->easy) curl_easy_cleanup(exchange->easy);
    if (exchange->header_list) curl_slist_free_all(exchange->header_list);
    free(exchange->body);
    exchange->easy = NULL;
    exchange->header_list = NULL;
    exchange->body = NULL;
    exchange->length = exchange->capacity = 0;
    exchange->is_too_long = false;
}

void outside_exchange_free(OutsideExchange *exchange) {
    if (!exchange) return;
    drop_handle(exchange);
    outside_target_wipe(&exchange->target);
    free(exchange);
}

static long time_left_ms(const OutsideExchange *exchange) {
    int64_t timeout_ms =
        exchange->request.timeout_ms > 0 ? exchange->request.timeout_ms : TIMEOUT_MS;
    int64_t left = timeout_ms - (clock_monotonic_us() - exchange->began_us) / 1000;
    return left > 1 ? (long)left : 1;
}

static void set_body(OutsideExchange *exchange) {
    CURL *easy = exchange->easy;
    const char *body =
        exchange->is_token ? "grant_type=client_credentials" : exchange->request.body;
    if (!body[0]) return;
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    /* On a connection used before, libcurl sends again by itself what died without an answer, and
     * it would be paid twice. */
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
}

static bool set_headers(OutsideExchange *exchange) {
    const OutsideTarget *target = &exchange->target;
    for (unsigned i = 0; i < target->header_count; i++) {
        struct curl_slist *list = curl_slist_append(exchange->header_list, target->headers[i]);
        if (!list) return false;
        exchange->header_list = list;
    }
    struct curl_slist *list = curl_slist_append(exchange->header_list, "Expect:"); /* no 100 */
    if (list) exchange->header_list = list;
    curl_easy_setopt(exchange->easy, CURLOPT_HTTPHEADER, exchange->header_list);
    return list != NULL;
}

bool outside_exchange_prepare(OutsideExchange *exchange) {
    const OutsideTarget *target = &exchange->target;
    long left = time_left_ms(exchange);
    drop_handle(exchange);
    CURL *easy = exchange->easy = curl_easy_init();
    if (!easy || !set_headers(exchange)) return false;
    bool plain = target->allow_plain || target->is_own;
    exchange->limit =
        target->is_feed ? FEED_BYTES : sizeof(((OutsideReply *)0)->body) + KEEP_ALIVE_ROOM;
    outside_headers_begin(&exchange->heard);
    curl_easy_setopt(easy, CURLOPT_URL, target->url);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, plain ? "http,https" : "https");
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, left);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
                     left < CONNECT_MS_MAX ? left : CONNECT_MS_MAX);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, exchange);
    if (target->is_own) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    set_body(exchange);
    return true;
}

/* ---- redirects ----------------------------------------------------------------------------- */

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value && value[0];
}

/* As libcurl chooses one: HTTP_PROXY in capitals is not heard, since a CGI's caller can set it. */
static bool has_proxy(const char *url) {
    if (is_set("all_proxy") || is_set("ALL_PROXY")) return true;
    return strncmp(url, "http:", 5) == 0 ? is_set("http_proxy")
                                         : is_set("https_proxy") || is_set("HTTPS_PROXY");
}

/* Host and scheme of an address that content gave; false: not to be gone to. */
static bool is_welcome(const char *url, const OutsideTarget *target, bool *is_own) {
    char *host = NULL, *scheme = NULL, *user = NULL;
    bool welcome = false;
    CURLU *parts = curl_url();
    if (parts && curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
        size_t length = strlen(host);
        if (host[0] == '[' && length > 2) {
            host[length - 1] = 0;
            memmove(host, host + 1, length - 1);
        }
        bool named = curl_url_get(parts, CURLUPART_USER, &user, 0) == CURLUE_OK;
        bool secure = strcmp(scheme, "https") == 0;
        /* From this machine to this machine only. */
        *is_own = target->is_own && binance_address_is_own(host);
        bool plain = strcmp(scheme, "http") == 0 && (target->allow_plain || *is_own);
        welcome = !named && (secure || plain) && (*is_own || !is_private_host(host));
    }
    curl_free(host);
    curl_free(scheme);
    curl_free(user);
    curl_url_cleanup(parts);
    return welcome;
}

const char *outside_exchange_redirect(OutsideExchange *exchange) {
    OutsideTarget *target = &exchange->target;
    char *url = NULL;
    long status = 0;
    bool is_own = false;
    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(exchange->easy, CURLINFO_REDIRECT_URL, &url);
    if (!target->may_redirect || status < 300 || status > 399 || status == 304 || !url) return "";
    if (++exchange->hops > OUTSIDE_HOPS_MAX) return "redirected too often";
    if (strlen(url) >= sizeof target->url) return "redirected to an address that is too long";
    if (!is_welcome(url, target, &is_own)) return "redirected to where nothing is fetched from";
    memmove(target->url, url, strlen(url) + 1);
    target->is_own = is_own;
    if (!outside_exchange_prepare(exchange)) return "no memory";
    /* Behind a proxy it is the proxy that connects, and always: NO_PROXY must open no way around.
     */
    bool proxied = has_proxy(target->url);
    exchange->is_guarded = !target->is_own && !proxied;
    if (!target->is_own && proxied) curl_easy_setopt(exchange->easy, CURLOPT_NOPROXY, "");
    return NULL;
}

/* ---- replies ------------------------------------------------------------------------------- */

void outside_reply_without(const OutsideRequest *request, OutsideOutcome outcome, const char *why,
                           OutsideReply *reply) {
    memset(reply, 0, sizeof *reply);
    memcpy(reply->service, request->service, sizeof reply->service);
    reply->id = request->id;
    reply->source = request->source;
    reply->outcome = outcome;
    reply->retry_after_ms = -1;
    reply->should_retry = -1;
    reply->latency_us = request->latency_us;
    Text text = TEXT_IN(reply->body);
    text_put(&text, why);
    text_end(&text);
}

/* Whether anything of the question can have reached the other side, and in words why it came to
 * nothing. */
static OutsideOutcome judge_failure(const OutsideExchange *exchange, CURLcode result, char *why,
                                    size_t capacity) {
    long sent = 0, proxy = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &sent);
    curl_easy_getinfo(exchange->easy, CURLINFO_HTTP_CONNECTCODE, &proxy);
    OutsideOutcome outcome = sent > 0 ? OUTSIDE_LOST : OUTSIDE_NOT_SENT;
    switch ((int)result) {
    case CURLE_COULDNT_RESOLVE_HOST:
        snprintf(why, capacity, "the name of the host is not known");
        return OUTSIDE_NOT_SENT;
    case CURLE_COULDNT_RESOLVE_PROXY:
        snprintf(why, capacity, "the name of the proxy is not known");
        return OUTSIDE_NOT_SENT;
    case CURLE_OPERATION_TIMEDOUT:
        snprintf(why, capacity, "no answer in time");
        return outcome;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        snprintf(why, capacity, "TLS: %s", curl_easy_strerror(result));
        return OUTSIDE_NOT_SENT;
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
        snprintf(why, capacity, "the answer was cut off");
        return OUTSIDE_LOST;
    default:
        break;
    }
    if (proxy >= 300) {
        snprintf(why, capacity, "the proxy refuses the tunnel (HTTP %ld)", proxy);
        return OUTSIDE_NOT_SENT;
    }
    snprintf(why, capacity, "no connection: %s", curl_easy_strerror(result));
    return outcome;
}

/* DeepSeek lets one wait with blank lines, and with comments of event streams. */
static Slice skip_waiting(Slice body) {
    for (;;) {
        Slice rest = slice_trim(body);
        if (rest.length == 0 || rest.at[0] != ':') return rest;
        const char *end = memchr(rest.at, '\n', rest.length);
        if (!end) return (Slice){"", 0};
        body = (Slice){end, rest.length - (size_t)(end - rest.at)};
    }
}

/* As received; a zero would end the text and hide what follows, so it becomes a character that no
 * JSON may hold. */
static void put_body(const OutsideExchange *exchange, OutsideReply *reply) {
    Slice body = {exchange->body ? exchange->body : "", exchange->length};
    if (exchange->request.source == OUTSIDE_MODEL) body = skip_waiting(body);
    reply->cut = exchange->is_too_long || body.length >= sizeof reply->body;
    if (body.length >= sizeof reply->body) body.length = sizeof reply->body - 1;
    for (size_t i = 0; i < body.length; i++)
        reply->body[i] = body.at[i] ? body.at[i] : '\x1A';
    reply->body[body.length] = 0;
}

static void put_feed(const OutsideExchange *exchange, OutsideReply *reply) {
    Text json = TEXT_IN(reply->body);
    Error error = {.code = ERROR_NONE};
    Slice xml = {exchange->body ? exchange->body : "", exchange->length};
    bool cut = false;
    bool read = feed_items_read(xml, exchange->heard.charset, &json, &cut, &error);
    reply->cut = cut || exchange->is_too_long;
    if (read) return;
    outside_reply_without(&exchange->request, OUTSIDE_LOST, error.message, reply);
}

static void put_answer(const OutsideExchange *exchange, OutsideReply *reply) {
    const OutsideHeaders *heard = &exchange->heard;
    long status = 0;
    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    outside_reply_without(&exchange->request, OUTSIDE_ANSWERED, "", reply);
    reply->status = status >= 0 && status <= 999 ? status : 0;
    reply->retry_after_ms = heard->retry_after_ms;
    reply->should_retry = heard->should_retry;
    memcpy(reply->request_id, heard->request_id, sizeof reply->request_id);
    memcpy(reply->etag, heard->etag, sizeof reply->etag);
    reply->unchanged = status == 304;
    if (reply->unchanged && !reply->etag[0])
        memcpy(reply->etag, exchange->request.etag, sizeof reply->etag);
    if (exchange->target.is_feed && status == 200)
        put_feed(exchange, reply);
    else if (!reply->unchanged)
        put_body(exchange, reply);
}

void outside_exchange_reply(OutsideExchange *exchange, CURLcode result, OutsideReply *reply) {
    char why[160];
    bool answered = result == CURLE_OK || (result == CURLE_WRITE_ERROR && exchange->is_too_long);
    if (answered) {
        put_answer(exchange, reply);
    } else {
        OutsideOutcome outcome = judge_failure(exchange, result, why, sizeof why);
        outside_reply_without(&exchange->request, outcome, why, reply);
    }
    reply->latency_us = clock_monotonic_us() - exchange->began_us;
}
