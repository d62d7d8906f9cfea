/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prompts: the built-in ones pass their own check, every fault of a template is named with its
 * place, braces are legal only as stated, and what is filled in stands where it should, foreign
 * text between markers alone.
 */
#include "check_aborts.h"
#include "unit.h"

#include "core/analyst/prompt.h"
#include "core/base/random.h"

static Error error;

static bool check(Prompt prompt, const char *text) {
    error = (Error){.code = ERROR_NONE};
    return prompt_check(prompt, slice_of(text), "own.txt", &error);
}

static void the_built_in_prompts_are_sound(void **state) {
    (void)state;
    static const char *const names[] = {"bear", "bull", "judge", "market", "opportunity", "risk"};
    for (Prompt prompt = 0; prompt < PROMPT_COUNT; prompt++) {
        assert_string_equal(prompt_name(prompt), names[prompt]);
        assert_int_equal(prompt_find(slice_of(names[prompt])), prompt);
        if (!check(prompt, prompt_texts[prompt].text))
            fail_msg("%s: %s", error.where, error.message);
    }
    assert_int_equal(prompt_find(SLICE("oportunity")), PROMPT_COUNT);
}

#define ALL "{market}{social}{news}"

static void faults_are_named_with_their_place(void **state) {
    (void)state;
    static const struct {
        Prompt prompt;
        const char *text, *where, *message, *hint;
    } faults[] = {
        {PROMPT_OPPORTUNITY, "s\n---\nabc {markt} " ALL, "own.txt:3:6",
         "unknown placeholder {markt}", "{market}"},
        {PROMPT_OPPORTUNITY, "s {nws}\n---\n" ALL, "own.txt:1:4", "unknown placeholder {nws}",
         "{news}"},
        {PROMPT_OPPORTUNITY, "s\n---\n{decision}" ALL, "own.txt:3:2",
         "unknown placeholder {decision}", "a brace itself"},
        {PROMPT_OPPORTUNITY, "s\n---\n" ALL "\n{\"a\": 1}", "own.txt:4:1", "a brace that is no",
         "{{"},
        {PROMPT_OPPORTUNITY, "s\n---\n" ALL "\n x }", "own.txt:4:4", "a brace that is no", "{{"},
        {PROMPT_OPPORTUNITY, "s\n---\n" ALL "{}", "own.txt:3:23", "a brace that is no", "{{"},
        {PROMPT_OPPORTUNITY, "s\n---\n" ALL "{market", "own.txt:3:23", "a brace that is no", "{{"},
        {PROMPT_OPPORTUNITY, "s\n---\n" ALL "{market x}", "own.txt:3:23", "a brace that is no",
         "{{"},
        {PROMPT_OPPORTUNITY, "s\n---\n{market}{news}", "own.txt:3:15",
         "lacks the placeholder {social}", "blindly"},
        {PROMPT_JUDGE, "s\n---\n{market}{bull}", "own.txt:3:15", "lacks the placeholder {bear}",
         ""},
        {PROMPT_OPPORTUNITY, "s " ALL, "own.txt:1:25", "no user's part", "---"},
        {PROMPT_OPPORTUNITY, "{news}\n---\n{market}{social}", "own.txt:1:2",
         "foreign text in the system's part", "below the line"},
        {PROMPT_OPPORTUNITY, "", "own.txt:1:1", "no user's part", "---"},
    };
    for (unsigned i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        assert_false(check(faults[i].prompt, faults[i].text));
        assert_string_equal(error.where, faults[i].where);
        assert_non_null(strstr(error.message, faults[i].message));
        assert_non_null(strstr(error.hint, faults[i].hint));
    }
}

static void too_long_or_binary_is_refused(void **state) {
    (void)state;
    static char text[PROMPT_MAX + 10];
    memset(text, 'a', sizeof text);
    assert_false(prompt_check(PROMPT_RISK, (Slice){text, PROMPT_MAX}, "own.txt", &error));
    text[2] = 0;
    assert_false(prompt_check(PROMPT_RISK, (Slice){text, 20}, "own.txt", &error));
    assert_non_null(strstr(error.message, "zero character"));
}

static void values_stand_in_their_places(void **state) {
    (void)state;
    PromptValues values = {{[PLACE_MARKET] = SLICE("{\"price\":1}"),
                            [PLACE_SOCIAL] = SLICE("null"),
                            [PLACE_NEWS] = SLICE("{market} \"x\""),
                            [PLACE_HORIZON] = SLICE("4 h")}};
    char head[2048], body[2048];
    Text system = TEXT_IN(head), user = TEXT_IN(body);
    assert_true(
        prompt_fill(SLICE("Over {horizon}: {{\"a\": {{}}}}\n---\nM {market}, S {social}, {news}"),
                    &values, &system, &user));
    assert_true(strncmp(text_end(&system), "Over 4 h: {\"a\": {}}\n\nRules that", 30) == 0);
    /* What is filled in is not looked at for placeholders again. */
    assert_string_equal(text_end(&user),
                        "M {\"price\":1}, S null, <<<DATA\n{market} \"x\"\nDATA>>>");
    Text small = text_in(body, 8);
    text_clear(&system);
    assert_false(prompt_fill(SLICE("s\n---\n{market}"), &values, &system, &small));
}

/* Whatever a file holds: an error, or a template that can be filled. */
static void any_text_is_refused_or_can_be_filled(void **state) {
    (void)state;
    static const char *const pieces[] = {"{",      "}",       "{{", "}}", "{market}", "{social}",
                                         "{news}", "\n---\n", "a",  "\n", "{x}",      "\xc3\xa9"};
    Random random = random_stream(3, 3);
    PromptValues values = {0};
    unsigned sound = 0;
    for (unsigned i = 0; i < 60000; i++) {
        char memory[256], head[2048], body[512];
        Text text = TEXT_IN(memory), system = TEXT_IN(head), user = TEXT_IN(body);
        for (unsigned k = 1 + random_below(&random, 8); k > 0; k--)
            text_put(&text, pieces[random_below(&random, 12)]);
        if (!check(PROMPT_OPPORTUNITY, text_end(&text))) {
            assert_true(error.message[0] && strncmp(error.where, "own.txt:", 8) == 0);
            continue;
        }
        sound++;
        assert_true(prompt_fill((Slice){text.at, text.length}, &values, &system, &user));
    }
    assert_true(sound > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_prompts_are_sound),
        cmocka_unit_test(faults_are_named_with_their_place),
        cmocka_unit_test(too_long_or_binary_is_refused),
        cmocka_unit_test(values_stand_in_their_places),
        cmocka_unit_test(any_text_is_refused_or_can_be_filled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
