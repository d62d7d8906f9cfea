/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "shell/cmd/command.h"
#include "shell/screen/paint.h"
#include "shell/session/venue_told.h"
#include "shell/store/state_dir.h"
#include "shell/store/store.h"

static void print_json(const Holdings *holdings) {
    static char memory[4 * LIMIT_PAYLOAD];
    Text text = TEXT_IN(memory);
    JsonWriter writer = json_writer(&text);
    codec_write_json(&message_shapes[MESSAGE_HOLDINGS], holdings, &writer);
    CHECK(!text.overflow, "portfolio: the holdings outgrew their memory");
    puts(text_end(&text));
}

static Style by_sign(double value) {
    return value > 0 ? STYLE_GOOD : value < 0 ? STYLE_WARN : STYLE_PLAIN;
}

static void cell_money(Table *table, Money money, bool plus) {
    char memory[80];
    Text text = TEXT_IN(memory);
    number_money(&text, money, 2, plus);
    table_cell(table, plus ? by_sign(money_double(money)) : STYLE_PLAIN, text_end(&text));
}

static void cell_price(Table *table, Price price) {
    char memory[80];
    Text text = TEXT_IN(memory);
    if (price.units)
        number_price(&text, price);
    else
        text_put(&text, paint_utf8() ? "—" : "-");
    table_cell(table, STYLE_PLAIN, text_end(&text));
}

static void print_position(Table *table, const PositionState *position) {
    char memory[80];
    Text text = TEXT_IN(memory);
    char quantity[DECIMAL_TEXT_MAX];
    quantity_to_text(position->quantity, quantity);
    table_cell(table, STYLE_BOLD, position->symbol);
    table_cell(table, STYLE_PLAIN, quantity);
    cell_price(table, position->average_price);
    cell_price(table, position->price);
    cell_money(table, position->value, false);
    cell_money(table, position->unrealised_pnl, true);
    number_fixed(&text, position->unrealised_pct, 2, true);
    text_put(&text, " %");
    table_cell(table, by_sign(position->unrealised_pct), text_end(&text));
    text_clear(&text);
    number_fixed(&text, position->weight * 100, 1, false);
    text_put(&text, " %");
    table_cell(table, STYLE_PLAIN, text_end(&text));
    cell_price(table, position->stop_price);
    cell_price(table, position->target_price);
}

static void print_line(const char *name, Money money, bool plus, const char *unit, bool color) {
    char memory[80];
    Text text = TEXT_IN(memory);
    number_money(&text, money, 2, plus);
    Style style = plus ? by_sign(money_double(money)) : STYLE_PLAIN;
    int blanks = 18 - (int)text_columns(text_end(&text));
    printf("  %-12s%*s%s%s%s %s\n", name, blanks > 0 ? blanks : 0, "", paint_begin(style, color),
           memory, paint_end(style, color), unit);
}

static void print_screen(const CommandCall *call, const char *state, const Holdings *holdings,
                         const VenueTold *venue) {
    static const char *const titles[] = {"SYMBOL", "QUANTITY", "ENTRY", "NOW",    "VALUE", "GAIN",
                                         "GAIN %", "WEIGHT",   "STOP",  "TARGET", NULL};
    bool color = call_color(call);
    char time[25], memory[80];
    Text text = TEXT_IN(memory);
    instant_to_iso(holdings->time, time);
    printf("%s   at %.10s %.8s UTC\n", state, time, time + 11);
    venue_told_print(venue, state_holder(state) != 0, color);
    puts("");
    print_line("equity", holdings->total_value, false, holdings->quote_asset, color);
    print_line("free", holdings->available, false, holdings->quote_asset, color);
    print_line("invested", holdings->invested, false, holdings->quote_asset, color);
    print_line("realised", holdings->realised_pnl, true, holdings->quote_asset, color);
    print_line("unrealised", holdings->unrealised_pnl, true, holdings->quote_asset, color);
    print_line("fees", holdings->fees, false, holdings->quote_asset, color);
    number_fixed(&text, holdings->drawdown * 100, 2, false);
    printf("  %-12s%18s %% below the peak\n\n", "drawdown", text_end(&text));
    if (holdings->positions_count == 0) {
        puts("no open positions   next: trader signals");
        return;
    }
    Table *table = table_open(titles, 0x3FEu); /* all but the symbol are numbers */
    for (unsigned i = 0; i < holdings->positions_count; i++)
        print_position(table, &holdings->positions[i]);
    table_print(table, color, stdout);
    table_close(table);
}

static int run(CommandCall *call, Error *error) {
    static Holdings holdings;
    VenueTold venue;
    StateDir state;
    if (!state_find(call_state(call), &state, error)) return error_exit_code(error->code);
    Store *store = store_open(state.path, true, error);
    if (!store) return error_exit_code(error->code);
    bool found = store_latest(store, TOPIC_HOLDINGS, NULL, &holdings);
    venue_told_read(store, &venue);
    store_close(store);
    if (!found) {
        error_set(error, ERROR_DATA, "there is no portfolio yet", state.path,
                  "it appears with the first closed bar of a run");
        return error_exit_code(ERROR_DATA);
    }
    if (call_json(call))
        print_json(&holdings);
    else
        print_screen(call, state.path, &holdings, &venue);
    return 0;
}

const Command command_portfolio = {
    .name = "portfolio",
    .group = "look",
    .sentence = "Equity, cash and open positions with their stops.",
    .examples = {"trader portfolio", "trader portfolio --json"},
    .run = run,
};
