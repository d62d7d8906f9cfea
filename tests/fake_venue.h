/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A venue's trading host on 127.0.0.1 for tests of the transport: it counts and keeps what it got,
 * tells the time, and does with an order what the test says: answers, hangs up before, within or
 * after the answer, is slow, says too much. WebSocket upgrades are accepted, the greeting is kept
 * and answered. Plain sockets, a thread a connection. The test owns the FakeVenue.
 */
#ifndef TESTS_FAKE_VENUE_H
#define TESTS_FAKE_VENUE_H

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

enum { VENUE_CONNECTIONS = 64, VENUE_REQUEST = 16384 };

typedef enum FakeManner {
    FAKE_ANSWERS,
    FAKE_HANGS_UP,  /* reads the request, closes without a word */
    FAKE_RESETS,    /* the same with a reset */
    FAKE_HALF,      /* closes within the answer */
    FAKE_SILENT,    /* never answers */
    FAKE_SLOW,      /* answers after 300 ms */
    FAKE_CHUNKED,   /* a byte a chunk */
    FAKE_LONG,      /* a body of 100,000 bytes */
    FAKE_ENDLESS,   /* a body that never ends */
    FAKE_HEADERS,   /* a head that never ends */
    FAKE_REDIRECTS, /* to another path of its own */
    FAKE_LIMITS,    /* 429 with Retry-After and the limits' headers */
    FAKE_GARBAGE,   /* not HTTP */
    FAKE_CLOSES     /* answers, says Connection: close, closes */
} FakeManner;

typedef struct FakeVenue {
    int listener;
    unsigned port;
    pthread_t thread;
    pthread_mutex_t lock;
    int connections[VENUE_CONNECTIONS];
    unsigned connection_count;
    int streams[VENUE_CONNECTIONS];
    unsigned stream_count;
    atomic_int threads, accepted, orders, questions, times, redirected, greetings;
    atomic_int manner; /* FakeManner, of orders and what lies below /api/v3/order */
    atomic_int clock_ahead_ms;
    atomic_int time_status;     /* 0: 200 */
    atomic_bool refuses;        /* subscriptions */
    atomic_bool slow_questions; /* GET other than the time: 300 ms */
    const char *answer;         /* to questions, set while none is asked; NULL: an empty object */
    char last[VENUE_REQUEST], greeting[VENUE_REQUEST]; /* under the lock */
} FakeVenue;

static inline void venue_put(int fd, const void *bytes, size_t size) {
    for (size_t sent = 0; sent < size;) {
        ssize_t count = send(fd, (const char *)bytes + sent, size - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += (size_t)count;
    }
}

static inline void venue_answer(int fd, int status, const char *extra, const char *body) {
    char head[512];
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: "
                          "%zu\r\n%s\r\n",
                          status, strlen(body), extra);
    venue_put(fd, head, (size_t)length);
    venue_put(fd, body, strlen(body));
}

static inline int64_t venue_wall_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static inline void venue_chunks(int fd, const char *body) {
    const char head[] = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    venue_put(fd, head, sizeof head - 1);
    for (; *body; body++) {
        char chunk[16];
        venue_put(fd, chunk, (size_t)snprintf(chunk, sizeof chunk, "1\r\n%c\r\n", *body));
    }
    venue_put(fd, "0\r\n\r\n", 5);
}

static inline void venue_flood(int fd, const char *head, const char *piece) {
    venue_put(fd, head, strlen(head));
    for (unsigned i = 0; i < 200000; i++)
        if (send(fd, piece, strlen(piece), MSG_NOSIGNAL) <= 0) return;
}

/* False: the connection is to be closed. */
static inline bool venue_order(FakeVenue *venue, int fd) {
    static const char BODY[] = "{\"orderId\":28,\"status\":\"NEW\"}";
    char body[100001];
    struct linger hard = {.l_onoff = 1};
    switch ((FakeManner)atomic_load(&venue->manner)) {
    case FAKE_HANGS_UP:
        return false;
    case FAKE_RESETS:
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        return false;
    case FAKE_HALF:
        venue_put(fd, "HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{\"orderId\"", 50);
        return false;
    case FAKE_SILENT:
        return true;
    case FAKE_SLOW:
        usleep(300000);
        venue_answer(fd, 200, "", BODY);
        return true;
    case FAKE_CHUNKED:
        venue_chunks(fd, BODY);
        return true;
    case FAKE_LONG:
        memset(body, 'x', sizeof body - 1);
        body[sizeof body - 1] = 0;
        venue_answer(fd, 200, "", body);
        return true;
    case FAKE_ENDLESS:
        venue_flood(fd, "HTTP/1.1 200 OK\r\n\r\n", "0123456789012345678901234567890123456789");
        return false;
    case FAKE_HEADERS:
        venue_flood(fd, "HTTP/1.1 200 OK\r\n", "X-More: 0123456789012345678901234567890123\r\n");
        return false;
    case FAKE_REDIRECTS:
        venue_answer(fd, 307, "Location: /api/v3/elsewhere\r\n", "");
        return true;
    case FAKE_LIMITS:
        venue_answer(fd, 429,
                     "Retry-After: 7\r\nX-MBX-USED-WEIGHT-1M: 6001\r\nx-mbx-order-count-10s: 3\r\n",
                     "{\"code\":-1003,\"msg\":\"Too many requests.\"}");
        return true;
    case FAKE_GARBAGE:
        venue_put(fd, "SSH-2.0-OpenSSH_9.2p1\r\n\r\n", 25);
        return true;
    case FAKE_CLOSES:
        venue_answer(fd, 200, "Connection: close\r\n", BODY);
        return false;
    default:
        venue_answer(fd, 200, "X-MBX-ORDER-COUNT-10S: 1\r\n", BODY);
        return true;
    }
}

static inline void venue_upgrade(int fd, const char *request) {
    const char *key = strcasestr(request, "Sec-WebSocket-Key:");
    char joined[128], accepted[64], head[256];
    unsigned char digest[SHA_DIGEST_LENGTH];
    if (!key) return;
    key += 18 + strspn(key + 18, " ");
    snprintf(joined, sizeof joined, "%.*s258EAFA5-E914-47DA-95CA-C5AB0DC85B11",
             (int)strcspn(key, "\r"), key);
    SHA1((const unsigned char *)joined, strlen(joined), digest);
    EVP_EncodeBlock((unsigned char *)accepted, digest, sizeof digest);
    int length = snprintf(head, sizeof head,
                          "HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                          "Sec-WebSocket-Accept: %s\r\n\r\n",
                          accepted);
    venue_put(fd, head, (size_t)length);
}

static inline void venue_frame_to(int fd, const char *text) {
    unsigned char head[4] = {0x81};
    size_t length = strlen(text), size = length < 126 ? 2 : 4;
    head[1] = (unsigned char)(length < 126 ? length : 126);
    head[2] = (unsigned char)(length >> 8);
    head[3] = (unsigned char)(length & 255);
    venue_put(fd, head, size);
    venue_put(fd, text, length);
}

static inline bool venue_read_all(int fd, unsigned char *target, size_t size) {
    for (size_t got = 0; got < size;) {
        ssize_t count = recv(fd, target + got, size - got, 0);
        if (count <= 0) return false;
        got += (size_t)count;
    }
    return true;
}

/* A masked frame of the client: its opcode, -1 at the end. */
static inline int venue_hear_frame(int fd, char *text, size_t capacity) {
    unsigned char head[2], more[2], mask[4];
    if (!venue_read_all(fd, head, 2)) return -1;
    size_t length = head[1] & 127;
    if (length == 126) {
        if (!venue_read_all(fd, more, 2)) return -1;
        length = (size_t)more[0] << 8 | more[1];
    }
    if (length >= capacity || !venue_read_all(fd, mask, 4)) return -1;
    if (!venue_read_all(fd, (unsigned char *)text, length)) return -1;
    for (size_t i = 0; i < length; i++)
        text[i] = (char)((unsigned char)text[i] ^ mask[i % 4]);
    text[length] = 0;
    return head[0] & 15;
}

static inline void venue_serve_stream(FakeVenue *venue, int fd) {
    char text[VENUE_REQUEST];
    for (int kind; (kind = venue_hear_frame(fd, text, sizeof text)) >= 0 && kind != 8;) {
        if (kind == 9) venue_put(fd, "\x8a\x00", 2); /* a pong */
        if (kind != 1) continue;
        pthread_mutex_lock(&venue->lock);
        snprintf(venue->greeting, sizeof venue->greeting, "%s", text);
        bool refuses = atomic_load(&venue->refuses);
        venue_frame_to(fd, refuses ? "{\"id\":\"u1\",\"status\":401,\"error\":{\"code\":-2015,"
                                     "\"msg\":\"Invalid API-key, IP, or permissions for action.\"}}"
                                   : "{\"id\":\"u1\",\"status\":200,\"result\":{"
                                     "\"subscriptionId\":0},\"rateLimits\":[]}");
        if (!refuses) venue->streams[venue->stream_count++ % VENUE_CONNECTIONS] = fd;
        pthread_mutex_unlock(&venue->lock);
        atomic_fetch_add(&venue->greetings, 1);
    }
    pthread_mutex_lock(&venue->lock);
    for (unsigned i = 0; i < venue->stream_count; i++)
        if (venue->streams[i] == fd) venue->streams[i--] = venue->streams[--venue->stream_count];
    pthread_mutex_unlock(&venue->lock);
}

static inline bool venue_act(FakeVenue *venue, int fd, const char *request) {
    char body[64];
    if (strstr(request, "/api/v3/time")) {
        int status = atomic_load(&venue->time_status);
        snprintf(body, sizeof body, "{\"serverTime\":%lld}",
                 (long long)(venue_wall_ms() + atomic_load(&venue->clock_ahead_ms)));
        atomic_fetch_add(&venue->times, 1);
        venue_answer(fd, status ? status : 200, status == 418 ? "Retry-After: 2\r\n" : "", body);
        return true;
    }
    pthread_mutex_lock(&venue->lock);
    snprintf(venue->last, sizeof venue->last, "%s", request);
    pthread_mutex_unlock(&venue->lock);
    if (strstr(request, "/api/v3/elsewhere")) atomic_fetch_add(&venue->redirected, 1);
    if (strstr(request, "/api/v3/order")) {
        atomic_fetch_add(&venue->orders, 1);
        return venue_order(venue, fd);
    }
    atomic_fetch_add(&venue->questions, 1);
    if (atomic_load(&venue->slow_questions)) usleep(300000);
    venue_answer(fd, 200, "X-MBX-USED-WEIGHT-1M: 25\r\n", venue->answer ? venue->answer : "{}");
    return true;
}

/* Bytes of the first request in the buffer; 0: not whole yet. */
static inline size_t venue_whole(const char *request, size_t length) {
    const char *end = memmem(request, length, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t size = (size_t)(end - request) + 4;
    const char *sized = strcasestr(request, "Content-Length:");
    if (sized && sized < end) size += (size_t)strtoul(sized + 15, NULL, 10);
    return size <= length ? size : 0;
}

typedef struct VenueConnection {
    FakeVenue *venue;
    int fd;
} VenueConnection;

static inline void venue_serve(FakeVenue *venue, int fd) {
    char request[VENUE_REQUEST];
    size_t length = 0;
    for (;;) {
        ssize_t count = recv(fd, request + length, sizeof request - 1 - length, 0);
        if (count <= 0) return;
        length += (size_t)count;
        request[length] = 0;
        for (size_t size; (size = venue_whole(request, length)) > 0;) {
            char whole[VENUE_REQUEST];
            memcpy(whole, request, size);
            whole[size] = 0;
            memmove(request, request + size, length - size + 1);
            length -= size;
            if (strcasestr(whole, "Upgrade: websocket")) {
                venue_upgrade(fd, whole);
                venue_serve_stream(venue, fd);
                return;
            }
            if (!venue_act(venue, fd, whole)) return;
        }
    }
}

static inline void *venue_serve_connection(void *argument) {
    VenueConnection connection = *(VenueConnection *)argument;
    FakeVenue *venue = connection.venue;
    free(argument);
    venue_serve(venue, connection.fd);
    pthread_mutex_lock(&venue->lock);
    for (unsigned i = 0; i < venue->connection_count; i++)
        if (venue->connections[i] == connection.fd)
            venue->connections[i--] = venue->connections[--venue->connection_count];
    close(connection.fd);
    pthread_mutex_unlock(&venue->lock);
    atomic_fetch_sub(&venue->threads, 1);
    return NULL;
}

static inline void *venue_accept(void *argument) {
    FakeVenue *venue = argument;
    for (int fd; (fd = accept(venue->listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        VenueConnection *connection = malloc(sizeof *connection);
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        *connection = (VenueConnection){venue, fd};
        atomic_fetch_add(&venue->accepted, 1);
        atomic_fetch_add(&venue->threads, 1);
        pthread_mutex_lock(&venue->lock);
        venue->connections[venue->connection_count++ % VENUE_CONNECTIONS] = fd;
        pthread_mutex_unlock(&venue->lock);
        pthread_create(&thread, NULL, venue_serve_connection, connection);
        pthread_detach(thread);
    }
    return NULL;
}

static inline void fake_venue_open(FakeVenue *venue) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000001)};
    socklen_t size = sizeof address;
    memset(venue, 0, sizeof *venue);
    pthread_mutex_init(&venue->lock, NULL);
    venue->listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(venue->listener, (struct sockaddr *)&address, sizeof address);
    listen(venue->listener, 64);
    getsockname(venue->listener, (struct sockaddr *)&address, &size);
    venue->port = ntohs(address.sin_port);
    pthread_create(&venue->thread, NULL, venue_accept, venue);
}

/* Ends every connection, as a host that goes away without a word. */
static inline void fake_venue_drop(FakeVenue *venue) {
    pthread_mutex_lock(&venue->lock);
    for (unsigned i = 0; i < venue->connection_count; i++)
        shutdown(venue->connections[i], SHUT_RDWR);
    pthread_mutex_unlock(&venue->lock);
}

static inline void fake_venue_close(FakeVenue *venue) {
    shutdown(venue->listener, SHUT_RDWR);
    pthread_join(venue->thread, NULL);
    close(venue->listener);
    fake_venue_drop(venue);
    while (atomic_load(&venue->threads))
        usleep(1000);
    pthread_mutex_destroy(&venue->lock);
}

/* One text frame to every subscribed stream. */
static inline void fake_venue_frame(FakeVenue *venue, const char *text) {
    pthread_mutex_lock(&venue->lock);
    for (unsigned i = 0; i < venue->stream_count; i++)
        venue_frame_to(venue->streams[i], text);
    pthread_mutex_unlock(&venue->lock);
}

#endif
