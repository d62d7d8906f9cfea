/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes down what messages.def, topic.def and the constants of services, indicators and strategies
 * say: docs/MESSAGES.md, docs/TOPICS.md, docs/INDICATORS.md, docs/STRATEGIES.md, one JSON Schema a
 * message in docs/schema, and the TypeScript types of web/src/messages.ts.
 *
 *   describe ROOT            writes the files below ROOT
 *   describe --check ROOT    compares with the files that are there; exit 1 and a line for each
 * that is not current
 *
 * Every text is built in one static buffer, one file after the other.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/number_text.h"
#include "core/bus/codec.h"
#include "core/bus/service.h"
#include "describe.h"

#define CHOICES_MAX   64 /* closed lists of words; choices.def has fewer than 20 */
#define INDENT_SPACES 2

char describe_memory[DESCRIBE_BYTES];
static char compact_memory[DESCRIBE_BYTES], old_memory[DESCRIBE_BYTES];
static const char *root;
static bool checking;
static unsigned written, stale;

void check_failed(const char *file, int line, const char *text) {
    fprintf(stderr, "describe: %s:%d: %s\n", file, line, text);
    abort();
}

/* ---- files ------------------------------------------------------------------------------------
 */

static bool is_current(const char *path, const Text *text) {
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    size_t size = fread(old_memory, 1, sizeof old_memory, file);
    fclose(file);
    return size == text->length && memcmp(old_memory, text->at, size) == 0;
}

static void write_file(const char *path, const Text *text) {
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(text->at, 1, text->length, file) != text->length || fclose(file) != 0) {
        fprintf(stderr, "describe: cannot write %s\n", path);
        exit(1);
    }
}

void describe_file(const char *name, const Text *text) {
    char path[1024];
    CHECK(!text->overflow, "a described file is longer than DESCRIBE_BYTES");
    snprintf(path, sizeof path, "%s/%s", root, name);
    written++;
    if (is_current(path, text)) return;
    stale++;
    if (checking)
        fprintf(stderr, "describe: %s is not current; run make describe\n", name);
    else
        write_file(path, text);
}

/* What is written by hand stands in a file of its own. */
void describe_prose(Text *text, const char *name) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", root, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        fprintf(stderr, "describe: cannot read %s\n", path);
        exit(1);
    }
    size_t size = fread(old_memory, 1, sizeof old_memory, file);
    fclose(file);
    text_slice(text, (Slice){old_memory, size});
}

/* ---- JSON Schemas ------------------------------------------------------------------------------
 */

static void new_line(Text *text, unsigned depth) {
    text_char(text, '\n');
    for (unsigned i = 0; i < depth * INDENT_SPACES; i++)
        text_char(text, ' ');
}

/* Lays compact JSON out over lines: every object and array that is not empty opens a deeper level.
 */
static void put_laid_out(Text *text, const char *json) {
    unsigned depth = 0;
    bool quoted = false;
    for (const char *at = json; *at; at++) {
        if (*at == '"' && (at == json || at[-1] != '\\')) quoted = !quoted;
        bool closes = !quoted && (*at == '}' || *at == ']');
        if (closes) new_line(text, --depth);
        text_char(text, *at);
        if (quoted) continue;
        if (*at == '{' || *at == '[') new_line(text, ++depth);
        if (*at == ',') new_line(text, depth);
        if (*at == ':') text_char(text, ' ');
    }
    text_char(text, '\n');
}

/* "MarketUpdate" becomes "market_update". */
static void put_file_name(Text *text, const char *type) {
    for (const char *at = type; *at; at++) {
        if (isupper((unsigned char)*at) && at != type) text_char(text, '_');
        text_char(text, (char)tolower((unsigned char)*at));
    }
}

static void describe_schema(const MessageShape *shape) {
    char name_memory[256];
    Text name = TEXT_IN(name_memory), text = TEXT_IN(describe_memory),
         compact = TEXT_IN(compact_memory);
    text_put(&name, "docs/schema/");
    put_file_name(&name, shape->name);
    text_put(&name, ".json");
    JsonWriter writer = json_writer(&compact);
    codec_write_schema(shape, &writer);
    put_laid_out(&text, text_end(&compact));
    describe_file(text_end(&name), &text);
}

/* ---- docs/MESSAGES.md --------------------------------------------------------------------------
 */

static const char *part_name(const Field *field) {
    return message_shapes[field->part].name;
}

static void put_words(Text *text, const ChoiceShape *choices, const char *quote,
                      const char *between) {
    for (unsigned i = 0; i < choices->count; i++)
        text_format(text, "%s%s%s%s", i ? between : "", quote, choices->texts[i], quote);
}

static void put_bounds(Text *text, const char *kind, const Field *field) {
    text_format(text, "%s, ", kind);
    text_double(text, field->lowest);
    text_put(text, " to ");
    text_double(text, field->highest);
    if (field->type == FIELD_MAYBE) text_put(text, ", or null");
}

static void put_kind(Text *text, const Field *field) {
    switch (field->type) {
    case FIELD_INT:
        put_bounds(text, "whole number", field);
        break;
    case FIELD_REAL:
    case FIELD_MAYBE:
        put_bounds(text, "number", field);
        break;
    case FIELD_FLAG:
        text_put(text, "true or false");
        break;
    case FIELD_TIME:
    case FIELD_MAYBE_TIME:
        text_put(text, field->type == FIELD_TIME ? "time" : "time, or null");
        break;
    case FIELD_PRICE:
    case FIELD_QUANTITY:
    case FIELD_MONEY:
    case FIELD_MAYBE_PRICE:
        text_put(text,
                 field->type == FIELD_MAYBE_PRICE ? "exact decimal, or null" : "exact decimal");
        break;
    case FIELD_CHOICE:
        put_words(text, field->choices, "`", ", ");
        break;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        text_format(text, "%s%s", part_name(field), field->type == FIELD_PART ? "" : ", or null");
        break;
    case FIELD_LIST:
        text_format(text, "up to %d of %s", (int)field->capacity, part_name(field));
        break;
    case FIELD_TEXTS:
        text_format(text, "up to %d texts", (int)field->capacity);
        break;
    case FIELD_MAP:
        text_format(text, "up to %d names with a number each", (int)field->capacity);
        break;
    default:
        text_format(text, "text, up to %d bytes%s", (int)field->capacity - 1,
                    field->type == FIELD_MAYBE_TEXT ? ", or null" : "");
    }
}

/* `present` of a part is no field of its own in JSON: it says whether the part is null. */
static bool is_written(const Field *field) {
    return field->type != FIELD_FLAG || strcmp(field->name, "present") != 0;
}

static void put_message(Text *text, const MessageShape *shape) {
    text_format(text, "\n## %s\n\n%s.\n\n", shape->name, shape->sentence);
    text_put(text, "| field | type | unit | meaning |\n|---|---|---|---|\n");
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        if (!is_written(field)) continue;
        text_format(text, "| `%S` | ", field_json_name(field));
        put_kind(text, field);
        text_format(text, " | %s | %s |\n", field->unit ? field->unit : "", field->sentence);
    }
}

static void describe_messages(void) {
    Text text = TEXT_IN(describe_memory);
    text_put(&text, "# Messages\n\nGenerated by `make describe` from `src/core/bus/messages.def`. "
                    "Everything that one "
                    "part of the program says\nto another is one of these; in JSON as below "
                    "(`docs/schema` holds the "
                    "JSON Schemas), in the journal as canonical\nbytes in this order. Times are "
                    "ISO 8601 in UTC, exact "
                    "decimals are bare numbers with all their digits, null means\nthat there is no "
                    "value; it is never "
                    "turned into a zero. `TOPICS.md` says who says and who hears them.\n");
    for (unsigned i = 0; i < MESSAGE_KIND_COUNT; i++)
        put_message(&text, &message_shapes[i]);
    describe_file("docs/MESSAGES.md", &text);
}

/* ---- docs/TOPICS.md ----------------------------------------------------------------------------
 */

static bool names(const Topic *topics, Topic wanted) {
    for (; *topics != TOPIC_COUNT; topics++)
        if (*topics == wanted) return true;
    return false;
}

static void put_services(Text *text, Topic topic, bool sayers, const char *otherwise) {
    unsigned count = 0;
    for (unsigned i = 0; i < service_count; i++) {
        const Service *service = service_table[i];
        if (!names(sayers ? service->says : service->hears, topic)) continue;
        text_format(text, "%s`%s`", count++ ? ", " : "", service->name);
    }
    if (count == 0) text_put(text, otherwise);
}

static void describe_topics(void) {
    static const char *const journals[] = {"no", "whole", "hash"};
    static const char *const stores[] = {"no", "every one", "latest", "last 2,000"};
    Text text = TEXT_IN(describe_memory);
    text_put(
        &text,
        "# Topics\n\nGenerated by `make describe` from `src/core/bus/topic.def` and the services' "
        "constants. What no service says comes\nfrom the shell (the feed, the operator) or from "
        "the kernel "
        "itself; what no service hears is kept or shown.\n\n| topic | message | said by | heard by "
        "| in the "
        "journal | in the store | what |\n|---|---|---|---|---|---|---|\n");
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        const TopicShape *shape = &topic_shapes[topic];
        text_format(&text, "| `%s` | %s | ", shape->name, message_shapes[shape->kind].name);
        put_services(&text, topic, true, "shell or kernel");
        text_put(&text, " | ");
        put_services(&text, topic, false, "shell");
        text_format(&text, " | %s | %s | %s |\n", journals[shape->journal], stores[shape->store],
                    shape->sentence);
    }
    describe_file("docs/TOPICS.md", &text);
}

/* ---- web/src/messages.ts -----------------------------------------------------------------------
 */

static void put_type(Text *text, const Field *field) {
    switch (field->type) {
    case FIELD_FLAG:
        text_put(text, "boolean");
        break;
    case FIELD_TIME:
    case FIELD_TEXT:
        text_put(text, "string");
        break;
    case FIELD_MAYBE_TIME:
    case FIELD_MAYBE_TEXT:
        text_put(text, "string | null");
        break;
    case FIELD_CHOICE:
        text_put(text, field->choices->name);
        break;
    case FIELD_PART:
    case FIELD_MAYBE_PART:
        text_format(text, "%s%s", part_name(field), field->type == FIELD_PART ? "" : " | null");
        break;
    case FIELD_LIST:
        text_format(text, "%s[]", part_name(field));
        break;
    case FIELD_TEXTS:
        text_put(text, "string[]");
        break;
    case FIELD_MAP:
        text_put(text, "Record<string, number>");
        break;
    default:
        text_put(text, field->type == FIELD_MAYBE || field->type == FIELD_MAYBE_PRICE
                           ? "number | null"
                           : "number");
    }
}

static void put_choices(Text *text, const ChoiceShape *choices) {
    text_format(text, "\n/** %s. */\nexport type %s =\n  | ", choices->sentence, choices->name);
    put_words(text, choices, "'", "\n  | ");
    text_put(text, ";\n");
}

/* The closed lists that fields use, each once, in order of their first use. */
static void put_all_choices(Text *text) {
    const ChoiceShape *seen[CHOICES_MAX];
    unsigned count = 0;
    for (unsigned i = 0; i < MESSAGE_KIND_COUNT; i++)
        for (unsigned k = 0; k < message_shapes[i].field_count; k++) {
            const ChoiceShape *choices = message_shapes[i].fields[k].choices;
            unsigned at = 0;
            while (at < count && seen[at] != choices)
                at++;
            if (!choices || at < count) continue;
            CHECK(count < CHOICES_MAX, "more closed lists of words than CHOICES_MAX");
            seen[count++] = choices;
            put_choices(text, choices);
        }
}

static void put_interface(Text *text, const MessageShape *shape) {
    text_format(text, "\n/** %s. */\nexport interface %s {\n", shape->sentence, shape->name);
    for (unsigned i = 0; i < shape->field_count; i++) {
        const Field *field = &shape->fields[i];
        if (!is_written(field)) continue;
        text_format(text, "  /** %s%s%s%s */\n  %S: ", field->sentence, field->unit ? " (" : "",
                    field->unit ? field->unit : "", field->unit ? ")" : "", field_json_name(field));
        put_type(text, field);
        text_put(text, ";\n");
    }
    text_put(text, "}\n");
}

static void describe_types(void) {
    Text text = TEXT_IN(describe_memory);
    text_put(&text, "// SPDX-License-Identifier: Apache-2.0\n// Generated by `make describe` from "
                    "src/core/bus/messages.def: the program's messages as they stand in JSON.\n");
    put_all_choices(&text);
    for (unsigned i = 0; i < MESSAGE_KIND_COUNT; i++)
        put_interface(&text, &message_shapes[i]);
    describe_file("web/src/messages.ts", &text);
}

int main(int count, char **words) {
    checking = count == 3 && strcmp(words[1], "--check") == 0;
    if (!checking && count != 2) {
        fprintf(stderr, "describe: use describe [--check] ROOT\n");
        return 2;
    }
    root = words[count - 1];
    describe_messages();
    describe_topics();
    describe_indicators();
    describe_strategies();
    describe_types();
    for (unsigned i = 0; i < MESSAGE_KIND_COUNT; i++)
        describe_schema(&message_shapes[i]);
    printf("describe: %u files, %u %s\n", written, stale,
           checking ? "not current" : "written anew");
    return checking && stale ? 1 : 0;
}
