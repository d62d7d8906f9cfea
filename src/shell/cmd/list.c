/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/base/json.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/indicators/indicator.h"
#include "core/strategies/strategy.h"
#include "core/trial/rule_text.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

#define ROW_BYTES  8192 /* a strategy with 12 parameters and 4 rules has under 4 KiB */
#define RULE_BYTES 2048 /* 4 groups of 4 conditions of 100 bytes, at most */

/* One row of a table: its JSON object, and its line for people. */
typedef struct Plugs {
    const char *name;
    unsigned (*count)(void);
    void (*json)(unsigned index, JsonWriter *writer);
    void (*row)(unsigned index, Table *table);
} Plugs;

static void head(JsonWriter *writer, const char *name, const char *sentence) {
    json_object_begin(writer);
    json_key(writer, "name");
    json_string(writer, name);
    json_key(writer, "sentence");
    json_string(writer, sentence);
    json_key(writer, "options");
    json_array_begin(writer);
}

/* ---- indicators ---------------------------------------------------------------------------- */

static unsigned indicators(void) {
    return indicator_count;
}

/* What is common to the options of all plugs; the object stays open. */
static void option_json(JsonWriter *writer, const char *name, double preset,
                        const double bounds[static 2], const char *unit, bool whole) {
    json_object_begin(writer);
    json_key(writer, "name");
    json_string(writer, name);
    json_key(writer, "default");
    json_double(writer, preset);
    json_key(writer, "lowest");
    json_double(writer, bounds[0]);
    json_key(writer, "highest");
    json_double(writer, bounds[1]);
    json_key(writer, "unit");
    json_string(writer, unit);
    json_key(writer, "whole");
    json_bool(writer, whole);
}

static void indicator_json(unsigned index, JsonWriter *writer) {
    static const char *const groups[] = {"price_action", "momentum", "volatility", "trend",
                                         "volume"};
    const Indicator *indicator = indicator_table[index];
    head(writer, indicator->name, indicator->sentence);
    for (unsigned i = 0; i < indicator_option_count(indicator); i++) {
        const IndicatorOption *option = &indicator->options[i];
        option_json(writer, option->name, option->preset,
                    (double[]){option->lowest, option->highest}, option->unit, option->whole);
        json_object_end(writer);
    }
    json_array_end(writer);
    json_key(writer, "group");
    json_string(writer, groups[indicator->group]);
    json_key(writer, "outputs");
    json_array_begin(writer);
    for (unsigned i = 0; i < indicator_output_count(indicator); i++)
        json_string(writer, indicator->outputs[i].name);
    json_array_end(writer);
    json_object_end(writer);
}

static void indicator_row(unsigned index, Table *table) {
    const Indicator *indicator = indicator_table[index];
    char memory[200];
    Text options = TEXT_IN(memory);
    for (unsigned i = 0; i < indicator_option_count(indicator); i++) {
        text_format(&options, "%s%s ", i ? ", " : "", indicator->options[i].name);
        text_double(&options, indicator->options[i].preset);
    }
    table_cell(table, STYLE_BOLD, indicator->name);
    table_cell(table, STYLE_PLAIN, text_end(&options));
    table_cell(table, STYLE_PLAIN, indicator->sentence);
}

/* ---- strategies ---------------------------------------------------------------------------- */

static unsigned strategies(void) {
    return strategy_count;
}

static void parameter_json(const StrategyParameter *parameter, JsonWriter *writer) {
    option_json(writer, parameter->name, parameter->preset,
                (double[]){parameter->lowest, parameter->highest}, parameter->unit,
                parameter->whole);
    json_key(writer, "step");
    json_double(writer, parameter->step);
    json_object_end(writer);
}

/* The plan at the presets in words; null where a strategy has no rules or no exits but those. */
static void plan_json(const Strategy *strategy, JsonWriter *writer) {
    double parameters[STRATEGY_PARAMETERS_MAX];
    StrategyPlan plan;
    strategy_presets(strategy, parameters);
    strategy_make_plan(strategy, parameters, &plan);
    static const char *const keys[] = {"enters", "leaves", "exits"};
    for (unsigned i = 0; i < 3; i++) {
        char memory[RULE_BYTES];
        Text text = TEXT_IN(memory);
        if (i == 2)
            rule_text_exits(&text, &plan);
        else
            rule_text_list(&text, &plan, i ? &plan.leave : &plan.enter);
        CHECK(!text.overflow, "list: rules outgrew their memory");
        json_key(writer, keys[i]);
        if (text.length)
            json_string(writer, text_end(&text));
        else
            json_null(writer);
    }
}

static void strategy_json(unsigned index, JsonWriter *writer) {
    const Strategy *strategy = strategy_table[index];
    head(writer, strategy->name, strategy->sentence);
    for (unsigned i = 0; i < strategy_parameter_count(strategy); i++)
        parameter_json(&strategy->parameters[i], writer);
    json_array_end(writer);
    json_key(writer, "group");
    json_string(writer, strategy->group);
    json_key(writer, "needs_social");
    json_bool(writer, strategy->needs_social);
    plan_json(strategy, writer);
    json_object_end(writer);
}

static void strategy_row(unsigned index, Table *table) {
    const Strategy *strategy = strategy_table[index];
    char memory[400];
    Text parameters = TEXT_IN(memory);
    for (unsigned i = 0; i < strategy_parameter_count(strategy); i++) {
        text_format(&parameters, "%s%s ", i ? ", " : "", strategy->parameters[i].name);
        text_double(&parameters, strategy->parameters[i].preset);
    }
    table_cell(table, STYLE_BOLD, strategy->name);
    table_cell(table, STYLE_PLAIN, text_end(&parameters));
    table_cell(table, STYLE_PLAIN, strategy->sentence);
}

/* ---- services ------------------------------------------------------------------------------ */

static unsigned services(void) {
    return service_count;
}

static void topics_json(const char *key, const Topic *topics, JsonWriter *writer) {
    json_key(writer, key);
    json_array_begin(writer);
    for (; topics && *topics != TOPIC_COUNT; topics++)
        json_string(writer, topic_shapes[*topics].name);
    json_array_end(writer);
}

static void service_json(unsigned index, JsonWriter *writer) {
    const Service *service = service_table[index];
    head(writer, service->name, service->sentence);
    json_array_end(writer);
    json_key(writer, "port");
    if (service->port)
        json_int(writer, service->port);
    else
        json_null(writer);
    topics_json("hears", service->hears, writer);
    topics_json("says", service->says, writer);
    json_object_end(writer);
}

static void service_row(unsigned index, Table *table) {
    const Service *service = service_table[index];
    char memory[16];
    Text port = TEXT_IN(memory);
    if (service->port) text_int(&port, service->port);
    table_cell(table, STYLE_BOLD, service->name);
    table_cell(table, STYLE_PLAIN, text_end(&port));
    table_cell(table, STYLE_PLAIN, service->sentence);
}

/* ---- topics -------------------------------------------------------------------------------- */

static unsigned topics(void) {
    return TOPIC_COUNT;
}

static void topic_json(unsigned index, JsonWriter *writer) {
    head(writer, topic_shapes[index].name, topic_shapes[index].sentence);
    json_array_end(writer);
    json_key(writer, "message");
    json_string(writer, message_shapes[topic_shapes[index].kind].name);
    json_object_end(writer);
}

static void topic_row(unsigned index, Table *table) {
    table_cell(table, STYLE_BOLD, topic_shapes[index].name);
    table_cell(table, STYLE_PLAIN, message_shapes[topic_shapes[index].kind].name);
    table_cell(table, STYLE_PLAIN, topic_shapes[index].sentence);
}

/* Plug folders that this build does not have. */
static unsigned none(void) {
    return 0;
}

static const Plugs plugs[] = {
    {"indicators", indicators, indicator_json, indicator_row},
    {"strategies", strategies, strategy_json, strategy_row},
    {"services", services, service_json, service_row},
    {"learners", none, NULL, NULL},
    {"networks", none, NULL, NULL},
    {"venues", none, NULL, NULL},
    {"topics", topics, topic_json, topic_row},
};
enum { PLUGS = sizeof plugs / sizeof plugs[0] };

static const char *const *titles_of(const Plugs *kind) {
    static const char *const indicator_titles[] = {"NAME", "OPTIONS", "WHAT", NULL};
    static const char *const service_titles[] = {"NAME", "PORT", "WHAT", NULL};
    static const char *const topic_titles[] = {"NAME", "MESSAGE", "WHAT", NULL};
    if (kind->row == service_row) return service_titles;
    return kind->row == topic_row ? topic_titles : indicator_titles;
}

static void print_json(const Plugs *kind) {
    putchar('[');
    for (unsigned i = 0; i < kind->count(); i++) {
        char memory[ROW_BYTES];
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        kind->json(i, &writer);
        CHECK(!text.overflow, "list: a row outgrew its memory");
        printf("%s%s", i ? "," : "", text_end(&text));
    }
    puts("]");
}

static void print_table(const Plugs *kind, bool color) {
    if (kind->count() == 0) {
        printf("this build has no %s\n", kind->name);
        return;
    }
    Table *table = table_open(titles_of(kind), 0);
    for (unsigned i = 0; i < kind->count(); i++)
        kind->row(i, table);
    table_print(table, color, stdout);
    table_close(table);
}

static int run(CommandCall *call, Error *error) {
    const char *const *words;
    unsigned count = call_arguments(call, &words);
    for (unsigned i = 0; count == 1 && i < PLUGS; i++) {
        if (strcmp(plugs[i].name, words[0]) != 0) continue;
        if (call_json(call))
            print_json(&plugs[i]);
        else
            print_table(&plugs[i], call_color(call));
        return 0;
    }
    error_set(error, ERROR_USAGE, count ? "there is no such list" : "say which list",
              count ? words[0] : "list",
              "indicators, strategies, services, learners, networks, venues or topics");
    return error_exit_code(ERROR_USAGE);
}

const Command command_list = {
    .name = "list",
    .group = "data",
    .sentence = "What is built in: indicators, services, topics and more.",
    .arguments = "indicators|strategies|services|learners|networks|venues|topics",
    .examples = {"trader list indicators", "trader list services --json"},
    .run = run,
};
