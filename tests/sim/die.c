/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a fault strikes. Opportunity n of a class has random numbers of its own, found by class
 * and n alone: switching a class off, or taking a fault out of a list, moves no other's.
 */
#include "core/market/order.h"
#include "sim/sim.h"

#define MILLION       1000000u
#define STORM_FACTOR  10
#define WORDS_A_FAULT 64 /* random numbers of one opportunity: whether, and its details */

const FaultShape fault_shapes[FAULT_COUNT] = {
#define FAULT(NAME, ppm, sites, sentence) [FAULT_##NAME] = {#NAME, sites, sentence, ppm},
#include "sim/faults.def"
#undef FAULT
};

void die_focus(World *world, int order, char site) {
    world->focus_order = order;
    world->focus_site = site;
}

void die_focus_newest(World *world) {
    die_focus(world, (int)world->books.order_count - 1, 0);
}

unsigned die_state(const World *world) {
    int number = world->focus_order;
    if (number < 0 || number >= SIM_ORDERS_MAX || !world->books.orders[number].known) return 0;
    OrderState state = world->books.orders[number].state;
    if (state == ORDER_UNKNOWN) return 4;
    return order_is_terminal(state) ? 5 : 1 + (unsigned)state;
}

static unsigned site_index(const World *world, FaultClass class) {
    static const char sites[] = "bfgnres";
    const char *own = fault_shapes[class].sites;
    char site = own[0] == '*' ? world->focus_site : own[0];
    const char *found = strchr(sites, site);
    return found && site ? (unsigned)(found - sites) : 5;
}

static bool is_listed(const Plan *plan, FaultClass class, uint32_t ordinal) {
    for (unsigned i = 0; i < plan->fault_count; i++)
        if (plan->faults[i].class == class && plan->faults[i].ordinal == ordinal) return true;
    return false;
}

static uint32_t rate_of(const World *world, FaultClass class) {
    uint32_t rate = world->plan->rates[class];
    return world->now_us < world->storm_until_us ? rate * STORM_FACTOR : rate;
}

static bool strikes(const World *world, FaultClass class, uint32_t ordinal, Random *detail) {
    const Plan *plan = world->plan;
    if (plan->rule) return plan->rule(world, class, ordinal);
    if (plan->scripted) return is_listed(plan, class, ordinal);
    return plan->rates[class] && random_below(detail, MILLION) < rate_of(world, class);
}

bool die_cast(World *world, FaultClass class, Random *detail) {
    const Plan *plan = world->plan;
    if (world->phase != PHASE_CHAOS) return false;
    uint32_t ordinal = world->ordinals[class]++;
    *detail = random_stream(plan->seed, class);
    detail->position = (uint64_t)ordinal * WORDS_A_FAULT;
    if (!strikes(world, class, ordinal, detail)) return false;
    detail->position = (uint64_t)ordinal * WORDS_A_FAULT + 4;
    if (world->struck_count < SIM_FAULTS_MAX)
        world->struck[world->struck_count++] = (Fault){class, ordinal};
    world->tally->cells[class][die_state(world)][site_index(world, class)]++;
    world->tally->struck[class]++;
    world->tally->faults++;
    return true;
}

int64_t die_span(Random *random, int64_t least, int64_t most) {
    return least + (int64_t)(random_u64(random) % (uint64_t)(most - least + 1));
}
