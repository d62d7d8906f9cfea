/* SPDX-License-Identifier: Apache-2.0 */
/* The page: its style, its figures, its settings, and the sections in their order. */
#include "shell/backtest/report.h"

#include <math.h>

#include "shell/backtest/chart.h"
#include "shell/backtest/report_parts.h"
#include "shell/screen/paint.h"

/* The dashboard's colours (measured contrast of at least 4.5 in both modes). */
static const char style[] =
    ":root{--bg:#fff;--panel:#f4f6f9;--text:#1f2328;--muted:#57606a;--up:#0a5cad;--down:#9c4f00;"
    "--line:#d0d7de;color-scheme:light dark}"
    "@media(prefers-color-scheme:dark){:root{--bg:#0e1116;--panel:#171c24;--text:#d6dde6;"
    "--muted:#8a97a6;--up:#2a9df4;--down:#e69f00;--line:#2b323c}}"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:1320px;padding:16px;background:var(--bg);"
    "color:var(--text);font:15px/1.5 system-ui,sans-serif}"
    "h1{font-size:26px;margin:8px 0 0}h2,figcaption{font-size:17px;font-weight:600;margin:0 0 8px}"
    "p{margin:4px 0 12px;color:var(--muted)}"
    ".grid2{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,560px),1fr));"
    "gap:16px}"
    "figure,section{margin:0;padding:16px;background:var(--panel);border-radius:8px;min-width:0}"
    ".wide{grid-column:1/-1}"
    ".figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:8px 16px;"
    "margin:16px 0}.figures div{border-left:3px solid var(--line);padding-left:10px}"
    "dt{color:var(--muted);font-size:13px}dd{margin:0;font-size:18px;font-variant-numeric:"
    "tabular-nums}"
    ".scroll{overflow-x:auto}svg{display:block;width:100%;min-width:520px;height:auto}"
    "svg text{font:13px system-ui,sans-serif;fill:var(--muted)}"
    ".grid{stroke:var(--line);stroke-width:1;fill:none}.line{stroke:var(--up);stroke-width:1.6;"
    "fill:none}.area{fill:var(--down);opacity:.45}.level{stroke:var(--muted);fill:none;"
    "stroke-dasharray:4 4}"
    ".up{fill:var(--up)}.down{fill:var(--down)}.wick.up{stroke:var(--up)}.wick.down{stroke:"
    "var(--down)}.mark{stroke:var(--bg)}.bought{fill:var(--text)}.sold{fill:var(--muted)}"
    "table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}"
    "th,td{padding:4px 8px;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}"
    ".n{text-align:right}.heat{background:color-mix(in srgb,var(--c) var(--s),transparent)}"
    ".gain{--c:var(--up)}.loss{--c:var(--down)}summary{cursor:pointer}"
    ".settings :is(td,th){white-space:normal}.grid2+section{margin-top:16px}"
    "code{overflow-wrap:anywhere}footer{color:var(--muted);margin:24px 0}";

/* ---- cells ----------------------------------------------------------------------------------- */

void report_real(double value, int decimals, const char *unit, FILE *file) {
    char memory[64];
    Text text = TEXT_IN(memory);
    if (isnan(value)) {
        fputs("—", file);
        return;
    }
    number_fixed(&text, value, decimals, false);
    fprintf(file, "%s%s", text_end(&text), unit);
}

void report_money(Money value, FILE *file) {
    char memory[64];
    Text text = TEXT_IN(memory);
    number_money(&text, value, 2, false);
    fputs(text_end(&text), file);
}

void report_date(int64_t time_us, FILE *file) {
    char iso[25];
    instant_to_iso(time_us, iso);
    fprintf(file, "%.10s %.5s", iso, iso + 11);
}

void report_missing(const char *title, const char *why, FILE *file) {
    fprintf(file, "<section><h2>%s</h2><p>Nothing to show: %s.</p></section>\n", title, why);
}

/* ---- figures --------------------------------------------------------------------------------- */

static void real(const char *name, double value, int decimals, const char *unit, FILE *file) {
    fprintf(file, "<div><dt>%s</dt><dd>", name);
    report_real(value, decimals, unit, file);
    fputs("</dd></div>\n", file);
}

static void money(const char *name, Money value, FILE *file) {
    fprintf(file, "<div><dt>%s</dt><dd>", name);
    report_money(value, file);
    fputs("</dd></div>\n", file);
}

static void sharpe(const Metrics *metrics, FILE *file) {
    fputs("<div><dt>Sharpe ratio (95 %)</dt><dd>", file);
    report_real(metrics->sharpe_ratio, 2, "", file);
    if (!isnan(metrics->sharpe_low)) {
        fputs(" [", file);
        report_real(metrics->sharpe_low, 2, "", file);
        fputs(", ", file);
        report_real(metrics->sharpe_high, 2, "", file);
        fputs("]", file);
    }
    fputs("</dd></div>\n", file);
}

static void figures(const Result *result, FILE *file) {
    const Metrics *metrics = &result->metrics;
    fputs("<dl class=\"figures\">\n", file);
    money("Final balance", result->final, file);
    real("Return", metrics->return_pct, 2, " %", file);
    real("Buy and hold", metrics->benchmark_return_pct, 2, " %", file);
    real("A year", metrics->cagr_pct, 2, " %", file);
    sharpe(metrics, file);
    real("Deflated Sharpe, p", result->deflated_sharpe_p, 3, "", file);
    real("Sortino ratio", metrics->sortino_ratio, 2, "", file);
    real("Calmar ratio", metrics->calmar_ratio, 2, "", file);
    real("Omega ratio", metrics->omega_ratio, 2, "", file);
    real("Max drawdown", metrics->max_drawdown_pct, 2, " %", file);
    real("Longest drawdown", metrics->max_drawdown_days, 1, " days", file);
    real("Volatility a year", metrics->volatility_pct, 2, " %", file);
    real("VaR 95", metrics->var95_pct, 2, " %", file);
    real("CVaR 95", metrics->cvar95_pct, 2, " %", file);
    real("Trades", metrics->total_trades, 0, "", file);
    real("Won", 100 * metrics->win_rate, 1, " %", file);
    real("Profit factor", metrics->profit_factor, 2, "", file);
    real("Mean trade", metrics->average_trade, 2, "", file);
    real("In the market", 100 * metrics->exposure, 1, " %", file);
    real("Turnover", metrics->turnover, 1, " × equity", file);
    money("Fees", result->fees, file);
    money("Slippage", result->slippage, file);
    fputs("</dl>\n", file);
}

/* ---- settings -------------------------------------------------------------------------------- */

static void row_begin(const char *name, FILE *file) {
    fputs("<tr><th scope=\"row\">", file);
    chart_escape(name, file);
    fputs("</th><td>", file);
}

static void row_end(FILE *file) {
    fputs("</td></tr>\n", file);
}

static void parameters(const Result *result, FILE *file) {
    for (unsigned i = 0; i < result->parameter_count; i++) {
        row_begin(result->parameters[i].name, file);
        fprintf(file, "%g", result->parameters[i].value);
        row_end(file);
    }
}

static void costs(const Result *result, FILE *file) {
    row_begin("Costs", file);
    fprintf(file, "fee %g, spread %g, slippage %g basis points", result->fee_bps,
            result->spread_bps, result->slippage_bps);
    row_end(file);
    row_begin("Stops inside a bar", file);
    bool finer = result->resolve[0] != 0;
    fputs(finer ? "on candles of " : "the stop first where one bar touches stop and target", file);
    chart_escape(result->resolve, file);
    row_end(file);
    row_begin("Trials on these data", file);
    if (result->trials > 0)
        fprintf(file, "%lld", (long long)result->trials);
    else
        fputs("not counted", file);
    row_end(file);
}

/* The first letters of one. */
static void put_digest(const char *digest, const char *more, FILE *file) {
    char letters[17];
    snprintf(letters, sizeof letters, "%.16s", digest);
    fputs("<code>", file);
    chart_escape(letters, file);
    fprintf(file, "%s</code>", more);
}

static void settings(const Result *result, FILE *file) {
    fputs("<section><h2>Settings</h2><div class=\"scroll\"><table class=\"settings\">\n", file);
    row_begin("Engine", file);
    chart_escape(result->engine, file);
    fprintf(file, ", %llu bars of ", (unsigned long long)result->bars);
    chart_escape(result->interval, file);
    row_end(file);
    parameters(result, file);
    costs(result, file);
    row_begin("Settings and data, SHA-256", file);
    put_digest(result->settings_hash, "…", file);
    row_end(file);
    row_begin("All trades, hash", file);
    put_digest(result->trades_hash, "", file);
    row_end(file);
    if (result->note[0]) {
        row_begin("Note", file);
        chart_escape(result->note, file);
        row_end(file);
    }
    fputs("</table></div></section>\n", file);
}

/* ---- the page -------------------------------------------------------------------------------- */

static void head(const Result *result, FILE *file) {
    fputs("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
          "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>",
          file);
    chart_escape(result->id, file);
    fprintf(file, "</title><style>%s</style></head><body>\n<h1>", style);
    chart_escape(result->strategy, file);
    fputs("</h1>\n<p>", file);
    for (unsigned i = 0; i < result->symbol_count; i++) {
        if (i) fputs(", ", file);
        chart_escape(result->symbols[i].text, file);
    }
    fputs(" · ", file);
    report_date(result->start_us, file);
    fputs(" to ", file);
    report_date(result->end_us, file);
    fputs(" UTC · ", file);
    chart_escape(result->interval, file);
    fputs(" candles · backtest ", file);
    chart_escape(result->id, file);
    fputs("</p>\n", file);
}

static void foot(const Result *result, FILE *file) {
    fputs("<footer>Made by trader " TRADER_VERSION " from a simulation on recorded prices, ", file);
    report_date(result->created_us, file);
    fputs(" UTC. Fills are estimates; past results say nothing certain about future ones. For "
          "education; not financial advice and not a recommendation.</footer>\n</body></html>\n",
          file);
}

void report_write(const Result *result, const MarketLoad *load, FILE *file) {
    head(result, file);
    figures(result, file);
    fputs("<div class=\"grid2\">\n", file);
    report_equity(result, file);
    report_underwater(result, file);
    report_rolling(result, file);
    report_distribution(result, file);
    report_months(result, file);
    report_candles(result, load, file);
    report_drawdowns(result, file);
    report_exits(result, file);
    report_regimes(result, load, file);
    settings(result, file);
    fputs("</div>\n", file);
    report_trades(result, file);
    foot(result, file);
}
