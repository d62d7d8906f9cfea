/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON reader against JSONTestSuite, naughty strings and every truncation; the writer against
 * the reader. */
#include "unit.h"

#include <dirent.h>

#include "core/base/json.h"
#include "core/base/random.h"

#define PARSING_CASES_MIN 300 /* the suite has 318; fewer found means that it was not unpacked */

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static const char kline[] =
    "{\"stream\":\"btcusdt@kline_1m\",\"data\":{\"e\":\"kline\",\"E\":1672515782136,\"s\":"
    "\"BTCUSDT\","
    "\"k\":{\"t\":1672515780000,\"T\":1672515839999,\"s\":\"BTCUSDT\",\"i\":\"1m\",\"f\":"
    "2388093841,"
    "\"L\":2388094205,\"o\":\"16541.77000000\",\"c\":\"16542.40000000\",\"h\":\"16543.01000000\","
    "\"l\":\"16541.30000000\",\"v\":\"98.41230000\",\"n\":365,\"x\":false,\"q\":\"1627951."
    "12345670\","
    "\"V\":\"51.20010000\",\"Q\":\"846951.98765430\",\"B\":\"0\"}}}";

/* The text at the very end of a block of its own, so that the sanitizer sees a read beyond it. */
static char *fenced(const char *text, size_t length) {
    char *block = malloc(length ? length : 1);
    assert_non_null(block);
    if (length) memcpy(block, text, length);
    return block;
}

static bool valid(const char *text, size_t length) {
    char *block = fenced(text, length);
    bool result = json_valid((Slice){block, length});
    free(block);
    return result;
}

static void tokens_come_in_order(void **state) {
    (void)state;
    JsonReader reader =
        json_reader(SLICE(" { \"a\" : [ 1 , -2.5e+3,true ,false,null ] ,\"\\u0062\":{}, "
                          "\"c\":[],\"d\":\"x\\\"y\" }\n"));
    const JsonToken want[] = {
        JSON_OBJECT_BEGIN, JSON_KEY,        JSON_ARRAY_BEGIN, JSON_NUMBER,      JSON_NUMBER,
        JSON_TRUE,         JSON_FALSE,      JSON_NULL,        JSON_ARRAY_END,   JSON_KEY,
        JSON_OBJECT_BEGIN, JSON_OBJECT_END, JSON_KEY,         JSON_ARRAY_BEGIN, JSON_ARRAY_END,
        JSON_KEY,          JSON_STRING,     JSON_OBJECT_END,  JSON_END,         JSON_END};
    const char *slices[] = {"", "a", "",  "1", "-2.5e+3", "",  "",       "", "", "\\u0062",
                            "", "",  "c", "",  "",        "d", "x\\\"y", "", "", ""};
    for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
        JsonToken got = json_next(&reader);
        if (got != want[i]) fail_msg("token %zu is %d, not %d", i, (int)got, (int)want[i]);
        if (*slices[i]) assert_true(slice_is(reader.slice, slices[i]));
        if (got == JSON_KEY) assert_int_equal(reader.escaped, slices[i][0] == '\\');
    }
    assert_int_equal(reader.depth, 0);
}

static void expect_refused_at(const char *text, size_t position) {
    JsonReader reader = json_reader(slice_of(text));
    JsonToken token = JSON_NULL;
    for (int i = 0; i < 100 && token != JSON_ERROR && token != JSON_END; i++)
        token = json_next(&reader);
    if (token != JSON_ERROR) fail_msg("%s was accepted", text);
    if (json_position(&reader) != position)
        fail_msg("%s: position %zu", text, json_position(&reader));
    assert_int_equal(json_next(&reader), JSON_ERROR); /* and it stays there */
    assert_false(json_skip(&reader));
    assert_false(json_leave(&reader));
}

static void errors_say_where(void **state) {
    (void)state;
    expect_refused_at("", 0);
    expect_refused_at("  ", 2);
    expect_refused_at("{\"a\" 1}", 5);
    expect_refused_at("{\"a\":1,}", 7);
    expect_refused_at("[1,,2]", 3);
    expect_refused_at("[1}", 2);
    expect_refused_at("{\"a\":1]", 6);
    expect_refused_at("[01]", 2);
    expect_refused_at("[1.]", 1);
    expect_refused_at("[\"a\nb\"]", 3);
    expect_refused_at("[\"abcdefghijk\\x\"]", 13);
    expect_refused_at("[\"\xC0\xAF\"]", 2);
    expect_refused_at("[truth]", 1);
    expect_refused_at("1 2", 2);
    expect_refused_at("\xEF\xBB\xBF{}", 0);
    expect_refused_at("[\"open", 6);
    expect_refused_at("{1:2}", 1);
}

static void nesting_has_a_limit(void **state) {
    (void)state;
    static char deep[200001];
    memset(deep, '[', 100000);
    memset(deep + 100000, ']', 100000);
    assert_false(json_valid((Slice){deep, 200000}));
    assert_false(json_valid((Slice){deep, 100000}));
    assert_true(json_valid((Slice){deep + 100000 - JSON_DEPTH_MAX, 2 * JSON_DEPTH_MAX}));
    assert_false(json_valid((Slice){deep + 99999 - JSON_DEPTH_MAX, 2 * JSON_DEPTH_MAX + 2}));
    /* Objects and arrays by turns: each level remembers what it is. */
    char text[1000] = "";
    for (int i = 0; i < 32; i++)
        strcat(text, "[{\"k\":");
    strcat(text, "0");
    for (int i = 0; i < 32; i++)
        strcat(text, "}]");
    assert_true(json_valid(slice_of(text)));
    text[strlen(text) - 1] = '}';
    assert_false(json_valid(slice_of(text)));
}

static bool read_symbol_and_close(Slice text, Price *close, double *volume, int64_t *trades) {
    JsonReader reader = json_reader(text);
    bool good = json_next(&reader) == JSON_OBJECT_BEGIN && json_next(&reader) == JSON_KEY &&
                json_skip(&reader) && json_next(&reader) == JSON_KEY &&
                json_next(&reader) == JSON_OBJECT_BEGIN;
    while (good && json_next(&reader) == JSON_KEY && !slice_is(reader.slice, "k"))
        good = json_skip(&reader);
    good = good && json_next(&reader) == JSON_OBJECT_BEGIN;
    while (good && json_next(&reader) == JSON_KEY) {
        if (slice_is(reader.slice, "c"))
            good = json_take_price(&reader, close);
        else if (slice_is(reader.slice, "q"))
            good = json_take_double(&reader, volume);
        else if (slice_is(reader.slice, "n"))
            good = json_take_int(&reader, trades);
        else
            good = json_skip(&reader);
    }
    return good && json_leave(&reader) && json_leave(&reader) && json_next(&reader) == JSON_END;
}

static void a_kline_is_walked(void **state) {
    (void)state;
    Price close = {0};
    double volume = 0;
    int64_t trades = 0;
    assert_true(read_symbol_and_close(SLICE(kline), &close, &volume, &trades));
    assert_int_equal(close.units, 1654240000000);
    assert_true(volume == 1627951.1234567);
    assert_int_equal(trades, 365);
    for (size_t cut = 0; cut < sizeof kline - 1; cut++) {
        char *block = fenced(kline, cut);
        assert_false(read_symbol_and_close((Slice){block, cut}, &close, &volume, &trades));
        free(block);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    static const char *const documents[] = {
        kline,
        "[\"\\uD83D\\uDE00 \xF0\x9F\x98\x80 \xC3\xA9 tail\", -0.5E-7, true, false, null, "
        "{\"k\":{}}]",
        "{\"lastUpdateId\":160,\"bids\":[[\"0.0024\",\"10\"]],\"asks\":[[\"0.0026\",\"100\"]]}",
        "\"0123456789abcdef0123456789abcdef\""};
    for (size_t d = 0; d < sizeof documents / sizeof documents[0]; d++) {
        size_t length = strlen(documents[d]);
        assert_true(valid(documents[d], length));
        for (size_t cut = 0; cut < length; cut++)
            if (valid(documents[d], cut)) fail_msg("accepted %.*s", (int)cut, documents[d]);
    }
}

/* One byte changed anywhere: accepted or refused, but never a read outside and never a wrong depth.
 */
static void flipped_bytes_do_no_harm(void **state) {
    (void)state;
    Random random = random_stream(1, 1);
    int refused = 0;
    for (int i = 0; i < 50000; i++) {
        char *block = fenced(kline, sizeof kline - 1);
        block[random_below(&random, sizeof kline - 1)] = (char)random_u32(&random);
        JsonReader reader = json_reader((Slice){block, sizeof kline - 1});
        JsonToken token;
        do {
            token = json_next(&reader);
            assert_true(reader.depth <= 4 && reader.at <= reader.end);
        } while (token != JSON_ERROR && token != JSON_END);
        refused += token == JSON_ERROR;
        free(block);
    }
    assert_in_range(refused, 10000, 45000);
}

static char *read_whole(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *length = (size_t)ftell(file);
    rewind(file);
    char *bytes = malloc(*length + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    fclose(file);
    bytes[*length] = 0;
    return bytes;
}

static void run_quietly(const char *command) {
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    char line[256];
    while (fgets(line, sizeof line, pipe))
        print_message("%s", line);
    assert_int_equal(pclose(pipe), 0);
}

static void judge(const char *folder, const char *name, int *wrong) {
    char path[600];
    size_t length;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *text = read_whole(path, &length);
    bool accepted = valid(text, length);
    free(text);
    if ((name[0] == 'y' && accepted) || (name[0] == 'n' && !accepted) || name[0] == 'i') return;
    print_error("%s was %s\n", name, accepted ? "accepted" : "refused");
    (*wrong)++;
}

static void holds_to_the_test_suite(void **state) {
    (void)state;
    const char *archive = shared_data("suites/json_test_suite.tar.gz");
    char folder[] = "/tmp/json_suite_XXXXXX", command[1500], inner[100];
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "tar -xzf '%s' -C %s", archive, folder);
    run_quietly(command);
    snprintf(inner, sizeof inner, "%s/test_parsing", folder);
    DIR *entries = opendir(inner);
    assert_non_null(entries);
    int count = 0, wrong = 0;
    for (struct dirent *entry = readdir(entries); entry; entry = readdir(entries)) {
        if (entry->d_name[0] == '.') continue;
        judge(inner, entry->d_name, &wrong);
        count++;
    }
    closedir(entries);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    run_quietly(command);
    assert_true(count >= PARSING_CASES_MIN);
    assert_int_equal(wrong, 0);
}

/* Written, read and resolved: the same bytes again. */
static void expect_round_trip(const char *bytes, size_t length) {
    static char memory[8192], back[4096];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_slice(&writer, (Slice){bytes, length});
    assert_false(text.overflow);
    char *block = fenced(memory, text.length);
    JsonReader reader = json_reader((Slice){block, text.length});
    assert_int_equal(json_next(&reader), JSON_STRING);
    assert_true(json_unescape(&reader, back, sizeof back));
    assert_int_equal(json_next(&reader), JSON_END);
    assert_int_equal(strlen(back), length);
    assert_memory_equal(back, bytes, length);
    free(block);
}

static void naughty_strings_survive(void **state) {
    (void)state;
    size_t length;
    char *bytes = read_whole(shared_data("suites/naughty_strings.json"), &length);
    JsonReader reader = json_reader((Slice){bytes, length});
    static char plain[4096];
    int count = 0;
    assert_int_equal(json_next(&reader), JSON_ARRAY_BEGIN);
    while (json_next(&reader) == JSON_STRING) {
        count++;
        if (!json_unescape(&reader, plain, sizeof plain)) continue; /* one holds a zero character */
        expect_round_trip(plain, strlen(plain));
    }
    assert_int_equal(json_next(&reader), JSON_END);
    assert_true(count >= 500);
    free(bytes);
}

static void expect_unescaped(const char *quoted, const char *want) {
    char target[64];
    JsonReader reader = json_reader(slice_of(quoted));
    assert_int_equal(json_next(&reader), JSON_STRING);
    assert_true(json_unescape(&reader, target, sizeof target));
    assert_string_equal(target, want);
}

static void escapes_are_resolved(void **state) {
    (void)state;
    expect_unescaped("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    expect_unescaped("\"\\u0041\\u00e9\\u20AC\\uD83D\\uDE00\"",
                     "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    expect_unescaped("\"\\uD83D!\"", "\xEF\xBF\xBD!");
    expect_unescaped("\"\\uDE00\\uD83D\"", "\xEF\xBF\xBD\xEF\xBF\xBD");
    expect_unescaped("\"\\uD83D\\u0041\"", "\xEF\xBF\xBD"
                                           "A");
    expect_unescaped("\"\\uFFFF\"", "\xEF\xBF\xBF");
    char target[4];
    JsonReader reader = json_reader(SLICE("\"a\\u0000b\""));
    assert_int_equal(json_next(&reader), JSON_STRING);
    assert_false(json_unescape(&reader, target, sizeof target));
    reader = json_reader(SLICE("\"abcd\""));
    assert_int_equal(json_next(&reader), JSON_STRING);
    assert_false(json_unescape(&reader, target, sizeof target));
    assert_string_equal(target, "");
}

/* Behind a key the short ways are taken; they must judge as the long way does for the bare value.
 */
static void short_and_long_ways_agree(void **state) {
    (void)state;
    static const char *const values[] = {"0",
                                         "00",
                                         "01",
                                         "1",
                                         "-1",
                                         "12345678",
                                         "123456789012345678",
                                         "1234567890123456789",
                                         "1.5",
                                         "1e3",
                                         "9223372036854775807",
                                         "9223372036854775808",
                                         "12345678.",
                                         "12345678e",
                                         "\"1\"",
                                         "\"-1.5\"",
                                         "\"1.5x\"",
                                         "\"1.\"",
                                         "\".5\"",
                                         "\"\"",
                                         "\"1e5\"",
                                         "\"1.123456789\"",
                                         "\"1.12345678\"",
                                         "\"92233720368.54775807\"",
                                         "\"92233720368.54775808\"",
                                         "\"12345678901234567890\"",
                                         "\"1\\u0031\"",
                                         "true",
                                         "\"123456789.123456789\"",
                                         "\"00012.50\"",
                                         "1 ",
                                         "\"9007199254740993\"",
                                         "-",
                                         "\"-\"",
                                         "\"1"};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char text[80];
        int length = snprintf(text, sizeof text, "{\"k\":%s}", values[i]);
        JsonReader bare[3], keyed[3];
        int64_t a = 0, b = 0;
        double x = 0, y = 0;
        Price p = {0}, q = {0};
        for (int k = 0; k < 3; k++) {
            bare[k] = json_reader(slice_of(values[i]));
            keyed[k] = json_reader((Slice){text, (size_t)length});
            assert_int_equal(json_next(&keyed[k]), JSON_OBJECT_BEGIN);
            assert_int_equal(json_next(&keyed[k]), JSON_KEY);
        }
        assert_int_equal(json_take_int(&bare[0], &a), json_take_int(&keyed[0], &b));
        assert_int_equal(json_take_double(&bare[1], &x), json_take_double(&keyed[1], &y));
        assert_int_equal(json_take_price(&bare[2], &p), json_take_price(&keyed[2], &q));
        assert_true(a == b && x == y && p.units == q.units);
        for (int k = 0; k < 3; k++) {
            bool whole = json_next(&bare[k]) == JSON_END;
            assert_int_equal(whole, json_next(&keyed[k]) == JSON_OBJECT_END &&
                                        json_next(&keyed[k]) == JSON_END);
        }
    }
}

static void typed_values_are_exact_or_refused(void **state) {
    (void)state;
    const char *good = "[9223372036854775807,\"0.00000001\",12.5,\"1e3\",true,\"s\",\"7\",0]";
    JsonReader reader = json_reader(slice_of(good));
    int64_t whole = 0;
    Price price = {0};
    Quantity quantity = {0};
    double number = 0;
    bool truth = false;
    Slice raw;
    assert_int_equal(json_next(&reader), JSON_ARRAY_BEGIN);
    assert_true(json_take_int(&reader, &whole) && whole == INT64_MAX);
    assert_true(json_take_price(&reader, &price) && price.units == 1);
    assert_true(json_take_quantity(&reader, &quantity) && quantity.units == 1250000000);
    assert_true(json_take_double(&reader, &number) && number == 1000);
    assert_true(json_take_bool(&reader, &truth) && truth);
    assert_true(json_take_string(&reader, &raw) && slice_is(raw, "s"));
    assert_true(json_take_double(&reader, &number) && number == 7);
    assert_true(json_take_int(&reader, &whole) && whole == 0);
    assert_int_equal(json_next(&reader), JSON_ARRAY_END);
    static const char *const ints[] = {"\"5\"", "1.0", "1e2", "9223372036854775808",
                                       "true",  "[]",  "{}",  "null"};
    for (size_t i = 0; i < sizeof ints / sizeof ints[0]; i++) {
        reader = json_reader(slice_of(ints[i]));
        assert_false(json_take_int(&reader, &whole));
        assert_int_equal(json_position(&reader), 0);
        assert_int_equal(json_next(&reader), JSON_ERROR);
    }
    static const char *const prices[] = {
        "\"1e5\"", "1e5", "\"\"",        "\"1 \"", "0.000000001",
        "007",     "[1]", "\"\\u0031\"", "true",   "\"92233720369\"",
        "-",       "1.",  "\"1.5"};
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        reader = json_reader(slice_of(prices[i]));
        bool taken = json_take_price(&reader, &price);
        if (taken && json_next(&reader) == JSON_END) fail_msg("%s was taken", prices[i]);
    }
    reader = json_reader(SLICE("1e999"));
    assert_false(json_take_double(&reader, &number));
    reader = json_reader(SLICE("{\"a\":\"b\"}"));
    assert_false(json_take_string(&reader, &raw));
    reader = json_reader(SLICE("0"));
    assert_false(json_take_bool(&reader, &truth));
    assert_int_equal(whole, 0);
}

static void writer_places_commas_and_exact_numbers(void **state) {
    (void)state;
    char memory[600];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "price");
    json_price(&writer, price_of(6752345000000));
    json_key(&writer, "list");
    json_array_begin(&writer);
    json_int(&writer, INT64_MIN);
    json_double(&writer, 0.1);
    json_double(&writer, (double)NAN);
    json_bool(&writer, true);
    json_bool(&writer, false);
    json_null(&writer);
    json_object_begin(&writer);
    json_object_end(&writer);
    json_array_begin(&writer);
    json_array_end(&writer);
    json_array_end(&writer);
    json_key(&writer, "money");
    json_money(&writer, money_of(-150000000));
    json_key(&writer, "quantity");
    json_quantity(&writer, quantity_of(1));
    json_key(&writer, "time");
    json_time(&writer, 0);
    json_key(&writer, "a\"b");
    json_string(&writer, "\x01\t\\/\x7F\xFF\xE2\x82");
    json_key(&writer, "raw");
    json_raw(&writer, SLICE("[1]"));
    json_object_end(&writer);
    assert_string_equal(
        text_end(&text),
        "{\"price\":67523.45,\"list\":[-9223372036854775808,0.1,null,true,false,null,{},[]],"
        "\"money\":-1.5,\"quantity\":0.00000001,\"time\":\"1970-01-01T00:00:00.000Z\","
        "\"a\\\"b\":\"\\u0001\\t\\\\/\x7F\xEF\xBF\xBD\xEF\xBF\xBD\",\"raw\":[1]}");
    assert_true(json_valid((Slice){text.at, text.length}));
}

static void any_bytes_written_are_valid(void **state) {
    (void)state;
    Random random = random_stream(2, 1);
    for (int i = 0; i < 20000; i++) {
        char bytes[40], memory[400];
        size_t length = random_below(&random, sizeof bytes);
        for (size_t k = 0; k < length; k++)
            bytes[k] = (char)(random_u32(&random) & 1 ? 0x80 + random_below(&random, 128)
                                                      : random_below(&random, 128));
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        char *block = fenced(bytes, length);
        json_slice(&writer, (Slice){block, length});
        free(block);
        assert_true(valid(memory, text.length));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tokens_come_in_order),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(a_kline_is_walked),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(flipped_bytes_do_no_harm),
        cmocka_unit_test(holds_to_the_test_suite),
        cmocka_unit_test(naughty_strings_survive),
        cmocka_unit_test(escapes_are_resolved),
        cmocka_unit_test(short_and_long_ways_agree),
        cmocka_unit_test(typed_values_are_exact_or_refused),
        cmocka_unit_test(writer_places_commas_and_exact_numbers),
        cmocka_unit_test(any_bytes_written_are_valid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
