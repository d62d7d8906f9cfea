/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The box, from both sides. More than five hundred attempts come as news through every source of
 * headlines: what they become is one short line of plain words. They come as whole replies of the
 * model, with sixty that attack the reader: each is refused, or is an answer within its bounds in
 * which only the asked-for fields count.
 */
#include "unit.h"

#include "box_corpus.h"
#include "check_aborts.h"
#include "core/analyst/answer.h"
#include "core/base/digest.h"
#include "core/base/json.h"
#include "core/bus/codec.h"
#include "core/venues/headline_item.h"
#include "core/venues/openai.h"
#include "shell/outside/feed_items.h"

#define TAG_BEGINS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ/!?"

static char memory[BOX_TEXT], document[12 * BOX_TEXT], items[60000];

/* ---- the corpus ---------------------------------------------------------------------------- */

static int by_hash(const void *a, const void *b) {
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return left < right ? -1 : left > right;
}

static void test_more_than_five_hundred_different_ones(void **state) {
    (void)state;
    static uint64_t hashes[BOX_INJECTIONS];
    for (unsigned i = 0; i < BOX_INJECTIONS; i++) {
        assert_non_null(box_injection(i, memory));
        hashes[i] = hash64(memory, strlen(memory));
    }
    qsort(hashes, BOX_INJECTIONS, sizeof hashes[0], by_hash);
    for (unsigned i = 1; i < BOX_INJECTIONS; i++)
        assert_true(hashes[i] != hashes[i - 1]);
    assert_true(BOX_INJECTIONS >= 500);
    assert_true(BOX_COUNT(box_languages) >= 10);
    print_message("%d injections, %zu bad and %zu loud replies\n", (int)BOX_INJECTIONS,
                  BOX_COUNT(box_bad_replies), BOX_COUNT(box_loud_replies));
}

/* ---- news ---------------------------------------------------------------------------------- */

/* One line of what people can see; no tag opens in it. */
static void expect_plain(const char *text, size_t room) {
    const char *end = text + strlen(text);
    assert_true((size_t)(end - text) < room);
    for (const char *at = text; at < end;) {
        int length = utf8_step(at, end);
        assert_true(length > 0);
        if (length == 1) assert_in_range(*at, ' ', '~');
        uint32_t code = (uint8_t)at[0];
        if (length == 2) code = (code & 0x1F) << 6 | ((uint8_t)at[1] & 0x3F);
        if (length == 3)
            code = (code & 0x0F) << 12 | ((uint8_t)at[1] & 0x3Fu) << 6 | ((uint8_t)at[2] & 0x3F);
        assert_false(code >= 0x80 && code < 0xA0);
        assert_false(code == 0xAD || (code >= 0x200B && code <= 0x200F));
        assert_false((code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F));
        assert_false(code == 0xFEFF);
        assert_false(length == 4 && at[0] == '\xF3'); /* tags, variation selectors */
        assert_false(*at == '<' && at[1] && strchr(TAG_BEGINS, at[1]));
        at += length;
    }
}

static void expect_headlines(const HeadlineSource *source, const char *body) {
    ForeignItems list;
    Slice item;
    static Headline headline;
    assert_true(foreign_items_open(slice_of(body), source->list, &list));
    while (foreign_items_next(&list, &item)) {
        memset(&headline, 0, sizeof headline);
        if (headline_read(source, item, &headline)) continue; /* refused: also fine */
        expect_plain(headline.title, sizeof headline.title);
        expect_plain(headline.source, sizeof headline.source);
        assert_null(codec_fault(&message_shapes[MESSAGE_HEADLINE], &headline) ? "fault" : NULL);
    }
}

/* As a careless publisher would put it into a feed. */
static void put_escaped(Text *text, const char *words) {
    for (const char *c = words; *c; c++) {
        if (*c == '&')
            text_put(text, "&amp;");
        else if (*c == '<')
            text_put(text, "&lt;");
        else if (*c == '>')
            text_put(text, "&gt;");
        else if ((uint8_t)*c >= ' ' || *c == '\n' || *c == '\r' || *c == '\t')
            text_char(text, *c);
    }
}

static void through_a_feed(const char *words, bool escaped) {
    Text xml = TEXT_IN(document), json = TEXT_IN(items);
    Error error;
    bool cut;
    text_put(&xml, "<rss><item><title>");
    if (!escaped) text_put(&xml, "<![CDATA[");
    escaped ? put_escaped(&xml, words) : text_put(&xml, words);
    if (!escaped) text_put(&xml, "]]>");
    text_put(&xml, "</title><guid>g</guid></item></rss>");
    text_end(&xml);
    assert_false(xml.overflow);
    if (!feed_items_read((Slice){xml.at, xml.length}, "", &json, &cut, &error)) return;
    assert_true(json_valid(slice_of(text_end(&json))));
    expect_headlines(&headline_rss, items);
}

static void through_an_api(const HeadlineSource *source, const char *before, const char *words,
                           const char *behind) {
    Text text = TEXT_IN(document);
    text_put(&text, before);
    JsonWriter writer = json_writer(&text);
    json_string(&writer, words);
    text_put(&text, behind);
    text_end(&text);
    assert_false(text.overflow);
    expect_headlines(source, document);
}

static void test_news_become_one_line_of_plain_words(void **state) {
    (void)state;
    for (unsigned i = 0; i < BOX_INJECTIONS; i++) {
        const char *words = box_injection(i, memory);
        through_a_feed(words, true);
        through_a_feed(words, false);
        through_an_api(&headline_rss, "[{\"guid\":\"g\",\"title\":", words, "}]");
        through_an_api(&headline_cryptopanic, "{\"results\":[{\"id\":1,\"title\":", words, "}]}");
        through_an_api(&headline_gdelt,
                       "{\"articles\":[{\"url\":\"https://x.example\",\"title\":", words, "}]}");
        through_an_api(&headline_reddit,
                       "{\"data\":{\"children\":[{\"data\":{\"id\":\"a\",\"title\":", words,
                       "}}]}}");
        through_an_api(&headline_lunarcrush, "{\"data\":[{\"id\":\"a\",\"post_title\":", words,
                       "}]}");
    }
}

/* ---- replies ------------------------------------------------------------------------------- */

static ModelSignalAnswer answer;
static char fault[300];

static bool is_answer(const char *content) {
    Text text = TEXT_IN(fault);
    memset(&answer, 0, sizeof answer);
    bool read = answer_read(MESSAGE_MODEL_SIGNAL_ANSWER, slice_of(content), &answer, &text);
    text_end(&text);
    if (!read) {
        assert_true(fault[0]); /* with a reason, in words of ours */
        expect_plain(fault, sizeof fault);
        return false;
    }
    assert_null(codec_fault(&message_shapes[MESSAGE_MODEL_SIGNAL_ANSWER], &answer) ? "fault"
                                                                                   : NULL);
    expect_plain(answer.reasoning, sizeof answer.reasoning);
    expect_plain(answer.technical_factors, sizeof answer.technical_factors);
    expect_plain(answer.social_factors, sizeof answer.social_factors);
    expect_plain(answer.risk_assessment, sizeof answer.risk_assessment);
    for (uint32_t i = 0; i < answer.key_indicators_count; i++)
        expect_plain(answer.key_indicators[i], sizeof answer.key_indicators[i]);
    return true;
}

static void test_bad_replies_are_no_answers(void **state) {
    (void)state;
    for (unsigned i = 0; i < BOX_COUNT(box_bad_replies); i++) {
        if (is_answer(box_bad_replies[i]))
            fail_msg("taken for an answer: %.200s", box_bad_replies[i]);
    }
    assert_true(is_answer(BOX_ANSWER("0.9"))); /* the form itself is right */
    static char deep[40000];
    memset(deep, '[', sizeof deep - 1);
    assert_false(is_answer(deep));
    for (size_t i = 0; i + 5 < sizeof deep - 1; i += 5)
        memcpy(deep + i, "{\"a\":", 5);
    assert_false(is_answer(deep));
}

static void test_of_a_loud_reply_only_the_asked_fields_count(void **state) {
    (void)state;
    assert_true(is_answer(BOX_ANSWER("0.9")));
    ModelSignalAnswer quiet = answer;
    for (unsigned i = 0; i < BOX_COUNT(box_loud_replies); i++) {
        if (!is_answer(box_loud_replies[i])) fail_msg("%s: %.200s", fault, box_loud_replies[i]);
        assert_memory_equal(&answer, &quiet, sizeof quiet);
    }
}

/* As the content of a reply, as the whole reply, and as every text of an answer. */
static void test_injections_as_replies(void **state) {
    (void)state;
    static OpenaiReply reply;
    unsigned answers = 0;
    for (unsigned i = 0; i < BOX_INJECTIONS; i++) {
        const char *words = box_injection(i, memory);
        answers += is_answer(words);
        openai_read_reply(200, slice_of(words), &reply);
        assert_int_not_equal(reply.fault, OPENAI_SOUND);
        expect_plain(reply.message, sizeof reply.message);
        Text text = TEXT_IN(document);
        JsonWriter writer = json_writer(&text);
        text_put(&text, "{\"decision\":\"HOLD\",\"confidence\":0.5,\"risk_level\":\"LOW\","
                        "\"key_indicators\":[\"k\"],\"technical_factors\":\"t\","
                        "\"social_factors\":\"s\",\"risk_assessment\":\"a\",\"weight_technical\":1,"
                        "\"weight_social\":0,\"weight_news\":0,\"weight_market\":0,\"reasoning\":");
        json_string(&writer, words);
        text_char(&text, '}');
        if (is_answer(text_end(&text))) assert_int_equal(answer.decision, DECISION_HOLD);
    }
    assert_int_equal(answers, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_than_five_hundred_different_ones),
        cmocka_unit_test(test_news_become_one_line_of_plain_words),
        cmocka_unit_test(test_bad_replies_are_no_answers),
        cmocka_unit_test(test_of_a_loud_reply_only_the_asked_fields_count),
        cmocka_unit_test(test_injections_as_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
