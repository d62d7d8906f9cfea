/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/call/first_screen.h"

#include "shell/cmd/command.h"
#include "shell/screen/paint.h"

static void line(FILE *file, bool color, const char *text, const char *name, const char *call) {
    if (!command_find(name)) return;
    fprintf(file, "  %-36s%s%s%s\n", text, paint_begin(STYLE_BOLD, color), call,
            paint_end(STYLE_BOLD, color));
}

void first_screen(bool color, FILE *file) {
    static const char *const everyday[] = {"run",      "status",    "signals", "portfolio",
                                           "backtest", "dashboard", "explain", "kill",
                                           "doctor",   "config"};
    fprintf(file, "trader %s  AI crypto trading system. Educational use; not financial advice.\n\n",
            TRADER_VERSION);
    line(file, color, "Try it now, no keys, no network:", "demo", "trader demo");
    line(file, color, "Set up paper trading:", "init", "trader init");
    line(file, color, "Backtest with data on disk:", "backtest",
         "trader backtest run --symbols BTCUSDC --intervals 1h --days 30");
    fputs("\n  Common commands:", file);
    for (size_t i = 0; i < sizeof everyday / sizeof everyday[0]; i++)
        if (command_find(everyday[i])) fprintf(file, " %s", everyday[i]);
    fputs("\n  All commands: trader help        Dashboard: http://127.0.0.1:8050 once something "
          "runs\n",
          file);
}
