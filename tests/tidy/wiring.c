/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing is declared for nobody: every topic is said and heard (or kept, or taken by the shell or
 * the kernel), every kind of message travels on a topic or inside another, every setting is read by
 * somebody.
 */
#include "tidy/tree.h"

#include "core/bus/service.h"
#include "core/bus/shape.h"

static const char *const topic_names[TOPIC_COUNT] = {
#define TOPIC(NAME, text, Type, MESSAGE, journal, store, sentence) "TOPIC_" #NAME,
#include "core/bus/topic.def"
#undef TOPIC
};

static const char *const message_names[MESSAGE_KIND_COUNT] = {
#define ROWS_MESSAGES(Type, NAME, sentence) "MESSAGE_" #NAME,
#include "core/bus/rows_messages.h"
};

typedef struct SettingName {
    const char *group, *key;
} SettingName;

static const SettingName setting_names[] = {
#define GROUP(group, path, sentence)
#define GROUP_END(group)
#define NUMBER(group, key, ...) {#group, #key},
#define WHOLE(group, key, ...)  {#group, #key},
#define SWITCH(group, key, ...) {#group, #key},
#define WORDS(group, key, ...)  {#group, #key},
#include "core/bus/settings.def"
#include "core/bus/settings_end.h"
};

static int load(void **state) {
    (void)state;
    tree_load((const char *const[]){"src", NULL});
    return 0;
}

static bool has(const Topic *topics, Topic wanted) {
    for (; *topics != TOPIC_COUNT; topics++)
        if (*topics == wanted) return true;
    return false;
}

/* Whether a word stands in the code of the shell or of the kernel, the two that speak and hear
 * without a constant, or where a feed's events become messages. */
static bool shell_names(const char *word) {
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        bool asked =
            tree_starts(file->path, "src/shell/") || tree_starts(file->path, "src/core/kernel/") ||
            tree_starts(file->path, "src/core/bus/feed_message.");
        if (!file->code || !asked) continue;
        for (const char *at = file->code; (at = strstr(at, word)); at++)
            if (!tree_is_word(at[strlen(word)]) && (at == file->code || !tree_is_word(at[-1])))
                return true;
    }
    return false;
}

static void every_topic_is_said(void **state) {
    (void)state;
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        bool said = shell_names(topic_names[topic]);
        for (unsigned i = 0; i < service_count && !said; i++)
            said = has(service_table[i]->says, topic);
        if (!said)
            tree_find("src/core/bus/topic.def", 0, "nobody says %s", topic_shapes[topic].name);
    }
    tree_settle("said");
}

static void every_topic_is_heard(void **state) {
    (void)state;
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++) {
        bool heard = topic_shapes[topic].store != STORE_NONE || shell_names(topic_names[topic]);
        for (unsigned i = 0; i < service_count && !heard; i++)
            heard = has(service_table[i]->hears, topic);
        if (!heard)
            tree_find("src/core/bus/topic.def", 0, "nobody hears %s", topic_shapes[topic].name);
    }
    tree_settle("heard");
}

/* What a language model answers travels inside of a reply's text: whoever asks names its shape. */
static bool is_an_answer(const char *word) {
    for (unsigned i = 0; i < tree_count; i++)
        if (tree_starts(tree_files[i].path, "src/core/analyst/") && tree_files[i].code &&
            strstr(tree_files[i].code, word))
            return true;
    return false;
}

static bool travels(MessageKind kind) {
    for (Topic topic = 0; topic < TOPIC_COUNT; topic++)
        if (topic_shapes[topic].kind == kind) return true;
    for (unsigned i = 0; i < MESSAGE_KIND_COUNT; i++)
        for (unsigned k = 0; k < message_shapes[i].field_count; k++) {
            const Field *field = &message_shapes[i].fields[k];
            bool part = field->type == FIELD_PART || field->type == FIELD_MAYBE_PART ||
                        field->type == FIELD_LIST;
            if (part && field->part == kind) return true;
        }
    return shell_names(message_names[kind]) || is_an_answer(message_names[kind]);
}

/* The structures that the mission names are declared from the first day: their services come later.
 */
static bool is_the_missions(MessageKind kind) {
    return strstr(message_shapes[kind].sentence, "mission") != NULL;
}

static void every_message_travels(void **state) {
    (void)state;
    for (MessageKind kind = 0; kind < MESSAGE_KIND_COUNT; kind++)
        if (!travels(kind) && !is_the_missions(kind))
            tree_find("src/core/bus/messages.def", 0, "%s is on no topic and in no message",
                      message_shapes[kind].name);
    tree_settle("message");
}

/* `.key` or `->key` somewhere outside of the settings' own files. */
static bool is_read(const char *key) {
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        if (!file->plain || strstr(file->path, "bus/settings.")) continue;
        for (const char *at = file->plain; (at = strstr(at, key)); at++) {
            bool member = at > file->plain && (at[-1] == '.' || at[-1] == '>');
            if (member && !tree_is_word(at[strlen(key)])) return true;
        }
    }
    return false;
}

static void every_setting_is_read(void **state) {
    (void)state;
    for (unsigned i = 0; i < sizeof setting_names / sizeof setting_names[0]; i++)
        if (!is_read(setting_names[i].key) && !tree_excused("setting", setting_names[i].key))
            tree_find("src/core/bus/settings.def", 0, "nobody reads %s.%s", setting_names[i].group,
                      setting_names[i].key);
    tree_settle("setting");
}

static void an_observer_says_nothing_that_is_heard_before_it(void **state) {
    (void)state;
    for (unsigned i = 0; i < service_count; i++)
        for (unsigned k = 0; k < service_count; k++)
            for (Topic topic = 0; topic < TOPIC_COUNT; topic++)
                if (service_table[i]->stage == STAGE_OBSERVER &&
                    has(service_table[i]->says, topic) &&
                    service_table[k]->stage < STAGE_OBSERVER && has(service_table[k]->hears, topic))
                    tree_find("src/core/services", 0, "%s observes, yet %s hears its %s",
                              service_table[i]->name, service_table[k]->name,
                              topic_shapes[topic].name);
    tree_settle("stage");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_topic_is_said),
        cmocka_unit_test(every_topic_is_heard),
        cmocka_unit_test(every_message_travels),
        cmocka_unit_test(every_setting_is_read),
        cmocka_unit_test(an_observer_says_nothing_that_is_heard_before_it),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
