/* SPDX-License-Identifier: Apache-2.0 */
/* What is asked (openai.h). */
#include "core/bus/codec.h"
#include "core/venues/openai.h"

bool openai_dialect(Slice word, OpenaiDialect *dialect) {
    static const char *const words[] = {[OPENAI_JSON_SCHEMA] = "json_schema",
                                        [OPENAI_JSON_OBJECT] = "json_object",
                                        [OPENAI_PROMPT] = "prompt"};
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_same_name(word, words[i])) {
            *dialect = (OpenaiDialect)i;
            return true;
        }
    return false;
}

static void put_field_names(const MessageShape *shape, Text *text) {
    text_put(text, " Its fields: ");
    for (unsigned i = 0; i < shape->field_count; i++)
        text_format(text, "%s%s", i ? ", " : "", shape->fields[i].name);
    text_char(text, '.');
}

static void put_schema(const MessageShape *shape, Text *text) {
    JsonWriter writer = json_writer(text);
    text_put(text, " It obeys this JSON Schema: ");
    codec_write_answer_schema(shape, &writer);
}

static void put_form(const OpenaiQuestion *question, Text *text) {
    const MessageShape *shape = &message_shapes[question->answer];
    text_put(text, "\n\nAnswer with one JSON object and nothing else.");
    if (question->dialect == OPENAI_JSON_SCHEMA)
        put_field_names(shape, text);
    else
        put_schema(shape, text);
}

static void write_message(JsonWriter *writer, const char *role, Slice content) {
    json_object_begin(writer);
    json_key(writer, "role");
    json_string(writer, role);
    json_key(writer, "content");
    json_slice(writer, content);
    json_object_end(writer);
}

/* What the system says: a template of 12,000 bytes at most, and the form (4,000 hold every one). */
#define SYSTEM_MAX (12000 + 4096)

/* False when the system's text does not fit. */
static bool write_messages(const OpenaiQuestion *question, JsonWriter *writer) {
    char memory[SYSTEM_MAX], again[400];
    Text system = TEXT_IN(memory), repair = TEXT_IN(again);
    text_slice(&system, question->system);
    put_form(question, &system);
    json_key(writer, "messages");
    json_array_begin(writer);
    write_message(writer, "system", (Slice){system.at, system.length});
    write_message(writer, "user", question->user);
    if (question->fault.length > 0) {
        text_format(&repair,
                    "Your last answer could not be used: %S. Answer again, with one JSON object as "
                    "described.",
                    question->fault);
        write_message(writer, "user", (Slice){repair.at, repair.length});
    }
    json_array_end(writer);
    return !system.overflow;
}

static void write_form(const OpenaiQuestion *question, JsonWriter *writer) {
    const MessageShape *shape = &message_shapes[question->answer];
    if (question->dialect == OPENAI_PROMPT) return;
    bool strict = question->dialect == OPENAI_JSON_SCHEMA;
    json_key(writer, "response_format");
    json_object_begin(writer);
    json_key(writer, "type");
    json_string(writer, strict ? "json_schema" : "json_object");
    if (strict) { /* the nested form is OpenAI's, and the one that llama.cpp reads */
        json_key(writer, "json_schema");
        json_object_begin(writer);
        json_key(writer, "name");
        json_string(writer, shape->name);
        json_key(writer, "strict");
        json_bool(writer, true);
        json_key(writer, "schema");
        codec_write_answer_schema(shape, writer);
        json_object_end(writer);
    }
    json_object_end(writer);
}

bool openai_write_question(const OpenaiQuestion *question, Text *body) {
    JsonWriter writer = json_writer(body);
    json_object_begin(&writer);
    json_key(&writer, "model");
    json_slice(&writer, question->model);
    bool fits = write_messages(question, &writer);
    if (question->token_parameter.length > 0) {
        char name[48];
        if (slice_copy(question->token_parameter, name, sizeof name)) {
            json_key(&writer, name);
            json_int(&writer, question->max_tokens);
        }
    }
    if (question->send_temperature) {
        json_key(&writer, "temperature");
        json_double(&writer, question->temperature);
    }
    write_form(question, &writer);
    json_object_end(&writer);
    text_end(body);
    return fits && !body->overflow;
}
