/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A failing run made smaller while it still fails in the same way: fewer minutes by bisection,
 * fewer faults by delta debugging (Zeller and Hildebrandt 2002), fewer symbols.
 */
#include <ctype.h>
#include <stdlib.h>

#include "sim/sim.h"

#define RUNS_MAX 400

typedef struct Shrink {
    World *world;
    char sentence[400];
    unsigned runs;
} Shrink;

/* Numbers differ from run to run, and so does the rest behind a colon. */
bool shrink_same(const char *a, const char *b) {
    while (*a && *b) {
        if (isdigit((unsigned char)*a) && isdigit((unsigned char)*b)) {
            while (isdigit((unsigned char)*a))
                a++;
            while (isdigit((unsigned char)*b))
                b++;
            continue;
        }
        if (*a != *b) return isdigit((unsigned char)a[-1]) || a[-1] == '-';
        a++;
        b++;
    }
    return true;
}

static bool fails(Shrink *shrink, const Plan *plan) {
    static Tally tally;
    if (shrink->runs >= RUNS_MAX) return false;
    shrink->runs++;
    return !world_run(shrink->world, plan, &tally) &&
           shrink_same(shrink->world->sentence, shrink->sentence);
}

static void fewer_minutes(Shrink *shrink, Plan *plan) {
    Plan *smaller = malloc(sizeof *smaller);
    unsigned low = 1;
    while (smaller && low < plan->minutes) {
        *smaller = *plan;
        smaller->minutes = low + (plan->minutes - low) / 2;
        if (smaller->minutes < plan->minutes && fails(shrink, smaller))
            plan->minutes = smaller->minutes;
        else
            low = smaller->minutes + 1;
    }
    free(smaller);
}

/* The plan without the faults [from, from + count). */
static void without(const Plan *plan, unsigned from, unsigned count, Plan *target) {
    *target = *plan;
    target->fault_count = plan->fault_count - count;
    memmove(target->faults + from, target->faults + from + count,
            (plan->fault_count - from - count) * sizeof target->faults[0]);
}

static void fewer_faults(Shrink *shrink, Plan *plan) {
    Plan *smaller = malloc(sizeof *smaller);
    for (unsigned piece = plan->fault_count; smaller && piece > 0; piece /= 2) {
        unsigned from = 0;
        while (from < plan->fault_count) {
            unsigned count = plan->fault_count - from < piece ? plan->fault_count - from : piece;
            without(plan, from, count, smaller);
            if (fails(shrink, smaller))
                *plan = *smaller;
            else
                from += count;
        }
    }
    free(smaller);
}

static void fewer_symbols(Shrink *shrink, Plan *plan) {
    while (plan->symbols > 1) {
        plan->symbols--;
        if (fails(shrink, plan)) continue;
        plan->symbols++;
        return;
    }
}

unsigned shrink(World *world, Plan *plan) {
    static Tally tally;
    Shrink shrink = {.world = world};
    if (world_run(world, plan, &tally)) return 0;
    memcpy(shrink.sentence, world->sentence, sizeof shrink.sentence);
    plan->scripted = true;
    plan->fault_count = world->struck_count;
    memcpy(plan->faults, world->struck, world->struck_count * sizeof world->struck[0]);
    fewer_minutes(&shrink, plan);
    fewer_faults(&shrink, plan);
    fewer_symbols(&shrink, plan);
    fewer_minutes(&shrink, plan);
    memcpy(world->sentence, shrink.sentence, sizeof world->sentence);
    return shrink.runs;
}
