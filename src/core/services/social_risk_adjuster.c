/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The social risk adjuster: turns each symbol's social data into adjustments of an entry's risk
 * (core/trade/social_risk.h), says them at its interval while they are worth anything, and at once
 * when a mood changes. Portfolio risk applies them within its limits. Before the first sentiment,
 * and once everything has decayed to nothing, it is silent: a run without social data does not
 * know that it is there.
 */
#include <math.h>
#include <string.h>

#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/trade/social_risk.h"

/* ---- state --------------------------------------------------------------------------------- */

#define PERCENT      100
#define TIMER_ADJUST 0

typedef struct MoodDesk {
    char symbol[LIMIT_SYMBOL_TEXT];
    SocialMood mood;
    SentimentType said;
    bool told;     /* an adjustment was said */
    bool finished; /* ... and that of nothing: silent until the next data */
} MoodDesk;

typedef struct SocialRiskAdjuster {
    bool enabled, ticking;
    int64_t interval_us;
    SocialRiskRule rule;
    unsigned count;
    MoodDesk desks[LIMIT_SYMBOLS];
} SocialRiskAdjuster;

/* ---- options ------------------------------------------------------------------------------- */

static size_t social_risk_adjuster_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(SocialRiskAdjuster);
}

static void social_risk_adjuster_init(void *state, const Settings *settings) {
    SocialRiskAdjuster *adjuster = state;
    adjuster->enabled = settings->social_risk.enabled;
    adjuster->interval_us = settings->social_risk.update_interval_seconds * INSTANT_SECOND_US;
    adjuster->rule = social_risk_rule(settings);
}

/* ---- step ---------------------------------------------------------------------------------- */

static MoodDesk *desk_of(SocialRiskAdjuster *adjuster, const char *symbol, bool wanted) {
    for (unsigned i = 0; i < adjuster->count; i++)
        if (strcmp(adjuster->desks[i].symbol, symbol) == 0) return &adjuster->desks[i];
    if (!wanted || adjuster->count == LIMIT_SYMBOLS) return NULL;
    MoodDesk *desk = &adjuster->desks[adjuster->count++];
    memcpy(desk->symbol, symbol, sizeof desk->symbol);
    return desk;
}

static void put_percent(Text *text, const char *name, double fraction) {
    text_format(text, ", %s ", name);
    if (fraction >= 0) text_char(text, '+');
    text_fixed(text, fraction * PERCENT, 1);
    text_put(text, " %");
}

static void log_mood(const SocialRiskAdjustment *said, Outbox *outbox) {
    char memory[160];
    Text text = TEXT_IN(memory);
    if (said->fallback) text_put(&text, said->reason);
    if (!said->fallback) {
        text_put(&text, "score ");
        text_fixed(&text, said->sentiment_score, 2);
        text_put(&text, ", confidence ");
        text_fixed(&text, said->confidence, 2);
        put_percent(&text, "size", said->position_size_adj);
        put_percent(&text, "stop", said->stop_loss_adj);
        put_percent(&text, "target", said->take_profit_adj);
    }
    outbox_log(outbox, LOG_INFO, "%s %s: %s", said->symbol,
               SentimentType_text(said->sentiment_type), text_end(&text));
}

static void say(MoodDesk *desk, const SocialRiskAdjustment *adjustment, Outbox *outbox) {
    SocialRiskAdjustment *said = outbox_publish(outbox, TOPIC_SOCIAL_RISK_ADJUSTMENTS);
    *said = *adjustment;
    if (!desk->told || desk->said != said->sentiment_type) log_mood(said, outbox);
    desk->said = said->sentiment_type;
    desk->finished = social_risk_is_none(said);
    desk->told = true;
}

static void adjust(const SocialRiskAdjuster *adjuster, const MoodDesk *desk, int64_t now_us,
                   SocialRiskAdjustment *adjustment) {
    *adjustment = (SocialRiskAdjustment){0};
    memcpy(adjustment->symbol, desk->symbol, sizeof adjustment->symbol);
    social_risk_adjust(&adjuster->rule, &desk->mood, now_us, adjustment);
}

static void tick(SocialRiskAdjuster *adjuster, int64_t now_us, Outbox *outbox) {
    if (adjuster->ticking) return;
    adjuster->ticking = true;
    outbox_timer(outbox, TIMER_ADJUST,
                 now_us - now_us % adjuster->interval_us + adjuster->interval_us);
}

static void hear_update(SocialRiskAdjuster *adjuster, const SocialUpdate *update, int64_t now_us,
                        Outbox *outbox) {
    SocialRiskAdjustment adjustment;
    SocialMood mood = social_risk_mood(update);
    MoodDesk *desk = desk_of(adjuster, update->symbol, !isnan(mood.sentiment));
    if (!adjuster->enabled || !desk) return;
    desk->mood = mood;
    adjust(adjuster, desk, now_us, &adjustment);
    bool changed = !desk->told || desk->said != adjustment.sentiment_type;
    desk->finished = desk->told && desk->finished && social_risk_is_none(&adjustment);
    if (changed) say(desk, &adjustment, outbox);
    if (!desk->finished) tick(adjuster, now_us, outbox);
}

static void hear_timer(SocialRiskAdjuster *adjuster, int64_t now_us, Outbox *outbox) {
    SocialRiskAdjustment adjustment;
    bool alive = false;
    adjuster->ticking = false;
    for (unsigned i = 0; i < adjuster->count; i++) {
        MoodDesk *desk = &adjuster->desks[i];
        if (desk->finished) continue;
        adjust(adjuster, desk, now_us, &adjustment);
        say(desk, &adjustment, outbox);
        alive |= !desk->finished;
    }
    if (alive) tick(adjuster, now_us, outbox);
}

static void social_risk_adjuster_step(void *state, const Message *message, Outbox *outbox) {
    if (message->topic == TOPIC_TIMERS)
        hear_timer(state, message->time_us, outbox);
    else
        hear_update(state, message->payload, message->time_us, outbox);
}

const Service service_social_risk_adjuster = {
    .name = "social_risk_adjuster",
    .label = "SocialRiskAdjuster",
    .sentence = "Turns the mood of the crowd into bounded adjustments of size, stop, target and "
                "limits.",
    .stage = STAGE_CONTEXT,
    .port = 8008,
    HEARS(TOPIC_SOCIAL_UPDATES, TOPIC_TIMERS),
    SAYS(TOPIC_SOCIAL_RISK_ADJUSTMENTS),
    .state_size = social_risk_adjuster_state_size,
    .init = social_risk_adjuster_init,
    .step = social_risk_adjuster_step,
};
