/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/lab_run.h"
#include "core/analyst/calls.h"
#include "shell/config/prompt_files.h"

#include <stdlib.h>
#include <string.h>

typedef struct Ordered {
    LabMarket markets[LIMIT_SYMBOLS];
    unsigned given[LIMIT_SYMBOLS]; /* where each stands in what was handed in */
} Ordered;

static void order_markets(const LabRun *run, Ordered *ordered) {
    for (unsigned i = 0; i < run->market_count; i++) {
        unsigned at = i;
        while (at > 0 && strcmp(ordered->markets[at - 1].symbol.name.text,
                                run->markets[i].symbol.name.text) > 0) {
            ordered->markets[at] = ordered->markets[at - 1];
            ordered->given[at] = ordered->given[at - 1];
            at--;
        }
        ordered->markets[at] = run->markets[i];
        ordered->given[at] = i;
    }
}

bool lab_run_name_symbols(Settings *settings, const LabMarket *markets, unsigned count,
                          Error *error) {
    Text list = TEXT_IN(settings->trading.symbols);
    for (unsigned i = 0; i < count; i++) {
        if (i) text_char(&list, ',');
        text_put(&list, markets[i].symbol.name.text);
    }
    text_end(&list);
    return !list.overflow || error_set(error, ERROR_LIMIT, "too many symbols", "symbols", NULL);
}

static void *lab_block(const LabPlan *plan) {
    size_t size = (lab_memory(plan) + 15) & ~(size_t)15;
    void *memory = aligned_alloc(16, size);
    if (memory) memset(memory, 0, size - LIMIT_TURN_BYTES); /* turns fill the rest themselves */
    return memory;
}

static void give_back(const Ordered *ordered, TrialOutput *output, uint32_t trades) {
    if (!output || !output->trades) return;
    uint32_t kept = trades < output->trades_max ? trades : output->trades_max;
    for (uint32_t i = 0; i < kept; i++)
        output->trades[i].market = ordered->given[output->trades[i].market];
}

bool lab_run_all(const LabRun *run, TrialOutput *output, LabResult *result, Error *error) {
    Settings settings = *run->settings;
    Ordered ordered;
    if (run->market_count == 0 || run->market_count > LIMIT_SYMBOLS)
        return error_set(error, ERROR_USAGE, "not 1 to 32 symbols", "symbols", NULL);
    order_markets(run, &ordered);
    PromptTemplate prompts[PROMPT_COUNT];
    unsigned prompt_count = 0;
    if (!calls_check(&settings, error) ||
        !prompt_files_read(settings.ai.prompt_directory, prompts, &prompt_count, error))
        return false;
    if (!lab_run_name_symbols(&settings, ordered.markets, run->market_count, error)) return false;
    LabPlan plan = {.settings = &settings,
                    .services = service_table,
                    .service_count = service_count,
                    .markets = ordered.markets,
                    .market_count = run->market_count,
                    .social = run->social,
                    .social_count = run->social_count,
                    .news = run->news,
                    .news_count = run->news_count,
                    .balance = run->balance,
                    .flatten = run->flatten,
                    .outside = run->outside,
                    .prompts = prompts,
                    .prompt_count = prompt_count,
                    .hash = true,
                    .watch = run->watch,
                    .watch_context = run->watch_context};
    void *memory = lab_block(&plan);
    if (!memory) return error_set(error, ERROR_LIMIT, "out of memory", "lab", NULL);
    bool sound = lab_run(&plan, memory, output, result, error);
    free(memory);
    if (sound) give_back(&ordered, output, result->trial.trades);
    return sound;
}
