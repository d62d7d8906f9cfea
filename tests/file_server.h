/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host of files on 127.0.0.1 for tests: GET /PATH gives the file below its directory (PATH/index
 * for a path that ends with a slash), or 404. One
 * connection at a time, kept alive. The test owns the FileServer.
 */
#ifndef TESTS_FILE_SERVER_H
#define TESTS_FILE_SERVER_H

#include <arpa/inet.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct FileServer {
    char directory[128], url[64];
    int listener;
    pthread_t thread;
    atomic_int requests, connection;
} FileServer;

static inline void file_server_answer(FileServer *server, int fd, const char *request) {
    static char bytes[1 << 22];
    char path[512], head[128];
    size_t length = strcspn(request + 4, " ?");
    bool folder = length > 0 && request[4 + length - 1] == '/';
    snprintf(path, sizeof path, "%s%.*s%s", server->directory, (int)length, request + 4,
             folder ? "index" : "");
    FILE *file = fopen(path, "rb");
    size_t size = file ? fread(bytes, 1, sizeof bytes, file) : 0;
    if (file) fclose(file);
    atomic_fetch_add(&server->requests, 1);
    int printed = snprintf(head, sizeof head, "HTTP/1.1 %d X\r\nContent-Length: %zu\r\n\r\n",
                           file ? 200 : 404, size);
    send(fd, head, (size_t)printed, MSG_NOSIGNAL);
    for (size_t sent = 0; sent < size;) {
        ssize_t count = send(fd, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (count <= 0) return;
        sent += (size_t)count;
    }
}

static inline void *file_server_run(void *argument) {
    FileServer *server = argument;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0;) {
        char request[8192];
        size_t length = 0;
        ssize_t count;
        atomic_store(&server->connection, fd);
        while ((count = recv(fd, request + length, sizeof request - 1 - length, 0)) > 0) {
            length += (size_t)count;
            request[length] = 0;
            if (!strstr(request, "\r\n\r\n")) continue;
            file_server_answer(server, fd, request);
            length = 0;
        }
        atomic_store(&server->connection, -1);
        close(fd);
    }
    return NULL;
}

static inline void file_server_open(FileServer *server, const char *directory) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000001)};
    socklen_t size = sizeof address;
    memset(server, 0, sizeof *server);
    atomic_store(&server->connection, -1);
    snprintf(server->directory, sizeof server->directory, "%s", directory);
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    bind(server->listener, (struct sockaddr *)&address, sizeof address);
    listen(server->listener, 4);
    getsockname(server->listener, (struct sockaddr *)&address, &size);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    pthread_create(&server->thread, NULL, file_server_run, server);
}

static inline void file_server_close(FileServer *server) {
    shutdown(server->listener, SHUT_RDWR);
    int fd = atomic_load(&server->connection);
    if (fd >= 0) shutdown(fd, SHUT_RDWR);
    pthread_join(server->thread, NULL);
    close(server->listener);
}

#endif
