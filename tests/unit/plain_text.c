/* SPDX-License-Identifier: Apache-2.0 */
/* Foreign text made plain: examples, the naughty strings, random bytes, random mixtures of what is
 * dangerous. */
#include "unit.h"

#include "core/base/plain_text.h"
#include "core/base/random.h"
#include "core/base/utf8.h"

#define RANDOM_TEXTS 200000

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

/* ---- examples ------------------------------------------------------------------------------ */

typedef struct Example {
    const char *foreign, *plain;
} Example;

static const Example examples[] = {
    {"Bitcoin rises", "Bitcoin rises"},
    {"", ""},
    {" \t\r\n ", ""},
    {"  two\n\n  lines\xC2\xA0here ", "two lines here"},
    {"A &amp; B &lt;3 &#8217;x&#x2019; &quot;q&quot;", "A & B <3 \xE2\x80\x99x\xE2\x80\x99 \"q\""},
    {"once: &amp;lt;b&amp;gt; &amp;amp;", "once: &lt;b&gt; &amp;"},
    {"no entity: AT&T; R&D &; &#; &#x; &#xZZ; &nosuch; &amp", "no entity: AT&T; R&D &; &#; &#x; "
                                                              "&#xZZ; &nosuch; &amp"},
    {"&#146;old&#150; &#0;|&#xD800;|&#99999999999;", "\xE2\x80\x99old\xE2\x80\x93 \xEF\xBF\xBD|"
                                                     "\xEF\xBF\xBD|&#99999999999;"},
    {"<b>B</b>itcoin<br/>and<p class=\"x\">Ether</p>", "Bitcoin and Ether"},
    {"&lt;script&gt;alert(1)&lt;/script&gt;x", "alert(1) x"},
    {"<<b>script>bad</<b>script>", "< script>bad script>"},
    {"price <5 and > 3, a < b", "price <5 and > 3, a < b"},
    {"never closed <img src=x onerror=1", "never closed < img src=x onerror=1"},
    {"<!-- note --><?php x ?>y", "y"},
    {"zero\xE2\x80\x8Bwidth \xE2\x80\xAEtxt\xE2\x80\xAC soft\xC2\xADhyphen \xEF\xBB\xBF.",
     "zerowidth txt softhyphen ."},
    {"tags \xF3\xA0\x81\x81\xF3\xA0\x81\x82 and private \xEE\x80\x80.", "tags and private ."},
    {"bell\a esc\x1B[31m del\x7F c1\xC2\x9B", "bell esc[31m del c1"},
    {"line\xE2\x80\xA8sep\xE2\x80\xA9para\xC2\x85nel", "line sep para nel"},
    {"bad\xFF\xFE\xC0\xAF utf\xED\xA0\x80", "bad\xEF\xBF\xBD utf\xEF\xBF\xBD"},
    {"e\xCC\x81\xCC\x81\xCC\x81\xCC\x81\xCC\x81x", "e\xCC\x81\xCC\x81x"},
    {"\xE6\xAF\x94\xE7\x89\xB9\xE5\xB8\x81 \xF0\x9F\x9A\x80",
     "\xE6\xAF\x94\xE7\x89\xB9\xE5\xB8\x81 "
     "\xF0\x9F\x9A\x80"},
};

static void examples_hold(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        char plain[256];
        size_t length = plain_text_into(slice_of(examples[i].foreign), plain, sizeof plain);
        assert_string_equal(plain, examples[i].plain);
        assert_int_equal(length, strlen(plain));
    }
}

static void cut_between_code_points(void **state) {
    (void)state;
    static const char text[] = "ab \xE6\xAF\x94 \xF0\x9F\x9A\x80!";
    static const size_t lengths[] = {0, 1, 2, 2, 2, 2, 6, 6, 6, 6, 6, 11, 12, 12};
    for (size_t room = 1; room <= sizeof lengths / sizeof lengths[0]; room++) {
        char plain[32];
        size_t length = plain_text_into(SLICE(text), plain, room);
        assert_int_equal(length, lengths[room - 1]);
        assert_memory_equal(plain, text, length);
        assert_int_equal(plain[length], 0);
    }
}

static void strings_of_json_are_resolved_first(void **state) {
    (void)state;
    JsonReader reader = json_reader(
        SLICE("[\"a\\n\\\"b\\\" \\u20AC \\ud83d\\ude80 \\ud800 \\u0000\\u003cb\\u003e&amp;\", "
              "\"back\\\\slash\", \"plain\"]"));
    char plain[64];
    (void)json_next(&reader);
    (void)json_next(&reader);
    plain_text_of_json(&reader, plain, sizeof plain);
    assert_string_equal(plain, "a \"b\" \xE2\x82\xAC \xF0\x9F\x9A\x80 \xEF\xBF\xBD &");
    (void)json_next(&reader);
    plain_text_of_json(&reader, plain, sizeof plain);
    assert_string_equal(plain, "back\\slash");
    (void)json_next(&reader);
    assert_int_equal(plain_text_of_json(&reader, plain, 4), 3);
    assert_string_equal(plain, "pla");
}

/* ---- what holds for every text ------------------------------------------------------------- */

static uint32_t code_at(const char *at, int length) {
    uint32_t code = length == 1 ? (uint8_t)at[0] : (uint8_t)at[0] & (0x7Fu >> length);
    for (int i = 1; i < length; i++)
        code = code << 6 | ((uint8_t)at[i] & 0x3F);
    return code;
}

static bool is_banned(uint32_t code) {
    return code < 32 || (code >= 0x7F && code <= 0xA0) || code == 0xAD || code == 0x61C ||
           (code >= 0x2000 && code <= 0x200F) || (code >= 0x2028 && code <= 0x202F) ||
           (code >= 0x205F && code <= 0x206F) || code == 0x3000 || code == 0xFEFF ||
           (code >= 0xFE00 && code <= 0xFE0F) || (code >= 0xE000 && code <= 0xF8FF) ||
           code >= 0xE0000;
}

static void expect_plain(const char *plain, size_t length) {
    assert_int_equal(plain[length], 0);
    assert_int_equal(strlen(plain), length);
    assert_true(length == 0 || (plain[0] != ' ' && plain[length - 1] != ' '));
    for (const char *at = plain, *end = plain + length; at < end;) {
        int step = utf8_step(at, end);
        assert_true(step > 0);
        if (is_banned(code_at(at, step))) fail_msg("U+%X is left", code_at(at, step));
        assert_false(at[0] == ' ' && at[1] == ' ');
        assert_false(at[0] == '<' && at[1] && strchr("/!?", at[1]));
        assert_false(at[0] == '<' && (at[1] | 32) >= 'a' && (at[1] | 32) <= 'z');
        at += step;
    }
}

static void expect_laws(const char *foreign, size_t length) {
    char plain[512], again[512];
    char *fenced = malloc(length ? length : 1); /* so that the sanitizer sees a read beyond */
    assert_non_null(fenced);
    memcpy(fenced, foreign, length);
    for (size_t room = 1; room <= sizeof plain; room = room * 3 + 1) {
        size_t size = plain_text_into((Slice){fenced, length}, plain, room);
        assert_true(size < room);
        expect_plain(plain, size);
        if (memchr(plain, '&', size)) continue; /* what was decoded once may be decoded again */
        assert_int_equal(plain_text_into((Slice){plain, size}, again, room), size);
        assert_string_equal(plain, again);
    }
    free(fenced);
}

static void naughty_strings(void **state) {
    (void)state;
    static char text[1 << 16], string[1 << 14];
    FILE *file = fopen(shared_data("suites/naughty_strings.json"), "rb");
    assert_non_null(file);
    size_t length = fread(text, 1, sizeof text, file), count = 0;
    assert_int_equal(fclose(file), 0);
    JsonReader reader = json_reader((Slice){text, length});
    assert_int_equal(json_next(&reader), JSON_ARRAY_BEGIN);
    while (json_next(&reader) == JSON_STRING) {
        char plain[300];
        size_t size = plain_text_of_json(&reader, plain, sizeof plain);
        expect_plain(plain, size);
        if (json_unescape(&reader, string, sizeof string)) expect_laws(string, strlen(string));
        count++;
    }
    assert_true(count > 500); /* the suite has 515 */
}

static void random_bytes_and_mixtures(void **state) {
    (void)state;
    static const char *const parts[] = {"<",
                                        ">",
                                        "&",
                                        "lt;",
                                        "gt;",
                                        "amp;",
                                        "#60;",
                                        "b",
                                        "/",
                                        "!",
                                        " ",
                                        "\n",
                                        "\xE2\x80\x8B",
                                        "\xF0\x9F\x9A\x80",
                                        "\xCC\x81",
                                        "\xE2\x80\xAE",
                                        "\xC2",
                                        "\xA0",
                                        "&#x3c;",
                                        "script",
                                        "x",
                                        "\xEF\xBF\xBD"};
    Random random = random_stream(4711, 1);
    for (unsigned i = 0; i < RANDOM_TEXTS; i++) {
        char text[160];
        size_t length = 0, wanted = random_below(&random, 100);
        while (length < wanted) {
            const char *part = parts[random_below(&random, sizeof parts / sizeof parts[0])];
            if (i % 2) {
                text[length++] = (char)random_below(&random, 256);
            } else {
                memcpy(text + length, part, strlen(part));
                length += strlen(part);
            }
        }
        expect_laws(text, length);
    }
}

/* A hostile text costs no more than its length times a constant. */
static void a_long_hostile_text_ends_soon(void **state) {
    (void)state;
    static char text[60000], plain[60000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 ? 'a' : '<';
    size_t length = plain_text_into((Slice){text, sizeof text}, plain, sizeof plain);
    expect_plain(plain, length);
    assert_true(length > sizeof plain / 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_hold),
        cmocka_unit_test(cut_between_code_points),
        cmocka_unit_test(strings_of_json_are_resolved_first),
        cmocka_unit_test(naughty_strings),
        cmocka_unit_test(random_bytes_and_mixtures),
        cmocka_unit_test(a_long_hostile_text_ends_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
