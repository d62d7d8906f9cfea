/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The whole program against a venue, a network, a disk and a clock that misbehave, in one process
 * and in virtual time: the real kernel, services and codecs; the simulated exchange at the other
 * end, asked in bytes; between them everything that goes wrong, drawn from the seed. Each fault
 * that strikes is recorded as (class, how many opportunities the class had before), so that a run
 * can be played again from a list of faults, and made smaller. What must hold always is checked
 * after each event by books of its own: `books` recounts what the program says, `oracle` what the
 * venue did. A World is one mapped block, used for seed after seed; world.c owns it.
 */
#ifndef TESTS_SIM_SIM_H
#define TESTS_SIM_SIM_H

#include <setjmp.h>
#include <stddef.h>

#include "core/base/own_clock.h"
#include "core/base/random.h"
#include "core/bus/convert.h"
#include "core/bus/shape.h"
#include "core/kernel/kernel.h"
#include "core/kernel/record.h"
#include "core/sim/exchange_api.h"
#include "core/sim/exchange_stream.h"
#include "core/sim/market_model.h"
#include "shell/drivers/turn_replay.h"

#define SIM_SYMBOLS_MAX  3
#define SIM_FAULTS_MAX   4096 /* that a list may hold */
#define SIM_ORDERS_MAX   8192 /* numbers that the program may give in one run */
#define SIM_HIDDEN       1024
#define SIM_FILLS_MAX    262144 /* that a run may see */
#define SIM_REQUESTS_MAX 128    /* on their way at once */
#define SIM_FRAMES_MAX   4096   /* of the stream, on their way at once */
#define SIM_EVENTS_MAX   8192
#define SIM_START_US     1790000040000000LL /* a whole minute in 2026 */
#define SIM_ADDRESS      1                  /* from which the program asks */
#define SIM_UNIT         DECIMAL_SCALE

typedef enum FaultClass {
#define FAULT(NAME, ppm, sites, sentence) FAULT_##NAME,
#include "sim/faults.def"
#undef FAULT
    FAULT_COUNT
} FaultClass;

typedef struct FaultShape {
    const char *name, *sites, *sentence;
    uint32_t ppm;
} FaultShape;
extern const FaultShape fault_shapes[FAULT_COUNT];

/* Streams of random numbers beside those of the fault classes: one a subsystem. */
typedef enum SimRandom {
    RANDOM_PLAN = 1000,
    RANDOM_MARKET,
    RANDOM_DELAY,
    RANDOM_SIGNAL,
    RANDOM_DISK,
    RANDOM_CLOCK,
    RANDOM_FOREIGN
} SimRandom;

typedef struct Fault {
    uint32_t class, ordinal;
} Fault;

typedef struct World World;

/* What a seed says; a scripted plan takes its faults from the list alone, and one with a rule asks
 * the rule. */
typedef struct Plan {
    uint64_t seed;
    unsigned minutes, symbols;
    bool scripted;
    unsigned fault_count;
    Fault faults[SIM_FAULTS_MAX];
    uint32_t rates[FAULT_COUNT];
    bool analyst;        /* the real monitor and analyst, else signals of an adversary */
    uint32_t signal_ppm; /* of an adversary's signal, a symbol and minute */
    uint32_t snapshot_records;
    uint32_t delay_us;  /* mean of one way */
    uint32_t stream_us; /* a frame of the stream */
    uint32_t thin;      /* the book holds so many times less */
    int32_t drift_ppm;
    ExchangeCosts costs;
    Settings settings;
    bool (*rule)(const World *world, FaultClass class, uint32_t ordinal);
    void (*act)(World *world, unsigned minute);
    void (*trace)(const World *world, const Message *message); /* NULL: nobody looks */
} Plan;

/* ---- books.c: what the program has said, recounted ------------------------------------------ */

typedef struct BookedOrder {
    OrderState state;
    Side side;
    uint8_t symbol;
    bool known, has_intent;
    OrderAction action;
    Quantity intent, quantity, filled, fills;
    Price intent_price;
    char signal_id[24];
} BookedOrder;

typedef struct BookedSymbol {
    SymbolFilters rules;
    Price price, price_before; /* now; when the turn began */
    bool stale;
    unsigned vain;        /* sales asked for since one was accepted */
    char allowed[32][24]; /* the last signals that risk let pass */
    unsigned allowed_count;
} BookedSymbol;

#define SIM_ASSETS_MAX 8
typedef struct BookedAsset {
    char name[LIMIT_ASSET_TEXT];
    Money accounts[Account_COUNT]; /* by postings: debit adds, credit takes */
    Money traded;                  /* by fills: what came and went, fees taken off */
} BookedAsset;

typedef struct Books {
    uint64_t sequence;
    int64_t time_us, last_bar_us;
    int64_t request_id; /* the newest */
    int64_t limited_by; /* the newest request whose answer was a ban or limit */
    KillLevel kill;
    bool stale, refused, all_frozen;
    bool order_told; /* in this turn */
    VenueCondition condition, condition_before;
    int64_t unknown_orders, clock_uncertainty_us;
    Holdings holdings;
    Money opening; /* as told with the account's facts */
    bool has_flows, has_facts;
    unsigned asset_count, order_count; /* highest number given + 1 */
    BookedAsset assets[SIM_ASSETS_MAX];
    BookedSymbol symbols[SIM_SYMBOLS_MAX];
    uint8_t booked_fills[SIM_FILLS_MAX / 8];
    BookedOrder orders[SIM_ORDERS_MAX]; /* last: only what is used is copied */
} Books;

/* ---- oracle.c: what the venue has done, recounted -------------------------------------------- */

typedef struct OracleAsset {
    Money total, ours; /* of the account; of that, what the program's own fills made */
} OracleAsset;

typedef struct OracleOrder {
    Quantity asked;        /* by the intent behind the first request that left */
    Price stop;            /* the highest so far */
    Quantity bought, sold; /* executed under all client ids of the number */
    uint16_t accepted;
} OracleOrder;

#define SIM_IDS 32768 /* slots of the set of client ids */
typedef struct Oracle {
    OracleAsset assets[LIMIT_EXCHANGE_ASSETS];
    uint64_t sent[SIM_IDS], accepted[SIM_IDS]; /* sets of hashes of client ids */
    OracleOrder orders[SIM_ORDERS_MAX];
    uint64_t checks, recounts;
    uint32_t seen_open[SIM_SYMBOLS_MAX], seen_trades[SIM_SYMBOLS_MAX]; /* lives: told, + 1 */
    int64_t asked_trades_us[SIM_SYMBOLS_MAX];
    bool was_restored;                 /* an older disk has come back in this run */
    unsigned flat[SIM_SYMBOLS_MAX];    /* minutes of a position at the level flatten */
    unsigned reached[SIM_SYMBOLS_MAX]; /* minutes in which a target stood below the price */
    Quantity held[SIM_SYMBOLS_MAX];    /* a minute ago, of a position beyond its target */
} Oracle;

/* ---- disk.c ---------------------------------------------------------------------------------- */

#define SIM_JOURNAL_BYTES (64u << 20)
typedef struct Disk {
    uint8_t *bytes; /* behind the snapshot */
    size_t used, flushed, turn_end;
    uint64_t records;
    uint8_t *pages, *resident; /* the snapshot: resident pages of the kernel's block */
    size_t page_count;
    uint32_t *page_numbers;
    Books books;
    bool has_snapshot;
} Disk;

/* ---- network.c ------------------------------------------------------------------------------- */

typedef enum RequestStage { REQUEST_FREE, REQUEST_OUT } RequestStage;

typedef struct Request {
    RequestStage stage;
    uint32_t life; /* of the process that sent it */
    uint32_t serial;
    int64_t arrived_us;
    int64_t silent_until_us; /* by its answer, in the venue's time */
    bool told, settled;      /* the program has its answer; nothing more comes of it at the venue */
    bool answered;           /* before it was executed */
    bool slow;               /* delayed on its way, and again at the venue */
    int order;               /* number of our order, -1 */
    VenueRequest asked;
    VenueReply reply;
} Request;

typedef struct Frame {
    bool used;
    uint32_t connection;
    char text[2048];
} Frame;

typedef enum EventKind {
    EVENT_NONE,
    EVENT_MINUTE,  /* the market's next minute is laid out */
    EVENT_PRINT,   /* index: step of the minute */
    EVENT_BAR,     /* the minute is closed */
    EVENT_ARRIVE,  /* index: request */
    EVENT_EXECUTE, /* of a request that was answered before */
    EVENT_REPLY,
    EVENT_TIMEOUT,
    EVENT_FRAME,   /* index: frame */
    EVENT_DEAD,    /* the stream's end is noticed */
    EVENT_STREAM,  /* the stream is up again */
    EVENT_CLOCK,   /* a sample of the venue's clock */
    EVENT_START,   /* the process starts */
    EVENT_RESUME,  /* a slow flush has ended */
    EVENT_TRADING, /* index: symbol whose halt ends */
    EVENT_FRESH,   /* the feed is live again */
    EVENT_RELEASE, /* the kill switch is released */
    EVENT_WAKE,    /* the machine wakes */
    EVENT_GAP      /* by now what the stream missed was asked for */
} EventKind;

typedef struct Event {
    int64_t time_us;
    uint64_t order;
    EventKind kind;
    uint32_t index, stamp;
} Event;

/* ---- coverage -------------------------------------------------------------------------------- */

#define SIM_STATES 6 /* none, intent, acked, partial, unknown, ended */
#define SIM_SITES  7 /* b f g n r e s */
typedef struct Tally {
    uint64_t cells[FAULT_COUNT][SIM_STATES][SIM_SITES];
    uint64_t struck[FAULT_COUNT];
    uint64_t seeds, minutes, faults, orders, fills, requests, crashes, turns, recounts, unknowns;
    uint64_t hash;
} Tally;

/* ---- the world ------------------------------------------------------------------------------- */

typedef enum Phase { PHASE_CHAOS, PHASE_HEAL } Phase;

struct World {
    const Plan *plan;
    jmp_buf escape;
    bool failed;
    char sentence[400];

    int64_t now_us, begin_us, heal_us, end_us;
    Phase phase;
    uint64_t steps; /* events handled */
    uint64_t event_order;
    unsigned event_count;
    Event events[SIM_EVENTS_MAX];

    Random delay, signal, disk_random, foreign;
    uint32_t ordinals[FAULT_COUNT];
    Fault struck[SIM_FAULTS_MAX];
    unsigned struck_count;
    Tally *tally;

    /* the process */
    KernelPlan kernel_plan;
    const Service *services[LIMIT_SERVICES];
    void *memory;
    size_t memory_size;
    Kernel *kernel;
    bool alive, replaying, crash_wanted, restored;
    bool rolled_back; /* the venue has orders of ours that the state on the disk never gave */
    uint32_t life;
    unsigned starts_failed;
    int64_t stalled_until_us; /* a slow flush */
    int64_t turn_us;          /* local time of the turn that is being filled, 0: none */
    Disk disk;
    Books books;
    Oracle oracle;
    uint64_t hash;
    ReplayTurn replay;
    uint8_t record[RECORD_MAX];

    /* the clock of the machine: true time + skew */
    int64_t skew_us;
    int64_t slept_us; /* what the monotonic clock does not count */
    bool asleep;
    OwnClock clock;        /* the program's */
    int64_t calm_since_us; /* no clock was set since, nobody slept, no flush took its time */
    int64_t begun_us, begun_monotonic_us; /* the program's clock and the machine's at the start */
    OtherClock site_clock;                /* the venue's, as the program knows it */

    /* the venue */
    Exchange *exchange;
    ExchangeLimits limits;
    MarketModel model;
    Bar bars[SIM_SYMBOLS_MAX];
    bool flash;
    Symbol symbols[SIM_SYMBOLS_MAX];
    int64_t maintenance_until_us, banned_until_us, storm_until_us;
    int64_t hidden_until_us[SIM_HIDDEN]; /* by the order's id */
    bool other_rests;                    /* an order of another instance */
    char *answer;
    uint64_t signal_count, foreign_count;

    /* the network */
    uint32_t request_serial;
    int64_t limited_by, silent_until_us; /* the newest ban or limit that was told */
    Request requests[SIM_REQUESTS_MAX];
    Frame frames[SIM_FRAMES_MAX];
    unsigned frame_next;
    uint32_t connection, connection_count; /* of the stream; 0: down */
    bool stream_dead;
    int focus_order; /* whose fate is at stake, for the coverage */
    char focus_site;
    const VenueRequest *focus_request; /* that is on its way; NULL: none */
};

/* plan.c */
void plan_draw(Plan *plan, uint64_t seed, unsigned minutes);
/* The same seed with fewer minutes, symbols or faults. */
bool plan_read(Plan *plan, const char *path);
bool plan_write(const Plan *plan, const char *path, const char *sentence);

/* world.c: false with world->sentence. */
World *world_open(void);
bool world_run(World *world, const Plan *plan, Tally *tally);
void world_schedule(World *world, int64_t time_us, EventKind kind, uint32_t index, uint32_t stamp);
__attribute__((noreturn)) void world_violated(World *world, const char *format, ...);

/* die.c: whether a fault strikes now; its details come from `detail`. */
bool die_cast(World *world, FaultClass class, Random *detail);
int64_t die_span(Random *random, int64_t least, int64_t most);
/* Whose order is at stake and where on its way, for the cells of the coverage. */
void die_focus(World *world, int order, char site);
/* Nothing is on its way: the newest order is at stake, if there is one. */
void die_focus_newest(World *world);
unsigned die_state(const World *world);

/* host.c: the process: kernel, journal, start, turns */
void host_reset(World *world);
void host_start(World *world);
void host_crash(World *world, bool power);
int64_t host_clock(World *world); /* local time for the next turn */
/* What was told of the venue's clock may hold no more. */
void host_watch_clock(World *world);
/* When the local clock will stand there. */
int64_t host_clock_due(const World *world, int64_t due_us);
void host_sleep(World *world, int64_t until_us);
void host_wake(World *world);
void host_check_clock(World *world);
void host_input(World *world, Topic topic, const void *payload);
void host_turn(World *world);
void host_clock_sample(World *world);
void host_resume(World *world);

/* disk.c */
void disk_open(Disk *disk);
void disk_reset(Disk *disk);
void disk_append(World *world, const uint8_t *record, size_t size);
void disk_flush(World *world);
void disk_snapshot(World *world);
/* True: an older state of the whole machine comes back, which takes its time. */
bool disk_lose(World *world, bool power);
/* The newest state that the disk holds; false: the process died over it. */
bool disk_recover(World *world);

/* network.c */
void network_reset(World *world);
void network_send(World *world, const VenueRequest *request);
void network_arrive(World *world, Request *request);
void network_execute(World *world, Request *request);
void network_reply(World *world, Request *request, uint32_t serial);
void network_timeout(World *world, Request *request, uint32_t serial);
void network_frames(World *world);
void network_frame(World *world, unsigned index);
void network_stream_down(World *world, const char *why);
void network_stream_up(World *world, uint32_t life);

/* site.c: the venue: its market, its account, what others do there */
void site_reset(World *world);
/* Carries the request out at its time of arrival's rules; `reply` NULL: nobody hears of it. */
void site_answer(World *world, const Request *request, VenueReply *reply);
void site_minute(World *world);
void site_print(World *world, unsigned step);
void site_bar(World *world);
void site_trouble(World *world);
int site_order(const char *client_id); /* our number, or -1: not ours */

/* books.c */
void books_reset(Books *books, const World *world);
void books_hear(World *world, const Message *message);
void books_turn(World *world);
int books_number(const char *order_id);
int books_symbol(const World *world, const char *symbol);

/* limits.c */
bool limits_is_position(const World *world, unsigned symbol);
void limits_check(World *world, const OrderRequest *request);
void limits_check_locked(World *world);

/* oracle.c */
/* After a start: whether the venue knows orders of ours that the state does not. `restored`: out of
 * an older state of the disk. */
void oracle_compare_numbers(World *world, bool restored);
void oracle_reset(World *world);
void oracle_send(World *world, const VenueRequest *request);
/* An answer is told to the program. */
void oracle_told(World *world, const VenueRequest *request, const VenueReply *reply);
/* At the end of a minute that the program heard. */
void oracle_minute(World *world);
/* A while after the stream came back. */
void oracle_gap(World *world, int64_t up_us);
void oracle_event(World *world, const ExchangeEvent *event);
/* The program tells that an order is over. */
void oracle_ended(World *world, int number);
void oracle_flow(World *world, unsigned asset, Money change, Money ours);
void oracle_recount(World *world);
/* The end: NULL if everything agrees, else what does not. */
const char *oracle_unsettled(World *world);

/* adversary.c: signals, the operator, the feed, the clock; asked at each print. */
void adversary_act(World *world, unsigned step);
void adversary_release(World *world);
/* A signal that risk let pass. */
void adversary_signal(World *world, unsigned symbol, Decision decision, double size);
void adversary_feed(World *world, bool stale);

/* incidents.c: what has happened to others; how many of them violate. */
int incidents_play(void);

/* shrink.c: makes a failing plan smaller while it fails in the same way; how many runs it took. */
unsigned shrink(World *world, Plan *plan);
/* Whether two sentences are of the same violation: their words, without numbers. */
bool shrink_same(const char *a, const char *b);

/* A parameter of a request's text; false: not given. */
bool request_value(const VenueRequest *request, const char *name, char *target, size_t capacity);

#endif
