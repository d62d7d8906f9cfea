/* SPDX-License-Identifier: Apache-2.0 */
/* Lists that are longer than a message: the transport hands them out in pieces, each a list of its
 * own; what is no list, or not whole, is cut as before. */
#include "venue_line.h"

#include "core/base/json.h"

/* "[{"id":1,"x":"..."},...]": `count` objects of about `size` bytes. */
static char *long_list(int count, size_t size) {
    size_t room = (size_t)count * (size + 32) + 3, used = 0;
    char *text = malloc(room);
    assert_non_null(text);
    for (int i = 1; i <= count; i++)
        used += (size_t)snprintf(text + used, room - used, "%s{\"id\":%d,\"x\":\"%0*d\"}",
                                 i == 1 ? "[" : ",", i, (int)size, i);
    snprintf(text + used, room - used, "]");
    return text;
}

/* The ids of the pieces of one answer, one after the other; the count of pieces. */
static unsigned hear_pieces(int64_t id, int count) {
    unsigned pieces = 0;
    int next = 1;
    for (bool more = true; more; pieces++) {
        expect(id, OUTCOME_ANSWERED, 200);
        assert_false(message.reply.cut);
        JsonReader reader = json_reader(slice_of(message.reply.body));
        assert_int_equal(json_next(&reader), JSON_ARRAY_BEGIN);
        while (json_next(&reader) == JSON_OBJECT_BEGIN) {
            int64_t value;
            assert_int_equal(json_next(&reader), JSON_KEY);
            assert_true(json_take_int(&reader, &value) && value == next++);
            assert_true(json_leave(&reader));
        }
        assert_int_equal(json_next(&reader), JSON_END);
        more = message.reply.goes_on;
    }
    assert_int_equal(next, count + 1);
    return pieces;
}

static void ask_list(int64_t id, char *answer) {
    VenueRequest request = question(id);
    request.lists = true;
    fake.answer = answer;
    port->send(port, &request);
}

/* Every object once and in order, whatever its length; what is short stays whole. */
static void a_long_list_comes_in_pieces(void **state) {
    static const struct {
        int count;
        size_t size;
        unsigned least, most;
    } ROWS[] = {{1, 10, 1, 1},       {58, 500, 1, 1},  {200, 500, 4, 5},
                {1000, 700, 25, 26}, {3, 29000, 3, 3}, {20000, 20, 26, 34}};
    (void)state;
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char *text = long_list(ROWS[i].count, ROWS[i].size);
        ask_list(i + 1, text);
        unsigned pieces = hear_pieces(i + 1, ROWS[i].count);
        assert_in_range(pieces, ROWS[i].least, ROWS[i].most);
        free(text);
    }
    fake.answer = NULL;
}

/* No list, not whole, an object that fits no message, or without end: too long, as before. */
static void what_is_no_list_is_cut(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        char *text = long_list(i == 2 ? 2 : i == 3 ? 2000 : 100, i == 2 ? 30000 : 600);
        if (i == 0) text[0] = '{';
        if (i == 1) text[strlen(text) - 1] = 0;
        ask_list(i + 1, text);
        expect(i + 1, OUTCOME_ANSWERED, 200);
        assert_true(message.reply.cut);
        assert_false(message.reply.goes_on);
        assert_int_equal(strlen(message.reply.body), sizeof message.reply.body - 1);
        free(text);
    }
    fake.answer = NULL;
    ask_list(9, NULL);
    expect(9, OUTCOME_ANSWERED, 200);
    assert_string_equal(message.reply.body, "{}");
}

/* The port is closed while pieces wait: nothing is left behind (the sanitizers look). */
static void pieces_that_nobody_takes(void **state) {
    (void)state;
    char *text = long_list(200, 500);
    ask_list(1, text);
    expect(1, OUTCOME_ANSWERED, 200);
    assert_true(message.reply.goes_on);
    ask_list(2, text);
    while (atomic_load(&fake.questions) < 2)
        usleep(1000);
    usleep(50000);
    free(text);
}

int main(void) {
#define ON_VENUE(name) cmocka_unit_test_setup_teardown(name, open_port, close_port)
    const struct CMUnitTest tests[] = {
        ON_VENUE(a_long_list_comes_in_pieces),
        ON_VENUE(what_is_no_list_is_cut),
        ON_VENUE(pieces_that_nobody_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
