/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small Binance on 127.0.0.1 for tests: exchangeInfo, klines and combined streams, by plain
 * sockets and a thread a connection. Its market is a formula, so that any candle can be computed by
 * both sides; it knows the minutes up to `published` and tells them by REST, and by stream only
 * when a test says so. Its clock is half an hour ahead of the last history, so that a test may
 * publish minutes as fast as it likes. The test owns the Fake.
 */
#ifndef TESTS_FAKE_BINANCE_H
#define TESTS_FAKE_BINANCE_H

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FAKE_START_MS  1790035200000LL /* a UTC midnight */
#define FAKE_AHEAD_MS  (30 * 60000LL)
#define FAKE_MINUTE_MS 60000LL
enum { FAKE_STREAMS = 8, FAKE_REPLY = 1 << 19 };

typedef struct Fake {
    int listener;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    int streams[FAKE_STREAMS];
    unsigned stream_count;
    atomic_int pace_percent; /* of the venue's clock, 0: as ours */
    atomic_int threads;
    atomic_int published; /* minutes after FAKE_START_MS */
    atomic_int absent;    /* a minute that the venue itself does not have; 0: none */
    atomic_int info_status, klines_status; /* 0: 200 */
    atomic_int klines_refusals;            /* answered with klines_status before it is well again */
    atomic_bool hangs, knows_one_only, refuses_streams;
    atomic_int connects, requests;
} Fake;

static inline int64_t fake_price_cents(int64_t open_ms) {
    return 10000 + open_ms / FAKE_MINUTE_MS % 37;
}

static inline void fake_send(int fd, const void *bytes, size_t size) {
    for (size_t sent = 0; sent < size;) {
        ssize_t count = send(fd, (const char *)bytes + sent, size - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += (size_t)count;
    }
}

static inline void fake_reply(int fd, int status, const char *extra, const char *body) {
    char head[256];
    int length =
        snprintf(head, sizeof head,
                 "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n"
                 "X-MBX-USED-WEIGHT-1M: 42\r\n%s\r\n",
                 status, strlen(body), extra);
    fake_send(fd, head, (size_t)length);
    fake_send(fd, body, strlen(body));
}

static inline int64_t fake_number(const char *path, const char *key) {
    const char *at = strstr(path, key);
    return at ? strtoll(at + strlen(key), NULL, 10) : 0;
}

static inline int64_t fake_interval_ms(const char *path) {
    const char *at = strstr(path, "interval=");
    int64_t count = at ? strtoll(at + 9, NULL, 10) : 0;
    const char *unit = at ? at + 9 + strspn(at + 9, "0123456789") : "m";
    return count * (*unit == 'd' ? 86400000 : *unit == 'h' ? 3600000 : FAKE_MINUTE_MS);
}

static inline void fake_klines(Fake *fake, int fd, const char *path) {
    int64_t length = fake_interval_ms(path), from = fake_number(path, "startTime=");
    int64_t until = fake_number(path, "endTime="), limit = fake_number(path, "limit=");
    int64_t now = FAKE_START_MS + atomic_load(&fake->published) * FAKE_MINUTE_MS;
    int64_t absent = FAKE_START_MS + (atomic_load(&fake->absent) - 1) * FAKE_MINUTE_MS;
    char *body = malloc(FAKE_REPLY);
    size_t used = (size_t)sprintf(body, "[");
    from = (from + length - 1) / length * length;
    for (int64_t open = from; open <= until && open + length <= now && limit > 0; open += length) {
        if (length == FAKE_MINUTE_MS && atomic_load(&fake->absent) && open == absent) continue;
        int64_t cents = fake_price_cents(open);
        used += (size_t)sprintf(body + used,
                                "%s[%lld,\"%lld.%02lld\",\"%lld.99\",\"%lld.00\",\"%lld.%02lld\","
                                "\"2.5\",%lld,\"250.0\",7,\"1.5\",\"150.0\",\"0\"]",
                                used > 1 ? "," : "", (long long)open, (long long)cents / 100,
                                (long long)cents % 100, (long long)cents / 100,
                                (long long)cents / 100, (long long)cents / 100,
                                (long long)cents % 100, (long long)(open + length - 1));
        limit--;
    }
    sprintf(body + used, "]");
    fake_reply(fd, 200, "", body);
    free(body);
}

static const char FAKE_SYMBOL[] =
    "{\"symbol\":\"%s\",\"status\":\"%s\",\"baseAsset\":\"%.3s\",\"quoteAsset\":\"USDT\","
    "\"filters\":[{"
    "\"filterType\":\"PRICE_FILTER\",\"minPrice\":\"0.01\",\"maxPrice\":\"1000000\",\"tickSize\":"
    "\"0.01\"},{\"filterType\":\"LOT_SIZE\",\"minQty\":\"0.001\",\"maxQty\":\"9000\",\"stepSize\":"
    "\"0.001\"},{\"filterType\":\"NOTIONAL\",\"minNotional\":\"5\",\"maxNotional\":\"9000000\"}]}";

static inline void fake_info(Fake *fake, int fd, const char *path) {
    char body[4096];
    bool one = atomic_load(&fake->knows_one_only);
    if (one && strstr(path, "NONAME")) {
        fake_reply(fd, 400, "", "{\"code\":-1121,\"msg\":\"Invalid symbol.\"}");
        return;
    }
    int used =
        snprintf(body, sizeof body,
                 "{\"timezone\":\"UTC\",\"serverTime\":%lld,\"rateLimits\":[{\"rateLimitType\":"
                 "\"REQUEST_WEIGHT\",\"interval\":\"MINUTE\",\"intervalNum\":1,\"limit\":6000}],"
                 "\"symbols\":[",
                 FAKE_START_MS + FAKE_AHEAD_MS);
    char *at = body + used;
    at += sprintf(at, FAKE_SYMBOL, "BTCUSDT", "TRADING", "BTC");
    at += sprintf(at, ",");
    at += sprintf(at, FAKE_SYMBOL, "ETHUSDT", one ? "BREAK" : "TRADING", "ETH");
    sprintf(at, "]}");
    fake_reply(fd, 200, "", body);
}

static inline void fake_upgrade(Fake *fake, int fd, const char *request) {
    const char *key = strcasestr(request, "Sec-WebSocket-Key:");
    char joined[128], accept[64], head[256];
    unsigned char digest[SHA_DIGEST_LENGTH];
    if (!key || atomic_load(&fake->refuses_streams)) {
        fake_reply(fd, 451, "", "{}");
        return;
    }
    key += 18 + strspn(key + 18, " ");
    snprintf(joined, sizeof joined, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
             (int)strcspn(key, "\r"), key);
    SHA1((const unsigned char *)joined, strlen(joined), digest);
    EVP_EncodeBlock((unsigned char *)accept, digest, sizeof digest);
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n\r\n",
                          accept);
    pthread_mutex_lock(&fake->lock); /* who is told that it is connected misses nothing from here */
    fake_send(fd, head, (size_t)length);
    if (fake->stream_count < FAKE_STREAMS) fake->streams[fake->stream_count++] = fd;
    pthread_mutex_unlock(&fake->lock);
    atomic_fetch_add(&fake->connects, 1);
}

/* The time, which goes `pace_percent` as fast as the machine's. */
static inline void fake_time(const Fake *fake, int fd) {
    struct timespec now;
    char body[64];
    int pace = atomic_load(&fake->pace_percent);
    clock_gettime(CLOCK_REALTIME, &now);
    int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    int64_t into_ms = ms % 100000000; /* of a day and some: stays near */
    if (pace > 0) ms += into_ms * (pace - 100) / 100;
    snprintf(body, sizeof body, "{\"serverTime\":%lld}", (long long)ms);
    fake_reply(fd, 200, "", body);
}

static inline void fake_answer(Fake *fake, int fd, const char *request) {
    int info = atomic_load(&fake->info_status), klines = atomic_load(&fake->klines_status);
    if (strstr(request, "GET /stream?")) {
        fake_upgrade(fake, fd, request);
        return;
    }
    if (strstr(request, "GET /api/v3/time")) {
        fake_time(fake, fd);
        return;
    }
    atomic_fetch_add(&fake->requests, 1);
    while (atomic_load(&fake->hangs))
        usleep(10000);
    if (strstr(request, "/exchangeInfo")) {
        if (info)
            fake_reply(fd, info, "Retry-After: 7\r\n", "<html>no</html>");
        else
            fake_info(fake, fd, request);
    } else if (atomic_load(&fake->klines_refusals) > 0) {
        atomic_fetch_sub(&fake->klines_refusals, 1);
        fake_reply(fd, klines, "Retry-After: 1\r\n", "{\"code\":-1003,\"msg\":\"Too many.\"}");
    } else {
        fake_klines(fake, fd, request);
    }
}

typedef struct FakeLink {
    Fake *fake;
    int fd;
} FakeLink;

static inline void *fake_serve(void *argument) {
    FakeLink link = *(FakeLink *)argument;
    char request[16384];
    size_t length = 0;
    free(argument);
    for (;;) {
        ssize_t count = recv(link.fd, request + length, sizeof request - 1 - length, 0);
        if (count <= 0) break;
        length += (size_t)count;
        request[length] = 0;
        if (request[0] == 0x16) break;                    /* TLS is not spoken here */
        if (strncmp(request, "GET ", 4) != 0) length = 0; /* frames of the client: pings, close */
        if (length == 0 || !strstr(request, "\r\n\r\n")) continue;
        fake_answer(link.fake, link.fd, request);
        length = 0;
    }
    pthread_mutex_lock(&link.fake->lock);
    for (unsigned i = 0; i < link.fake->stream_count; i++)
        if (link.fake->streams[i] == link.fd)
            link.fake->streams[i--] = link.fake->streams[--link.fake->stream_count];
    pthread_mutex_unlock(&link.fake->lock);
    close(link.fd);
    atomic_fetch_sub(&link.fake->threads, 1);
    return NULL;
}

static inline void *fake_accept(void *argument) {
    Fake *fake = argument;
    for (int fd; (fd = accept(fake->listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        FakeLink *link = malloc(sizeof *link);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        *link = (FakeLink){fake, fd};
        atomic_fetch_add(&fake->threads, 1);
        pthread_create(&thread, NULL, fake_serve, link);
        pthread_detach(thread);
    }
    return NULL;
}

static inline void fake_open(Fake *fake) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000001)};
    socklen_t size = sizeof address;
    memset(fake, 0, sizeof *fake);
    pthread_mutex_init(&fake->lock, NULL);
    fake->listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(fake->listener, (struct sockaddr *)&address, sizeof address);
    listen(fake->listener, 16);
    getsockname(fake->listener, (struct sockaddr *)&address, &size);
    fake->port = ntohs(address.sin_port);
    pthread_create(&fake->thread, NULL, fake_accept, fake);
}

/* Ends every stream, as a server that goes away without a word. */
static inline void fake_drop(Fake *fake) {
    pthread_mutex_lock(&fake->lock);
    for (unsigned i = 0; i < fake->stream_count; i++)
        shutdown(fake->streams[i], SHUT_RDWR);
    pthread_mutex_unlock(&fake->lock);
}

static inline void fake_close(Fake *fake) {
    shutdown(fake->listener, SHUT_RDWR);
    pthread_join(fake->thread, NULL);
    close(fake->listener);
    fake_drop(fake);
    while (atomic_load(&fake->threads))
        usleep(1000);
    pthread_mutex_destroy(&fake->lock);
}

/* One text frame to every stream. */
static inline void fake_frame(Fake *fake, const char *text) {
    unsigned char head[4] = {0x81};
    size_t length = strlen(text), size = length < 126 ? 2 : 4;
    head[1] = (unsigned char)(length < 126 ? length : 126);
    head[2] = (unsigned char)(length >> 8);
    head[3] = (unsigned char)(length & 255);
    pthread_mutex_lock(&fake->lock);
    for (unsigned i = 0; i < fake->stream_count; i++) {
        fake_send(fake->streams[i], head, size);
        fake_send(fake->streams[i], text, length);
    }
    pthread_mutex_unlock(&fake->lock);
}

/* The closed candle of minute `number` (1: the first after the history), by stream. */
static inline void fake_candle(Fake *fake, const char *symbol, int number) {
    char text[640];
    int64_t open = FAKE_START_MS + (number - 1) * FAKE_MINUTE_MS, cents = fake_price_cents(open);
    snprintf(
        text, sizeof text,
        "{\"stream\":\"x@kline_1m\",\"data\":{\"e\":\"kline\",\"E\":%lld,\"s\":\"%s\",\"k\":{\"t\":"
        "%lld,\"T\":%lld,\"s\":\"%s\",\"i\":\"1m\",\"f\":1,\"L\":7,\"o\":\"%lld.%02lld\",\"c\":\""
        "%lld.%02lld\",\"h\":\"%lld.99\",\"l\":\"%lld.00\",\"v\":\"2.5\",\"n\":7,\"x\":true,\"q\":"
        "\"250.0\",\"V\":\"1.5\",\"Q\":\"150.0\",\"B\":\"0\"}}}",
        (long long)open + 60021, symbol, (long long)open, (long long)open + 59999, symbol,
        (long long)cents / 100, (long long)cents % 100, (long long)cents / 100,
        (long long)cents % 100, (long long)cents / 100, (long long)cents / 100);
    fake_frame(fake, text);
}

static inline void fake_trade(Fake *fake, const char *symbol, int id, const char *price) {
    char text[256];
    int64_t time = FAKE_START_MS + 60000 + id;
    snprintf(
        text, sizeof text,
        "{\"stream\":\"x@trade\",\"data\":{\"e\":\"trade\",\"E\":%lld,\"s\":\"%s\",\"t\":%d,\"p\":"
        "\"%s\",\"q\":\"0.5\",\"T\":%lld,\"m\":true,\"M\":true}}",
        (long long)time, symbol, id, price, (long long)time);
    fake_frame(fake, text);
}

#endif
