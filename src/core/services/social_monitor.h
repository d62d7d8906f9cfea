/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state of social_monitor, shared by its files: social_monitor.c hears and says,
 * social_asking.c plans what is asked of which source and when, social_hearing.c reads what came
 * back. A plain block without pointers, owned by the kernel.
 */
#ifndef CORE_SERVICES_SOCIAL_MONITOR_H
#define CORE_SERVICES_SOCIAL_MONITOR_H

#include "core/bus/service.h"
#include "core/market/symbol.h"
#include "core/trade/social_blend.h"
#include "core/trade/social_trend.h"
#include "core/venues/lunarcrush.h"

#define SOCIAL_FEEDS_MAX   16 /* of news.feeds; the default has 6 */
#define SOCIAL_PAGES_MAX   10 /* of the coin list: the first 400 coins */
#define SOCIAL_PENDING_MAX 32 /* questions without an answer: more is a source that hangs */

enum {
    SOCIAL_TIMER_SAY,
    SOCIAL_TIMER_LUNARCRUSH,
    SOCIAL_TIMER_FEAR_GREED,
    SOCIAL_TIMER_FEEDS,
    SOCIAL_TIMER_EXTRAS
};

typedef enum SocialErrand {               /* what a question is about */
                            ERRAND_LIST,  /* index: page */
                            ERRAND_TOPIC, /* index: symbol */
                            ERRAND_NEWS,  /* index: symbol */
                            ERRAND_FEAR_GREED,
                            ERRAND_FEED, /* index: feed */
                            ERRAND_CRYPTOPANIC,
                            ERRAND_GDELT,
                            ERRAND_REDDIT,
                            ERRAND_COUNT
} SocialErrand;

typedef struct SocialPending {
    int64_t id; /* 0: free */
    uint8_t errand, index;
} SocialPending;

/* How a source behaves. */
typedef struct SocialSource {
    int64_t held_until_us; /* it is not asked before */
    uint32_t refusals;     /* in a row */
    bool complained;       /* its plan or key was spoken of: once */
    int64_t day;           /* UTC day of `asked` */
    int64_t asked;
} SocialSource;

typedef struct SocialDesk { /* of one symbol */
    SocialSources sources;
    SocialTrack track;
    int64_t said_us; /* last update, 0: never */
    int64_t hour;    /* of the last SOCIAL_POINTS */
    double sentiment;
    bool changed;
    LunarcrushCoin coin; /* id 0: not found yet */
    bool unknown;        /* LunarCrush has no page of it */
    /* accuracy: the last full hour's close, and the mood then */
    int64_t close_hour;
    int64_t close_units;
    double close_mood; /* sentiment - 0.5; 0: none */
    uint64_t hours, matched;
} SocialDesk;

typedef struct SocialMonitor {
    bool live;   /* sources are asked */
    bool awake;  /* there is something to say: the timer runs */
    bool asking; /* the asking timers run */
    int64_t request_id;
    SymbolTable symbols;
    SocialRule rule;
    NewsRule news_rule;
    int64_t say_us;
    int64_t heard_news_us; /* a feed was read last */
    int64_t told_day;      /* of the accuracy line */
    uint32_t pages;        /* of the coin list that hold a watched symbol, one bit each */
    uint32_t page_next;    /* searched next, SOCIAL_PAGES_MAX: all were */
    uint32_t turn;         /* of the round of LunarCrush */
    uint32_t feed_count, feed_next, extra_next;
    char feeds[SOCIAL_FEEDS_MAX][32]; /* names of their hosts */
    char etags[SOCIAL_FEEDS_MAX][160];
    int64_t feed_held_us[SOCIAL_FEEDS_MAX];
    SocialSource sources[OutsideSource_COUNT];
    SocialPending pending[SOCIAL_PENDING_MAX];
    SocialSaid market;
    SocialDesk desks[LIMIT_SYMBOLS];
    NewsDesk news;
    /* of the settings */
    int64_t fear_greed_us, feeds_us, extras_us, cache_us, timeout_ms, news_timeout_ms;
    int64_t calls_per_minute, calls_per_day;
    bool extra[ERRAND_COUNT];
    bool fear_greed;
} SocialMonitor;

/* Starts the timers of asking, once symbols are known and the mode is live. */
void social_asking_start(SocialMonitor *monitor, int64_t now_us, Outbox *outbox);
void social_asking_init(SocialMonitor *monitor, const Settings *settings);
/* One of SOCIAL_TIMER_LUNARCRUSH to SOCIAL_TIMER_EXTRAS came due. */
void social_asking_due(SocialMonitor *monitor, unsigned timer, int64_t now_us, Outbox *outbox);
/* Forgets the question that a reply answers; false: it is none of ours. */
bool social_asking_settle(SocialMonitor *monitor, int64_t id, SocialPending *pending);
/* The plan's pace: microseconds between two questions to LunarCrush. */
int64_t social_asking_gap(const SocialMonitor *monitor);

/* Reads an answer. */
void social_hear_reply(SocialMonitor *monitor, const OutsideReply *reply, int64_t now_us,
                       Outbox *outbox);
/* Keeps a reading, a headline: history, or out of an answer. */
void social_hear_reading(SocialMonitor *monitor, const SocialReading *reading, int64_t now_us);
/* What a source's headline is taken with. */
typedef struct SocialOrigin {
    int named;     /* index of the symbol that the source says it is about, or -1 */
    double weight; /* of the source */
    bool restored; /* it was said in an earlier life: it is kept, and not said again */
} SocialOrigin;
void social_hear_headline(SocialMonitor *monitor, Headline *headline, const SocialOrigin *origin,
                          Outbox *outbox);
/* Something came in: it will be said at the next beat. */
void social_wake(SocialMonitor *monitor, int64_t now_us, Outbox *outbox);

#endif
