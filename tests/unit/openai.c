/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codec of chat completions: what is asked in each dialect, how every habit of servers is read
 * (all recordings of the shared data among them), and that no bytes whatever end in anything but an
 * answer or a named fault.
 */
#include "check_aborts.h"
#include "unit.h"

#include <dirent.h>

#include "core/base/random.h"
#include "core/bus/codec.h"
#include "core/venues/openai.h"

#define DOCUMENT_MAX 400000

static OpenaiReply reply;

static OpenaiFault read_text(int64_t status, const char *body) {
    openai_read_reply(status, slice_of(body), &reply);
    return reply.fault;
}

/* ---- what is asked --------------------------------------------------------------------------- */

static OpenaiQuestion question_of(OpenaiDialect dialect) {
    return (OpenaiQuestion){.model = SLICE("gpt-4o"),
                            .dialect = dialect,
                            .send_temperature = true,
                            .token_parameter = SLICE("max_completion_tokens"),
                            .max_tokens = 700,
                            .answer = MESSAGE_MODEL_RISK_ANSWER,
                            .system = SLICE("You judge \"risk\"."),
                            .user = SLICE("{\"price\":1}")};
}

#define SCHEMA                                                                                     \
    "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{\"risk_level\":{"         \
    "\"type\":\"string\",\"enum\":[\"LOW\",\"MEDIUM\",\"HIGH\"],\"description\":\"LOW, MEDIUM or " \
    "HIGH\"},\"objection\":{\"type\":\"boolean\",\"description\":\"true: the entry should not be " \
    "made now\"},\"reasoning\":{\"type\":\"string\",\"description\":\"why, in at most 180 "        \
    "characters\"}},\"required\":[\"risk_level\",\"objection\",\"reasoning\"]}"

static void a_question_is_asked_in_the_strict_form(void **state) {
    (void)state;
    char memory[8192];
    Text body = TEXT_IN(memory);
    OpenaiQuestion question = question_of(OPENAI_JSON_SCHEMA);
    assert_true(openai_write_question(&question, &body));
    assert_string_equal(
        memory,
        "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"You judge "
        "\\\"risk\\\".\\n\\nAnswer with one JSON object and nothing else. Its fields: risk_level, "
        "objection, reasoning.\"},{\"role\":\"user\",\"content\":\"{\\\"price\\\":1}\"}],"
        "\"max_completion_tokens\":700,\"temperature\":0,\"response_format\":{\"type\":"
        "\"json_schema\",\"json_schema\":{\"name\":\"ModelRiskAnswer\",\"strict\":true,"
        "\"schema\":" SCHEMA "}}}");
}

static void weaker_dialects_carry_the_schema_in_the_text(void **state) {
    (void)state;
    char memory[8192];
    for (OpenaiDialect dialect = OPENAI_JSON_OBJECT; dialect <= OPENAI_PROMPT; dialect++) {
        Text body = TEXT_IN(memory);
        OpenaiQuestion question = question_of(dialect);
        question.send_temperature = false;
        question.token_parameter = SLICE("max_tokens");
        assert_true(openai_write_question(&question, &body));
        assert_true(json_valid((Slice){body.at, body.length}));
        assert_non_null(strstr(memory, "It obeys this JSON Schema: {\\\"type\\\":\\\"object\\\""));
        assert_non_null(strstr(memory, "\"max_tokens\":700"));
        assert_null(strstr(memory, "temperature"));
        bool form = strstr(memory, "\"response_format\":{\"type\":\"json_object\"}") != NULL;
        assert_int_equal(form, dialect == OPENAI_JSON_OBJECT);
    }
}

static void a_repair_tells_the_fault_and_not_the_content(void **state) {
    (void)state;
    char memory[8192];
    Text body = TEXT_IN(memory);
    OpenaiQuestion question = question_of(OPENAI_JSON_SCHEMA);
    question.fault = SLICE("risk_level: field is missing");
    assert_true(openai_write_question(&question, &body));
    assert_non_null(strstr(memory, "{\"role\":\"user\",\"content\":\"Your last answer could not be "
                                   "used: risk_level: field is missing. Answer again"));
    assert_null(strstr(memory, "assistant"));
}

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    char memory[600], system[17000];
    Text body = TEXT_IN(memory);
    OpenaiQuestion question = question_of(OPENAI_JSON_SCHEMA);
    assert_false(openai_write_question(&question, &body));
    memset(system, 'x', sizeof system);
    question.system = (Slice){system, sizeof system};
    char large[60000];
    body = TEXT_IN(large);
    assert_false(openai_write_question(&question, &body));
}

/* Strict servers refuse a schema that breaks one of these rules. */
static void every_answer_has_a_strict_schema(void **state) {
    (void)state;
    static const MessageKind kinds[] = {MESSAGE_MODEL_SIGNAL_ANSWER, MESSAGE_MODEL_MARKET_ANSWER,
                                        MESSAGE_MODEL_RISK_ANSWER};
    for (unsigned i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char memory[4096];
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        const MessageShape *shape = &message_shapes[kinds[i]];
        codec_write_answer_schema(shape, &writer);
        assert_true(json_valid(slice_of(text_end(&text))));
        assert_false(text.overflow);
        assert_non_null(strstr(memory, "\"additionalProperties\":false"));
        assert_true(shape->field_count <= 16 && text.length < 2600);
        static const char *const banned[] = {"minimum", "maxItems", "maxLength", "title", "$ref"};
        for (unsigned k = 0; k < sizeof banned / sizeof banned[0]; k++)
            assert_null(strstr(memory, banned[k]));
        const char *required = strstr(memory, "\"required\":[");
        assert_non_null(required);
        for (unsigned k = 0; k < shape->field_count; k++)
            assert_non_null(strstr(required, shape->fields[k].name));
    }
}

/* ---- what comes back ------------------------------------------------------------------------- */

#define COMPLETION(finish, message)                                                                \
    "{\"id\":\"x\",\"choices\":[{\"index\":0,\"finish_reason\":" finish ",\"message\":" message    \
    "}],\"usage\":{\"prompt_tokens\":65,\"completion_tokens\":13}}"

static void an_answer_is_read(void **state) {
    (void)state;
    assert_int_equal(read_text(200, COMPLETION("\"stop\"", "{\"role\":\"assistant\",\"content\":"
                                                           "\"{\\\"a\\\":1}\",\"refusal\":null}")),
                     OPENAI_SOUND);
    assert_string_equal(reply.content, "{\"a\":1}");
    assert_true(reply.usage_told);
    assert_int_equal(reply.prompt_tokens, 65);
    assert_int_equal(reply.completion_tokens, 13);
}

static const struct Case {
    int64_t status;
    const char *body;
    OpenaiFault fault;
    const char *code, *parameter;
} cases[] = {
    {200, COMPLETION("\"stop\"", "{\"content\":null,\"refusal\":\"I'm sorry.\"}"), OPENAI_REFUSAL,
     "", ""},
    {200, COMPLETION("\"length\"", "{\"content\":\"{\\\"a\"}"), OPENAI_TRUNCATED, "", ""},
    {200, COMPLETION("\"content_filter\"", "{\"content\":\"\"}"), OPENAI_NO_ANSWER,
     "content_filter", ""},
    {200, COMPLETION("\"tool_calls\"", "{\"content\":null,\"tool_calls\":[]}"), OPENAI_NO_ANSWER,
     "tool_calls", ""},
    {200, COMPLETION("null", "{\"content\":\"{}\"}"), OPENAI_NO_ANSWER, "", ""},
    {200, COMPLETION("\"stop\"", "{\"content\":\" \"}"), OPENAI_NO_ANSWER, "", ""},
    {200, COMPLETION("\"stop\"", "{\"content\":null,\"reasoning_content\":\"{}\"}"),
     OPENAI_NO_ANSWER, "", ""},
    {200, COMPLETION("\"stop\"", "{\"content\":\"a\\u0000b\"}"), OPENAI_GARBLED, "", ""},
    {200, "", OPENAI_GARBLED, "", ""},
    {200, "<html>ok</html>", OPENAI_GARBLED, "", ""},
    {200, "{\"choices\":[]}", OPENAI_GARBLED, "", ""},
    {200, "{\"choices\":[{\"finish_reason\":\"stop\",\"mess", OPENAI_GARBLED, "", ""},
    {200, "[1]", OPENAI_GARBLED, "", ""},
    {200, "data: {\"choices\":[{\"delta\":{}}]}\n\ndata: [DONE]", OPENAI_GARBLED, "", ""},
    {200, "{\"error\":{\"code\":429,\"message\":\"slow down\"}}", OPENAI_RATE_LIMITED, "429", ""},
    {200, "{\"error\":{\"code\":502,\"message\":\"provider\"},\"choices\":[]}", OPENAI_BUSY, "502",
     ""},
    {200, "{\"error\":{\"message\":\"provider\"}}", OPENAI_BUSY, "", ""},
    {400,
     "{\"error\":{\"message\":\"Unsupported parameter: 'max_tokens'\",\"param\":"
     "\"max_tokens\",\"code\":\"unsupported_parameter\"}}",
     OPENAI_UNSUPPORTED, "unsupported_parameter", "max_tokens"},
    {400,
     "{\"error\":{\"message\":\"Unsupported value: 'temperature'\",\"param\":\"temperature\","
     "\"code\":\"unsupported_value\"}}",
     OPENAI_UNSUPPORTED, "unsupported_value", "temperature"},
    {400, "{\"error\":{\"code\":400,\"message\":\"too long\",\"type\":\"invalid_request_error\"}}",
     OPENAI_BAD_REQUEST, "400", ""},
    {400, "{\"error\":{\"message\":\"invalid model: x\",\"type\":\"invalid_request_error\"}}",
     OPENAI_INVALID_MODEL, "invalid_request_error", ""},
    {401, "{\"error\":{\"message\":\"Incorrect API key\",\"code\":\"invalid_api_key\"}}",
     OPENAI_UNAUTHORIZED, "invalid_api_key", ""},
    {403, "", OPENAI_UNAUTHORIZED, "", ""},
    {402, "{\"error\":{\"message\":\"Insufficient Balance\"}}", OPENAI_NO_CREDIT, "", ""},
    {404, "{\"error\":\"model \\\"x\\\" not found, try pulling it first\"}", OPENAI_INVALID_MODEL,
     "", ""},
    {404, "404 page not found", OPENAI_INVALID_MODEL, "", ""},
    {422, "{\"detail\":[{\"msg\":\"field required\"}]}", OPENAI_BAD_REQUEST, "", ""},
    {429, "{\"error\":{\"message\":\"x\",\"type\":\"insufficient_quota\",\"code\":null}}",
     OPENAI_NO_CREDIT, "insufficient_quota", ""},
    {429, "{\"error\":{\"message\":\"Rate limit reached\",\"code\":\"rate_limit_exceeded\"}}",
     OPENAI_RATE_LIMITED, "rate_limit_exceeded", ""},
    {408, "", OPENAI_BUSY, "", ""},
    {409, "", OPENAI_BUSY, "", ""},
    {500, "<html>oops", OPENAI_BUSY, "", ""},
    {503, "{\"object\":\"error\",\"message\":\"overloaded\",\"code\":503}", OPENAI_BUSY, "503", ""},
    {302, "", OPENAI_BAD_REQUEST, "", ""},
};

static void every_end_has_its_name(void **state) {
    (void)state;
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct Case *one = &cases[i];
        if (read_text(one->status, one->body) != one->fault)
            print_error("case %u: %s\n", i, openai_fault_text(reply.fault));
        assert_int_equal(reply.fault, one->fault);
        assert_string_equal(reply.code, one->code);
        assert_string_equal(reply.parameter, one->parameter);
    }
}

static void servers_that_wait_send_blanks_and_comments_first(void **state) {
    (void)state;
    assert_int_equal(read_text(200, "\n\n: keep-alive\n\n: keep-alive\n" COMPLETION(
                                        "\"stop\"", "{\"content\":\"{}\"}")),
                     OPENAI_SOUND);
}

static void usage_may_be_missing_or_absurd(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"x\"}}]}",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"x\"}}],\"usage\":"
        "null}",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"x\"}}],\"usage\":{"
        "\"prompt_tokens\":-5,\"completion_tokens\":1}}",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"x\"}}],\"usage\":{"
        "\"prompt_tokens\":0,\"completion_tokens\":0}}"};
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(read_text(200, bodies[i]), OPENAI_SOUND);
        assert_false(reply.usage_told);
    }
    read_text(200, "{\"choices\":[],\"usage\":{\"prompt_tokens\":9000000000000000000,"
                   "\"completion_tokens\":9000000000000000000}}");
    assert_true(reply.usage_told && reply.prompt_tokens == 1000000000);
}

static void the_object_is_found_in_what_surrounds_it(void **state) {
    (void)state;
    static const struct {
        const char *content, *object;
    } found[] = {
        {"{\"a\":1}", "{\"a\":1}"},
        {"```json\n{\"a\":{\"b\":2}}\n```", "{\"a\":{\"b\":2}}"},
        {"Sure! Here it is: {\"a\":\"}{\\\"\"} Hope it helps {\"c\":1}", "{\"a\":\"}{\\\"\"}"},
        {"<think>maybe {\"a\":0}?</think>{\"a\":1}", "{\"a\":1}"},
        {"{\"a\":1", ""},
        {"no object", ""},
        {"", ""},
        {"{\"a\\", ""},
    };
    for (unsigned i = 0; i < sizeof found / sizeof found[0]; i++)
        assert_true(slice_is(openai_object_in(slice_of(found[i].content)), found[i].object));
}

static void an_error_text_is_made_plain(void **state) {
    (void)state;
    read_text(400, "{\"error\":{\"message\":\"<b>bad<\\/b>\\u202e\\n request\"}}");
    assert_null(strpbrk(reply.message, "\n\x01"));
    assert_null(strstr(reply.message, "\xe2\x80\xae"));
}

/* ---- recordings ------------------------------------------------------------------------------ */

static char document[DOCUMENT_MAX];

static Slice read_file(const char *path) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t length = fread(document, 1, sizeof document, file);
    fclose(file);
    assert_true(length < sizeof document);
    return (Slice){document, length};
}

static void enter(JsonReader *reader, const char *key) {
    assert_int_equal(json_next(reader), JSON_OBJECT_BEGIN);
    while (json_next(reader) == JSON_KEY) {
        if (slice_is(reader->slice, key)) return;
        assert_true(json_skip(reader));
    }
    fail_msg("a recording has no %s", key);
}

/* The recorded body: a document, or the text of a stream. */
static Slice body_in(Slice recording, int64_t *status) {
    JsonReader reader = json_reader(recording), code;
    enter(&reader, "response");
    code = reader;
    enter(&code, "status");
    assert_true(json_take_int(&code, status));
    JsonReader response = reader;
    while (json_next(&response) != JSON_OBJECT_BEGIN) {
    }
    while (json_next(&response) == JSON_KEY) {
        bool body = slice_is(response.slice, "body");
        size_t from = json_position(&response);
        assert_true(json_skip(&response));
        if (!body) continue;
        Slice value =
            slice_trim((Slice){recording.at + from + 1, json_position(&response) - from - 1});
        return value;
    }
    *status = 0; /* streams are kept under another name */
    return (Slice){0};
}

static OpenaiFault expected_of(const char *name) {
    if (strstr(name, "refused")) return OPENAI_REFUSAL;
    if (strncmp(name, "200-tools", 9) == 0) return OPENAI_NO_ANSWER;
    if (strncmp(name, "400", 3) == 0) return OPENAI_BAD_REQUEST;
    if (strncmp(name, "401", 3) == 0) return OPENAI_UNAUTHORIZED;
    if (strncmp(name, "404", 3) == 0) return OPENAI_INVALID_MODEL;
    return OPENAI_SOUND;
}

static void every_recording_is_read(void **state) {
    (void)state;
    const char *folder = shared_data("api/openai");
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    unsigned read = 0, streams = 0;
    for (struct dirent *entry; (entry = readdir(listing));) {
        char path[1400];
        int64_t status;
        if (!strstr(entry->d_name, ".json")) continue;
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        Slice body = body_in(read_file(path), &status);
        streams += status == 0;
        openai_read_reply(status ? status : 200, body, &reply);
        OpenaiFault expected = status ? expected_of(entry->d_name) : OPENAI_GARBLED;
        if (reply.fault == OPENAI_NO_ANSWER && expected == OPENAI_SOUND) print_error("%s\n", path);
        bool tools = strncmp(entry->d_name, "200-tools", 9) == 0;
        if (reply.fault != expected && !tools)
            print_error("%s: %s\n", entry->d_name, openai_fault_text(reply.fault));
        assert_true(reply.fault == expected || (tools && reply.fault == OPENAI_SOUND));
        if (reply.fault == OPENAI_SOUND) assert_true(reply.usage_told && reply.content[0]);
        read++;
    }
    closedir(listing);
    print_message("recordings read: %u, of them streams: %u\n", read, streams);
    assert_int_equal(read, 38);
}

/* ---- whatever bytes come --------------------------------------------------------------------- */

static void mutated_replies_end_in_a_name(void **state) {
    (void)state;
    static const char sound[] =
        COMPLETION("\"stop\"", "{\"content\":\"```{\\\"decision\\\":\\\"BUY\\\"}```\"}");
    Random random = random_stream(5, 1);
    unsigned named[OPENAI_BUSY + 1] = {0};
    for (unsigned i = 0; i < 20000; i++) {
        char body[sizeof sound];
        memcpy(body, sound, sizeof sound);
        size_t length = sizeof sound - 1;
        for (unsigned k = random_below(&random, 4); k > 0; k--)
            body[random_below(&random, (uint32_t)length)] = (char)random_below(&random, 256);
        if (random_below(&random, 4) == 0) length = random_below(&random, (uint32_t)length);
        openai_read_reply(random_below(&random, 8) ? 200 : random_below(&random, 1000),
                          (Slice){body, length}, &reply);
        assert_true((unsigned)reply.fault <= OPENAI_BUSY);
        named[reply.fault]++;
        Slice object = openai_object_in(slice_of(reply.content));
        assert_true(object.length <= strlen(reply.content));
    }
    assert_true(named[OPENAI_SOUND] > 100 && named[OPENAI_GARBLED] > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_is_asked_in_the_strict_form),
        cmocka_unit_test(weaker_dialects_carry_the_schema_in_the_text),
        cmocka_unit_test(a_repair_tells_the_fault_and_not_the_content),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(every_answer_has_a_strict_schema),
        cmocka_unit_test(an_answer_is_read),
        cmocka_unit_test(every_end_has_its_name),
        cmocka_unit_test(servers_that_wait_send_blanks_and_comments_first),
        cmocka_unit_test(usage_may_be_missing_or_absurd),
        cmocka_unit_test(the_object_is_found_in_what_surrounds_it),
        cmocka_unit_test(an_error_text_is_made_plain),
        cmocka_unit_test(every_recording_is_read),
        cmocka_unit_test(mutated_replies_end_in_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
