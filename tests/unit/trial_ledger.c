/* SPDX-License-Identifier: Apache-2.0 */
/* What was tried is counted once, and cannot be made forgotten without a trace. */
#include "unit.h"

#include <stdbool.h>
#include <sys/wait.h>

#include "core/base/check.h"
#include "core/trial/sharpe_test.h"
#include "shell/backtest/trial_ledger.h"
#include "temporary.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

#define HOUR INT64_C(3600000000)

static const SymbolName bitcoin = {"BTCUSDT"}, ether = {"ETHUSDT"};
static char notice[200];

static TrialLedger *opened(void) {
    Error error;
    TrialLedger *ledger = trial_ledger_open("trials.ledger", notice, &error);
    if (!ledger) fail_msg("%s: %s", error.message, error.where);
    return ledger;
}

/* Trials number from to end (exclusive) of strategy "test", with ratios 1, 2, 3 ... */
static void add(TrialLedger *ledger, const SymbolName *symbol, unsigned from, unsigned end) {
    TrialEntry entries[100];
    for (unsigned index = from; index < end; index++) {
        double parameter = index;
        trial_ledger_name("test", &parameter, 1, HOUR, entries[index - from].trial);
        entries[index - from].ratio = index + 1;
    }
    Error error;
    if (!trial_ledger_add(ledger, symbol, 1, entries, end - from, &error))
        fail_msg("%s", error.message);
}

static TrialCount counted(const SymbolName *symbol) {
    TrialLedger *ledger = opened();
    TrialCount count = trial_ledger_count(ledger, symbol, 1);
    trial_ledger_close(ledger);
    return count;
}

static size_t bytes_of(const char *path, char *bytes) {
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(bytes, 1, 65536, file);
    fclose(file);
    return length;
}

static void put(const char *path, const char *bytes, size_t length) {
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

static void a_trial_counts_once(void **state) {
    (void)state;
    TrialLedger *ledger = opened();
    assert_int_equal(trial_ledger_count(ledger, &bitcoin, 1).trials, 0);
    add(ledger, &bitcoin, 0, 3);
    add(ledger, &bitcoin, 1, 4);
    add(ledger, &ether, 0, 2);
    add(ledger, &ether, 0, 2);
    assert_int_equal(trial_ledger_mark(ledger).blocks, 3); /* nothing new, no block */
    SymbolName both[2] = {ether, bitcoin};
    assert_int_equal(trial_ledger_count(ledger, both, 2).trials, 4);
    trial_ledger_close(ledger);
    TrialCount count = counted(&bitcoin);
    assert_int_equal(count.trials, 4);
    assert_true(count.complete);
    assert_close(count.deviation, sqrt(5.0 / 3), 1e-12); /* of 1 2 3 4 */
    assert_int_equal(counted(&ether).trials, 2);
    assert_string_equal(notice, "");
}

/* Tried in a walk-forward first (no ratio of the whole), then by itself. */
static void a_ratio_may_become_known_later(void **state) {
    (void)state;
    TrialEntry entry = {.ratio = (double)NAN};
    Error error;
    TrialLedger *ledger = opened();
    add(ledger, &bitcoin, 0, 1);
    trial_ledger_name("later", NULL, 0, HOUR, entry.trial);
    assert_true(trial_ledger_add(ledger, &bitcoin, 1, &entry, 1, &error));
    assert_true(isnan(trial_ledger_count(ledger, &bitcoin, 1).deviation));
    entry.ratio = 3;
    assert_true(trial_ledger_add(ledger, &bitcoin, 1, &entry, 1, &error));
    entry.ratio = 4; /* the first that was known stays */
    assert_true(trial_ledger_add(ledger, &bitcoin, 1, &entry, 1, &error));
    trial_ledger_close(ledger);
    TrialCount count = counted(&bitcoin);
    assert_int_equal(count.trials, 2);
    assert_close(count.deviation, sqrt(2), 1e-12); /* of 1 and 3 */
}

static void names_tell_trials_apart(void **state) {
    (void)state;
    uint8_t name[5][TRIAL_DIGEST_SIZE];
    trial_ledger_name("a", (double[]){1, 2}, 2, HOUR, name[0]);
    trial_ledger_name("a", (double[]){1, 3}, 2, HOUR, name[1]);
    trial_ledger_name("b", (double[]){1, 2}, 2, HOUR, name[2]);
    trial_ledger_name("a", (double[]){1, 2}, 2, 2 * HOUR, name[3]);
    for (unsigned one = 0; one < 4; one++)
        for (unsigned other = one + 1; other < 4; other++)
            assert_memory_not_equal(name[one], name[other], TRIAL_DIGEST_SIZE);
    trial_ledger_name("a", (double[]){1, -0.0}, 2, HOUR, name[3]);
    trial_ledger_name("a", (double[]){1, 0}, 2, HOUR, name[4]);
    assert_memory_equal(name[3], name[4], TRIAL_DIGEST_SIZE);
}

/* Each byte of one copy flipped, each length to which it is cut, and the copy gone: the other
 * counts, and mends it. */
static void one_copy_mends_the_other(void **state) {
    (void)state;
    static char sound[65536], seen[65536];
    TrialLedger *ledger = opened();
    add(ledger, &bitcoin, 0, 3);
    add(ledger, &bitcoin, 3, 5);
    trial_ledger_close(ledger);
    size_t length = bytes_of("trials.ledger", sound);
    static const char *const paths[2] = {"trials.ledger", "trials.ledger.copy"};
    for (unsigned copy = 0; copy < 2; copy++)
        for (size_t at = 0; at < 2 * length; at++) {
            if (at < length) { /* flipped */
                memcpy(seen, sound, length);
                seen[at] ^= 0x10;
                put(paths[copy], seen, length);
            } else { /* cut */
                put(paths[copy], sound, at - length);
            }
            TrialCount count = counted(&bitcoin);
            assert_int_equal(count.trials, 5);
            assert_true(count.complete);
            assert_true(notice[0] != 0);
            assert_int_equal(bytes_of(paths[copy], seen), length);
            assert_memory_equal(seen, sound, length);
        }
    assert_int_equal(unlink(paths[0]), 0);
    assert_int_equal(counted(&bitcoin).trials, 5);
    assert_int_equal(bytes_of(paths[0], seen), length);
}

/* Both damaged at the same place: what is sound counts, and that something is gone is known for
 * ever. */
static void damage_to_both_is_seen(void **state) {
    (void)state;
    static char bytes[65536];
    TrialLedger *ledger = opened();
    add(ledger, &bitcoin, 0, 3);
    add(ledger, &bitcoin, 3, 5);
    trial_ledger_close(ledger);
    size_t length = bytes_of("trials.ledger", bytes);
    bytes[length - 40] ^= 1;
    put("trials.ledger", bytes, length);
    put("trials.ledger.copy", bytes, length);
    TrialCount count = counted(&bitcoin);
    assert_int_equal(count.trials, 3);
    assert_false(count.complete);
    count = counted(&bitcoin);
    assert_false(count.complete);
    assert_string_equal(notice, "");
}

/* Deleted, both of them; or put back to an older state. The results remember. */
static void a_result_remembers_what_was_deleted(void **state) {
    (void)state;
    static char old[65536];
    TrialLedger *ledger = opened();
    add(ledger, &bitcoin, 0, 3);
    trial_ledger_close(ledger);
    size_t length = bytes_of("trials.ledger", old);
    ledger = opened();
    add(ledger, &bitcoin, 3, 40);
    TrialMark mark = trial_ledger_mark(ledger);
    Error error;
    assert_true(trial_ledger_witness(ledger, &mark, &bitcoin, 1, 40, &error));
    assert_true(trial_ledger_count(ledger, &bitcoin, 1).complete);
    trial_ledger_close(ledger);
    for (unsigned way = 0; way < 2; way++) {
        if (way == 0) {
            assert_int_equal(unlink("trials.ledger") + unlink("trials.ledger.copy"), 0);
        } else {
            put("trials.ledger", old, length);
            put("trials.ledger.copy", old, length);
        }
        ledger = opened();
        assert_true(trial_ledger_witness(ledger, &mark, &bitcoin, 1, 40, &error));
        assert_true(trial_ledger_witness(ledger, &mark, &bitcoin, 1, 40, &error)); /* once */
        add(ledger, &bitcoin, 50, 52);
        trial_ledger_close(ledger);
        TrialCount count = counted(&bitcoin);
        assert_false(count.complete);
        assert_int_equal(count.trials, 40);
        ledger = opened();
        assert_int_equal(trial_ledger_mark(ledger).blocks, way ? 3 : 2);
        trial_ledger_close(ledger);
    }
}

/* Two ledgers with different histories, one in the place of each copy. */
static void a_copy_that_was_written_anew_is_seen(void **state) {
    (void)state;
    static char other[65536];
    TrialLedger *ledger = opened();
    add(ledger, &bitcoin, 60, 62);
    trial_ledger_close(ledger);
    size_t length = bytes_of("trials.ledger", other);
    assert_int_equal(unlink("trials.ledger") + unlink("trials.ledger.copy"), 0);
    ledger = opened();
    add(ledger, &bitcoin, 0, 20);
    trial_ledger_close(ledger);
    put("trials.ledger", other, length);
    TrialCount count = counted(&bitcoin);
    assert_int_equal(count.trials, 20);
    assert_false(count.complete);
}

/* Killed at any moment while appending, it never loses what was there. */
static void processes_take_turns_and_may_die(void **state) {
    (void)state;
    for (unsigned turn = 0; turn < 12; turn++) {
        pid_t child = fork();
        if (child == 0) {
            TrialLedger *ledger = opened();
            add(ledger, &bitcoin, turn * 5, turn * 5 + 5);
            trial_ledger_close(ledger);
            _exit(0);
        }
        if (turn % 4 == 3)
            while (waitpid(-1, NULL, 0) > 0)
                ;
    }
    assert_int_equal(counted(&bitcoin).trials, 60);
    assert_true(counted(&bitcoin).complete);
    static char bytes[65536];
    size_t length = bytes_of("trials.ledger", bytes);
    put("trials.ledger", bytes, length - 7); /* the first copy torn, the second not yet written */
    put("trials.ledger.copy", bytes, length - (72 + 5 * 24 + 32));
    TrialCount count = counted(&bitcoin);
    assert_int_equal(count.trials, 55);
    assert_true(count.complete);
}

/* 1 minus the paper's deflated ratio: 2.5 a year over 1,250 days, -3, 10; 100 trials. */
static void p_is_what_deflation_leaves(void **state) {
    (void)state;
    TrialCount count = {100, true, sqrt(0.5)};
    double p = trial_ledger_p(&count, 2.5 / sqrt(365), -3, 10, 1825, 24 * HOUR);
    SharpeSample sample = {2.5 / sqrt(365), -3, 10, 1825};
    assert_close(p, 1 - sharpe_deflated(&sample, sqrt(0.5 / 365), 100), 1e-15);
    assert_true(p > 0.03 && p < 0.12);
    count.trials = 1;
    assert_true(trial_ledger_p(&count, 2.5 / sqrt(365), -3, 10, 1825, 24 * HOUR) < p);
    assert_true(isnan(trial_ledger_p(&count, (double)NAN, 0, 3, 1825, 24 * HOUR)));
}

static void a_disk_that_refuses_is_said(void **state) {
    (void)state;
    Error error;
    assert_null(trial_ledger_open("nowhere/trials.ledger", notice, &error));
    assert_int_equal(error.code, ERROR_IO);
}

#define OWN(test) cmocka_unit_test_setup_teardown(test, temporary_enter, temporary_leave)

int main(void) {
    const struct CMUnitTest tests[] = {
        OWN(a_trial_counts_once),
        OWN(a_ratio_may_become_known_later),
        cmocka_unit_test(names_tell_trials_apart),
        OWN(one_copy_mends_the_other),
        OWN(damage_to_both_is_seen),
        OWN(a_result_remembers_what_was_deleted),
        OWN(a_copy_that_was_written_anew_is_seen),
        OWN(processes_take_turns_and_may_die),
        cmocka_unit_test(p_is_what_deflation_leaves),
        OWN(a_disk_that_refuses_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
