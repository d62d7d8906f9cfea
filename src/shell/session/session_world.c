/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/session_world.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "shell/store/candle_file.h"
#include "shell/store/social_history.h"
#include "shell/sys/clock.h"
#include "shell/sys/files.h"

#define PIECE                                                                                      \
    65536 /* of a file's head and tail: whole files of gigabytes need not be read to tell them     \
             apart */

static const char *kind_of(const SessionPlan *plan) {
    static const char *const kinds[] = {"paper-binance", "replay", "generated", "demo"};
    static const char *const markets[] = {"paper-binance", "test-binance", "live-binance"};
    return plan->feed == SESSION_BINANCE ? markets[plan->venue] : kinds[plan->feed];
}

static void add_text(Sha256 *sha, const char *text) {
    sha256_add(sha, text, strlen(text) + 1);
}

static void add_number(Sha256 *sha, int64_t number) {
    sha256_add(sha, &number, sizeof number);
}

static bool add_file(Sha256 *sha, const char *path, Error *error) {
    static uint8_t piece[PIECE];
    struct stat about;
    FILE *file = fopen(path, "rbe");
    if (!file || fstat(fileno(file), &about) != 0) {
        if (file) fclose(file);
        return error_set(error, ERROR_DATA, "cannot open the data file", path,
                         "check the path given with --data");
    }
    const char *name = strrchr(path, '/');
    add_text(sha, name ? name + 1 : path);
    add_number(sha, about.st_size);
    size_t got = fread(piece, 1, sizeof piece, file);
    sha256_add(sha, piece, got);
    if (about.st_size > PIECE && fseek(file, -PIECE, SEEK_END) == 0) {
        got = fread(piece, 1, sizeof piece, file);
        sha256_add(sha, piece, got);
    }
    fclose(file);
    return true;
}

static bool ends_by_itself(const SessionPlan *plan) {
    return plan->feed == SESSION_REPLAY || (plan->feed == SESSION_GENERATED && plan->days > 0);
}

/* The social history that is stored now: with more of it the replay is another one. */
static bool add_social(Sha256 *sha, const Settings *settings, Error *error) {
    StoredReadings readings;
    const char *root = social_history_root(settings);
    if (!root) return true;
    if (!social_history_stored(root, &readings, error)) return false;
    for (size_t i = 0; i < readings.count; i++) {
        const StoredReading *row = &readings.at[i];
        add_text(sha, row->asset.text);
        add_number(sha, row->reading.source);
        add_number(sha, row->reading.time);
        add_number(sha, row->reading.known);
        sha256_add(sha, &row->reading.metrics, sizeof row->reading.metrics);
    }
    social_store_free(&readings);
    return true;
}

/* What makes the world: another value of any of these is another history. */
static bool add_plan(Sha256 *sha, const SessionPlan *plan, Error *error) {
    uint8_t settings[SHA256_SIZE];
    char opening[DECIMAL_TEXT_MAX];
    add_text(sha, kind_of(plan));
    /* A world without end may change its settings and go on; one that ends is one result of one set
     * of them. */
    if (ends_by_itself(plan)) {
        settings_hash(&plan->settings, settings);
        sha256_add(sha, settings, sizeof settings);
        money_to_text(plan->opening, opening);
        add_text(sha, opening);
    }
    add_number(sha, plan->start_us);
    add_number(sha, plan->end_us);
    add_number(sha, (int64_t)plan->seed);
    add_number(sha, plan->days);
    for (unsigned i = 0; i < plan->path_count; i++)
        if (!add_file(sha, plan->paths[i], error)) return false;
    return plan->feed != SESSION_REPLAY || add_social(sha, &plan->settings, error);
}

static void describe(const SessionPlan *plan, World *world) {
    Text text = TEXT_IN(world->description);
    const char *name = plan->path_count ? strrchr(plan->paths[0], '/') : NULL;
    if (plan->path_count)
        text_format(&text, "replay of %s", name ? name + 1 : plan->paths[0]);
    else
        text_format(&text, "%s market", plan->feed == SESSION_BINANCE ? "Binance" : "generated");
    if (plan->path_count > 1) text_format(&text, " and %d more", (int)plan->path_count - 1);
    if (plan->feed >= SESSION_GENERATED) text_format(&text, ", seed %D", (int64_t)plan->seed);
    text_end(&text);
}

bool session_world(const SessionPlan *plan, World *world, Error *error) {
    Sha256 sha;
    uint8_t digest[SHA256_SIZE];
    memset(world, 0, sizeof *world);
    sha256_init(&sha);
    if (!add_plan(&sha, plan, error)) return false;
    sha256_peek(&sha, digest);
    Text kind = TEXT_IN(world->kind), print = TEXT_IN(world->fingerprint),
         version = TEXT_IN(world->version);
    text_put(&kind, kind_of(plan));
    text_end(&kind);
    text_hex(&print, digest, sizeof digest);
    text_end(&print);
    text_put(&version, TRADER_VERSION);
    text_end(&version);
    describe(plan, world);
    return true;
}

void session_state_path(const SessionPlan *plan, const World *world, char path[static 512]) {
    Text text = text_in(path, 512);
    if (plan->state) {
        text_put(&text, plan->state);
    } else if (!ends_by_itself(plan)) {
        text_format(&text, "./state/%s", world->kind);
    } else {
        char stamp[25];
        instant_to_iso(clock_wall_us(), stamp);
        text_put(&text, "./state/runs/");
        for (const char *c = stamp; *c; c++)
            if (*c >= '0' && *c <= '9') text_char(&text, *c);
        text_format(&text, "-%S", (Slice){world->fingerprint, 8});
    }
    text_end(&text);
}

void session_log_path(const SessionPlan *plan, const char *state, char path[static 600]) {
    const char *configured = plan->settings.logging.log_directory;
    if (configured[0])
        snprintf(path, 600, "%s", configured);
    else if (!plan->state && !ends_by_itself(plan))
        snprintf(path, 600, "./logs");
    else
        snprintf(path, 600, "%s/logs", state);
}

static bool listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at++)
        if ((at == list || at[-1] == ',') && (at[length] == ',' || at[length] == 0)) return true;
    return false;
}

bool session_symbols(SessionPlan *plan, Error *error) {
    if (plan->feed != SESSION_REPLAY || plan->symbols_given) return true;
    char *list = plan->settings.trading.symbols;
    Text text = text_in(list, sizeof plan->settings.trading.symbols);
    for (unsigned i = 0; i < plan->path_count; i++) {
        SymbolName name;
        if (!candle_file_symbol(plan->paths[i], &name))
            return error_set(error, ERROR_USAGE, "the file's name does not begin with a symbol",
                             plan->paths[i], "give it with --symbols");
        text_end(&text);
        if (listed(list, name.text)) continue;
        if (text.length) text_char(&text, ',');
        text_put(&text, name.text);
    }
    text_end(&text);
    return !text.overflow || error_set(error, ERROR_LIMIT, "too many symbols", "--data", NULL);
}

bool session_symbol_list(const Settings *settings, SymbolName symbols[static LIMIT_SYMBOLS],
                         unsigned *count, Error *error) {
    *count = 0;
    for (const char *at = settings->trading.symbols; *at;) {
        const char *comma = strchr(at, ',');
        size_t length = comma ? (size_t)(comma - at) : strlen(at);
        Slice name = slice_trim((Slice){at, length});
        if (*count == LIMIT_SYMBOLS)
            return error_set(error, ERROR_CONFIG, "more symbols than fit", "trading_params.symbols",
                             "32 at most");
        if (name.length && !symbol_name_set(&symbols[(*count)++], name))
            return error_set(error, ERROR_CONFIG, "not a symbol", "trading_params.symbols",
                             "as in BTCUSDC,ETHUSDC");
        at += length + (comma != NULL);
    }
    if (*count == 0)
        return error_set(error, ERROR_CONFIG, "no symbol is named", "trading_params.symbols",
                         "as in BTCUSDC,ETHUSDC");
    return true;
}
