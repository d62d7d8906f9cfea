/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The demo as a newcomer meets it, measured from outside: the program is started, asked for /ready
 * until it says 200, entered with the code that it printed, and watched until the 30 generated days
 * stand. Then the page is open (its files, its lists and its stream of events), memory is read, and
 * after five seconds everything that was counted must have moved on. At the end it is stopped and
 * started again on the state with 30 days in it: ready must come as fast. The first word is the
 * program, the second a folder for the states; seeds follow. A figure over several seeds is the
 * worst of them; /ready is the median.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/child.h"
#include "bench/figure.h"

enum { SEEDS_MAX = 64, BODY_BYTES = 4 << 20, CANDLES = 2000, MOVE_MS = 5000, DAYS_PATIENCE_S = 60 };
#define READY_PATIENCE_NS 10e9

typedef struct Seen { /* of one seed */
    double ready_ms, killed_ms, again_ms, days_s, resident_mb;
    bool sound;
} Seen;

typedef struct Page { /* what the interface says at one moment */
    char time[32], price[40];
    unsigned candles, signals, trades, equity;
} Page;

static char *body; /* BODY_BYTES */

static double wait_ready(const Child *child) {
    while (figure_now_ns() - child->begun_ns < READY_PATIENCE_NS) {
        if (child_get(child, "/ready", body, BODY_BYTES) == 200)
            return (figure_now_ns() - child->begun_ns) / 1e6;
        child_pause_ms(1);
    }
    return READY_PATIENCE_NS / 1e6;
}

/* The text value behind "key":" in the body; empty if there is none. */
static void text_value(const char *key, char *target, size_t capacity) {
    char wanted[40];
    snprintf(wanted, sizeof wanted, "\"%s\":\"", key);
    const char *at = strstr(body, wanted);
    size_t length = at ? strcspn(at + strlen(wanted), "\"") : 0;
    if (length >= capacity) length = capacity - 1;
    if (at) memcpy(target, at + strlen(wanted), length);
    target[length] = 0;
}

static unsigned count_of(const char *what) {
    unsigned count = 0;
    for (const char *at = body; (at = strstr(at, what)); at++)
        count++;
    return count;
}

/* Elements of the first array of the body behind the text `from`, and its last element. */
static unsigned array_of(const char *from, char *last, size_t capacity) {
    const char *at = strstr(body, from);
    const char *end = at ? strchr(at, ']') : NULL;
    unsigned count = 1;
    if (!end || end == at + strlen(from)) return 0;
    for (at += strlen(from); at < end; at += strcspn(at, ",]") + 1) {
        snprintf(last, capacity, "%.*s", (int)strcspn(at, ",]"), at);
        count++;
    }
    return count - 1;
}

static bool look(const Child *child, Page *page) {
    memset(page, 0, sizeof *page);
    bool sound = child_get(child, "/api/v1/state", body, BODY_BYTES) == 200;
    text_value("time", page->time, sizeof page->time);
    sound = sound && child_get(child, "/api/v1/candles?symbol=BTCUSDC&interval=1m&limit=2000", body,
                               BODY_BYTES) == 200;
    page->candles = array_of("\"time\":[", page->price, sizeof page->price);
    sound = sound && child_get(child, "/api/v1/signals", body, BODY_BYTES) == 200;
    page->signals = count_of("\"decision\":");
    sound = sound && child_get(child, "/api/v1/trades", body, BODY_BYTES) == 200;
    page->trades = count_of("\"exit_time\":");
    sound = sound && child_get(child, "/api/v1/equity", body, BODY_BYTES) == 200;
    page->equity = count_of("\"drawdown\":");
    return sound;
}

/* Until the market's time has passed the days that are lived through first; seconds since the
 * start. */
static double wait_days(const Child *child) {
    char now[32] = "", until[32] = "~";
    double spent = 0;
    while (spent < DAYS_PATIENCE_S && strcmp(now, until) < 0) {
        child_pause_ms(10);
        if (child_get(child, "/api/v1/state", body, BODY_BYTES) == 200) {
            text_value("time", now, sizeof now);
            text_value("history_until", until, sizeof until);
        }
        spent = (figure_now_ns() - child->begun_ns) / 1e9;
    }
    return spent;
}

static bool complain(unsigned seed, const char *what) {
    fprintf(stderr, "bench demo: seed %u: %s\n", seed, what);
    return false;
}

static bool full(unsigned seed, const Page *page) {
    if (page->candles < CANDLES) return complain(seed, "fewer than 2,000 candles of one minute");
    if (page->signals < 1) return complain(seed, "no signal");
    if (page->trades < 1) return complain(seed, "no closed trade");
    return page->equity > 1 || complain(seed, "no equity curve");
}

/* The page as a browser holds it: its files once, every list, the stream open; then memory and
 * movement. */
static bool open_page(const Child *child, unsigned seed, Seen *seen) {
    static const char *const others[] = {"/",
                                         "/app.js",
                                         "/app.css",
                                         "/api/v1/portfolio",
                                         "/api/v1/orders",
                                         "/api/v1/refusals",
                                         "/api/v1/logs",
                                         "/api/v1/services",
                                         "/api/v1/fills"};
    Page before, after;
    int stream = child_open_stream(child);
    if (stream < 0) return complain(seed, "the stream of events does not open");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (child_get(child, others[i], body, BODY_BYTES) != 200) return complain(seed, others[i]);
    bool sound = look(child, &before) && full(seed, &before);
    child_pause_ms(MOVE_MS);
    sound = sound && look(child, &after) && full(seed, &after);
    seen->resident_mb = child_resident_mb(child);
    close(stream);
    if (!sound) return false;
    bool moved = strcmp(before.time, after.time) < 0 && strcmp(before.price, after.price) != 0;
    return moved || complain(seed, "nothing moved within five seconds");
}

static bool ready_again(Child *child, const char *const *words, const char *output, double *ms) {
    if (!child_start(child, words, output)) return false;
    *ms = wait_ready(child);
    return child_stop(child).sound;
}

static bool run_demo(const char *program, const char *folder, unsigned seed, Seen *seen) {
    char number[16], port[16], state[512], output[520];
    snprintf(number, sizeof number, "%u", seed);
    snprintf(state, sizeof state, "%s/demo-%u", folder, seed);
    snprintf(output, sizeof output, "%s.out", state);
    Child child = {.port = child_free_port()};
    snprintf(port, sizeof port, "%u", child.port);
    const char *const words[] = {program, "demo",   "--seed", number, "--state",
                                 state,   "--port", port,     NULL};
    if (!child_start(&child, words, output)) return false;
    seen->ready_ms = wait_ready(&child);
    bool sound = child_login(&child, output) || complain(seed, "the printed code does not open");
    if (sound) seen->days_s = wait_days(&child);
    sound = sound && open_page(&child, seed, seen);
    child_kill(&child);
    sound = sound && ready_again(&child, words, output, &seen->killed_ms);
    sound = sound && ready_again(&child, words, output, &seen->again_ms);
    return sound || complain(seed, "it did not start and stop well again");
}

static double worst(const double *values, unsigned count) {
    double most = 0;
    for (unsigned i = 0; i < count; i++)
        if (values[i] > most) most = values[i];
    return most;
}

/* Only of seeds that went well to the end: half a measurement is none. */
static void report(const Seen *seen, unsigned count) {
    double ready[SEEDS_MAX], again[SEEDS_MAX], killed[SEEDS_MAX], days[SEEDS_MAX],
        resident[SEEDS_MAX];
    unsigned sound = 0;
    for (unsigned i = 0; i < count; i++) {
        if (!seen[i].sound) continue;
        ready[sound] = seen[i].ready_ms;
        again[sound] = seen[i].again_ms;
        killed[sound] = seen[i].killed_ms;
        days[sound] = seen[i].days_s;
        resident[sound++] = seen[i].resident_mb;
    }
    const Figure figures[] = {
        {"start to ready, new state", "ms", figure_median(ready, sound), 300, 100, 0},
        {"start to ready, 30 days in the state", "ms", figure_median(again, sound), 300, 100, 0},
        {"start to ready, 30 days and a kill", "ms", figure_median(killed, sound), 300, 100, 0},
        {"demo until 30 days stand, worst seed", "s", worst(days, sound), 10, 0, 0},
        {"memory, five symbols, page open, worst seed", "MB", worst(resident, sound), 60, 32, 0},
    };
    for (size_t i = 0; sound > 0 && i < sizeof figures / sizeof figures[0]; i++)
        figure_put(&figures[i]);
    figure_put(&(Figure){"demo seeds with candles, signals, trades, equity, movement", "seeds",
                         sound, count, 0, 1});
}

int main(int count, char **words) {
    Seen seen[SEEDS_MAX] = {0};
    if (count < 4 || count - 3 > SEEDS_MAX) {
        fprintf(stderr, "bench demo: PROGRAM FOLDER SEED...\n");
        return 2;
    }
    body = malloc(BODY_BYTES);
    if (!body) return 1;
    bool sound = true;
    for (int i = 3; i < count; i++) {
        Seen *one = &seen[i - 3];
        one->sound = run_demo(words[1], words[2], (unsigned)strtoul(words[i], NULL, 10), one);
        sound = sound && one->sound;
    }
    report(seen, (unsigned)count - 3);
    free(body);
    return sound ? 0 : 1;
}
