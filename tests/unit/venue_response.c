/* SPDX-License-Identifier: Apache-2.0 */
/* Answers of HTTP/1.1, cut into pieces at every byte: an answer is complete or it is none. */
#include "check_aborts.h"

#include "core/base/random.h"
#include "shell/drivers/venue_response.h"

enum { BODY = 64 };

static VenueResponse response;
static char body[BODY + 1];

/* In two pieces, cut at `cut`; the connection ends behind them if `ends`. */
static void take(const char *text, size_t length, size_t cut, bool ends) {
    memset(body, '?', sizeof body);
    venue_response_begin(&response, body, BODY);
    if (venue_response_take(&response, (Slice){text, cut}))
        venue_response_take(&response, (Slice){text + cut, length - cut});
    if (ends && response.stage < RESPONSE_COMPLETE) venue_response_end(&response);
    assert_int_equal(body[BODY], '?');
}

typedef struct Row {
    const char *text;
    int status; /* 0: broken, whatever comes */
    const char *body;
    bool closes;
} Row;

#define OK "HTTP/1.1 200 OK\r\n"

static const Row ROWS[] = {
    {OK "Content-Length: 2\r\n\r\n{}", 200, "{}", false},
    {OK "content-length:2\r\nX: y\r\n\r\n{}", 200, "{}", false},
    {OK "Content-Length: 0\r\n\r\n", 200, "", false},
    {"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", false},
    {"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true},
    {OK "Connection: close\r\nContent-Length: 2\r\n\r\n{}", 200, "{}", true},
    {OK "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n", 200, "{}", false},
    {OK "Transfer-Encoding: chunked\r\n\r\nA\r\n0123456789\r\n0\r\nT: x\r\n\r\n", 200, "0123456789",
     false},
    {OK "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200, "{}",
     true},
    {"HTTP/1.1 204 No Content\r\n\r\n", 204, "", false},
    {"HTTP/1.1 100 Continue\r\n\r\n" OK "Content-Length: 2\r\n\r\n{}", 200, "{}", false},
    {"HTTP/1.1 503 x\r\nContent-Length: 5\r\n\r\nsorry", 503, "sorry", false},
    {"HTTP/1.1 101 Switching\r\n\r\n", 0, NULL, true},
    {"HTTP/2 200\r\n\r\n", 0, NULL, true},
    {"HTTP/1.1 20 OK\r\n\r\n", 0, NULL, true},
    {"HTTP/1.1 200OK\r\n\r\n", 0, NULL, true},
    {"HTTP/1.1 099 OK\r\n\r\n", 0, NULL, true},
    {"GET / HTTP/1.1\r\n\r\n", 0, NULL, true},
    {"\r\n\r\n", 0, NULL, true},
    {OK "no colon\r\n\r\n", 0, NULL, true},
    {OK ": empty\r\n\r\n", 0, NULL, true},
    {OK "Content-Length: -1\r\n\r\n", 0, NULL, true},
    {OK "Content-Length: 2, 2\r\n\r\n{}", 0, NULL, true},
    {OK "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ", 0, NULL, true},
    {OK "Content-Length: 99999999999999999999\r\n\r\n", 0, NULL, true},
    {OK "Transfer-Encoding: gzip\r\n\r\n", 0, NULL, true},
    {OK "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}", 0, NULL, true},
    {OK "Transfer-Encoding: chunked\r\n\r\nx\r\n", 0, NULL, true},
    {OK "Transfer-Encoding: chunked\r\n\r\n\r\n", 0, NULL, true},
    {OK "Transfer-Encoding: chunked\r\n\r\n123456789\r\n", 0, NULL, true},
    {OK "Transfer-Encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n", 0, NULL, true},
};

static void every_form_cut_at_every_byte(void **state) {
    (void)state;
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const Row *row = &ROWS[i];
        size_t length = strlen(row->text);
        for (size_t cut = 0; cut <= length; cut++) {
            take(row->text, length, cut, false);
            if (response.stage != (row->status ? RESPONSE_COMPLETE : RESPONSE_BROKEN))
                print_error("row %u: %s\n", i, row->text);
            assert_int_equal(response.stage, row->status ? RESPONSE_COMPLETE : RESPONSE_BROKEN);
            assert_int_equal(response.closes, row->closes);
            if (!row->status) continue;
            assert_int_equal(response.status, row->status);
            assert_string_equal(body, row->body);
            assert_false(response.cut);
        }
    }
}

/* What is shorter than it says is no answer, wherever it ends. */
static void an_answer_that_ends_early_is_none(void **state) {
    (void)state;
    for (unsigned i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        for (size_t length = 0; ROWS[i].status && length < strlen(ROWS[i].text); length++) {
            take(ROWS[i].text, length, length / 2, true);
            if (response.stage != RESPONSE_BROKEN) print_error("%s at %zu\n", ROWS[i].text, length);
            assert_int_equal(response.stage, RESPONSE_BROKEN);
        }
    }
    const char *until_close = OK "\r\n{\"a\":1}";
    take(until_close, strlen(until_close), 20, false);
    assert_int_equal(response.stage, RESPONSE_UNTIL_CLOSE);
    take(until_close, strlen(until_close), 20, true);
    assert_int_equal(response.stage, RESPONSE_COMPLETE);
    assert_string_equal(body, "{\"a\":1}");
}

static void bytes_behind_an_answer_close_the_connection(void **state) {
    (void)state;
    const char *text = OK "Content-Length: 2\r\n\r\n{}HTTP/1.1 200 OK\r\n";
    take(text, strlen(text), 10, false);
    assert_int_equal(response.stage, RESPONSE_COMPLETE);
    assert_string_equal(body, "{}");
    assert_true(response.closes);
}

static void bodies_are_bounded(void **state) {
    char text[300];
    (void)state;
    int length = snprintf(text, sizeof text, OK "Content-Length: %d\r\n\r\n%0*d", BODY, BODY, 7);
    take(text, (size_t)length, 5, false);
    assert_int_equal(response.stage, RESPONSE_COMPLETE);
    assert_true(response.cut);
    assert_int_equal(strlen(body), BODY - 1);
    const char *endless = OK "Content-Length: 10000000000\r\n\r\n";
    venue_response_begin(&response, body, BODY);
    assert_true(venue_response_take(&response, slice_of(endless)));
    memset(text, 'x', sizeof text);
    assert_false(venue_response_take(&response, (Slice){text, sizeof text}));
    assert_int_equal(response.stage, RESPONSE_COMPLETE);
    assert_true(response.cut && response.closes);
    const char *zero = OK "Content-Length: 3\r\n\r\na\0b";
    take(zero, strlen(zero) + 2, 3, false);
    assert_true(response.cut);
}

static void limits_are_kept_as_whole_lines(void **state) {
    char text[2000];
    (void)state;
    int length = snprintf(text, sizeof text, OK);
    for (unsigned i = 0; i < 30; i++)
        length += snprintf(text + length, sizeof text - (size_t)length,
                           "X-MBX-USED-WEIGHT-%uM: %u\r\n", i, i * 100);
    length += snprintf(text + length, sizeof text - (size_t)length,
                       "Retry-After: 12\r\nContent-Length: 0\r\n\r\n");
    take(text, (size_t)length, 700, false);
    assert_int_equal(response.stage, RESPONSE_COMPLETE);
    assert_int_equal(response.retry_after_s, 12);
    assert_int_equal(
        strncmp(response.limits, "X-MBX-USED-WEIGHT-0M: 0\nX-MBX-USED-WEIGHT-1M: 100\n", 50), 0);
    size_t used = strlen(response.limits);
    assert_true(used > 300 && used < sizeof response.limits && response.limits[used - 1] == '\n');
}

/* Damaged answers of all kinds: whatever comes, it ends, within its memory. */
static void damage(void **state) {
    Random random = random_stream(7, 0);
    unsigned complete = 0;
    (void)state;
    for (unsigned i = 0; i < 200000; i++) {
        char text[300];
        const char *source = ROWS[random_below(&random, sizeof ROWS / sizeof ROWS[0])].text;
        size_t length = strlen(source);
        memcpy(text, source, length);
        for (unsigned hits = 1 + random_below(&random, 4); hits > 0; hits--)
            text[random_below(&random, (uint32_t)length)] = (char)random_below(&random, 256);
        take(text, length, random_below(&random, (uint32_t)length + 1), true);
        assert_true(response.stage == RESPONSE_COMPLETE || response.stage == RESPONSE_BROKEN);
        assert_true(strlen(body) < BODY);
        complete += response.stage == RESPONSE_COMPLETE;
    }
    assert_true(complete > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_form_cut_at_every_byte),
        cmocka_unit_test(an_answer_that_ends_early_is_none),
        cmocka_unit_test(bytes_behind_an_answer_close_the_connection),
        cmocka_unit_test(bodies_are_bounded),
        cmocka_unit_test(limits_are_kept_as_whole_lines),
        cmocka_unit_test(damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
