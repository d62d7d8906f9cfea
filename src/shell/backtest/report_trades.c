/* SPDX-License-Identifier: Apache-2.0 */
/* The trades: how their returns are spread, how they ended, and each by itself. */
#include <math.h>
#include <stdlib.h>

#include "core/bus/shape.h"
#include "shell/backtest/chart.h"
#include "shell/backtest/report_parts.h"

#define BINS   31  /* odd, so that one of them holds zero in its middle */
#define LISTED 500 /* trades on the page; all are in the document */
#define TALL   200

static double widest(const Result *result) {
    double most = 0;
    for (unsigned i = 0; i < result->trade_count; i++)
        most = fmax(most, fabs(result->trades[i].return_pct));
    return most;
}

void report_distribution(const Result *result, FILE *file) {
    unsigned counts[BINS] = {0}, most = 0;
    double edge = widest(result);
    if (result->trade_count < 2 || edge <= 0) {
        report_missing("Returns of trades", "there are fewer than two trades", file);
        return;
    }
    double width = 2 * edge / BINS;
    for (unsigned i = 0; i < result->trade_count; i++) {
        int bin = (int)((result->trades[i].return_pct + edge) / width);
        unsigned at = bin < 0 ? 0 : bin >= BINS ? BINS - 1 : (unsigned)bin;
        if (++counts[at] > most) most = counts[at];
    }
    ChartPlan plan = {.title = "Returns of trades, percent",
                      .words = "How many trades ended with which return",
                      .axis = CHART_NUMBER,
                      .x_low = -edge,
                      .x_high = edge,
                      .y_high = most * 1.05,
                      .unit = "",
                      .height = TALL};
    Chart chart = chart_open(&plan, file);
    for (unsigned i = 0; i < BINS; i++)
        if (counts[i])
            chart_bar(&chart, -edge + i * width, -edge + (i + 1) * width, counts[i], i >= BINS / 2);
    chart_close(&chart);
}

/* ---- how they ended -------------------------------------------------------------------------- */

typedef struct Ending {
    unsigned count, won;
    double gain, return_pct, bars;
} Ending;

static void ending_row(TradeReason reason, const Ending *ending, FILE *file) {
    fprintf(file, "<tr><td>%s</td><td class=\"n\">%u</td><td class=\"n\">",
            TradeReason_text(reason), ending->count);
    report_real(100.0 * ending->won / ending->count, 1, " %", file);
    fputs("</td><td class=\"n\">", file);
    report_real(ending->return_pct / ending->count, 2, " %", file);
    fputs("</td><td class=\"n\">", file);
    report_real(ending->gain, 2, "", file);
    fputs("</td><td class=\"n\">", file);
    report_real(ending->bars / ending->count, 1, "", file);
    fputs("</td></tr>\n", file);
}

void report_exits(const Result *result, FILE *file) {
    Ending endings[TradeReason_COUNT] = {{.count = 0}};
    for (unsigned i = 0; i < result->trade_count; i++) {
        const ResultTrade *trade = &result->trades[i];
        Ending *ending = &endings[trade->reason];
        ending->count++;
        ending->won += trade->gain.units > 0;
        ending->gain += money_double(trade->gain);
        ending->return_pct += trade->return_pct;
        ending->bars += trade->bars;
    }
    fputs("<section><h2>By exit</h2><div class=\"scroll\"><table><tr><th>Exit</th>"
          "<th class=\"n\">Trades</th><th class=\"n\">Won</th><th class=\"n\">Mean return</th>"
          "<th class=\"n\">Gain</th><th class=\"n\">Mean bars</th></tr>\n",
          file);
    for (int i = 0; i < TradeReason_COUNT; i++)
        if (endings[i].count) ending_row((TradeReason)i, &endings[i], file);
    fputs("</table></div></section>\n", file);
}

/* ---- each by itself -------------------------------------------------------------------------- */

static void price_cell(Price price, FILE *file) {
    char memory[DECIMAL_TEXT_MAX];
    price_to_text(price, memory);
    fprintf(file, "<td class=\"n\">%s</td>", memory);
}

static void trade_row(const ResultTrade *trade, FILE *file) {
    char quantity[DECIMAL_TEXT_MAX];
    quantity_to_text(trade->quantity, quantity);
    fputs("<tr><td>", file);
    report_date(trade->entry_us, file);
    fputs("</td><td>", file);
    chart_escape(trade->symbol.text, file);
    fprintf(file, "</td><td class=\"n\">%s</td>", quantity);
    price_cell(trade->entry, file);
    price_cell(trade->exit, file);
    fprintf(file, "<td>%s</td><td class=\"n\">%u</td><td class=\"n\">",
            TradeReason_text(trade->reason), trade->bars);
    report_real(trade->return_pct, 2, " %", file);
    fputs("</td><td class=\"n\">", file);
    report_money(trade->gain, file);
    fputs("</td></tr>\n", file);
}

void report_trades(const Result *result, FILE *file) {
    unsigned first = result->trade_count > LISTED ? result->trade_count - LISTED : 0;
    if (result->trade_count == 0) {
        report_missing("Trades", "it never traded", file);
        return;
    }
    fprintf(file, "<section><h2>Trades</h2><details><summary>%u trades",
            result->trade_count - first);
    if (first) fprintf(file, ", the last of %u", result->trade_count);
    fputs("</summary><div class=\"scroll\"><table><tr><th>Bought</th><th>Symbol</th>"
          "<th class=\"n\">Quantity</th><th class=\"n\">Entry</th><th class=\"n\">Exit</th>"
          "<th>By</th><th class=\"n\">Bars</th><th class=\"n\">Return</th>"
          "<th class=\"n\">Gain</th></tr>\n",
          file);
    for (unsigned i = first; i < result->trade_count; i++)
        trade_row(&result->trades[i], file);
    fputs("</table></div></details></section>\n", file);
}
