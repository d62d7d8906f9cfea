/* SPDX-License-Identifier: Apache-2.0 */
#include "scenario.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/market/order.h"

typedef enum When {
    WHEN_READY,     /* the venue may be traded */
    WHEN_PROTECTED, /* a position is open and the venue holds its stop */
    WHEN_IN_PARTS,  /* the venue has filled a part of the protection */
    WHEN_FLAT,      /* no position, no order */
    WHEN_ENTERING,  /* the entry is on its way */
    WHEN_TOLD       /* the last word was taken up: half a second has passed */
} When;

typedef enum What {
    BUY,
    BUY_LITTLE,
    BUY_MUCH,
    SELL,
    PAUSE,
    STOP,
    FLATTEN,
    RESUME,
    UP,
    UP_FAR,
    DOWN
} What;

typedef struct Step {
    When when;
    What what;
} Step;

enum { STEPS_MAX = 6, FAULTS_MAX = 3 };

typedef struct Scenario {
    const char *name;
    unsigned count;
    Step steps[STEPS_MAX];
    const char *faults[FAULTS_MAX + 1];
} Scenario;

#define ON_ORDER(word, more)                                                                       \
    "{\"do\":\"" word "\",\"method\":\"POST\",\"path\":\"/api/v3/order\"" more "}"
#define ON_LIST(word, more)                                                                        \
    "{\"do\":\"" word "\",\"method\":\"POST\",\"path\":\"/api/v3/orderList/oco\"" more "}"

static const Scenario SCENARIOS[] = {
    {"nothing", 0, {{0}}, {NULL}},
    {"entry_protected", 1, {{WHEN_READY, BUY}}, {NULL}},
    {"entry_rejected", 1, {{WHEN_READY, BUY}}, {ON_ORDER("fail", ",\"code\":-2010"), NULL}},
    {"entry_in_parts", 1, {{WHEN_READY, BUY_MUCH}}, {NULL}},
    /* Of a large target each print fills a little, for minutes: somebody takes the rest out. */
    {"target_in_parts",
     3,
     {{WHEN_READY, BUY_MUCH}, {WHEN_PROTECTED, UP_FAR}, {WHEN_IN_PARTS, FLATTEN}},
     {NULL}},
    {"entry_answer_lost", 1, {{WHEN_READY, BUY}}, {ON_ORDER("lose", ""), NULL}},
    {"entry_never_arrives",
     1,
     {{WHEN_READY, BUY}},
     {ON_ORDER("lose", ",\"executed\":false"), NULL}},
    {"entry_unknown_503",
     1,
     {{WHEN_READY, BUY}},
     {ON_ORDER("fail", ",\"status\":503,\"executed\":true"), NULL}},
    {"entry_cancelled",
     2,
     {{WHEN_READY, BUY}, {WHEN_ENTERING, STOP}},
     {ON_ORDER("delay", ",\"ms\":700"), NULL}},
    {"protection_refused", 1, {{WHEN_READY, BUY}}, {ON_LIST("fail", ",\"code\":-2010"), NULL}},
    {"protection_lost", 1, {{WHEN_READY, BUY}}, {ON_LIST("lose", ""), NULL}},
    {"stop_moved", 3, {{WHEN_READY, BUY}, {WHEN_PROTECTED, UP}, {WHEN_TOLD, UP}}, {NULL}},
    {"target_hit", 2, {{WHEN_READY, BUY_LITTLE}, {WHEN_PROTECTED, UP_FAR}}, {NULL}},
    {"stop_hit", 3, {{WHEN_READY, BUY}, {WHEN_PROTECTED, DOWN}, {WHEN_TOLD, DOWN}}, {NULL}},
    {"exit_by_signal", 2, {{WHEN_READY, BUY}, {WHEN_PROTECTED, SELL}}, {NULL}},
    {"flattened", 2, {{WHEN_READY, BUY}, {WHEN_PROTECTED, FLATTEN}}, {NULL}},
    {"twice", 3, {{WHEN_READY, BUY}, {WHEN_PROTECTED, SELL}, {WHEN_FLAT, BUY}}, {NULL}},
    {"events_hidden",
     2,
     {{WHEN_READY, BUY}, {WHEN_PROTECTED, SELL}},
     {"{\"do\":\"hide\",\"times\":4}", NULL}},
};

static const Scenario *chosen;
static bool through;

bool scenario_choose(const char *name) {
    for (unsigned i = 0; i < sizeof SCENARIOS / sizeof SCENARIOS[0]; i++)
        if (strcmp(SCENARIOS[i].name, name) == 0) chosen = &SCENARIOS[i];
    return chosen != NULL;
}

const char *const *scenario_faults(void) {
    return chosen->faults;
}

bool scenario_is_through(void) {
    return through;
}

/* ---- the service --------------------------------------------------------------------------- */

typedef struct Playing {
    unsigned step;
    int64_t acted_us;
    bool ready, open, entering, resting, in_parts;
} Playing;

static size_t playing_size(const Settings *settings) {
    (void)settings;
    return sizeof(Playing);
}

static void playing_init(void *state, const Settings *settings) {
    (void)state, (void)settings;
}

static bool holds(const Playing *playing, When when, int64_t now_us) {
    switch (when) {
    case WHEN_READY:
        return playing->ready;
    case WHEN_PROTECTED:
        return playing->open && playing->resting;
    case WHEN_IN_PARTS:
        return playing->in_parts;
    case WHEN_FLAT:
        return playing->ready && !playing->open && !playing->entering && !playing->resting &&
               now_us - playing->acted_us > 2 * INSTANT_SECOND_US;
    case WHEN_ENTERING:
        return playing->entering;
    default:
        return now_us - playing->acted_us > INSTANT_SECOND_US / 2;
    }
}

static void say_signal(const Playing *playing, const PriceMove *move, Outbox *outbox, What what,
                       int64_t now_us) {
    RiskVerdict *verdict = outbox_publish(outbox, TOPIC_RISK_ENRICHED_SIGNALS);
    snprintf(verdict->signal_id, sizeof verdict->signal_id, "s-%u", playing->step + 1);
    snprintf(verdict->symbol, sizeof verdict->symbol, SCENARIO_SYMBOL);
    verdict->decision = what == SELL ? DECISION_SELL : DECISION_BUY;
    verdict->verdict = ALLOWED;
    verdict->size_fraction = what == BUY_MUCH ? 0.5 : what == BUY_LITTLE ? 0.002 : 0.02;
    verdict->confidence = 0.9;
    verdict->score = what == SELL ? -0.9 : 0.9;
    verdict->stop_loss_fraction = 0.015;
    verdict->take_profit_fraction = 0.025;
    verdict->market_timestamp = now_us;
    verdict->price = move->price;
}

static void say_control(Outbox *outbox, KillLevel level) {
    Control *control = outbox_publish(outbox, TOPIC_CONTROLS);
    control->level = level;
    snprintf(control->by, sizeof control->by, "scenario");
    snprintf(control->reason, sizeof control->reason, "as the scenario has it");
}

static void act(const Playing *playing, const Message *message, Outbox *outbox, What what) {
    /* Seen by the tracer: what comes from here on is to be tortured. */
    if (playing->step == 0 && write(-1, "mark", 4) >= 0) return;
    switch (what) {
    case BUY:
    case BUY_LITTLE: /* one print of the market fills it */
    case BUY_MUCH:
    case SELL:
        say_signal(playing, message->payload, outbox, what, message->time_us);
        break;
    case UP:
        outbox_log(outbox, LOG_INFO, SCENARIO_JUMP "%d", 1);
        break;
    case UP_FAR: /* beyond the target at once, before the stop is moved after it */
        outbox_log(outbox, LOG_INFO, SCENARIO_JUMP "%d", 3);
        break;
    case DOWN:
        outbox_log(outbox, LOG_INFO, SCENARIO_JUMP "%d", -1);
        break;
    case PAUSE:
        say_control(outbox, KILL_PAUSE);
        break;
    case STOP:
        say_control(outbox, KILL_STOP);
        break;
    case FLATTEN:
        say_control(outbox, KILL_FLATTEN);
        break;
    case RESUME:
        say_control(outbox, KILL_NONE);
        break;
    }
}

/* A jump shows at the market's next print, a second later; what it sets off comes behind it. */
static const int64_t settling_us = 2500000;

static void play(Playing *playing, const Message *message, Outbox *outbox) {
    if (!chosen) return;
    through = playing->step == chosen->count && message->time_us - playing->acted_us > settling_us;
    if (playing->step == chosen->count) return;
    const Step *step = &chosen->steps[playing->step];
    if (!holds(playing, step->when, message->time_us)) return;
    act(playing, message, outbox, step->what);
    playing->step++;
    playing->acted_us = message->time_us;
}

static void playing_step(void *state, const Message *message, Outbox *outbox) {
    Playing *playing = state;
    const OrderRecord *order = message->payload;
    switch (message->topic) {
    case TOPIC_VENUE_STATES:
        playing->ready = ((const VenueState *)message->payload)->condition == VENUE_READY;
        break;
    case TOPIC_POSITION_FACTS:
        playing->open = ((const PositionFact *)message->payload)->open;
        break;
    case TOPIC_ORDERS:
        if (order->action == ORDER_ACTION_MARKET)
            playing->entering = !order_is_terminal(order->state);
        if (order->action != ORDER_ACTION_PROTECT) break;
        playing->resting = order->state == ORDER_ACKED;
        playing->in_parts = order->state == ORDER_PARTIALLY_FILLED;
        break;
    default:
        play(playing, message, outbox);
        break;
    }
}

const Service service_scenario = {
    .name = "scenario",
    .label = "Scenario",
    .sentence = "Plays a scenario of the order torture.",
    .stage = STAGE_RISK,
    HEARS(TOPIC_VENUE_STATES, TOPIC_POSITION_FACTS, TOPIC_ORDERS, TOPIC_PRICES),
    SAYS(TOPIC_RISK_ENRICHED_SIGNALS, TOPIC_CONTROLS),
    .state_size = playing_size,
    .init = playing_init,
    .step = playing_step,
};

void scenario_list(void) {
    for (unsigned i = 0; i < sizeof SCENARIOS / sizeof SCENARIOS[0]; i++)
        puts(SCENARIOS[i].name);
}
