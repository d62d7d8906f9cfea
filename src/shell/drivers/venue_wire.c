/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/venue_wire.h"

#include <curl/curl.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define RECEIVE_BYTES 16384 /* one TLS record */

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void start_curl(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- connecting ---------------------------------------------------------------------------- */

static void set_options(CURL *easy, const BinanceAddress *address, unsigned connect_ms) {
    bool six = strchr(address->host, ':') != NULL;
    char url[sizeof address->host + 32];
    snprintf(url, sizeof url, "%s://%s%s%s:%u/", address->is_secure ? "https" : "http",
             six ? "[" : "", address->host, six ? "]" : "", address->port);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, address->is_secure ? "https" : "http");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1); /* and in ALPN */
    curl_easy_setopt(easy, CURLOPT_PROXY, address->proxy); /* empty: none, whatever is set around */
    curl_easy_setopt(easy, CURLOPT_HTTPPROXYTUNNEL, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)connect_ms);
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPIDLE, 20L); /* seconds; two missed ones and it is dead */
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPINTVL, 10L);
}

bool venue_wire_open(VenueWire *wire, const BinanceAddress *address, unsigned connect_ms,
                     Error *error) {
    pthread_once(&curl_once, start_curl);
    wire->socket = -1;
    wire->is_bare = !address->is_secure && !address->proxy[0];
    wire->length = wire->sent = 0;
    wire->easy = curl_easy_init();
    if (!wire->easy)
        return error_set(error, ERROR_FAILURE, "libcurl does not start", address->host, NULL);
    set_options(wire->easy, address, connect_ms);
    return true;
}

static void say_why(CURL *easy, CURLcode result, Text *why) {
    long connect = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &connect);
    if (result == CURLE_COULDNT_RESOLVE_HOST)
        text_put(why, "the name of the host is not known");
    else if (result == CURLE_COULDNT_RESOLVE_PROXY)
        text_put(why, "the name of the proxy is not known");
    else if (result == CURLE_OPERATION_TIMEDOUT)
        text_put(why, "no connection in time");
    else if (connect >= 300)
        text_format(why, "the proxy refuses the tunnel (HTTP %d)", (int)connect);
    else
        text_format(why, "no connection: %s", curl_easy_strerror(result));
}

bool venue_wire_connected(VenueWire *wire, int result, Text *why) {
    curl_socket_t descriptor = CURL_SOCKET_BAD;
    CURLcode code = (CURLcode)result;
    if (code == CURLE_OK) code = curl_easy_getinfo(wire->easy, CURLINFO_ACTIVESOCKET, &descriptor);
    if (code == CURLE_OK && descriptor != CURL_SOCKET_BAD) {
        wire->socket = (int)descriptor;
        return true;
    }
    say_why(wire->easy, code, why);
    return false;
}

void venue_wire_close(VenueWire *wire) {
    if (wire->easy) curl_easy_cleanup(wire->easy);
    wire->easy = NULL;
    wire->socket = -1;
}

static bool is_silent(const VenueWire *wire) {
    struct pollfd at = {.fd = wire->socket, .events = POLLIN | POLLRDHUP};
    return poll(&at, 1, 0) == 0;
}

/* What TLS hands out was at the socket first, and is taken from there record by record: we read
 * with room for the longest, so nothing of one is left inside. Bytes at the socket may be TLS's
 * own (a session ticket), which libcurl knows. */
bool venue_wire_is_quiet(VenueWire *wire) {
    char byte;
    size_t count = 0;
    if (is_silent(wire)) return true;
    return !wire->is_bare && curl_easy_recv(wire->easy, &byte, 1, &count) == CURLE_AGAIN;
}

/* ---- a request ----------------------------------------------------------------------------- */

static bool sign(const WireRequest *request, const Signer *signer, int64_t now_ms, Text *target,
                 Error *error) {
    BinanceRequest unsigned_request = {.is_signed = request->is_signed,
                                       .timestamp_ms = request->timestamp_ms,
                                       .window_ms = request->window_ms,
                                       .length = request->parameters.length};
    if (request->parameters.length >= sizeof unsigned_request.text)
        return error_set(error, ERROR_LIMIT, "the request is too long", request->path, NULL);
    memcpy(unsigned_request.text, request->parameters.at, request->parameters.length);
    return signer_rest(signer, &unsigned_request, now_ms, target, error);
}

static void write_host(Text *text, const BinanceAddress *address) {
    bool six = strchr(address->host, ':') != NULL;
    text_format(text, six ? "Host: [%s]" : "Host: %s", address->host);
    if (address->port != (address->is_secure ? 443 : 80))
        text_format(text, ":%d", (int)address->port);
    text_put(text, "\r\nUser-Agent: trader/" TRADER_VERSION "\r\nAccept: application/json\r\n");
}

bool venue_wire_write(VenueWire *wire, const BinanceAddress *address, const WireRequest *request,
                      const Signer *signer, int64_t now_ms, Error *error) {
    char memory[SIGNER_PAYLOAD_MAX];
    Text parameters = TEXT_IN(memory), text = TEXT_IN(wire->bytes);
    bool in_body = strcmp(request->method, "POST") == 0 || strcmp(request->method, "PUT") == 0;
    wire->length = wire->sent = 0;
    if (request->is_signed && !signer)
        return error_set(error, ERROR_CREDENTIALS, "there is no key to sign with", request->path,
                         NULL);
    if (request->is_signed) {
        if (!sign(request, signer, now_ms, &parameters, error)) return false;
    } else {
        text_slice(&parameters, request->parameters);
    }
    text_format(&text, "%s %s%s", request->method, address->path, request->path);
    if (!in_body && parameters.length > 0)
        text_format(&text, "?%S", (Slice){memory, parameters.length});
    text_put(&text, " HTTP/1.1\r\n");
    write_host(&text, address);
    if (request->is_signed) text_format(&text, "X-MBX-APIKEY: %s\r\n", signer_key_id(signer));
    if (in_body)
        text_format(&text,
                    "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n",
                    (int)parameters.length);
    text_put(&text, "\r\n");
    if (in_body) text_slice(&text, (Slice){memory, parameters.length});
    if (text.overflow || parameters.overflow)
        return error_set(error, ERROR_LIMIT, "the request is too long", request->path, NULL);
    wire->length = text.length;
    return true;
}

/* Without TLS nothing of libcurl stands between us and the socket. */
static WireStep send_bare(VenueWire *wire) {
    while (wire->sent < wire->length) {
        ssize_t count = send(wire->socket, wire->bytes + wire->sent, wire->length - wire->sent,
                             MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? WIRE_GOING : WIRE_LOST;
        wire->sent += (size_t)count;
    }
    return WIRE_DONE;
}

WireStep venue_wire_send(VenueWire *wire) {
    if (wire->is_bare) return send_bare(wire);
    while (wire->sent < wire->length) {
        size_t count = 0;
        CURLcode result =
            curl_easy_send(wire->easy, wire->bytes + wire->sent, wire->length - wire->sent, &count);
        wire->sent += count;
        if (result == CURLE_AGAIN) return WIRE_GOING;
        if (result != CURLE_OK) return WIRE_LOST; /* TLS may have sent a part and not said so */
    }
    return WIRE_DONE;
}

WireStep venue_wire_receive(VenueWire *wire, VenueResponse *response) {
    char bytes[RECEIVE_BYTES];
    for (;;) {
        size_t count = 0;
        CURLcode result = curl_easy_recv(wire->easy, bytes, sizeof bytes, &count);
        if (result == CURLE_AGAIN) return WIRE_GOING;
        if (result != CURLE_OK || count == 0) {
            if (result == CURLE_OK) venue_response_end(response);
            return response->stage == RESPONSE_COMPLETE ? WIRE_DONE : WIRE_LOST;
        }
        if (!venue_response_take(response, (Slice){bytes, count}))
            return response->stage == RESPONSE_COMPLETE ? WIRE_DONE : WIRE_LOST;
    }
}
