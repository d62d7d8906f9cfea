/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host on 127.0.0.1 that answers as a test scripts it: for each path the raw bytes of an answer,
 * written in one piece or cut, at once or late. It keeps the last request of each path and counts
 * them. One connection a request, one at a time. The test owns the AnswerServer.
 */
#ifndef TESTS_ANSWER_SERVER_H
#define TESTS_ANSWER_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SERVER_PATHS = 32, SERVER_REQUEST = 65536 };

typedef struct ScriptedAnswer {
    char path[120];
    const char *bytes; /* head and body */
    size_t length;
    unsigned late_ms;
    unsigned count; /* requests */
    char request[SERVER_REQUEST];
} ScriptedAnswer;

typedef struct AnswerServer {
    char url[64];
    int listener;
    pthread_t thread;
    pthread_mutex_t lock;
    ScriptedAnswer *answers;
    unsigned count;
} AnswerServer;

static inline ScriptedAnswer *answer_server_find(AnswerServer *server, const char *path) {
    for (unsigned i = 0; i < server->count; i++) {
        size_t length = strlen(server->answers[i].path);
        if (strncmp(path, server->answers[i].path, length) == 0 && strchr(" ?", path[length]))
            return &server->answers[i];
    }
    return NULL;
}

/* Head and body of a request; how long it is by its own word. */
static inline bool answer_server_is_whole(const char *request) {
    const char *body = strstr(request, "\r\n\r\n"),
               *length = strcasestr(request, "content-length:");
    if (!body) return false;
    return !length || length > body || strlen(body + 4) >= (size_t)atol(length + 15);
}

static inline void answer_server_serve(AnswerServer *server, int fd) {
    static char request[SERVER_REQUEST];
    size_t length = 0;
    ssize_t got;
    while (length < sizeof request - 1 &&
           (got = recv(fd, request + length, sizeof request - 1 - length, 0)) > 0) {
        length += (size_t)got;
        request[length] = 0;
        if (answer_server_is_whole(request)) break;
    }
    const char *path = length ? strchr(request, ' ') : NULL;
    if (!path) return;
    pthread_mutex_lock(&server->lock);
    ScriptedAnswer *answer = answer_server_find(server, path + 1);
    static const char none[] = "HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n";
    const char *bytes = answer ? answer->bytes : none;
    size_t left = answer ? answer->length : sizeof none - 1;
    unsigned late_ms = answer ? answer->late_ms : 0;
    if (answer) {
        answer->count++;
        memcpy(answer->request, request, length + 1);
    }
    pthread_mutex_unlock(&server->lock);
    if (late_ms) usleep(late_ms * 1000);
    while (left > 0 && (got = send(fd, bytes, left, MSG_NOSIGNAL)) > 0) {
        bytes += got;
        left -= (size_t)got;
    }
}

static inline void *answer_server_run(void *argument) {
    AnswerServer *server = argument;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0;) {
        answer_server_serve(server, fd);
        shutdown(fd, SHUT_WR);
        close(fd);
    }
    return NULL;
}

static inline void answer_server_open(AnswerServer *server) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000001)};
    socklen_t size = sizeof address;
    memset(server, 0, sizeof *server);
    server->answers = calloc(SERVER_PATHS, sizeof server->answers[0]);
    pthread_mutex_init(&server->lock, NULL);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(server->listener, (struct sockaddr *)&address, sizeof address);
    listen(server->listener, 16);
    getsockname(server->listener, (struct sockaddr *)&address, &size);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_create(&server->thread, NULL, answer_server_run, server);
}

/* `bytes` must outlive the server's answers. */
static inline ScriptedAnswer *answer_server_set(AnswerServer *server, const char *path,
                                                const char *bytes, size_t length) {
    char line[160];
    snprintf(line, sizeof line, "%s ", path);
    pthread_mutex_lock(&server->lock);
    ScriptedAnswer *answer = answer_server_find(server, line);
    if (!answer) answer = &server->answers[server->count++];
    snprintf(answer->path, sizeof answer->path, "%s", path);
    answer->bytes = bytes;
    answer->length = length;
    answer->late_ms = 0;
    answer->count = 0;
    pthread_mutex_unlock(&server->lock);
    return answer;
}

static inline void answer_server_close(AnswerServer *server) {
    shutdown(server->listener, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
    pthread_mutex_destroy(&server->lock);
    free(server->answers);
}

#endif
