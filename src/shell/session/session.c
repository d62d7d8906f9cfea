/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/session.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/analyst/calls.h"
#include "core/base/json.h"
#include "core/trial/strategy_choice.h"
#include "shell/config/prompt_files.h"
#include "shell/drivers/binance_pace.h"
#include "shell/outside/outside_open.h"
#include "shell/screen/paint.h"
#include "shell/session/session_halted.h"
#include "shell/session/session_screen.h"
#include "shell/session/session_venue.h"
#include "shell/session/session_world.h"
#include "shell/store/sealed_file.h"
#include "shell/store/social_history.h"
#include "shell/sys/clock.h"
#include "shell/sys/files.h"
#include "shell/web/web.h"

#define RESULT_MAX     4096
#define DISK_LOW_BYTES (200LL << 20) /* CONTRACTS 3: below it no entries */

typedef struct Session {
    SessionPlan *plan;
    World world;
    StateDir state;
    char log_directory[600];
    SymbolName symbols[LIMIT_SYMBOLS];
    unsigned symbol_count;
    Feed *feed;
    bool real; /* orders go to a real venue */
    SessionVenue venue;
    OutsidePlan asks; /* of sources and models; wiped once the port has it */
    OutsidePort *outside;
    PromptTemplate prompts[PROMPT_COUNT];
    unsigned prompt_count;
    Web *web;
    SessionScreen screen;
} Session;

/* ---- signals ------------------------------------------------------------------------------- */

static volatile sig_atomic_t interrupts;
static volatile sig_atomic_t
    interrupted; /* by SIGINT: the exit code says so; SIGTERM is an orderly end */

static volatile sig_atomic_t level_signalled; /* KillLevel; none since the last written word */

static KillLevel signalled(void) {
    return (KillLevel)level_signalled;
}

static bool stopping(void) {
    return interrupts != 0;
}

static void raise_level(int level) {
    if (level > level_signalled) level_signalled = level;
    engine_kill((KillLevel)level);
}

static void on_signal(int number, siginfo_t *about, void *context) {
    (void)context;
    if (number == SIGUSR1) {
        raise_level(KILL_PAUSE);
    } else if (number == SIGUSR2) {
        int level =
            about->si_code == SI_QUEUE ? control_signal_level(about->si_value.sival_int) : -1;
        if (level > KILL_NONE)
            raise_level(level);
        else
            level_signalled = KILL_NONE; /* the word that was written counts */
        engine_look_at_control();
    } else {
        static const char first[] =
            "\nStopping: no new orders, saving state, open positions stay. Again to force.\n";
        if (interrupts++) _exit(130);
        interrupted = number == SIGINT;
        engine_stop();
        if (isatty(STDERR_FILENO) && write(STDERR_FILENO, first, sizeof first - 1) < 0) _exit(130);
    }
}

static void listen_to_signals(void) {
    const int numbers[] = {SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_RESTART | SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    for (unsigned i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        sigaction(numbers[i], &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ,
           SIG_IGN); /* a limit on file sizes is then an error of the write, like a full disk */
}

/* ---- the feed ------------------------------------------------------------------------------ */

static Feed *open_generated(const Session *session, unsigned days, Error *error) {
    FeedGeneratedPlan plan = {.seed = session->plan->seed,
                              .days = days,
                              .start_us = SESSION_MARKET_START_US,
                              .symbols = session->symbols,
                              .symbol_count = session->symbol_count};
    return feed_generated_open(&plan, error);
}

static Feed *open_replay(const Session *session, Error *error) {
    const char *filters = files_exist("config/filters.json") ? "config/filters.json" : NULL;
    FeedReplayPlan plan = {.paths = session->plan->paths,
                           .path_count = session->plan->path_count,
                           .symbols = session->symbols,
                           .symbol_count = session->symbol_count,
                           .start_us = session->plan->start_us,
                           .end_us = session->plan->end_us,
                           .filters_path = filters,
                           .social_root = social_history_root(&session->plan->settings)};
    return feed_replay_open(&plan, error);
}

static Feed *open_binance(const Session *session, Error *error) {
    const Settings *settings = &session->plan->settings;
    FeedBinancePlan plan = {.symbols = session->symbols,
                            .symbol_count = session->symbol_count,
                            .rest_url = settings->feed.binance_rest_url,
                            .stream_url = settings->feed.binance_ws_url,
                            .backfill_bars = (unsigned)settings->feed.backfill_bars,
                            .exchange_info_timeout_ms =
                                (unsigned)settings->feed.exchange_info_timeout_ms,
                            .allow_plain_http = settings->feed.allow_plain_http};
    BinancePace pace = binance_pace_standard;
    const unsigned silent_ms = (unsigned)settings->feed.stale_seconds * 1000;
    pace.silent_ms = silent_ms;
    pace.kline_owed_ms = 60000 + silent_ms; /* its minute and what silence is allowed */
    return feed_binance_open_paced(&plan, &pace, error);
}

/* Binance that does not answer is one line, and the program goes on as DEMO where the plan says so.
 */
static bool open_feed(Session *session, Error *error) {
    SessionPlan *plan = session->plan;
    if (plan->feed == SESSION_BINANCE) {
        session->feed = open_binance(session, error);
        if (session->feed || !plan->fall_back) return session->feed != NULL;
        fprintf(stderr, "! binance: %s: %s. Going on with a generated market (DEMO).\n",
                error->where, error->message);
        *error = (Error){.code = ERROR_NONE};
        plan->feed = SESSION_DEMO;
        plan->seed = (uint64_t)plan->settings.demo.seed;
        plan->days = (unsigned)plan->settings.demo.days;
        plan->speed = plan->settings.demo.speed;
    }
    session->feed = plan->feed == SESSION_REPLAY ? open_replay(session, error)
                    : plan->feed == SESSION_DEMO ? open_generated(session, 0, error)
                                                 : open_generated(session, plan->days, error);
    return session->feed != NULL;
}

/* ---- sources and models -------------------------------------------------------------------- */

/* A market that turned out to be generated has no news of today, and what costs money was asked for
 * another one. */
static void come_down(Settings *settings) {
    if (strcmp(settings->ai.mode, "live") == 0 || strcmp(settings->ai.mode, "cached") == 0)
        snprintf(settings->ai.mode, sizeof settings->ai.mode, "off");
    if (strcmp(settings->social.mode, "live") == 0)
        snprintf(settings->social.mode, sizeof settings->social.mode, "off");
}

/* After the feed, which says whether time is real; before the world, which the modes belong to. */
static bool settle_outside(Session *session, Error *error) {
    SessionPlan *plan = session->plan;
    OutsideWish wish = {.is_live = !session->feed->is_virtual,
                        .is_budget_given = plan->ai_budget_given,
                        .dotenv = plan->dotenv};
    if (plan->feed == SESSION_DEMO && plan->fall_back) come_down(&plan->settings);
    return outside_plan_make(&plan->settings, &wish, &session->asks, error);
}

static bool open_outside(Session *session, Error *error) {
    const Settings *settings = &session->plan->settings;
    if (!calls_check(settings, error) ||
        !prompt_files_read(settings->ai.prompt_directory, session->prompts, &session->prompt_count,
                           error))
        return false;
    session->outside = outside_open(&session->asks, error);
    outside_plan_wipe(&session->asks);
    return session->outside != NULL;
}

/* ---- the state ----------------------------------------------------------------------------- */

static bool other_world(const Session *session, const World *found, Error *error) {
    char message[240];
    Text text = TEXT_IN(message);
    text_format(&text, "the state belongs to another world (%s: %s)", found->kind,
                found->description);
    return error_set(error, ERROR_STATE, text_end(&text), session->state.path,
                     "give another directory with --state, or --fresh to begin anew (the old state "
                     "is kept aside)");
}

/* --fresh never deletes: the old state is renamed, with the millisecond, so that two in a second do
 * not meet. */
static bool move_aside(const Session *session, Error *error) {
    char aside[640];
    snprintf(aside, sizeof aside, "%s.%lld", session->state.path,
             (long long)(clock_wall_us() / 1000));
    if (!files_exist(session->state.path) || rename(session->state.path, aside) == 0) return true;
    return files_refused(error, "move aside", session->state.path);
}

static bool enter_state(Session *session, bool *finished, Error *error) {
    char path[512];
    World found;
    bool known = false;
    session_state_path(session->plan, &session->world, path);
    if (!state_dir_create(&session->state, path, error)) return false;
    if (!state_lock(&session->state, error)) return false;
    if (session->plan->fresh) {
        state_unlock(&session->state);
        if (!move_aside(session, error) || !state_dir_create(&session->state, path, error) ||
            !state_lock(&session->state, error))
            return false;
    }
    if (!world_read(path, &found, &known, error)) return false;
    if (known && strcmp(found.fingerprint, session->world.fingerprint) != 0)
        return other_world(session, &found, error);
    *finished = known && found.finished;
    /* Before the state is a world: a state of a real venue without its identity is refused. */
    if (session->real && !session_venue_enter(&session->venue, path, !known, error)) return false;
    return known || world_write(path, &session->world, error);
}

/* ---- the result ---------------------------------------------------------------------------- */

static void write_result(const Session *session, const Engine *engine, Text *text) {
    const RunTally *tally = engine_tally(engine);
    JsonWriter writer = json_writer(text);
    char hash[65], asset[LIMIT_ASSET_TEXT];
    Money equity;
    uint64_t unheard, unheard_cost;
    engine_unheard(engine, &unheard, &unheard_cost);
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {{"bars", tally->bars},
                  {"signals", tally->signals},
                  {"orders", tally->orders},
                  {"fills", tally->fills},
                  {"refusals", tally->refusals},
                  {"trades", tally->trades},
                  {"calls", tally->calls + unheard}, /* of a language model */
                  {"ai_missing", tally->ai_missing}};
    json_object_begin(&writer);
    for (unsigned i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        json_key(&writer, counts[i].name);
        json_int(&writer, (int64_t)counts[i].count);
    }
    json_key(&writer, "cost_usd");
    json_double(&writer, (double)(tally->cost_usd_micro + unheard_cost) / 1e6);
    bool opened = engine_equity(engine, &equity, asset);
    json_key(&writer, "equity");
    opened ? json_money(&writer, equity) : json_null(&writer);
    json_key(&writer, "quote_asset");
    opened ? json_string(&writer, asset) : json_null(&writer);
    engine_journal_hash(engine, hash);
    json_key(&writer, "journal_hash");
    json_string(&writer, hash);
    json_key(&writer, "state");
    json_string(&writer, session->state.path);
    json_object_end(&writer);
}

static void result_path(const Session *session, char path[static 640]) {
    snprintf(path, 640, "%.600s/results/run.json", session->state.path);
}

static bool keep_result(Session *session, const char *result, Error *error) {
    char path[640];
    snprintf(path, sizeof path, "%.600s/results", session->state.path);
    if (!files_make_directory(path, error)) return false;
    result_path(session, path);
    if (!sealed_write(path, result, 0600, error)) return false;
    session->world.finished = true;
    return world_write(session->state.path, &session->world, error);
}

static bool print_stored(const Session *session, Error *error) {
    char path[640], *result;
    bool found;
    result_path(session, path);
    if (!sealed_read(path, &result, &found, error)) return false;
    if (!found) return error_set(error, ERROR_DATA, "the stored result is gone", path, "--fresh");
    fprintf(stderr, "this run is finished; its stored result (begin anew with --fresh):\n");
    printf("%s", result);
    free(result);
    return true;
}

/* ---- the run ------------------------------------------------------------------------------- */

static void watch(void *context, const Message *message) {
    Session *session = context;
    if (session->web) web_message(session->web, message);
    session_screen_message(&session->screen, message);
}

static void progress(void *context, int64_t market_us, const RunTally *tally) {
    Session *session = context;
    session_screen_progress(&session->screen, market_us, tally);
    Control low = {.level = KILL_PAUSE, .by = "disk", .reason = "less than 200 MiB are free"};
    int64_t left = files_free_bytes(session->state.path);
    Error ignored; /* a disk that is too full even for the control file stops the engine at its next
                      write */
    if (left >= 0 && left < DISK_LOW_BYTES && !control_raise(session->state.path, &low, &ignored))
        fprintf(stderr, "! disk: %s\n", ignored.message);
}

/* For `trader token`: where the page of this state really is (the port may have been a free one).
 * Only a help: without it the setting's port is printed. */
static void note_address(const Session *session, const char *host) {
    char path[640], address[160];
    Error ignored;
    snprintf(path, sizeof path, "%.600s/dashboard", session->state.path);
    int length =
        snprintf(address, sizeof address, "http://%.100s:%u/\n", host, web_port(session->web));
    if (!files_note(path, address, (size_t)length, 0600, &ignored))
        fprintf(stderr, "! dashboard: %s: %s\n", ignored.where, ignored.message);
}

static bool start_web(Session *session, Error *error) {
    const SessionPlan *plan = session->plan;
    char code[33];
    if (plan->port == NO_DASHBOARD) return true;
    WebPlan web = {.state_directory = session->state.path,
                   .host = plan->settings.dashboard.host,
                   .port = (unsigned)plan->port,
                   .refresh_ms = (unsigned)plan->settings.dashboard.refresh_interval};
    session->web = web_start(&web, error);
    if (!session->web) return false;
    web_login_code(session->web, code);
    note_address(session, web.host);
    session_screen_dashboard(&session->screen, web.host, web_port(session->web), code);
    return true;
}

static const char *mode_of(const SessionPlan *plan) {
    static const char *const modes[] = {"PAPER", "REPLAY", "REPLAY", "DEMO"};
    static const char *const markets[] = {"PAPER", "TEST", "LIVE"};
    return plan->feed == SESSION_BINANCE ? markets[plan->venue] : modes[plan->feed];
}

static int finish(Session *session, Engine *engine, EngineEnd end, Error *error) {
    char memory[RESULT_MAX];
    Text result = TEXT_IN(memory);
    bool stopped = end == ENGINE_STOPPED;
    write_result(session, engine, &result);
    session_screen_end(&session->screen, session->feed, engine, stopped);
    if (session->web) web_ready(session->web, false);
    if (!engine_close(engine, error)) return error_exit_code(error->code);
    text_char(&result, '\n');
    if (!stopped && !keep_result(session, text_end(&result), error))
        return error_exit_code(error->code);
    if (session->plan->json) printf("%s", text_end(&result));
    fflush(stdout);
    return stopped && interrupted ? error_exit_code(ERROR_INTERRUPTED) : 0;
}

/* The engine has failed, but positions and orders are real: the kill switch stays. */
static void stay_halted(Session *session, Engine *engine, const Error *why) {
    const HaltedSession halted = {.engine = engine,
                                  .venue = &session->venue,
                                  .settings = &session->plan->settings,
                                  .state = session->state.path,
                                  .web = session->web,
                                  .signalled = signalled,
                                  .stopping = stopping};
    if (session->web) web_ready(session->web, false);
    session_halted(&halted, why);
}

static int run_engine(Session *session, Error *error) {
    SessionPlan *plan = session->plan;
    char memory[160];
    Text note = TEXT_IN(memory);
    int64_t paced_from =
        plan->feed == SESSION_DEMO ? SESSION_MARKET_START_US + plan->days * INSTANT_DAY_US : 0;
    EnginePlan engine_plan = {.settings = &plan->settings,
                              .state_directory = session->state.path,
                              .log_directory = session->log_directory,
                              .mode = mode_of(plan),
                              .world = session->world.kind,
                              .feed = session->feed,
                              .venue = session->venue.port,
                              .outside = session->outside,
                              .prompts = session->prompts,
                              .prompt_count = session->prompt_count,
                              .opening = plan->opening,
                              .speed = plan->speed,
                              .endless =
                                  plan->feed == SESSION_DEMO || plan->feed == SESSION_BINANCE,
                              .paced_from_us = paced_from,
                              .watch = watch,
                              .watch_context = session,
                              .progress = progress,
                              .progress_context = session};
    Engine *engine = engine_open(&engine_plan, &note, error);
    if (!engine) return error_exit_code(error->code);
    session_screen_ready(&session->screen, text_end(&note));
    if (!start_web(session, error)) {
        Error second;
        if (!engine_close(engine, &second)) fprintf(stderr, "! state: %s\n", second.message);
        return error_exit_code(error->code);
    }
    if (session->web) web_ready(session->web, true);
    EngineEnd end = engine_run(engine, error);
    if (end != ENGINE_FAILED) return finish(session, engine, end, error);
    if (session->real) stay_halted(session, engine, error);
    Error second; /* the first error is the one to show; what can still be saved is */
    if (!engine_close(engine, &second)) fprintf(stderr, "! state: %s\n", second.message);
    return error_exit_code(error->code);
}

static void close_session(Session *session) {
    if (session->web) web_stop(session->web);
    if (session->real) session_venue_close(&session->venue);
    if (session->outside) session->outside->close(session->outside);
    outside_plan_wipe(&session->asks);
    if (session->feed) session->feed->close(session->feed);
    state_unlock(&session->state);
}

int session_run(SessionPlan *plan, Error *error) {
    static Session session;
    session = (Session){.plan = plan, .state = {.lock_descriptor = -1}};
    session.real = strcmp(plan->settings.venue.name, "binance") == 0;
    bool finished = false;
    listen_to_signals();
    StrategyChoice choice;
    bool sound =
        strategy_choice_read(&plan->settings, &choice, error) &&
        (!session.real || session_venue_guard(&session.venue, plan, error)) &&
        session_symbols(plan, error) &&
        session_symbol_list(&plan->settings, session.symbols, &session.symbol_count, error) &&
        open_feed(&session, error) && settle_outside(&session, error) &&
        session_world(plan, &session.world, error) && enter_state(&session, &finished, error);
    if (sound) session_log_path(plan, session.state.path, session.log_directory);
    int code = sound ? 0 : error_exit_code(error->code);
    if (sound && finished) {
        code = print_stored(&session, error) ? 0 : error_exit_code(error->code);
    } else if (sound) {
        session_screen_open(&session.screen, plan, &session.world, session.state.path);
        sound =
            (!session.real || session_venue_arm(&session.venue, plan, session.state.path, error)) &&
            open_outside(&session, error);
        code = sound ? run_engine(&session, error) : error_exit_code(error->code);
    }
    close_session(&session);
    return code;
}
