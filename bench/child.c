/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/child.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/figure.h"

#define ANSWER_SECONDS 10 /* the program answers in milliseconds; more is a failure of its own */
#define KILOBYTE       1024.0
#define INTERRUPTED    130 /* the program's exit code when a signal stopped it and it closed well */

void child_pause_ms(unsigned milliseconds) {
    struct timespec pause = {.tv_sec = milliseconds / 1000,
                             .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

bool child_start(Child *child, const char *const *words, const char *output_path) {
    int output = open(output_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output < 0) {
        fprintf(stderr, "bench: cannot write %s: %s\n", output_path, strerror(errno));
        return false;
    }
    child->cookie[0] = 0;
    child->begun_ns = figure_now_ns();
    child->process = fork();
    if (child->process == 0) {
        dup2(output, STDOUT_FILENO);
        dup2(output, STDERR_FILENO);
        execv(words[0], (char *const *)(uintptr_t)words);
        _exit(127);
    }
    close(output);
    if (child->process < 0) fprintf(stderr, "bench: cannot start %s\n", words[0]);
    return child->process > 0;
}

static double seconds(const struct timeval *time) {
    return (double)time->tv_sec + 1e-6 * (double)time->tv_usec;
}

ChildEnd child_wait(Child *child) {
    struct rusage used;
    int status;
    ChildEnd end = {.sound = false, .interrupted = false};
    if (wait4(child->process, &status, 0, &used) != child->process) return end;
    end.sound = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    end.interrupted = WIFEXITED(status) && WEXITSTATUS(status) == INTERRUPTED;
    end.wall_s = (figure_now_ns() - child->begun_ns) / 1e9;
    end.cpu_s = seconds(&used.ru_utime) + seconds(&used.ru_stime);
    end.peak_mb = (double)used.ru_maxrss / KILOBYTE;
    return end;
}

ChildEnd child_stop(Child *child) {
    kill(child->process, SIGINT);
    ChildEnd end = child_wait(child);
    end.sound = end.interrupted;
    return end;
}

void child_kill(Child *child) {
    kill(child->process, SIGKILL);
    child_wait(child);
}

double child_waited_ms(const Child *child) {
    char path[64];
    unsigned long long ran = 0, waited = 0;
    snprintf(path, sizeof path, "/proc/%d/schedstat", (int)child->process);
    FILE *file = fopen(path, "re");
    bool read = file && fscanf(file, "%llu %llu", &ran, &waited) == 2;
    if (file) fclose(file);
    return read ? (double)waited / 1e6 : 0;
}

double child_resident_mb(const Child *child) {
    char path[64], line[160];
    double kilobytes = 0;
    snprintf(path, sizeof path, "/proc/%d/status", (int)child->process);
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file))
        if (strncmp(line, "VmRSS:", 6) == 0) kilobytes = strtod(line + 6, NULL);
    if (file) fclose(file);
    return kilobytes / KILOBYTE;
}

static struct sockaddr_in loopback(unsigned port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

unsigned child_free_port(void) {
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool found = probe >= 0 && bind(probe, (const struct sockaddr *)&address, size) == 0 &&
                 getsockname(probe, (struct sockaddr *)&address, &size) == 0;
    if (probe >= 0) close(probe);
    return found ? ntohs(address.sin_port) : 0;
}

/* Sends the request; the connection, or -1. */
static int ask(const Child *child, const char *request) {
    struct sockaddr_in address = loopback(child->port);
    struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    int link = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link < 0) return -1;
    setsockopt(link, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    size_t length = strlen(request);
    if (connect(link, (const struct sockaddr *)&address, sizeof address) == 0 &&
        write(link, request, length) == (ssize_t)length)
        return link;
    close(link);
    return -1;
}

/* Reads the whole answer (the request asked to close behind it), cut to the capacity; its length.
 */
static size_t hear(int link, char *answer, size_t capacity) {
    size_t used = 0;
    char rest[4096];
    for (;;) {
        bool full = used + 1 >= capacity;
        ssize_t got =
            read(link, full ? rest : answer + used, full ? sizeof rest : capacity - 1 - used);
        if (got <= 0) break;
        if (!full) used += (size_t)got;
    }
    answer[used] = 0;
    close(link);
    return used;
}

static int status_of(const char *answer) {
    return strncmp(answer, "HTTP/1.1 ", 9) == 0 ? atoi(answer + 9) : 0;
}

int child_get(const Child *child, const char *path, char *body, size_t capacity) {
    char request[640];
    snprintf(request, sizeof request,
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\nConnection: close\r\n\r\n",
             path, child->port, child->cookie);
    int link = ask(child, request);
    body[0] = 0;
    if (link < 0) return 0;
    hear(link, body, capacity);
    int status = status_of(body);
    const char *content = strstr(body, "\r\n\r\n");
    if (content) memmove(body, content + 4, strlen(content + 4) + 1);
    return status;
}

/* The code stands behind "code=" in what the program printed. */
static bool read_code(const char *output_path, char code[static 33]) {
    char text[8192];
    FILE *file = fopen(output_path, "re");
    if (!file) return false;
    size_t length = fread(text, 1, sizeof text - 1, file);
    text[length] = 0;
    fclose(file);
    const char *at = strstr(text, "code=");
    if (!at || strlen(at) < 5 + 32) return false;
    memcpy(code, at + 5, 32);
    code[32] = 0;
    return true;
}

bool child_login(Child *child, const char *output_path) {
    char code[33], request[512], answer[4096];
    if (!read_code(output_path, code)) return false;
    snprintf(
        request, sizeof request,
        "POST /api/v1/login HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nContent-Type: application/json\r\n"
        "Content-Length: 43\r\nX-Trader: 1\r\nConnection: close\r\n\r\n{\"code\":\"%s\"}",
        child->port, code);
    int link = ask(child, request);
    if (link < 0) return false;
    hear(link, answer, sizeof answer);
    const char *at = strstr(answer, "set-cookie: ");
    if (status_of(answer) != 204 || !at) return false;
    size_t length = strcspn(at + 12, ";\r");
    if (length >= sizeof child->cookie) return false;
    memcpy(child->cookie, at + 12, length);
    child->cookie[length] = 0;
    return true;
}

int child_open_stream(const Child *child) {
    char request[512], first[256];
    snprintf(request, sizeof request,
             "GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nCookie: %s\r\n\r\n", child->port,
             child->cookie);
    int link = ask(child, request);
    if (link < 0) return -1;
    ssize_t got = read(link, first, sizeof first - 1);
    first[got > 0 ? got : 0] = 0;
    if (status_of(first) == 200) return link;
    close(link);
    return -1;
}
