/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/binance_http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "core/base/instant.h"
#include "core/venues/binance_rest.h"

#define POLL_MS           100 /* how soon a request notices `stop` */
#define BLOCK_S           60  /* after 429 or 418 without Retry-After: a window of the limit */
#define BLOCK_S_MAX       (3 * 86400) /* longest ban that the venue names */
#define WEIGHT_SHARE_FULL 5 /* pause at 4/5 of the weight: others behind the address ask too */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

int64_t binance_http_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * INSTANT_SECOND_US + now.tv_nsec / 1000;
}

static size_t take_body(char *bytes, size_t one, size_t count, void *context) {
    BinanceHttp *http = context;
    size_t wanted = http->length + one * count;
    http->too_long = wanted > BINANCE_BODY_MAX;
    if (http->too_long) return 0;
    if (wanted > http->capacity) {
        size_t capacity = http->capacity ? http->capacity : 1u << 16;
        while (capacity < wanted)
            capacity *= 2;
        char *body = realloc(http->body, capacity);
        if (!body) return 0;
        http->body = body;
        http->capacity = capacity;
    }
    memcpy(http->body + http->length, bytes, one * count);
    http->length = wanted;
    return one * count;
}

/* The value if the line is the header `name`. */
static bool header_is(Slice line, const char *name, int64_t *value) {
    size_t length = strlen(name);
    if (line.length <= length || strncasecmp(line.at, name, length) != 0) return false;
    return slice_int(slice_trim((Slice){line.at + length, line.length - length}), value);
}

static size_t take_header(char *bytes, size_t one, size_t count, void *context) {
    BinanceHttp *http = context;
    Slice line = {bytes, one * count};
    int64_t value;
    if (header_is(line, "Retry-After:", &value) && value >= 0) http->retry_after_s = value;
    if (header_is(line, "X-MBX-USED-WEIGHT-1M:", &value)) http->used_weight = value;
    return line.length;
}

bool binance_http_open(BinanceHttp *http, const BinanceAddress *address, const atomic_bool *stop,
                       Error *error) {
    *http = (BinanceHttp){.stop = stop};
    pthread_once(&curl_once, start_curl);
    CURL *easy = http->easy = curl_easy_init();
    http->multi = curl_multi_init();
    if (!easy || !http->multi) {
        binance_http_close(http);
        return error_set(error, ERROR_FAILURE, "libcurl does not start", NULL, NULL);
    }
    bool six = strchr(address->host, ':') != NULL;
    snprintf(http->base, sizeof http->base, "%s://%s%s%s:%u%s",
             address->is_secure ? "https" : "http", six ? "[" : "", address->host, six ? "]" : "",
             address->port, address->path);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, address->is_secure ? "https" : "http");
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* do not wait for a name that is looked up */
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "trader/" TRADER_VERSION);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    if (binance_address_is_own(address->host)) curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, http);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, http);
    return true;
}

void binance_http_close(BinanceHttp *http) {
    if (http->easy) curl_easy_cleanup(http->easy);
    if (http->multi) curl_multi_cleanup(http->multi);
    free(http->body);
    *http = (BinanceHttp){0};
}

static CURLcode perform(BinanceHttp *http) {
    CURLM *multi = http->multi;
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    int running = 1;
    curl_multi_add_handle(multi, http->easy);
    while (running && !atomic_load(http->stop)) {
        if (curl_multi_perform(multi, &running) != CURLM_OK) break;
        if (running) curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
    }
    int left;
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));)
        if (message->msg == CURLMSG_DONE) result = message->data.result;
    curl_multi_remove_handle(multi, http->easy);
    return result;
}

static bool network_error(Error *error, const BinanceHttp *http, const char *text,
                          const char *hint) {
    error_set(error, ERROR_NETWORK, text, http->base, hint);
    if (error) error->retry_helps = true;
    return false;
}

/* One line for what kept the request from its answer. */
static bool no_answer(const BinanceHttp *http, CURLcode result, unsigned timeout_ms, Error *error) {
    char text[200];
    long connect = 0;
    curl_easy_getinfo(http->easy, CURLINFO_HTTP_CONNECTCODE, &connect);
    switch ((int)result) {
    case CURLE_ABORTED_BY_CALLBACK:
        return error_set(error, ERROR_INTERRUPTED, "stopped", http->base, NULL);
    case CURLE_COULDNT_RESOLVE_HOST:
        return network_error(error, http, "the name of the host is not known", "is DNS reachable?");
    case CURLE_COULDNT_RESOLVE_PROXY:
        return network_error(error, http, "the name of the proxy is not known", "see HTTPS_PROXY");
    case CURLE_OPERATION_TIMEDOUT:
        snprintf(text, sizeof text, "no answer within %u ms", timeout_ms);
        return network_error(error, http, text, NULL);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CACERT_BADFILE:
        snprintf(text, sizeof text, "TLS: %s", curl_easy_strerror(result));
        return network_error(error, http, text, "is the certificate's authority known here?");
    case CURLE_WRITE_ERROR:
        return network_error(error, http, http->too_long ? "the answer is too long" : "no memory",
                             NULL);
    default:
        break;
    }
    if (connect >= 300) {
        snprintf(text, sizeof text, "the proxy refuses the tunnel (HTTP %ld)", connect);
        return network_error(error, http, text, "see HTTPS_PROXY and NO_PROXY");
    }
    snprintf(text, sizeof text, "no connection: %s", curl_easy_strerror(result));
    return network_error(error, http, text, NULL);
}

static void block(BinanceHttp *http) {
    int64_t seconds = http->retry_after_s >= 0 ? http->retry_after_s : BLOCK_S;
    if (seconds > BLOCK_S_MAX) seconds = BLOCK_S_MAX;
    http->blocked_until_us = binance_http_now_us() + seconds * INSTANT_SECOND_US;
}

/* What the status means (Binance Spot API, "HTTP Return Codes"), with the venue's own words where
 * it has some. */
static bool refused(BinanceHttp *http, Error *error) {
    char text[240], own[170] = "";
    BinanceFault fault;
    if (binance_rest_fault((Slice){http->body, http->length}, &fault)) {
        snprintf(own, sizeof own, ": %s (%lld)", fault.text, (long long)fault.code);
    }
    bool limited = http->status == 429 || http->status == 418;
    if (limited) block(http);
    if (http->status == 451) {
        error_set(error, ERROR_EXCHANGE, "the venue does not serve this region (HTTP 451)",
                  http->base, "try https://data-api.binance.vision, or --feed generated");
    } else if (limited) {
        snprintf(text, sizeof text, "the venue asks to wait (HTTP %ld, %lld s)%s", http->status,
                 (long long)(http->retry_after_s >= 0 ? http->retry_after_s : BLOCK_S), own);
        error_set(error, ERROR_EXCHANGE, text, http->base, "others behind this address count too");
    } else {
        snprintf(text, sizeof text, "the venue answers HTTP %ld%s", http->status, own);
        error_set(error, ERROR_EXCHANGE, text, http->base, NULL);
    }
    if (error) error->retry_helps = limited || http->status >= 500;
    return false;
}

bool binance_http_get(BinanceHttp *http, const char *path, unsigned timeout_ms, Slice *body,
                      Error *error) {
    char url[sizeof http->base + 8300]; /* BINANCE_PATH_TEXT and its base */
    http->status = 0;
    int64_t wait_us = http->blocked_until_us - binance_http_now_us();
    if (wait_us > 0) {
        snprintf(url, sizeof url, "the venue asked to wait, %lld s more",
                 (long long)(wait_us / INSTANT_SECOND_US + 1));
        error_set(error, ERROR_EXCHANGE, url, http->base, NULL);
        if (error) error->retry_helps = true;
        return false;
    }
    if (snprintf(url, sizeof url, "%s%s", http->base, path) >= (int)sizeof url) {
        return error_set(error, ERROR_LIMIT, "the address is too long", http->base, NULL);
    }
    http->length = 0;
    http->too_long = false;
    http->retry_after_s = -1;
    http->requests++;
    curl_easy_setopt(http->easy, CURLOPT_URL, url);
    curl_easy_setopt(http->easy, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    CURLcode result = perform(http);
    if (result != CURLE_OK) return no_answer(http, result, timeout_ms, error);
    curl_easy_getinfo(http->easy, CURLINFO_RESPONSE_CODE, &http->status);
    if (http->status != 200) return refused(http, error);
    *body = (Slice){http->body ? http->body : "", http->length};
    return true;
}

int64_t binance_http_wait_us(const BinanceHttp *http, int64_t weight, int64_t venue_now_us) {
    int64_t blocked_us = http->blocked_until_us - binance_http_now_us();
    if (blocked_us > 0) return blocked_us;
    int64_t full = http->weight_per_minute - http->weight_per_minute / WEIGHT_SHARE_FULL;
    if (full == 0 || http->used_weight + weight <= full) return 0;
    /* The window is the clock's minute; a second of it for clocks that differ. */
    return INSTANT_MINUTE_US - venue_now_us % INSTANT_MINUTE_US + INSTANT_SECOND_US;
}
