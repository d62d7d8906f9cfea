/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/trade/explanation.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"

#define BAR_COLUMNS    40 /* of the waterfall; with names and numbers a line has 80 */
#define FACTOR_COLUMNS 22

static bool keep(void *context, const Message *message) {
    memcpy(context, message->payload, sizeof(ExplainedSignal));
    return true;
}

/* The newest that was said of the signal: a counterfactual answer says it again. */
static bool find(const CommandCall *call, Store *store, ExplainedSignal *found, Error *error) {
    const char *const *arguments;
    unsigned count = call_arguments(call, &arguments);
    StoreQuery query = {.limit = 1};
    if (count > 1)
        return error_set(error, ERROR_USAGE, "one signal at a time", arguments[1],
                         "trader explain s-104");
    if (count == 1) {
        query.field = "signal_id";
        query.value = arguments[0];
    }
    if (!store_select(store, TOPIC_EXPLAINED_SIGNALS, &query, keep, found, error)) return false;
    if (found->signal_id[0]) return true;
    return error_set(error, ERROR_DATA,
                     count ? "there is no such signal" : "no signal has been explained yet",
                     count ? arguments[0] : "explain", "trader signals lists them");
}

static bool keep_signal(void *context, const Message *message) {
    memcpy(context, message->payload, sizeof(Signal));
    return true;
}

/* The explanation has the provider alone: that a model should have judged, the signal knows. */
static bool find_fallback(Store *store, const char *id, bool *fallback, Error *error) {
    static Signal signal;
    StoreQuery query = {.limit = 1, .field = "id", .value = id};
    memset(&signal, 0, sizeof signal);
    if (!store_select(store, TOPIC_TRADING_SIGNALS, &query, keep_signal, &signal, error))
        return false;
    *fallback = signal.fallback;
    return true;
}

/* ---- as a picture -------------------------------------------------------------------------- */

typedef struct Scale {
    double low, high;
    bool color;
    const char *block;
} Scale;

static Scale scale_of(const ExplainedSignal *explained, bool color) {
    Scale scale = {.color = color, .block = paint_utf8() ? "\u2588" : "#"};
    double sum = 0;
    for (unsigned i = 0; i < explained->effects_count; i++) {
        sum += explained->effects[i].value;
        if (sum < scale.low) scale.low = sum;
        if (sum > scale.high) scale.high = sum;
    }
    if (scale.high - scale.low < 1e-9) scale.high = scale.low + 1; /* nothing weighs anything */
    return scale;
}

static int column_of(const Scale *scale, double value) {
    return (int)lrint((value - scale->low) / (scale->high - scale->low) * BAR_COLUMNS);
}

static void put_times(const char *what, int times) {
    for (int i = 0; i < times; i++)
        fputs(what, stdout);
}

/* From where the factors before it lead to where it leads. */
static void print_bar(const Scale *scale, double from, double to) {
    int left = column_of(scale, from < to ? from : to);
    int right = column_of(scale, from < to ? to : from);
    if (right == left && from != to && right < BAR_COLUMNS) right++; /* small, but there */
    Style style = to > from ? STYLE_GOOD : STYLE_WARN;
    put_times(" ", left);
    fputs(paint_begin(style, scale->color), stdout);
    put_times(scale->block, right - left);
    fputs(paint_end(style, scale->color), stdout);
    put_times(" ", BAR_COLUMNS - right);
}

static void print_number(double value, int decimals, bool plus) {
    char memory[64];
    Text text = TEXT_IN(memory);
    number_fixed(&text, value, decimals, plus);
    fputs(text_end(&text), stdout);
}

static void print_row(const Scale *scale, const char *name, double from, double to) {
    size_t length = strlen(name);
    int shown = length < FACTOR_COLUMNS ? (int)length : FACTOR_COLUMNS - 1;
    printf("  %.*s", shown, name);
    put_times(" ", FACTOR_COLUMNS - shown);
    print_bar(scale, from, to);
    fputs("  ", stdout);
    print_number(to - from, 3, true);
}

static void print_waterfall(const ExplainedSignal *explained, bool color) {
    Scale scale = scale_of(explained, color);
    double sum = 0;
    for (unsigned i = 0; i < explained->effects_count; i++) {
        const FactorEffect *effect = &explained->effects[i];
        print_row(&scale, effect->factor, sum, sum + effect->value);
        if (effect->stated)
            fputs("  stated", stdout);
        else if (!isnan(effect->input))
            printf("  at %.6g", effect->input);
        putchar('\n');
        sum += effect->value;
    }
    print_row(&scale, "score", 0, explained->score);
    putchar('\n');
    if (fabs(explained->remainder) > 1e-9) {
        fputs("  not accounted for: ", stdout);
        print_number(explained->remainder, 3, true);
        putchar('\n');
    }
}

/* ---- in words ------------------------------------------------------------------------------ */

static void print_head(const ExplainedSignal *explained, bool fallback, bool color) {
    char time[25];
    Style style = explained->decision == DECISION_BUY    ? STYLE_GOOD
                  : explained->decision == DECISION_SELL ? STYLE_WARN
                                                         : STYLE_DIM;
    instant_to_iso(explained->time, time);
    printf("%s%s %s %s%s%s%s   %.10s %.8s UTC   %s\n", paint_begin(STYLE_BOLD, color),
           explained->signal_id, explained->symbol, paint_end(STYLE_BOLD, color),
           paint_begin(style, color), Decision_text(explained->decision), paint_end(style, color),
           time, time + 11, explained->model_version);
    if (fallback)
        puts("Said by the local analyst: a language model should have judged and did not.");
    printf("%s\n\n", explained->explanation.summary);
}

static void print_flips(const ExplainedSignal *explained, bool color) {
    printf("\n%sWhat would have turned it%s (one input alone)\n", paint_begin(STYLE_BOLD, color),
           paint_end(STYLE_BOLD, color));
    for (unsigned i = 0; i < explained->flips_count; i++) {
        char memory[256];
        Text text = TEXT_IN(memory);
        explanation_put_flip(&text, &explained->flips[i]);
        printf("  %s\n", text_end(&text));
    }
    if (explained->flips_count == 0)
        puts(strcmp(explained->provider, "language_model") == 0
                 ? "  not computable of a language model; openai.counterfactuals measures it"
                 : "  no single input within four of its spreads");
}

static void print_counterfactuals(const ExplainedSignal *explained, bool color) {
    if (explained->counterfactuals_count == 0) return;
    printf("\n%sMeasured on the model%s (asked again with a group made neutral)\n",
           paint_begin(STYLE_BOLD, color), paint_end(STYLE_BOLD, color));
    for (unsigned i = 0; i < explained->counterfactuals_count; i++) {
        const Counterfactual *answer = &explained->counterfactuals[i];
        printf("  without %s: %s at %.0f %%, effect ", answer->changed,
               Decision_text(answer->decision), answer->confidence * 100);
        print_number(answer->effect, 2, true);
        putchar('\n');
    }
}

static void print_text(const char *title, const char *text) {
    if (text[0]) printf("  %-12s %s\n", title, text);
}

static void print_words(const ExplainedSignal *explained) {
    const Explanation *words = &explained->explanation;
    putchar('\n');
    print_text("technical", words->technical_factors);
    print_text("social", words->social_factors);
    print_text("lead, lag", words->social_lead_lag);
    print_text("correlation", words->correlation_strength);
    print_text("risk", words->risk_assessment);
    bool by_model = strcmp(explained->provider, "language_model") == 0;
    putchar('\n');
    fputs(explained->recomputed ? "Computed from the inputs of the decision."
          : by_model ? "Shares as the model stated them; the texts are made of our numbers."
                     : "The signal's own shares: its inputs were not heard.",
          stdout);
    puts(" Not a recommendation.");
}

static void print_json(const ExplainedSignal *explained) {
    static char memory[LIMIT_PAYLOAD];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    codec_write_json(&message_shapes[MESSAGE_EXPLAINED_SIGNAL], explained, &writer);
    CHECK(!text.overflow, "explain: an explanation outgrew its memory");
    puts(text_end(&text));
}

static void print_all(const CommandCall *call, const ExplainedSignal *explained, bool fallback) {
    bool color = call_color(call);
    print_head(explained, fallback, color);
    print_waterfall(explained, color);
    print_flips(explained, color);
    print_counterfactuals(explained, color);
    print_words(explained);
}

static int run(CommandCall *call, Error *error) {
    static ExplainedSignal explained;
    StateDir state;
    bool fallback = false;
    if (!state_find(call_state(call), &state, error)) return error_exit_code(error->code);
    Store *store = store_open(state.path, true, error);
    if (!store) return error_exit_code(error->code);
    bool found = find(call, store, &explained, error) &&
                 find_fallback(store, explained.signal_id, &fallback, error);
    store_close(store);
    if (!found) return error_exit_code(error->code);
    if (call_json(call))
        print_json(&explained);
    else
        print_all(call, &explained, fallback);
    return 0;
}

const Command command_explain = {
    .name = "explain",
    .group = "look",
    .sentence = "Why a signal was said: each factor's share, what would have turned it, in words.",
    .arguments = "[ID]",
    .examples = {"trader explain", "trader explain s-104", "trader explain s-104 --json"},
    .run = run,
};
