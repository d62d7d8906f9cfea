/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/cmd/command.h"
#include "shell/session/session.h"

static int demo(CommandCall *call, Error *error) {
    SessionPlan plan = {.feed = SESSION_DEMO};
    const Settings *settings;
    int64_t port, seed;
    Quantity opening;
    if (!call_settings(call, &settings, error)) return error_exit_code(error->code);
    plan.settings = *settings;
    port = settings->dashboard.port;
    seed = settings->demo.seed;
    const char *port_text = call_value(call, "port"), *seed_text = call_value(call, "seed");
    if (port_text && (!slice_int(slice_of(port_text), &port) || port < 0 || port > 65535))
        return error_set(error, ERROR_USAGE, "not a port", "port", "0 to 65535"),
               error_exit_code(ERROR_USAGE);
    if (seed_text && (!slice_int(slice_of(seed_text), &seed) || seed < 0))
        return error_set(error, ERROR_USAGE, "not a seed", "seed", "a whole number"),
               error_exit_code(ERROR_USAGE);
    bool sound = quantity_from_double(settings->paper.opening_balance, &opening);
    CHECK(sound, "the opening balance is bounded by its declaration");
    plan.opening = money_of(opening.units);
    plan.seed = (uint64_t)seed;
    plan.days = (unsigned)settings->demo.days;
    plan.speed = settings->demo.speed;
    plan.port = call_has(call, "no_dashboard") ? NO_DASHBOARD : (int)port;
    plan.state = call_state(call);
    plan.fresh = call_has(call, "fresh");
    plan.json = call_json(call);
    plan.color = call_color(call);
    return session_run(&plan, error);
}

const Command command_demo = {
    .name = "demo",
    .group = "run",
    .sentence = "A generated market: 30 days lived through at once, then on at 60 times real time. "
                "No keys, no network.",
    .examples = {"trader demo", "trader demo --seed 7 --port 0"},
    .options = {{"seed", OPTION_VALUE, "N", "another market", NULL},
                {"port", OPTION_VALUE, "N", "port of the dashboard, 0 takes a free one", NULL},
                {"no_dashboard", OPTION_SWITCH, NULL, "no dashboard", NULL},
                {"fresh", OPTION_SWITCH, NULL, "begin anew; the existing demo is moved aside",
                 NULL}},
    .run = demo,
};
