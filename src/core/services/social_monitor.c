/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The social monitor: hears what sources say (asked live by social_asking.c, or out of stored
 * history), combines it by core/trade/social_blend.h into the mission's Social Data, keeps trends
 * and the news of the day, and measures itself: in how many hours the sign of sentiment matched the
 * next hour's return. It says a symbol's data at the next beat after something came in, else once
 * an hour. Where no social data ever came in, it says and costs nothing.
 */
#include "core/services/social_monitor.h"

#include <math.h>

#include "core/bus/convert.h"

#define ACCURACY_LEAST 30 /* hours: fewer say nothing (READING 3) */

static size_t social_monitor_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(SocialMonitor);
}

static void social_monitor_init(void *state, const Settings *settings) {
    SocialMonitor *monitor = state;
    monitor->rule = social_rule(settings);
    monitor->news_rule = (NewsRule){.age_us_max = settings->news.max_news_age * INSTANT_SECOND_US,
                                    .half_life_us = settings->news.half_life * INSTANT_SECOND_US};
    monitor->say_us = settings->social.update_interval * INSTANT_SECOND_US;
    monitor->told_day = -1;
    social_asking_init(monitor, settings);
}

/* ---- saying -------------------------------------------------------------------------------- */

static void say_point(const SocialMonitor *monitor, unsigned index, const SocialSample *sample,
                      Outbox *outbox) {
    SocialPoint *point = outbox_publish(outbox, TOPIC_SOCIAL_POINTS);
    memcpy(point->symbol, monitor->symbols.symbols[index].name.text, sizeof point->symbol);
    point->time = sample->timestamp;
    point->sentiment = sample->weighted_sentiment;
    point->volume = isnan(sample->metrics.social_volume) ? sample->metrics.news_volume
                                                         : sample->metrics.social_volume;
    point->engagement = sample->metrics.social_engagement;
    point->contributors = sample->metrics.social_contributors;
    point->quality = sample->quality;
}

static void follow(SocialDesk *desk, int64_t now_us, SocialSample *sample) {
    SocialNumbers numbers = {.time_us = now_us};
    numbers.at[SOCIAL_VOLUME] = isnan(sample->metrics.social_volume)
                                    ? sample->metrics.news_volume
                                    : sample->metrics.social_volume;
    numbers.at[SOCIAL_ENGAGEMENT] = sample->metrics.social_engagement;
    numbers.at[SOCIAL_SENTIMENT] = sample->weighted_sentiment;
    social_track_add(&desk->track, &numbers);
    sample->volume_trend = social_track_trend(&desk->track, SOCIAL_VOLUME, now_us);
    sample->engagement_trend = social_track_trend(&desk->track, SOCIAL_ENGAGEMENT, now_us);
    sample->sentiment_trend = social_track_trend(&desk->track, SOCIAL_SENTIMENT, now_us);
}

static void say_desk(SocialMonitor *monitor, unsigned index, int64_t now_us, Outbox *outbox) {
    SocialDesk *desk = &monitor->desks[index];
    SocialUpdate *update = outbox_publish(outbox, TOPIC_SOCIAL_UPDATES);
    SocialSample *sample = &update->data;
    desk->sources.of_market = monitor->market;
    memcpy(update->symbol, monitor->symbols.symbols[index].name.text, sizeof update->symbol);
    NewsMood news = news_desk_mood(&monitor->news, &monitor->news_rule, index, now_us, sample);
    bool heard =
        monitor->heard_news_us > 0 && now_us - monitor->heard_news_us < monitor->rule.age_us_max;
    social_blend(&monitor->rule, &desk->sources, &news, heard, now_us, sample);
    follow(desk, now_us, sample);
    desk->sentiment = sample->weighted_sentiment;
    desk->said_us = now_us;
    desk->changed = false;
    if (desk->hour != now_us / INSTANT_HOUR_US) say_point(monitor, index, sample, outbox);
    desk->hour = now_us / INSTANT_HOUR_US;
}

static void beat(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    for (unsigned i = 0; i < monitor->symbols.count; i++) {
        const SocialDesk *desk = &monitor->desks[i];
        bool hour = desk->said_us > 0 && desk->said_us / INSTANT_HOUR_US < now_us / INSTANT_HOUR_US;
        if (desk->changed || hour) say_desk(monitor, i, now_us, outbox);
    }
    outbox_timer(outbox, SOCIAL_TIMER_SAY, now_us + monitor->say_us);
}

/* ---- its own accuracy ---------------------------------------------------------------------- */

static void say_accuracy(const char *symbol, uint64_t hours, uint64_t matched, int64_t now_us,
                         Outbox *outbox) {
    SocialAccuracy *accuracy = outbox_publish(outbox, TOPIC_SOCIAL_ACCURACY);
    Text name = TEXT_IN(accuracy->symbol);
    text_put(&name, symbol);
    (void)text_end(&name);
    accuracy->time = now_us;
    accuracy->hours = (int64_t)hours;
    accuracy->matched = (int64_t)matched;
}

/* Of all symbols; the line once a day, and never of too few hours. */
static void tell_accuracy(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    uint64_t hours = 0, matched = 0;
    for (unsigned i = 0; i < monitor->symbols.count; i++) {
        hours += monitor->desks[i].hours;
        matched += monitor->desks[i].matched;
    }
    say_accuracy("*", hours, matched, now_us, outbox);
    if (hours < ACCURACY_LEAST || monitor->told_day == now_us / INSTANT_DAY_US) return;
    monitor->told_day = now_us / INSTANT_DAY_US;
    outbox_log(outbox, LOG_INFO, "Social sentiment accuracy: %d%%",
               (int)((matched * 100 + hours / 2) / hours));
}

static void hear_bar(SocialMonitor *monitor, const MarketBar *bar, int64_t now_us, Outbox *outbox) {
    int64_t close_us = bar->open_time + interval_us((Interval)bar->interval);
    if (!monitor->awake || close_us % INSTANT_HOUR_US != 0) return;
    int index = symbol_table_find_text(&monitor->symbols, bar->symbol);
    if (index < 0) return;
    SocialDesk *desk = &monitor->desks[index];
    int64_t hour = close_us / INSTANT_HOUR_US, move = bar->close.units - desk->close_units;
    bool counts = desk->close_hour == hour - 1 && move != 0 && desk->close_mood != 0;
    if (counts) {
        desk->hours++;
        desk->matched += (move > 0) == (desk->close_mood > 0);
        say_accuracy(bar->symbol, desk->hours, desk->matched, now_us, outbox);
        tell_accuracy(monitor, now_us, outbox);
    }
    desk->close_hour = hour;
    desk->close_units = bar->close.units;
    desk->close_mood = desk->said_us > 0 && !isnan(desk->sentiment) ? desk->sentiment - 0.5 : 0;
}

/* ---- step ---------------------------------------------------------------------------------- */

static void hear_symbol(SocialMonitor *monitor, const SymbolFilters *filters, int64_t now_us,
                        Outbox *outbox) {
    Symbol symbol;
    if (!symbol_from_filters(filters, &symbol)) return;
    unsigned before = monitor->symbols.count;
    if (symbol_table_put(&monitor->symbols, &symbol) < 0) return;
    if (monitor->symbols.count > before) monitor->page_next = 0; /* its coin is to be found */
    social_asking_start(monitor, now_us, outbox);
}

static void hear_timer(SocialMonitor *monitor, unsigned timer, int64_t now_us, Outbox *outbox) {
    if (timer == SOCIAL_TIMER_SAY)
        beat(monitor, now_us, outbox);
    else
        social_asking_due(monitor, timer, now_us, outbox);
}

static void hear_history(SocialMonitor *monitor, const Headline *heard, int64_t now_us,
                         Outbox *outbox) {
    Headline headline = *heard;
    /* A cold start tells what was known before; a backtest tells each at its own moment. */
    SocialOrigin origin = {.named = -1, .weight = 1, .restored = headline.known < now_us};
    if (headline.known > now_us || headline.known <= 0) headline.known = now_us;
    monitor->heard_news_us = now_us;
    social_hear_headline(monitor, &headline, &origin, outbox);
    social_wake(monitor, now_us, outbox);
}

static void social_monitor_step(void *state, const Message *message, Outbox *outbox) {
    SocialMonitor *monitor = state;
    const OutsideReply *reply = message->payload;
    int64_t now_us = message->time_us;
    switch (message->topic) {
    case TOPIC_BARS:
        hear_bar(monitor, message->payload, now_us, outbox);
        break;
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(monitor, message->payload, now_us, outbox);
        break;
    case TOPIC_TIMERS:
        hear_timer(monitor, (unsigned)((const TimerDue *)message->payload)->timer, now_us, outbox);
        break;
    case TOPIC_SOCIAL_READINGS:
        social_hear_reading(monitor, message->payload, now_us);
        social_wake(monitor, now_us, outbox);
        break;
    case TOPIC_NEWS_HISTORY:
        hear_history(monitor, message->payload, now_us, outbox);
        break;
    default:
        if (strcmp(reply->service, "social_monitor") == 0)
            social_hear_reply(monitor, reply, now_us, outbox);
    }
}

const Service service_social_monitor = {
    .name = "social_monitor",
    .label = "SocialMonitor",
    .sentence = "Combines social data and news into one sentiment a symbol, with its sources.",
    .stage = STAGE_CONTEXT,
    .port = 8005,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_BARS, TOPIC_TIMERS, TOPIC_OUTSIDE_REPLIES,
          TOPIC_SOCIAL_READINGS, TOPIC_NEWS_HISTORY),
    SAYS(TOPIC_OUTSIDE_REQUESTS, TOPIC_SOCIAL_UPDATES, TOPIC_SOCIAL_POINTS, TOPIC_SOCIAL_ACCURACY,
         TOPIC_NEWS_UPDATES),
    .state_size = social_monitor_state_size,
    .init = social_monitor_init,
    .step = social_monitor_step,
};
