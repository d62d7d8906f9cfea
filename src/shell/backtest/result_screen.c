/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/result_screen.h"

#include <math.h>
#include <string.h>

#include "shell/screen/paint.h"

#define SPARK_WIDTH 64
#define CELL        24
#define P_SMALL     0.05 /* as the interval of 95 % */

static const char *block(unsigned height) {
    static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    static const char *const plain[] = {"_", ".", "-", "~", "=", "+", "*", "#"};
    return paint_utf8() ? blocks[height] : plain[height];
}

void result_sparkline(const ResultPoint *points, unsigned count, unsigned width, Text *text) {
    double low = (double)INFINITY, high = -(double)INFINITY;
    for (unsigned i = 0; i < count; i++) {
        low = fmin(low, points[i].equity);
        high = fmax(high, points[i].equity);
    }
    if (count < width) width = count;
    for (unsigned i = 0; i < width; i++) {
        double equity = points[(uint64_t)(i + 1) * count / width - 1].equity;
        double share = high > low ? (equity - low) / (high - low) : 0;
        text_put(text, block((unsigned)(share * 7 + 0.5)));
    }
}

/* ---- figures --------------------------------------------------------------------------------- */

typedef struct Screen {
    FILE *file;
    bool color, left; /* the next figure stands in the left column */
} Screen;

static void figure(Screen *screen, const char *name, const char *value) {
    int pad = CELL - (int)text_columns(value);
    fprintf(screen->file, "  %-18s%s%s%s%*s", name, paint_begin(STYLE_BOLD, screen->color), value,
            paint_end(STYLE_BOLD, screen->color), screen->left && pad > 0 ? pad : 0, "");
    if (!screen->left) fputc('\n', screen->file);
    screen->left = !screen->left;
}

static void real(Screen *screen, const char *name, double value, const char *unit) {
    char memory[64];
    Text text = TEXT_IN(memory);
    number_real(&text, value, unit);
    figure(screen, name, text_end(&text));
}

static void money(Screen *screen, const char *name, Money value, const char *asset) {
    char memory[64];
    Text text = TEXT_IN(memory);
    number_money(&text, value, 2, false);
    text_format(&text, " %s", asset);
    figure(screen, name, text_end(&text));
}

static void count_of(Screen *screen, const char *name, int64_t value) {
    char memory[64];
    Text text = TEXT_IN(memory);
    number_count(&text, value);
    figure(screen, name, text_end(&text));
}

static void sharpe(Screen *screen, const Metrics *metrics) {
    char memory[96];
    Text text = TEXT_IN(memory);
    if (isnan(metrics->sharpe_ratio)) {
        real(screen, "Sharpe ratio", metrics->sharpe_ratio, "");
        return;
    }
    number_fixed(&text, metrics->sharpe_ratio, 2, false);
    if (!isnan(metrics->sharpe_low)) {
        text_put(&text, "  [");
        number_fixed(&text, metrics->sharpe_low, 2, false);
        text_put(&text, ", ");
        number_fixed(&text, metrics->sharpe_high, 2, false);
        text_put(&text, "]");
    }
    figure(screen, "Sharpe ratio", text_end(&text));
}

/* How many different things were ever tried on these symbols. */
static void trials(Screen *screen, const Result *result) {
    char memory[64];
    Text text = TEXT_IN(memory);
    if (result->trials_lost) text_put(&text, "at least ");
    number_count(&text, result->trials);
    figure(screen, "Tried so far", text_end(&text));
}

static void head(const Result *result, Screen *screen) {
    char start[25], end[25];
    instant_to_iso(result->start_us, start);
    instant_to_iso(result->end_us, end);
    fprintf(screen->file, "%s%s%s", paint_begin(STYLE_BOLD, screen->color), result->strategy,
            paint_end(STYLE_BOLD, screen->color));
    for (unsigned i = 0; i < result->parameter_count; i++)
        fprintf(screen->file, " %s=%g", result->parameters[i].name, result->parameters[i].value);
    fputs("\n ", screen->file);
    for (unsigned i = 0; i < result->symbol_count; i++)
        fprintf(screen->file, " %s", result->symbols[i].text);
    fprintf(screen->file, ", %s, %.10s to %.10s, %s engine\n", result->interval, start, end,
            result->engine);
}

static void figures(const Result *result, Screen *screen) {
    const Metrics *metrics = &result->metrics;
    money(screen, "Final balance", result->final, result->quote.text);
    real(screen, "Return", metrics->return_pct, " %");
    real(screen, "Buy and hold", metrics->benchmark_return_pct, " %");
    real(screen, "Return a year", metrics->cagr_pct, " %");
    sharpe(screen, metrics);
    real(screen, "Sortino ratio", metrics->sortino_ratio, "");
    real(screen, "Max drawdown", metrics->max_drawdown_pct, " %");
    real(screen, "Longest drawdown", metrics->max_drawdown_days, " days");
    count_of(screen, "Trades", metrics->total_trades);
    real(screen, "Won", 100 * metrics->win_rate, " %");
    real(screen, "Profit factor", metrics->profit_factor, "");
    real(screen, "In the market", 100 * metrics->exposure, " %");
    trials(screen, result);
    real(screen, "Deflated p-value", result->deflated_sharpe_p, "");
    money(screen, "Fees", result->fees, result->quote.text);
    money(screen, "Slippage", result->slippage, result->quote.text);
}

/* What the Sharpe ratio's interval says in words. */
static const char *judgement(const Result *result) {
    const Metrics *metrics = &result->metrics;
    if (metrics->total_trades == 0) return "It never traded.";
    if (isnan(metrics->sharpe_low)) return "Too little to judge by.";
    if (metrics->sharpe_low > 0)
        return result->deflated_sharpe_p < P_SMALL
                   ? "Its Sharpe ratio is above zero beyond doubt of 5 %, all tries counted."
                   : "Alone its Sharpe ratio would be above zero beyond doubt of 5 %; as the best "
                     "of all that was tried it may be luck.";
    if (metrics->sharpe_high < 0) return "It loses, beyond doubt of 5 %.";
    return "This cannot be told from luck: the interval of its Sharpe ratio holds zero.";
}

void result_screen(const Result *result, const char *folder, bool color, FILE *file) {
    char memory[8 * SPARK_WIDTH];
    Text spark = TEXT_IN(memory);
    Screen screen = {.file = file, .color = color, .left = true};
    head(result, &screen);
    result_sparkline(result->points, result->point_count, SPARK_WIDTH, &spark);
    fprintf(file, "\n  %s\n\n", text_end(&spark));
    figures(result, &screen);
    if (!screen.left) fputc('\n', file);
    fprintf(file, "\n  %s\n", judgement(result));
    if (result->note[0]) fprintf(file, "  Note: %s.\n", result->note);
    fprintf(file, "  %s/%s.json\n", folder, result->id);
    fprintf(file, "  Past results say nothing certain about future ones; not financial advice.\n");
}
