/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A proxy that cuts one request or its answer after so many bytes, and passes everything else.
 *
 *   cut_proxy TARGET_PORT START request|answer BYTES
 *
 * START is how the request begins ("POST /api/v3/order "). Prints its port; when the request has
 * come, prints how it was cut: "cut", or, where the place of the cut lies behind the end, "whole
 * REQUEST_BYTES ANSWER_BYTES" at each piece of the answer: the last line holds. Ends by a signal.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static unsigned target_port;
static const char *start;
static bool cuts_answer;
static long place;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static bool used; /* the request has come */

static bool put(int fd, const char *bytes, size_t count) {
    for (size_t done = 0; done < count;) {
        ssize_t sent = send(fd, bytes + done, count - done, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        done += (size_t)sent;
    }
    return true;
}

static int connect_target(void) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((unsigned short)target_port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
    close(fd);
    return -1;
}

typedef struct Passing {
    bool chosen; /* the request passes here */
    long request, answer;
} Passing;

static bool choose(const char *bytes, size_t count) {
    bool fits = count >= strlen(start) && memcmp(bytes, start, strlen(start)) == 0;
    pthread_mutex_lock(&lock);
    bool first = fits && !used;
    used |= fits;
    pthread_mutex_unlock(&lock);
    return first;
}

/* So much of what came may pass; less than all: it is cut there. */
static size_t allowed(const Passing *passing, bool is_answer, size_t count) {
    long passed = is_answer ? passing->answer : passing->request;
    if (!passing->chosen || is_answer != cuts_answer || passed + (long)count <= place) return count;
    return (size_t)(place - passed);
}

static void tell(const Passing *passing, bool cut) {
    if (cut)
        puts("cut");
    else
        printf("whole %ld %ld\n", passing->request, passing->answer);
    fflush(stdout);
}

/* False: the connection is over. */
static bool pass(Passing *passing, int from, int to, bool is_answer) {
    char bytes[65536];
    ssize_t count = recv(from, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    if (!is_answer && passing->answer > 0) *passing = (Passing){0}; /* the next request */
    if (!is_answer && !passing->chosen) passing->chosen = choose(bytes, (size_t)count);
    size_t may = allowed(passing, is_answer, (size_t)count);
    if (!put(to, bytes, may)) return false;
    if (passing->chosen) *(is_answer ? &passing->answer : &passing->request) += (long)may;
    bool cut = may < (size_t)count;
    if (passing->chosen && (cut || is_answer)) tell(passing, cut);
    return !cut;
}

static void *serve(void *argument) {
    int client = *(int *)argument, target = connect_target();
    Passing passing = {0};
    free(argument);
    struct pollfd at[2] = {{.fd = client, .events = POLLIN}, {.fd = target, .events = POLLIN}};
    bool open = target >= 0;
    while (open && poll(at, 2, -1) > 0) {
        if (at[0].revents) open = pass(&passing, client, target, false);
        if (open && at[1].revents) open = pass(&passing, target, client, true);
    }
    close(client);
    if (target >= 0) close(target);
    return NULL;
}

int main(int count, char **words) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (count != 5) return 64;
    target_port = (unsigned)atoi(words[1]);
    start = words[2];
    cuts_answer = strcmp(words[3], "answer") == 0;
    place = atol(words[4]);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) return 1;
    listen(listener, 64);
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("%u\n", (unsigned)ntohs(address.sin_port));
    fflush(stdout);
    for (int fd; (fd = accept(listener, NULL, NULL)) >= 0;) {
        pthread_t thread;
        int *own = malloc(sizeof *own);
        if (!own) return 1;
        *own = fd;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
        if (pthread_create(&thread, NULL, serve, own) != 0) return 1;
        pthread_detach(thread);
    }
    return 0;
}
