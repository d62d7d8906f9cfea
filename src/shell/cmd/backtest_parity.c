/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/json.h"
#include "shell/backtest/parity.h"
#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/store/state_dir.h"

#define LINE_BYTES 4096 /* of one difference, written out */

static const Trade *trade_of(const ParityDifference *difference) {
    return difference->side == PARITY_ONLY_LAB ? &difference->lab : &difference->run;
}

static const char *side_words(ParitySide side) {
    static const char *const words[] = {"both", "run", "lab"};
    return words[side];
}

/* ---- JSON ---------------------------------------------------------------------------------- */

static void put_word(JsonWriter *writer, const char *key, const char *word) {
    json_key(writer, key);
    json_string(writer, word);
}

static void put_difference(JsonWriter *writer, const ParityDifference *difference) {
    const Trade *trade = trade_of(difference);
    json_object_begin(writer);
    put_word(writer, "symbol", trade->symbol);
    json_key(writer, "entry_time");
    json_time(writer, trade->entry_time);
    json_key(writer, "exit_time");
    json_time(writer, trade->exit_time);
    put_word(writer, "made_by", side_words(difference->side));
    put_word(writer, "reason", parity_reason_words(difference->reason));
    put_word(writer, "text", difference->text);
    json_object_end(writer);
}

static void print_head(const Parity *parity) {
    char memory[LINE_BYTES];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    json_object_begin(&writer);
    json_key(&writer, "run_trades");
    json_int(&writer, (int64_t)parity->run_trades);
    json_key(&writer, "lab_trades");
    json_int(&writer, (int64_t)parity->lab_trades);
    json_key(&writer, "equal");
    json_int(&writer, (int64_t)parity->equal);
    json_key(&writer, "live_prices");
    json_bool(&writer, parity->live);
    put_word(&writer, "run_journal_hash", parity->run_hash);
    put_word(&writer, "lab_journal_hash", parity->lab_hash);
    json_key(&writer, "same_journal");
    json_bool(&writer, parity->same_journal);
    printf("%s,\"differences\":[", text_end(&text));
}

static void print_json(const Parity *parity) {
    print_head(parity);
    for (size_t i = 0; i < parity->count; i++) {
        char memory[LINE_BYTES];
        Text text = TEXT_IN(memory);
        JsonWriter writer = json_writer(&text);
        put_difference(&writer, &parity->differences[i]);
        printf("%s%s", i ? "," : "", text_end(&text));
    }
    puts("]}");
}

/* ---- text ---------------------------------------------------------------------------------- */

static void print_difference(const ParityDifference *difference) {
    static const char *const made[] = {"differs", "only the run made it", "only the lab made it"};
    const Trade *trade = trade_of(difference);
    char iso[25];
    instant_to_iso(trade->entry_time, iso);
    printf("  %s %-12s %-20s %s\n", iso, trade->symbol, made[difference->side],
           parity_reason_words(difference->reason));
    if (difference->text[0]) printf("      %s\n", difference->text);
}

static void print_text(const Parity *parity, bool color) {
    paint_mark(stdout, parity->count ? MARK_BAD : MARK_GOOD, color);
    printf(" %zu trades of the run, %zu of the lab: %zu equal, %zu that differ\n",
           parity->run_trades, parity->lab_trades, parity->equal, parity->count);
    for (size_t i = 0; i < parity->count; i++)
        print_difference(&parity->differences[i]);
    if (parity->same_journal) printf("  every record of the journal came out again\n");
    if (parity->live)
        printf("  the run was live: it traded at the prices between the closes, the lab at opens "
               "and ranges\n");
}

static int run(CommandCall *call, Error *error) {
    const Settings *settings = NULL;
    StateDir state;
    Parity parity;
    bool current = call_has(call, "current_settings");
    bool sound = (!current || call_settings(call, &settings, error)) &&
                 state_find(call_state(call), &state, error) &&
                 parity_check(state.path, settings, &parity, error);
    if (!sound) return error_exit_code(error->code);
    if (!call_json(call)) fprintf(stderr, "state %s\n", state.path);
    if (call_json(call))
        print_json(&parity);
    else
        print_text(&parity, call_color(call));
    int code = parity.count ? error_exit_code(ERROR_FINDINGS) : 0;
    parity_free(&parity);
    return code;
}

const Command command_backtest_parity = {
    .name = "backtest parity",
    .group = "backtest",
    .sentence = "Runs the candles that a paper run recorded through the lab, and lists every trade "
                "that differs, with the reason.",
    .examples = {"trader backtest parity --state state/paper-binance"},
    .options = {{"current_settings", OPTION_SWITCH, NULL,
                 "with the settings of now, instead of the run's own", NULL}},
    .run = run,
};
