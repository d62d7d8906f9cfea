/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What came back from a source: read by its codec, kept with the moment from which it was known. A
 * malformed item is counted and named, its neighbours are kept. What could not be had leaves what
 * was known before in use, until it is too old to count.
 */
#include <math.h>

#include "core/bus/shape.h"
#include "core/services/social_monitor.h"
#include "core/venues/fear_greed.h"
#include "core/venues/headline_item.h"

#define HOLD_FIRST_US (INSTANT_MINUTE_US) /* after a 429 that does not say how long */
#define HOLD_LAST_US  (INSTANT_HOUR_US)   /* doubled up to this; also for a refused plan or key */
#define NAMED_FAULTS  3 /* malformed items of one answer that get a line of their own */

/* How far a source's choice and wording can be trusted, for the impact of news: edited feeds fully;
 * aggregators less, whose selection follows clicks; anybody's posts least. */
#define WEIGHT_FEED       1.0
#define WEIGHT_AGGREGATOR 0.7
#define WEIGHT_ANYBODY    0.3

/* ---- keeping ------------------------------------------------------------------------------- */

void social_wake(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    if (monitor->awake) return;
    monitor->awake = true;
    outbox_timer(outbox, SOCIAL_TIMER_SAY, (now_us / monitor->say_us + 1) * monitor->say_us);
}

static void touch_all(SocialMonitor *monitor) {
    for (unsigned i = 0; i < monitor->symbols.count; i++)
        monitor->desks[i].changed = true;
}

/* Point-in-time: nothing is known before it was heard. */
static SocialSaid said_of(const SocialReading *reading, int64_t now_us) {
    return (SocialSaid){.known_us =
                            reading->known > 0 && reading->known < now_us ? reading->known : now_us,
                        .metrics = reading->metrics,
                        .weighted = reading->weighted_sentiment};
}

void social_hear_reading(SocialMonitor *monitor, const SocialReading *reading, int64_t now_us) {
    SocialSaid said = said_of(reading, now_us);
    if (strcmp(reading->symbol, "*") == 0) {
        if (said.known_us >= monitor->market.known_us) monitor->market = said;
        touch_all(monitor);
        return;
    }
    int index = symbol_table_find_text(&monitor->symbols, reading->symbol);
    if (index < 0) return;
    SocialDesk *desk = &monitor->desks[index];
    SocialSlot slot = reading->source == OUTSIDE_LUNARCRUSH ? SOCIAL_SLOT_LIST : SOCIAL_SLOT_FILE;
    if (said.known_us >= desk->sources.of_symbol[slot].known_us)
        desk->sources.of_symbol[slot] = said;
    desk->changed = true;
}

static void touch_named(SocialMonitor *monitor, const Headline *headline) {
    for (uint32_t i = 0; i < headline->symbols_count; i++) {
        int index = symbol_table_find_text(&monitor->symbols, headline->symbols[i]);
        if (index >= 0)
            monitor->desks[index].changed = true;
        else
            touch_all(monitor); /* the whole market */
    }
}

void social_hear_headline(SocialMonitor *monitor, Headline *headline, const SocialOrigin *origin,
                          Outbox *outbox) {
    if (!news_desk_take(&monitor->news, &monitor->news_rule, &monitor->symbols, origin->named,
                        origin->weight, headline))
        return;
    touch_named(monitor, headline);
    if (origin->restored) return;
    Headline *said = outbox_publish(outbox, TOPIC_NEWS_UPDATES);
    *said = *headline;
}

/* ---- answers ------------------------------------------------------------------------------- */

typedef struct Answer {
    SocialMonitor *monitor;
    const OutsideReply *reply;
    SocialPending pending;
    int64_t now_us;
    Outbox *outbox;
    unsigned faults;
    const char *who; /* for log lines */
} Answer;

static void count_fault(Answer *answer, ForeignFault fault) {
    if (++answer->faults <= NAMED_FAULTS)
        outbox_log(answer->outbox, LOG_WARNING, "%s: skipped a malformed item: %s", answer->who,
                   fault);
}

static void close_faults(const Answer *answer) {
    if (answer->faults > NAMED_FAULTS)
        outbox_log(answer->outbox, LOG_WARNING, "%s: skipped %d malformed items in all",
                   answer->who, (int)answer->faults);
}

static bool open_items(Answer *answer, const char *list, ForeignItems *items) {
    if (foreign_items_open(slice_of(answer->reply->body), list, items)) return true;
    outbox_log(answer->outbox, LOG_WARNING, "%s: the answer holds no list of items", answer->who);
    return false;
}

static void hear_headlines(Answer *answer, const HeadlineSource *source, double weight) {
    SocialMonitor *monitor = answer->monitor;
    ForeignItems items;
    Slice item;
    bool feed = answer->pending.errand == ERRAND_FEED;
    SocialOrigin origin = {.named =
                               answer->pending.errand == ERRAND_NEWS ? answer->pending.index : -1,
                           .weight = weight};
    if (!open_items(answer, source->list, &items)) return;
    while (foreign_items_next(&items, &item)) {
        Headline headline;
        ForeignFault fault = headline_read(source, item, &headline);
        if (fault) {
            count_fault(answer, fault);
            continue;
        }
        headline.known = answer->now_us;
        if (!headline.source[0])
            memcpy(headline.source, feed ? monitor->feeds[answer->pending.index] : "unknown",
                   feed ? sizeof headline.source : sizeof "unknown");
        social_hear_headline(monitor, &headline, &origin, answer->outbox);
    }
    monitor->heard_news_us = answer->now_us;
    close_faults(answer);
}

static void take_coin(Answer *answer, const LunarcrushCoin *coin) {
    SocialMonitor *monitor = answer->monitor;
    for (unsigned i = 0; i < monitor->symbols.count; i++) {
        SocialDesk *desk = &monitor->desks[i];
        if (strcmp(monitor->symbols.symbols[i].base.text, coin->ticker) != 0) continue;
        /* Tickers collide: the coin of the better rank is meant. */
        bool known = desk->coin.id != 0 && desk->coin.id != coin->id;
        if (known && (coin->rank == 0 || (desk->coin.rank && desk->coin.rank <= coin->rank)))
            continue;
        if (!coin->topic[0]) continue;
        desk->coin = *coin;
        desk->changed = true;
        desk->sources.of_symbol[SOCIAL_SLOT_LIST] = (SocialSaid){
            .known_us = answer->now_us, .metrics = coin->metrics, .weighted = (double)NAN};
        monitor->pages |= UINT32_C(1) << answer->pending.index;
    }
}

/* The search goes on until every symbol has its coin, or the list was long enough. */
static void search_on(SocialMonitor *monitor, unsigned page, Outbox *outbox) {
    bool all = true;
    if (page != monitor->page_next) return;
    monitor->page_next++;
    for (unsigned i = 0; i < monitor->symbols.count; i++)
        all &= monitor->desks[i].coin.id != 0;
    if (all) monitor->page_next = SOCIAL_PAGES_MAX;
    if (all || monitor->page_next < SOCIAL_PAGES_MAX) return;
    for (unsigned i = 0; i < monitor->symbols.count; i++)
        if (monitor->desks[i].coin.id == 0)
            outbox_log(outbox, LOG_WARNING,
                       "LunarCrush: no coin %s among the first %d: no social "
                       "metrics of %s",
                       monitor->symbols.symbols[i].base.text,
                       SOCIAL_PAGES_MAX * LUNARCRUSH_PAGE_COINS,
                       monitor->symbols.symbols[i].name.text);
}

static void hear_list(Answer *answer) {
    ForeignItems items;
    Slice item;
    if (!open_items(answer, "data", &items)) return;
    while (foreign_items_next(&items, &item)) {
        LunarcrushCoin coin;
        ForeignFault fault = lunarcrush_coin(item, &coin);
        if (fault)
            count_fault(answer, fault);
        else
            take_coin(answer, &coin);
    }
    close_faults(answer);
    search_on(answer->monitor, answer->pending.index, answer->outbox);
}

static void hear_topic(Answer *answer) {
    SocialReading reading;
    SocialDesk *desk = &answer->monitor->desks[answer->pending.index];
    ForeignFault fault = lunarcrush_topic(slice_of(answer->reply->body), &reading);
    if (fault) {
        count_fault(answer, fault);
        return;
    }
    desk->sources.of_symbol[SOCIAL_SLOT_TOPIC] = said_of(&reading, answer->now_us);
    desk->sources.of_symbol[SOCIAL_SLOT_TOPIC].known_us = answer->now_us;
    desk->changed = true;
}

static void hear_fear_greed(Answer *answer) {
    FearGreed row;
    Error error;
    size_t count, refused;
    double none = (double)NAN;
    if (!fear_greed_read(slice_of(answer->reply->body), &row, 1, &count, &refused, &error)) {
        count_fault(answer, error.message);
        return;
    }
    if (count == 0) return;
    SocialReading reading = {.symbol = "*",
                             .source = OUTSIDE_FEAR_GREED,
                             .time = row.time_us,
                             .known = answer->now_us,
                             .metrics = {none, none, none, row.value / 100.0, none, none, none},
                             .weighted_sentiment = none};
    social_hear_reading(answer->monitor, &reading, answer->now_us);
}

static void hear_body(Answer *answer) {
    switch ((SocialErrand)answer->pending.errand) {
    case ERRAND_LIST:
        hear_list(answer);
        break;
    case ERRAND_TOPIC:
        hear_topic(answer);
        break;
    case ERRAND_NEWS:
        hear_headlines(answer, &headline_lunarcrush, WEIGHT_AGGREGATOR);
        break;
    case ERRAND_FEAR_GREED:
        hear_fear_greed(answer);
        break;
    case ERRAND_FEED:
        memcpy(answer->monitor->etags[answer->pending.index], answer->reply->etag,
               sizeof answer->reply->etag);
        hear_headlines(answer, &headline_rss, WEIGHT_FEED);
        break;
    case ERRAND_CRYPTOPANIC:
        hear_headlines(answer, &headline_cryptopanic, WEIGHT_AGGREGATOR);
        break;
    case ERRAND_GDELT:
        hear_headlines(answer, &headline_gdelt, WEIGHT_AGGREGATOR);
        break;
    default:
        hear_headlines(answer, &headline_reddit, WEIGHT_ANYBODY);
    }
}

/* ---- refusals ------------------------------------------------------------------------------ */

static void hold(Answer *answer, int64_t wait_us) {
    int64_t until_us = answer->now_us + wait_us;
    if (answer->pending.errand == ERRAND_FEED)
        answer->monitor->feed_held_us[answer->pending.index] = until_us;
    else
        answer->monitor->sources[answer->reply->source].held_until_us = until_us;
}

/* Doubled with each refusal in a row. */
static int64_t wait_of(const SocialSource *source) {
    unsigned doublings = source->refusals < 6 ? source->refusals : 6;
    int64_t wait_us = HOLD_FIRST_US << doublings;
    return wait_us < HOLD_LAST_US ? wait_us : HOLD_LAST_US;
}

static void hear_rate_limit(Answer *answer, SocialSource *source) {
    int64_t told_us = answer->reply->retry_after_ms * 1000;
    outbox_log(answer->outbox, LOG_ERROR, "Rate limit exceeded");
    hold(answer, told_us > 0 && told_us < INSTANT_DAY_US ? told_us : wait_of(source));
    source->refusals++;
}

/* A key or a plan does not mend itself within minutes: said once, tried again every hour. */
static void hear_plan_problem(Answer *answer, SocialSource *source) {
    if (!source->complained)
        outbox_log(answer->outbox, LOG_WARNING,
                   "%s refuses (HTTP %d): the key or its plan does not allow it; tried again "
                   "every hour",
                   answer->who, (int)answer->reply->status);
    source->complained = true;
    hold(answer, HOLD_LAST_US);
}

static void hear_not_sent(Answer *answer, SocialSource *source) {
    if (!source->complained)
        outbox_log(answer->outbox, LOG_INFO, "%s is not asked: %s", answer->who,
                   answer->reply->body);
    source->complained = true;
    hold(answer, HOLD_LAST_US);
}

/* An unknown topic; anything else that a source may say. */
static void hear_other(Answer *answer, SocialSource *source) {
    int status = (int)answer->reply->status;
    bool coin = answer->pending.errand == ERRAND_TOPIC || answer->pending.errand == ERRAND_NEWS;
    if (status == 404 && coin) {
        SocialDesk *desk = &answer->monitor->desks[answer->pending.index];
        desk->unknown = true;
        outbox_log(answer->outbox, LOG_WARNING, "%s: no topic %s: asked no more", answer->who,
                   desk->coin.topic);
        return;
    }
    bool answered = answer->reply->outcome == OUTSIDE_ANSWERED;
    if (source->refusals++ == 0 && answered)
        outbox_log(answer->outbox, LOG_WARNING, "%s: HTTP %d: what was known before is used",
                   answer->who, status);
    else if (source->refusals == 1)
        outbox_log(answer->outbox, LOG_WARNING,
                   "%s: no answer (%s: %s): what was known before is used", answer->who,
                   OutsideOutcome_text(answer->reply->outcome), answer->reply->body);
    if (answer->pending.errand != ERRAND_FEED) hold(answer, wait_of(source));
}

void social_hear_reply(SocialMonitor *monitor, const OutsideReply *reply, int64_t now_us,
                       Outbox *outbox) {
    Answer answer = {.monitor = monitor,
                     .reply = reply,
                     .now_us = now_us,
                     .outbox = outbox,
                     .who = OutsideSource_text(reply->source)};
    if (!social_asking_settle(monitor, reply->id, &answer.pending)) return;
    if (answer.pending.errand == ERRAND_FEED) answer.who = monitor->feeds[answer.pending.index];
    SocialSource *source = &monitor->sources[reply->source];
    bool answered = reply->outcome == OUTSIDE_ANSWERED;
    int status = (int)reply->status;
    if (reply->outcome == OUTSIDE_NOT_SENT) {
        hear_not_sent(&answer, source);
    } else if (answered && status == 429) {
        hear_rate_limit(&answer, source);
    } else if (answered && (status == 401 || status == 402 || status == 403)) {
        hear_plan_problem(&answer, source);
    } else if (answered && (status == 200 || reply->unchanged)) {
        source->refusals = 0;
        source->complained = false;
        if (reply->unchanged)
            monitor->heard_news_us = now_us;
        else
            hear_body(&answer);
        social_wake(monitor, now_us, outbox);
    } else {
        hear_other(&answer, source);
    }
}
