/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Feeds as JSON: RSS, RDF and Atom, dates of both kinds, encodings, what is broken or hostile, and
 * bounds.
 */
#include "unit.h"

#include "check_aborts.h"
#include "core/base/json.h"
#include "shell/outside/feed_items.h"

static char memory[60000];
static bool cut;
static Error error;

static bool read_feed(const char *xml, size_t length, const char *charset, size_t room) {
    Text json = text_in(memory, room);
    error = (Error){.code = ERROR_NONE};
    bool read = feed_items_read((Slice){xml, length}, charset, &json, &cut, &error);
    if (read) assert_true(json_valid(slice_of(text_end(&json))));
    return read;
}

static void expect(const char *xml, const char *json) {
    assert_true(read_feed(xml, strlen(xml), "", sizeof memory));
    assert_string_equal(memory, json);
    assert_false(cut);
}

#define ITEM(title, link, guid, published, summary)                                                \
    "{\"title\":" title ",\"link\":" link ",\"guid\":" guid ",\"published\":" published            \
    ",\"summary\":" summary "}"

static void test_rss_newest_first(void **state) {
    (void)state;
    expect("\n  <?xml version=\"1.0\"?><rss version=\"2.0\" xmlns:media=\"m\"><channel>"
           "<title>The channel's own</title><image><title>no</title></image>"
           "<item><title>Old &amp; known</title><link>https://a.example/1</link>"
           "<pubDate>Sun, 01 Jan 2023 00:00:00 +0100</pubDate>"
           "<media:title>another</media:title></item>"
           "<item><title><![CDATA[New <b>bold</b>]]></title><guid isPermaLink=\"false\">g2</guid>"
           "<pubDate>Mon, 02 Jan 2023 00:00:00 GMT</pubDate>"
           "<description>&lt;p&gt;text&lt;/p&gt;</description></item>"
           "<item><link>https://a.example/untitled</link></item></channel></rss>",
           "[" ITEM("\"New <b>bold</b>\"", "null", "\"g2\"", "\"2023-01-02T00:00:00.000Z\"",
                    "\"<p>text</p>\"") "," ITEM("\"Old & known\"", "\"https://a.example/1\"",
                                                "null", "\"2022-12-31T23:00:00.000Z\"",
                                                "null") "]");
}

static void test_atom_and_rdf(void **state) {
    (void)state;
    expect("<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>T</title><entry>"
           "<title type=\"html\">A</title><link rel=\"self\" href=\"https://x.example/self\"/>"
           "<link href=\"https://x.example/a\"/><id>tag:1</id>"
           "<published>2024-03-01T10:00:00+02:00</published><updated>2024-03-09T10:00:00Z</updated>"
           "<author><title>no</title></author></entry></feed>",
           "[" ITEM("\"A\"", "\"https://x.example/a\"", "\"tag:1\"", "\"2024-03-01T08:00:00.000Z\"",
                    "null") "]");
    expect("<rdf:RDF xmlns:rdf=\"r\"><channel/><item><title>B</title>"
           "<dc:date>2024-03-01</dc:date></item></rdf:RDF>",
           "[" ITEM("\"B\"", "null", "null", "\"2024-03-01T00:00:00.000Z\"", "null") "]");
    expect("<rss><item><title>C</title><pubDate>yesterday</pubDate></item></rss>",
           "[" ITEM("\"C\"", "null", "null", "null", "null") "]");
}

static void test_encodings(void **state) {
    (void)state;
    expect("<?xml version=\"1.0\" encoding=\"windows-1252\"?><r><item><title>\x93"
           "caf\xE9\x94 \x80</title></item></r>",
           "[" ITEM("\"\xE2\x80\x9C"
                    "caf\xC3\xA9\xE2\x80\x9D \xE2\x82\xAC\"",
                    "null", "null", "null", "null") "]");
    const char *latin = "<r><item><title>\xE9</title></item></r>";
    assert_true(read_feed(latin, strlen(latin), "ISO-8859-1", sizeof memory));
    assert_non_null(strstr(memory, "\"\xC3\xA9\""));
    assert_false(read_feed(latin, strlen(latin), "", sizeof memory)); /* no UTF-8 */
    assert_non_null(strstr(error.message, "not a feed"));
    static const char wide[] =
        "\xFF\xFE<\0r\0>\0<\0i\0t\0e\0m\0>\0<\0t\0i\0t\0l\0e\0>\0Z\0<\0/\0t\0i"
        "\0t\0l\0e\0>\0<\0/\0i\0t\0e\0m\0>\0<\0/\0r\0>\0";
    assert_true(read_feed(wide, sizeof wide - 1, "", sizeof memory));
    assert_non_null(strstr(memory, "\"title\":\"Z\""));
}

static void test_of_a_broken_feed_what_could_be_read(void **state) {
    (void)state;
    expect("<rss><item><title>Whole</title></item><item><title>Half",
           "[" ITEM("\"Whole\"", "null", "null", "null", "null") "]");
    expect("<rss><item><title>One</title></item><item><title>A &nbsp; b</title></item></rss>",
           "[" ITEM("\"One\"", "null", "null", "null", "null") "]");
    static const char *const none[] = {
        "",         "   ", "{\"json\":1}", "<html></html>", "<rss><channel></channel></rss>",
        "\x01\x02", "<"};
    for (unsigned i = 0; i < sizeof none / sizeof none[0]; i++)
        assert_false(read_feed(none[i], strlen(none[i]), "", sizeof memory));
}

static void test_hostile_feeds(void **state) {
    (void)state;
    const char *laughs = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;\">]>"
                         "<r><item><title>&b;</title></item></r>";
    assert_false(read_feed(laughs, strlen(laughs), "", sizeof memory));
    const char *outside = "<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
                          "<r><item><title>&x;</title></item></r>";
    assert_false(read_feed(outside, strlen(outside), "", sizeof memory));
    assert_null(strstr(memory, "root:"));
    static char deep[200000];
    for (size_t i = 0; i + 3 < sizeof deep; i += 3)
        memcpy(deep + i, "<a>", 3);
    assert_false(read_feed(deep, sizeof deep - 2, "", sizeof memory));
    static char lies[40];
    strcpy(lies, "<r><item><title>x</title></item></r>");
    assert_false(read_feed(lies, strlen(lies), "no-such-encoding", sizeof memory));
}

static void test_bounds(void **state) {
    (void)state;
    static char many[400000];
    Text text = TEXT_IN(many);
    text_put(&text, "<rss>");
    for (int i = 0; i < 500; i++)
        text_format(&text, "<item><title>Item %d \xC3\xA9\xC3\xA9\xC3\xA9</title></item>", i);
    text_put(&text, "</rss>");
    text_end(&text);
    assert_false(text.overflow);
    assert_true(read_feed(many, text.length, "", sizeof memory));
    assert_null(strstr(memory, "Item 200 "));
    assert_non_null(strstr(memory, "Item 199 "));
    assert_true(read_feed(many, text.length, "", 1000));
    assert_true(cut && strlen(memory) < 1000);
    text = TEXT_IN(many);
    text_put(&text, "<rss><item><title>");
    for (int i = 0; i < 5000; i++)
        text_put(&text, "\xC3\xA9");
    text_put(&text, "</title></item></rss>");
    text_end(&text);
    assert_true(read_feed(many, text.length, "", sizeof memory)); /* valid UTF-8 all the same */
    assert_true(strlen(memory) < 1300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rss_newest_first),
        cmocka_unit_test(test_atom_and_rdf),
        cmocka_unit_test(test_encodings),
        cmocka_unit_test(test_of_a_broken_feed_what_could_be_read),
        cmocka_unit_test(test_hostile_feeds),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
