/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program, measured from outside: started as a process of its own, asked over HTTP on the
 * loopback as a browser would, its memory read from /proc, its time from wait4(2). Standard output
 * and error go to a file that the caller names. A Child is a plain value; child_stop ends the
 * process.
 */
#ifndef BENCH_CHILD_H
#define BENCH_CHILD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

typedef struct Child {
    pid_t process;
    double begun_ns;
    unsigned port;
    char cookie[160]; /* empty: not logged in */
} Child;

typedef struct ChildEnd {
    bool sound; /* ended as it should: by itself with status 0, or as asked */
    bool interrupted;
    double wall_s, cpu_s, peak_mb;
} ChildEnd;

/* `words` end with NULL; the first is the path. False (with a line on standard error) if it cannot
 * be started. */
bool child_start(Child *child, const char *const *words, const char *output_path);
ChildEnd child_wait(Child *child);
/* SIGINT, then the end: sound if it closed well and says that it was interrupted. */
ChildEnd child_stop(Child *child);
/* As when power is lost: nothing is closed. */
void child_kill(Child *child);
/* Milliseconds that its first thread stood ready and had no processor, until now: what the
 * machine's other work cost it. 0 where the kernel does not count. */
double child_waited_ms(const Child *child);
/* Resident megabytes now. */
double child_resident_mb(const Child *child);
/* A port that nobody listens on at this moment, 0: none. */
unsigned child_free_port(void);

/* GET: the status, 0 if nobody answered. The body is cut to the capacity and closed with a zero. */
int child_get(const Child *child, const char *path, char *body, size_t capacity);
/* Enters with the code that the program printed to the file; keeps the cookie. */
bool child_login(Child *child, const char *output_path);
/* Opens the page's stream of events and leaves it open; the descriptor, -1 on failure. */
int child_open_stream(const Child *child);
/* Sleeps. */
void child_pause_ms(unsigned milliseconds);

#endif
