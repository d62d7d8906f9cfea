/* SPDX-License-Identifier: Apache-2.0 */
/* Names of orders at the venue: made the same again, of the venue's form, read back, and told apart
 * from everybody else's. */
#include "check_aborts.h"

#include "core/protocol/client_name.h"

static ClientFacts facts(const char *order_id, LegKind leg, unsigned generation) {
    return (ClientFacts){.account = "acct",
                         .instance = "abcd2345",
                         .order_id = order_id,
                         .signal_id = "s-1",
                         .leg = leg,
                         .generation = generation};
}

static void test_names_are_stable_and_read_back(void **state) {
    (void)state;
    static const char *const orders[] = {"o-1", "o-36", "o-123456789", "o-2821109907455"};
    for (unsigned i = 0; i < 4; i++)
        for (LegKind leg = LEG_MARKET; leg <= LEG_LIST; leg++)
            for (unsigned generation = 0; generation <= CLIENT_GENERATION_MAX; generation += 37) {
                ClientFacts of = facts(orders[i], leg, generation);
                ClientId name, again;
                assert_true(client_name_make(&of, &name));
                assert_true(client_name_make(&of, &again));
                assert_string_equal(name.text, again.text);
                size_t length = strlen(name.text);
                assert_true(length <= BINANCE_CLIENT_ID_MAX);
                assert_int_equal(strspn(name.text, "abcdefghijklmnopqrstuvwxyz0123456789-"),
                                 length);
                ClientReading reading = client_name_read(&name, "abcd2345");
                assert_int_equal(reading.owner, CLIENT_OURS);
                assert_int_equal(reading.number, client_order_number(orders[i]));
                assert_int_equal(reading.leg, leg);
                assert_int_equal(reading.generation, generation);
            }
}

static void test_every_fact_is_in_the_name(void **state) {
    (void)state;
    ClientFacts first = facts("o-7", LEG_STOP, 1), other = first;
    ClientId name, different;
    assert_true(client_name_make(&first, &name));
    other.account = "acct2";
    assert_true(client_name_make(&other, &different));
    assert_string_not_equal(name.text, different.text);
    other = first;
    other.signal_id = "s-2";
    assert_true(client_name_make(&other, &different));
    assert_string_not_equal(name.text, different.text);
}

static void test_what_does_not_fit_is_no_name(void **state) {
    (void)state;
    ClientId name;
    static const char *const bad[] = {"", "o-", "o-0", "o--1", "x-1", "o-2821109907456", "o-1x"};
    for (unsigned i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ClientFacts of = facts(bad[i], LEG_MARKET, 0);
        assert_false(client_name_make(&of, &name));
    }
    ClientFacts many = facts("o-1", LEG_MARKET, CLIENT_GENERATION_MAX + 1);
    assert_false(client_name_make(&many, &name));
    ClientFacts short_instance = facts("o-1", LEG_MARKET, 0);
    short_instance.instance = "abc";
    assert_false(client_name_make(&short_instance, &name));
}

static void test_strangers_are_foreign_and_others_are_named(void **state) {
    (void)state;
    static const char *const foreign[] = {"",
                                          "tr",
                                          "web_123",
                                          "trABCD2345-1-m0-aaaaaaaaaaaa",
                                          "trabcd2345-1-m0-aaaaaaaaaaa",
                                          "trabcd2345-0-m0-aaaaaaaaaaaa",
                                          "trabcd2345-1-x0-aaaaaaaaaaaa",
                                          "trabcd2345-1-m-aaaaaaaaaaaa",
                                          "trabcd2345--m0-aaaaaaaaaaaa",
                                          "trabcd1345-1-m0-aaaaaaaaaaaa",
                                          "trabcd2345",
                                          "trabcd2345-zzzzzzzzz-m0-aaaaaaaaa"};
    for (unsigned i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        ClientId name = {0};
        strcpy(name.text, foreign[i]);
        assert_int_equal(client_name_read(&name, "abcd2345").owner, CLIENT_FOREIGN);
    }
    ClientId other = {"trzzzzzzzz-1-m0-aaaaaaaaaaaa"};
    ClientReading reading = client_name_read(&other, "abcd2345");
    assert_int_equal(reading.owner, CLIENT_OTHER_INSTANCE);
    assert_string_equal(reading.instance, "zzzzzzzz");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_stable_and_read_back),
        cmocka_unit_test(test_every_fact_is_in_the_name),
        cmocka_unit_test(test_what_does_not_fit_is_no_name),
        cmocka_unit_test(test_strangers_are_foreign_and_others_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
