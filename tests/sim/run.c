/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim: runs seeds on as many workers as asked for, and says in one line at the end what came of
 * it. Results do not depend on which worker ran which seed.
 *
 *   sim --seeds N [--first S] [--minutes M] [--workers W]   fresh seeds; coverage
 *   sim --seed S [--minutes M] [--shrink FILE]              one seed; made smaller, as a file
 *   sim --seed S --bug N ...                                the same with a planted mistake
 *   sim --play FILE...                                      what earlier failures were made to
 *   sim --incidents                                         what has happened to others
 *   sim --bugs N [--first S]                                each planted bug, until found
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/base/planted.h"
#include "core/bus/codec.h"
#include "sim/sim.h"

#define FAILURES_MAX  24 /* then there is enough to look at */
#define WORKERS_MAX   16
#define MINUTES_GIVEN 720 /* half a day: 10,000 seeds are 5,000 days */
#define BUGS_MAX      100

#ifdef PLANTED_BUGS
unsigned planted_bug;
#endif

typedef struct Failure {
    uint64_t seed, hash, step;
    unsigned found_by; /* bug */
    char sentence[400];
} Failure;

typedef struct Shared {
    uint64_t next; /* seed or bug; taken by all workers */
    unsigned failure_count;
    Failure failures[FAILURES_MAX];
    uint64_t running[WORKERS_MAX];
    Tally tallies[WORKERS_MAX];
    unsigned detected[BUGS_MAX]; /* seeds until found, 0: not */
    char words[BUGS_MAX][120];
} Shared;

typedef struct Options {
    uint64_t first, seeds, bugs;
    unsigned minutes, workers;
    const char *shrink;
    unsigned bug; /* that is switched on, in a build that has them */
    bool one, quiet, trace;
} Options;

typedef struct Bug {
    unsigned number;
    const char *name, *sentence;
} Bug;
static const Bug bugs[] = {
#if __has_include("sim/bugs.def")
#define BUG(number, name, sentence) {number, name, sentence},
#include "sim/bugs.def"
#undef BUG
#endif
    {0, NULL, NULL}};

static unsigned bug_count(void) {
    unsigned count = 0;
    while (bugs[count].name)
        count++;
    return count;
}

/* ---- workers --------------------------------------------------------------------------------- */

static void note_failure(Shared *shared, const World *world) {
    unsigned place = __atomic_fetch_add(&shared->failure_count, 1, __ATOMIC_RELAXED);
    if (place >= FAILURES_MAX) return;
    Failure *failure = &shared->failures[place];
    failure->seed = world->plan->seed;
    failure->hash = world->hash;
    failure->step = world->steps;
    memcpy(failure->sentence, world->sentence, sizeof failure->sentence);
}

static void work(Shared *shared, const Options *options, unsigned worker) {
    World *world = world_open();
    Plan *plan = malloc(sizeof *plan);
    while (plan && __atomic_load_n(&shared->failure_count, __ATOMIC_RELAXED) < FAILURES_MAX) {
        uint64_t seed = __atomic_fetch_add(&shared->next, 1, __ATOMIC_RELAXED);
        if (seed >= options->first + options->seeds) break;
        shared->running[worker] = seed;
        plan_draw(plan, seed, options->minutes);
        if (!world_run(world, plan, &shared->tallies[worker])) note_failure(shared, world);
    }
    shared->running[worker] = 0;
    free(plan);
}

/* Seeds until the bug is found; what found it. */
static void hunt(Shared *shared, const Options *options, unsigned worker) {
    World *world = world_open();
    Plan *plan = malloc(sizeof *plan);
    for (;;) {
        uint64_t index = __atomic_fetch_add(&shared->next, 1, __ATOMIC_RELAXED);
        if (!plan || index >= bug_count()) break;
#ifdef PLANTED_BUGS
        planted_bug = bugs[index].number;
#endif
        for (uint64_t tries = 1; tries <= options->bugs; tries++) {
            uint64_t seed = options->first + tries - 1;
            shared->running[worker] = seed;
            plan_draw(plan, seed, options->minutes);
            if (world_run(world, plan, &shared->tallies[worker])) continue;
            shared->detected[index] = (unsigned)tries;
            snprintf(shared->words[index], sizeof shared->words[index], "%.110s", world->sentence);
            break;
        }
    }
    shared->running[worker] = 0;
    free(plan);
}

static bool run_workers(Shared *shared, const Options *options,
                        void (*task)(Shared *, const Options *, unsigned)) {
    pid_t children[WORKERS_MAX];
    bool sound = true;
    fflush(NULL);
    for (unsigned i = 0; i < options->workers; i++) {
        children[i] = fork();
        if (children[i] != 0) continue;
        task(shared, options, i);
        _exit(0);
    }
    for (unsigned i = 0; i < options->workers; i++) {
        int status = 0;
        waitpid(children[i], &status, 0);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0) continue;
        printf("sim: a worker died at seed %llu\n", (unsigned long long)shared->running[i]);
        sound = false;
    }
    return sound;
}

static Shared *shared_open(uint64_t first) {
    Shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED) exit(1);
    shared->next = first;
    return shared;
}

static void add_up(Tally *sum, const Tally *tally) {
    uint64_t *target = (uint64_t *)sum;
    const uint64_t *source = (const uint64_t *)tally;
    for (size_t i = 0; i < sizeof *sum / sizeof *target; i++)
        target[i] += source[i];
}

static double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- what is printed ------------------------------------------------------------------------- */

static int by_seed(const void *a, const void *b) {
    uint64_t left = ((const Failure *)a)->seed, right = ((const Failure *)b)->seed;
    return (left > right) - (left < right);
}

static void print_failures(Shared *shared) {
    unsigned count = shared->failure_count < FAILURES_MAX ? shared->failure_count : FAILURES_MAX;
    qsort(shared->failures, count, sizeof shared->failures[0], by_seed);
    for (unsigned i = 0; i < count; i++)
        printf("violation: sim --seed %llu  (hash %016llx, step %llu)\n  %s\n",
               (unsigned long long)shared->failures[i].seed,
               (unsigned long long)shared->failures[i].hash,
               (unsigned long long)shared->failures[i].step, shared->failures[i].sentence);
}

static bool may_be(unsigned class, unsigned state, unsigned site) {
    static const char sites[] = "bfgnre";
    const char *own = fault_shapes[class].sites;
    if (own[0] == 's') return site == 6 && state == 0;
    if (site == 6) return false;
    /* With `*` the place on the way is told by the order at stake, which is booked, or by none. */
    if (own[0] == '*') return site == 5;
    if (sites[site] != own[0]) return false;
    /* Before the record and before the flush the order at stake is one that the program knows. */
    return state > 0 || own[0] == 'n' || own[0] == 'r';
}

static void print_coverage(const Tally *sum) {
    static const char *const states[] = {"none", "intent", "acked", "partial", "unknown", "ended"};
    static const char *const sites[] = {"J1", "J2", "J2f", "N1", "N2", "J3", "boot"};
    unsigned cells = 0, empty = 0;
    printf("fault              struck   none   intent    acked  partial  unknown    ended\n");
    for (unsigned i = 0; i < FAULT_COUNT; i++) {
        printf("%-16s %8llu", fault_shapes[i].name, (unsigned long long)sum->struck[i]);
        for (unsigned state = 0; state < SIM_STATES; state++) {
            uint64_t hits = 0;
            for (unsigned site = 0; site < SIM_SITES; site++)
                hits += sum->cells[i][state][site];
            printf(" %8llu", (unsigned long long)hits);
        }
        printf("\n");
    }
    for (unsigned i = 0; i < FAULT_COUNT * SIM_STATES * SIM_SITES; i++) {
        unsigned class = i / SIM_STATES / SIM_SITES, state = i / SIM_SITES % SIM_STATES;
        if (!may_be(class, state, i % SIM_SITES)) continue;
        cells++;
        if (sum->cells[class][state][i % SIM_SITES]) continue;
        if (empty++ == 0) printf("empty cells:");
        printf(" %s/%s/%s", fault_shapes[class].name, states[state], sites[i % SIM_SITES]);
    }
    printf("%scells hit: %u of %u\n", empty ? "\n" : "", cells - empty, cells);
}

static int run_seeds(const Options *options) {
    Shared *shared = shared_open(options->first);
    Tally sum = {.seeds = 0};
    double begun = seconds();
    bool sound = run_workers(shared, options, work);
    double took = seconds() - begun;
    for (unsigned i = 0; i < options->workers; i++)
        add_up(&sum, &shared->tallies[i]);
    print_failures(shared);
    if (!options->quiet) print_coverage(&sum);
    double days = (double)sum.minutes / 1440;
    printf("sim: %llu seeds, %.0f days, %llu faults, %llu crashes, %llu orders, %llu unknown, "
           "%llu fills, %u violations, hash %016llx, %.0f days a minute, %.0f s\n",
           (unsigned long long)sum.seeds, days, (unsigned long long)sum.faults,
           (unsigned long long)sum.crashes, (unsigned long long)sum.orders,
           (unsigned long long)sum.unknowns, (unsigned long long)sum.fills, shared->failure_count,
           (unsigned long long)sum.hash, days * 60 / took, took);
    return sound && shared->failure_count == 0 ? 0 : 1;
}

/* Everything but the market and the portfolio, as JSON, a line a message. */
static void print_message(const World *world, const Message *message) {
    static char memory[1 << 20];
    static const Topic dull[] = {TOPIC_PRICES,        TOPIC_BARS,           TOPIC_TURN_ENDS,
                                 TOPIC_HOLDINGS,      TOPIC_EQUITY,         TOPIC_PORTFOLIO_RISK,
                                 TOPIC_ACCOUNT_FACTS, TOPIC_POSITION_FACTS, TOPIC_MARKET_UPDATES,
                                 TOPIC_TIMER_REQUESTS};
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    for (unsigned i = 0; i < sizeof dull / sizeof dull[0]; i++)
        if (message->topic == dull[i]) return;
    codec_write_json(topic_message((Topic)message->topic), message->payload, &writer);
    printf("%lld.%06lld %s%llu %s %s\n", (long long)(world->now_us - world->begin_us) / 1000000,
           (long long)(world->now_us - world->begin_us) % 1000000, world->replaying ? "again " : "",
           (unsigned long long)message->sequence, topic_shapes[message->topic].name,
           text_end(&text));
}

/* ---- one seed, files, bugs ------------------------------------------------------------------- */

static int run_one(const Options *options) {
    static Plan plan;
    static Tally tally;
    World *world = world_open();
    plan_draw(&plan, options->first, options->minutes);
#ifdef PLANTED_BUGS
    planted_bug = options->bug;
#endif
    if (options->trace) plan.trace = print_message;
    bool sound = world_run(world, &plan, &tally);
    plan.trace = NULL;
    if (!sound)
        printf("violation: sim --seed %llu  (hash %016llx, step %llu, minute %lld)\n  %s\n",
               (unsigned long long)plan.seed, (unsigned long long)world->hash,
               (unsigned long long)world->steps,
               (long long)((world->now_us - world->begin_us) / INSTANT_MINUTE_US), world->sentence);
    printf("sim: seed %llu, %llu faults, %llu orders, %llu fills, hash %016llx, %s\n",
           (unsigned long long)plan.seed, (unsigned long long)tally.faults,
           (unsigned long long)tally.orders, (unsigned long long)tally.fills,
           (unsigned long long)world->hash, sound ? "sound" : "violated");
    if (sound || !options->shrink) return !sound;
    unsigned runs = shrink(world, &plan);
    bool written = plan_write(&plan, options->shrink, world->sentence);
    printf("sim: made smaller in %u runs: %u minutes, %u faults, %u symbols%s%s\n", runs,
           plan.minutes, plan.fault_count, plan.symbols, written ? ", in " : ", not written to ",
           options->shrink);
    return 1;
}

static int play_files(char **files, int count) {
    static Plan plan;
    static Tally tally;
    World *world = world_open();
    int failed = 0;
    for (int i = 0; i < count; i++) {
        if (!plan_read(&plan, files[i])) {
            printf("sim: %s cannot be read\n", files[i]);
            failed++;
        } else if (!world_run(world, &plan, &tally)) {
            printf("violation: %s\n  %s\n", files[i], world->sentence);
            failed++;
        }
    }
    printf("sim: %d files played, %d violations\n", count, failed);
    return failed ? 1 : 0;
}

static int by_number(const void *a, const void *b) {
    unsigned left = *(const unsigned *)a, right = *(const unsigned *)b;
    return (left > right) - (left < right);
}

static int find_bugs(const Options *options) {
    Shared *shared = shared_open(0);
    unsigned count = bug_count(), found = 0, sorted[BUGS_MAX];
    bool sound = run_workers(shared, options, hunt);
    for (unsigned i = 0; i < count; i++) {
        printf("%3u %-31s %5u  %s\n", bugs[i].number, bugs[i].name, shared->detected[i],
               shared->detected[i] ? shared->words[i] : "NOT FOUND");
        if (shared->detected[i]) sorted[found++] = shared->detected[i];
    }
    qsort(sorted, found, sizeof sorted[0], by_number);
    printf("sim-bugs: %u of %u planted bugs found, median %u seeds, most %u\n", found, count,
           found ? sorted[found / 2] : 0, found ? sorted[found - 1] : 0);
    return sound && found == count && count > 0 ? 0 : 1;
}

static uint64_t number_of(const char *text) {
    int64_t value = 0;
    if (text && slice_int(slice_of(text), &value) && value >= 0) return (uint64_t)value;
    fprintf(stderr, "sim: '%s' is no number\n", text ? text : "");
    exit(2);
}

static bool take_option(Options *options, const char *name, const char *value) {
    if (strcmp(name, "--seeds") == 0)
        options->seeds = number_of(value);
    else if (strcmp(name, "--first") == 0)
        options->first = number_of(value);
    else if (strcmp(name, "--minutes") == 0)
        options->minutes = (unsigned)number_of(value);
    else if (strcmp(name, "--workers") == 0)
        options->workers = (unsigned)number_of(value);
    else if (strcmp(name, "--bugs") == 0)
        options->bugs = number_of(value);
    else if (strcmp(name, "--shrink") == 0)
        options->shrink = value;
    else if (strcmp(name, "--quiet") == 0)
        options->quiet = number_of(value) != 0;
    else if (strcmp(name, "--seed") == 0) {
        options->first = number_of(value);
        options->one = true;
    } else if (strcmp(name, "--bug") == 0) {
        options->bug = (unsigned)number_of(value);
    } else if (strcmp(name, "--trace") == 0) {
        options->trace = number_of(value) != 0;
    } else {
        return false;
    }
    return true;
}

int main(int count, char **words) {
    Options options = {.first = 1, .minutes = MINUTES_GIVEN, .workers = 2};
    for (int i = 1; i < count; i += 2) {
        if (strcmp(words[i], "--incidents") == 0) return incidents_play() ? 1 : 0;
        if (strcmp(words[i], "--play") == 0) return play_files(words + i + 1, count - i - 1);
        if (i + 1 < count && take_option(&options, words[i], words[i + 1])) continue;
        fprintf(stderr, "sim: '%s' is no option with a value\n", words[i]);
        return 2;
    }
    if (options.workers == 0 || options.workers > WORKERS_MAX) options.workers = 2;
    if (options.bugs) return find_bugs(&options);
    return options.one ? run_one(&options) : run_seeds(&options);
}
