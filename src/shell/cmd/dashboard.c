/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>

#include "shell/cmd/command.h"
#include "shell/store/state_dir.h"
#include "shell/web/web.h"

/* Waits for SIGINT or SIGTERM; the server works in its own thread. */
static void wait_for_end(void) {
    sigset_t wanted;
    int number;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    sigwait(&wanted, &number);
}

/* Before any thread begins, so that every thread leaves these signals to wait_for_end. */
static void block_signals(void) {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGINT);
    sigaddset(&wanted, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &wanted, NULL);
}

static int run(CommandCall *call, Error *error) {
    const Settings *settings;
    StateDir state;
    Error none;
    char code[33];
    if (!call_settings(call, &settings, error)) return error_exit_code(error->code);
    int64_t port = settings->dashboard.port;
    const char *port_text = call_value(call, "port");
    if (port_text && (!slice_int(slice_of(port_text), &port) || port < 0 || port > 65535)) {
        error_set(error, ERROR_USAGE, "not a port", "port", "0 to 65535");
        return error_exit_code(ERROR_USAGE);
    }
    bool found = state_find(call_state(call), &state, &none);
    if (!found)
        fprintf(
            stderr,
            "no state yet: the page shows empty panels until `trader run` or `trader demo` runs\n");
    block_signals();
    WebPlan plan = {.state_directory = found ? state.path : NULL,
                    .host = settings->dashboard.host,
                    .port = (unsigned)port,
                    .refresh_ms = (unsigned)settings->dashboard.refresh_interval,
                    .follow_store = true};
    Web *web = web_start(&plan, error);
    if (!web) return error_exit_code(error->code);
    web_ready(web, true);
    web_login_code(web, code);
    printf("dashboard  http://%s:%u/?code=%s\n", plan.host, web_port(web), code);
    if (found) printf("state      %s\n", state.path);
    fflush(stdout);
    wait_for_end();
    web_stop(web);
    return 0;
}

const Command command_dashboard = {
    .name = "dashboard",
    .group = "look",
    .sentence =
        "The dashboard as a process of its own, beside a running trader or over a state at rest.",
    .examples = {"trader dashboard", "trader dashboard --port 0 --state state/demo"},
    .options = {{"port", OPTION_VALUE, "N", "port, 0 takes a free one", NULL}},
    .run = run,
};
