/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is asked, of whom, and when. LunarCrush goes in rounds: the pages of the coin list that hold
 * a watched symbol, then each symbol's topic and news, evenly spaced so that neither the plan's
 * calls a minute nor its calls a day are exceeded, and no answer is asked for anew within
 * cache_duration. Feeds take turns. A source that refuses is left alone for a while.
 */
#include "core/services/social_monitor.h"

#define LATENCY_US 500000 /* of a social source, where time is virtual: typical of a web answer */
#define FIRST_US   (2 * INSTANT_SECOND_US) /* after the start, and between the first questions */

/* ---- settings ------------------------------------------------------------------------------ */

/* "https://www.coindesk.com/arc/..." is coindesk.com. */
static void name_feed(Slice address, char name[static 32]) {
    const char *host = address.at, *end = address.at + address.length;
    for (const char *at = address.at; at + 2 < end; at++)
        if (at[0] == ':' && at[1] == '/' && at[2] == '/') host = at + 3;
    size_t length = 0;
    if ((size_t)(end - host) > 4 && memcmp(host, "www.", 4) == 0) host += 4;
    while (host + length < end && length < 31 && !strchr("/:?", host[length]))
        length++;
    memcpy(name, host, length);
    name[length] = 0;
}

static void read_feeds(SocialMonitor *monitor, const char *list) {
    for (Slice rest = slice_of(list); rest.length && monitor->feed_count < SOCIAL_FEEDS_MAX;) {
        Slice address = slice_trim(slice_part(&rest, ','));
        if (address.length) name_feed(address, monitor->feeds[monitor->feed_count++]);
    }
}

void social_asking_init(SocialMonitor *monitor, const Settings *settings) {
    monitor->live = strcmp(settings->social.mode, "live") == 0;
    monitor->fear_greed = settings->social.fear_greed_url[0] != 0;
    monitor->fear_greed_us = settings->social.fear_greed_interval * INSTANT_SECOND_US;
    monitor->feeds_us = settings->news.update_interval * INSTANT_SECOND_US;
    monitor->extras_us = settings->news.extra_interval * INSTANT_SECOND_US;
    monitor->cache_us = settings->lunarcrush.cache_duration * INSTANT_SECOND_US;
    monitor->timeout_ms = settings->lunarcrush.timeout_ms;
    monitor->news_timeout_ms = settings->news.timeout_ms;
    monitor->calls_per_minute = settings->lunarcrush.calls_per_minute;
    monitor->calls_per_day = settings->lunarcrush.calls_per_day;
    monitor->extra[ERRAND_CRYPTOPANIC] = settings->news.cryptopanic_enabled;
    monitor->extra[ERRAND_GDELT] = settings->news.gdelt_enabled;
    monitor->extra[ERRAND_REDDIT] = settings->news.reddit_enabled;
    read_feeds(monitor, settings->news.feeds);
}

static bool has_extras(const SocialMonitor *monitor) {
    return monitor->extra[ERRAND_CRYPTOPANIC] || monitor->extra[ERRAND_GDELT] ||
           monitor->extra[ERRAND_REDDIT];
}

void social_asking_start(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    if (!monitor->live || monitor->asking) return;
    monitor->asking = true;
    outbox_timer(outbox, SOCIAL_TIMER_LUNARCRUSH, now_us + FIRST_US);
    if (monitor->fear_greed) outbox_timer(outbox, SOCIAL_TIMER_FEAR_GREED, now_us + FIRST_US);
    if (monitor->feed_count) outbox_timer(outbox, SOCIAL_TIMER_FEEDS, now_us + FIRST_US);
    if (has_extras(monitor)) outbox_timer(outbox, SOCIAL_TIMER_EXTRAS, now_us + FIRST_US);
}

/* ---- asking -------------------------------------------------------------------------------- */

typedef struct Question {
    OutsideSource source;
    SocialErrand errand;
    unsigned index;
    const char *purpose;
} Question;

/* The request to be filled in, or NULL: too many wait. */
static OutsideRequest *ask(SocialMonitor *monitor, const Question *question, int64_t now_us,
                           Outbox *outbox) {
    SocialPending *free = NULL;
    for (unsigned i = 0; i < SOCIAL_PENDING_MAX && !free; i++)
        if (monitor->pending[i].id == 0) free = &monitor->pending[i];
    if (!free) return NULL;
    SocialSource *source = &monitor->sources[question->source];
    int64_t day = now_us / INSTANT_DAY_US;
    source->asked = source->day == day ? source->asked + 1 : 1;
    source->day = day;
    *free =
        (SocialPending){++monitor->request_id, (uint8_t)question->errand, (uint8_t)question->index};
    OutsideRequest *request = outbox_publish(outbox, TOPIC_OUTSIDE_REQUESTS);
    memcpy(request->service, "social_monitor", sizeof "social_monitor");
    request->id = free->id;
    request->source = question->source;
    request->latency_us = LATENCY_US;
    request->timeout_ms =
        question->source == OUTSIDE_LUNARCRUSH ? monitor->timeout_ms : monitor->news_timeout_ms;
    Text purpose = TEXT_IN(request->purpose);
    text_put(&purpose, question->purpose);
    (void)text_end(&purpose);
    return request;
}

bool social_asking_settle(SocialMonitor *monitor, int64_t id, SocialPending *pending) {
    for (unsigned i = 0; i < SOCIAL_PENDING_MAX; i++) {
        if (monitor->pending[i].id != id) continue;
        *pending = monitor->pending[i];
        monitor->pending[i].id = 0;
        return true;
    }
    return false;
}

static bool is_held(const SocialMonitor *monitor, OutsideSource source, int64_t now_us) {
    return now_us < monitor->sources[source].held_until_us;
}

/* ---- LunarCrush ---------------------------------------------------------------------------- */

static unsigned bits(uint32_t set) {
    unsigned count = 0;
    for (; set; set &= set - 1)
        count++;
    return count;
}

static unsigned pages_of(const SocialMonitor *monitor) {
    return bits(monitor->pages) + (monitor->page_next < SOCIAL_PAGES_MAX);
}

static bool is_found(const SocialDesk *desk) {
    return desk->coin.id != 0 && !desk->unknown;
}

/* Questions of a round: pages, then topic and news of each coin that was found. */
static unsigned round_length(const SocialMonitor *monitor) {
    unsigned coins = 0;
    for (unsigned i = 0; i < monitor->symbols.count; i++)
        coins += is_found(&monitor->desks[i]);
    return pages_of(monitor) + 2 * coins;
}

int64_t social_asking_gap(const SocialMonitor *monitor) {
    unsigned round = round_length(monitor);
    /* The first round goes as fast as a minute allows: its questions are kept free of the day. */
    int64_t spare = monitor->calls_per_day > 20 * (int64_t)round ? 2 * (int64_t)round : 0;
    int64_t day_us = INSTANT_DAY_US / (monitor->calls_per_day - spare) + 1;
    int64_t minute_us = INSTANT_MINUTE_US / monitor->calls_per_minute + 1;
    int64_t cache_us = round ? monitor->cache_us / round : 0;
    int64_t gap_us = day_us > minute_us ? day_us : minute_us;
    return gap_us > cache_us ? gap_us : cache_us;
}

/* The n-th page that is read in every round; the page searched next stands behind them. */
static unsigned page_at(const SocialMonitor *monitor, unsigned n) {
    for (unsigned page = 0; page < SOCIAL_PAGES_MAX; page++)
        if (monitor->pages >> page & 1 && n-- == 0) return page;
    return monitor->page_next;
}

static void ask_list(SocialMonitor *monitor, unsigned page, int64_t now_us, Outbox *outbox) {
    Question question = {OUTSIDE_LUNARCRUSH, ERRAND_LIST, page, "coin list"};
    OutsideRequest *request = ask(monitor, &question, now_us, outbox);
    if (!request) return;
    Text path = TEXT_IN(request->path), parameters = TEXT_IN(request->parameters);
    lunarcrush_list_path(page, &path, &parameters);
    (void)text_end(&path);
    (void)text_end(&parameters);
}

static void ask_coin(SocialMonitor *monitor, unsigned symbol, bool news, int64_t now_us,
                     Outbox *outbox) {
    Question question = {OUTSIDE_LUNARCRUSH, news ? ERRAND_NEWS : ERRAND_TOPIC, symbol,
                         news ? "topic news" : "topic"};
    OutsideRequest *request = ask(monitor, &question, now_us, outbox);
    if (!request) return;
    Text path = TEXT_IN(request->path);
    const char *topic = monitor->desks[symbol].coin.topic;
    if (news)
        lunarcrush_news_path(topic, &path);
    else
        lunarcrush_topic_path(topic, &path);
    (void)text_end(&path);
    memcpy(request->symbol, monitor->symbols.symbols[symbol].name.text, sizeof request->symbol);
}

static void ask_in_turn(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    unsigned round = round_length(monitor), pages = pages_of(monitor);
    if (round == 0) return;
    unsigned turn = monitor->turn++ % round;
    if (turn < pages) {
        ask_list(monitor, page_at(monitor, turn), now_us, outbox);
        return;
    }
    unsigned coin = (turn - pages) / 2;
    for (unsigned i = 0; i < monitor->symbols.count; i++)
        if (is_found(&monitor->desks[i]) && coin-- == 0) {
            ask_coin(monitor, i, (turn - pages) % 2, now_us, outbox);
            return;
        }
}

static void lunarcrush_due(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    const SocialSource *source = &monitor->sources[OUTSIDE_LUNARCRUSH];
    int64_t day = now_us / INSTANT_DAY_US, next_us = now_us + social_asking_gap(monitor);
    int64_t minute_us = now_us + INSTANT_MINUTE_US / monitor->calls_per_minute + 1;
    bool spent = source->day == day && source->asked >= monitor->calls_per_day;
    if (spent) {
        next_us = (day + 1) * INSTANT_DAY_US;
    } else if (is_held(monitor, OUTSIDE_LUNARCRUSH, now_us)) {
        next_us = source->held_until_us;
    } else {
        /* The first round, while coins are searched and once through, goes at the minute's pace. */
        bool first = monitor->turn <= round_length(monitor) && monitor->calls_per_day > 200;
        ask_in_turn(monitor, now_us, outbox);
        if (first) next_us = minute_us;
    }
    outbox_timer(outbox, SOCIAL_TIMER_LUNARCRUSH, next_us);
}

/* ---- the free sources ---------------------------------------------------------------------- */

static void fear_greed_due(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    Question question = {OUTSIDE_FEAR_GREED, ERRAND_FEAR_GREED, 0, "fear and greed"};
    OutsideRequest *request = is_held(monitor, OUTSIDE_FEAR_GREED, now_us)
                                  ? NULL
                                  : ask(monitor, &question, now_us, outbox);
    if (request) {
        memcpy(request->path, "/fng/", sizeof "/fng/");
        memcpy(request->parameters, "limit=1&format=json", sizeof "limit=1&format=json");
    }
    outbox_timer(outbox, SOCIAL_TIMER_FEAR_GREED, now_us + monitor->fear_greed_us);
}

/* Each feed once in an interval, one after the other; the first time right away. */
static void feeds_due(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    unsigned feed = monitor->feed_next++ % monitor->feed_count;
    bool first = monitor->feed_next < monitor->feed_count;
    Question question = {OUTSIDE_RSS, ERRAND_FEED, feed, "feed"};
    OutsideRequest *request =
        now_us < monitor->feed_held_us[feed] ? NULL : ask(monitor, &question, now_us, outbox);
    if (request) {
        request->slot = feed;
        memcpy(request->etag, monitor->etags[feed], sizeof request->etag);
    }
    outbox_timer(outbox, SOCIAL_TIMER_FEEDS,
                 now_us + (first ? FIRST_US : monitor->feeds_us / monitor->feed_count));
}

static void put_bases(const SocialMonitor *monitor, const char *between, Text *text) {
    for (unsigned i = 0; i < monitor->symbols.count && i < 10; i++) {
        if (i) text_put(text, between);
        foreign_encode(text, slice_of(monitor->symbols.symbols[i].base.text));
    }
}

static void ask_extra(SocialMonitor *monitor, SocialErrand errand, int64_t now_us, Outbox *outbox) {
    static const Question questions[ERRAND_COUNT] = {
        [ERRAND_CRYPTOPANIC] = {OUTSIDE_CRYPTOPANIC, ERRAND_CRYPTOPANIC, 0, "posts"},
        [ERRAND_GDELT] = {OUTSIDE_GDELT, ERRAND_GDELT, 0, "articles"},
        [ERRAND_REDDIT] = {OUTSIDE_REDDIT, ERRAND_REDDIT, 0, "listing"},
    };
    if (is_held(monitor, questions[errand].source, now_us)) return;
    OutsideRequest *request = ask(monitor, &questions[errand], now_us, outbox);
    if (!request) return;
    Text path = TEXT_IN(request->path), parameters = TEXT_IN(request->parameters);
    if (errand == ERRAND_CRYPTOPANIC) {
        text_put(&path, "/posts/");
        text_put(&parameters, "public=true&kind=news&currencies=");
        put_bases(monitor, ",", &parameters);
    } else if (errand == ERRAND_GDELT) {
        text_put(&path, "/doc/doc");
        text_put(&parameters, "query=%28bitcoin%20OR%20cryptocurrency%29%20sourcelang%3Aenglish"
                              "&mode=artlist&format=json&maxrecords=75&timespan=24h");
    } else {
        text_put(&path, "/r/CryptoCurrency/hot");
        text_put(&parameters, "limit=100");
    }
    (void)text_end(&path);
    (void)text_end(&parameters);
}

static void extras_due(SocialMonitor *monitor, int64_t now_us, Outbox *outbox) {
    for (unsigned i = ERRAND_CRYPTOPANIC; i < ERRAND_COUNT; i++)
        if (monitor->extra[i]) ask_extra(monitor, (SocialErrand)i, now_us, outbox);
    outbox_timer(outbox, SOCIAL_TIMER_EXTRAS, now_us + monitor->extras_us);
}

void social_asking_due(SocialMonitor *monitor, unsigned timer, int64_t now_us, Outbox *outbox) {
    if (timer == SOCIAL_TIMER_LUNARCRUSH) lunarcrush_due(monitor, now_us, outbox);
    if (timer == SOCIAL_TIMER_FEAR_GREED) fear_greed_due(monitor, now_us, outbox);
    if (timer == SOCIAL_TIMER_FEEDS) feeds_due(monitor, now_us, outbox);
    if (timer == SOCIAL_TIMER_EXTRAS) extras_due(monitor, now_us, outbox);
}
