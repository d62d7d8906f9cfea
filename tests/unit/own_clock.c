/* SPDX-License-Identifier: Apache-2.0 */
/* The program's clock while the machine's is set, and the venue's clock as it is told by it. */
#include "check_aborts.h"
#include "unit.h"

#include "core/base/own_clock.h"

#define SECOND 1000000LL
#define HOUR   (3600 * SECOND)
#define WALL   (1790000000 * SECOND)

/* The machine: true time, what its wall shows beside it, and how long it slept. */
typedef struct Machine {
    int64_t true_us, skew_us, slept_us, last_us;
    OwnClock clock;
    OtherClock venue;
} Machine;

static int64_t monotonic(const Machine *machine) {
    return machine->true_us - machine->slept_us - WALL + 5 * HOUR;
}

static int64_t read_clock(Machine *machine) {
    machine->last_us = own_clock_read(&machine->clock, machine->true_us + machine->skew_us,
                                      monotonic(machine), machine->last_us);
    return machine->last_us;
}

/* A tenth of a second a step, as the engine looks; the largest error of the venue's time. */
static int64_t pass(Machine *machine, int64_t us, unsigned *told) {
    int64_t worst = 0;
    for (int64_t i = 0; i < us; i += SECOND / 10) {
        machine->true_us += SECOND / 10;
        int64_t before = machine->last_us, now = read_clock(machine);
        assert_true(now > before);
        if (other_clock_is_off(&machine->venue, now, monotonic(machine))) {
            (void)other_clock_tell(&machine->venue, now, monotonic(machine));
            ++*told;
        }
        int64_t error = now + machine->venue.told_us - machine->true_us;
        if (error < 0) error = -error;
        if (error > worst) worst = error;
    }
    return worst;
}

static Machine started(void) {
    Machine machine = {.true_us = WALL};
    const ClockSample sample = {.wall_us = WALL, .monotonic_us = 5 * HOUR, .uncertainty_us = 900};
    other_clock_hear(&machine.venue, &sample);
    ClockOffset told = other_clock_tell(&machine.venue, read_clock(&machine), 5 * HOUR);
    assert_int_equal(told.uncertainty_us, 900);
    return machine;
}

static void test_a_steady_clock_is_told_once(void **state) {
    Machine machine = started();
    unsigned told = 0;
    (void)state;
    assert_in_range(pass(&machine, HOUR, &told), 0, 2);
    assert_int_equal(told, 0);
    assert_int_equal(machine.last_us, machine.true_us);
}

/* Set back by an hour: our time goes on, a tenth slower, until the wall is there; the venue's time
 * stays known all the while. */
static void test_a_clock_set_back_does_not_stop_ours(void **state) {
    Machine machine = started();
    unsigned told = 0;
    (void)state;
    machine.skew_us = -HOUR;
    int64_t before = machine.last_us;
    assert_in_range(pass(&machine, HOUR, &told), 0, SECOND / 4);
    assert_in_range(machine.last_us - before, HOUR * 9 / 10 - SECOND, HOUR * 9 / 10 + SECOND);
    assert_true(told > 1000);
    assert_in_range(machine.venue.uncertainty_us, 0, 900); /* nothing jumped */
    (void)pass(&machine, 10 * HOUR, &told);
    assert_int_equal(machine.last_us, machine.true_us - HOUR); /* caught up with the wall */
    unsigned then = told;
    (void)pass(&machine, HOUR, &told);
    assert_int_equal(told, then);
}

/* Set ahead: ours goes along at once, and in the same reading the venue's is told anew, in doubt
 * until the next sample. */
static void test_a_clock_set_ahead_is_told_in_doubt(void **state) {
    static const int64_t jumps[] = {10 * SECOND, 10 * 60 * SECOND, HOUR, 24 * HOUR};
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        Machine machine = started();
        unsigned told = 0;
        machine.skew_us = jumps[i];
        assert_in_range(pass(&machine, 60 * SECOND, &told), 0, SECOND / 4);
        assert_int_equal(told, 1);
        assert_true(machine.venue.uncertainty_us >= jumps[i]);
    }
}

/* While the machine sleeps its monotonic clock stands: what is told then is in doubt by as much. */
static void test_a_sleep_is_told_in_doubt(void **state) {
    Machine machine = started();
    unsigned told = 0;
    (void)state;
    machine.true_us += HOUR;
    machine.slept_us += HOUR;
    int64_t worst = pass(&machine, SECOND, &told);
    assert_int_equal(told, 1);
    assert_true(machine.venue.uncertainty_us > worst);
    const ClockSample sample = {
        .wall_us = machine.true_us, .monotonic_us = monotonic(&machine), .uncertainty_us = 900};
    other_clock_hear(&machine.venue, &sample);
    ClockOffset known = other_clock_tell(&machine.venue, read_clock(&machine), monotonic(&machine));
    assert_int_equal(known.uncertainty_us, 900);
    assert_in_range(pass(&machine, HOUR, &told), 0, 2);
}

/* A start with a record that is ahead of the wall: time goes on from the record. */
static void test_a_start_behind_the_record_does_not_creep(void **state) {
    Machine machine = {.true_us = WALL, .last_us = WALL + HOUR};
    unsigned told = 0;
    (void)state;
    (void)pass(&machine, 600 * SECOND, &told);
    assert_in_range(machine.last_us - WALL - HOUR, 539 * SECOND, 541 * SECOND);
}

/* What own_clock_due says is when a reading first shows it. */
static void test_when_a_time_will_come(void **state) {
    (void)state;
    for (int64_t left = 1; left < 100; left++) {
        OwnClock clock = {.now_us = WALL, .monotonic_us = 7};
        int64_t at = own_clock_due(&clock, WALL + left);
        OwnClock early = clock;
        assert_true(own_clock_read(&clock, 0, at, 0) >= WALL + left);
        assert_true(own_clock_read(&early, 0, at - 1, 0) < WALL + left);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_steady_clock_is_told_once),
        cmocka_unit_test(test_a_clock_set_back_does_not_stop_ours),
        cmocka_unit_test(test_a_clock_set_ahead_is_told_in_doubt),
        cmocka_unit_test(test_a_sleep_is_told_in_doubt),
        cmocka_unit_test(test_a_start_behind_the_record_does_not_creep),
        cmocka_unit_test(test_when_a_time_will_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
