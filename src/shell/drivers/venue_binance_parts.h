/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of the transport, shared by its files: venue_binance.c (life, the thread, what is
 * handed in and out), venue_errand.c (requests over connections), venue_clock.c (the venue's
 * clock), venue_user.c (the account's stream). One lock guards all of it; it is held while
 * something is done and never while something is waited for. The thread that hands a request in
 * sends it itself when a connection is idle, so that an order waits for no other thread. The
 * VenueBinance owns everything below it.
 */
#ifndef SHELL_DRIVERS_VENUE_BINANCE_PARTS_H
#define SHELL_DRIVERS_VENUE_BINANCE_PARTS_H

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>

#include "core/base/random.h"
#include "shell/drivers/binance_socket.h"
#include "shell/drivers/venue_binance.h"
#include "shell/drivers/venue_pieces.h"
#include "shell/drivers/venue_wire.h"

#define VENUE_WIRES 16 /* requests at once; the venue counts requests, not connections */
/* Questions leave this many connections to orders and cancels. */
#define VENUE_WIRES_KEPT 4
#define VENUE_WIRES_WARM 2   /* open and idle when nothing is asked: one for an order, one more */
#define VENUE_ERRANDS    256 /* requests taken over and not yet told of */
#define VENUE_TOLD       512 /* frames, links, clocks that wait to be taken */
#define VENUE_SOCKETS    64  /* descriptors that libcurl wants watched: at most two a connection */

/* A message for the engine, waiting. */
typedef struct VenueTold VenueTold;
struct VenueTold {
    VenueTold *next;
    bool is_errand; /* part of a VenueErrand */
    VenueMessage message;
};

typedef struct VenueErrand VenueErrand;
struct VenueErrand {
    VenueTold told;    /* first: it becomes the message when the request is answered */
    VenueErrand *next; /* in the queue, or free */
    VenueRequest request;
    VenuePieces pieces; /* a list that is longer than a message */
    int64_t taken_us;   /* monotonic */
    bool is_clock;      /* the transport's own question for the time */
};

typedef enum LaneState { LANE_EMPTY, LANE_CONNECTING, LANE_IDLE, LANE_BUSY } LaneState;

/* A connection and what goes on over it. */
typedef struct VenueLane {
    VenueWire wire;
    LaneState state;
    int64_t since_us; /* monotonic: idle since; request sent */
    int64_t sent_wall_us;
    VenueErrand *errand;
    VenueResponse response;
} VenueLane;

/* A request that was made ready, and the idle connection that holds its bytes. */
typedef struct VenueReady {
    VenueErrand *errand; /* kept for the next one when it was not sent; NULL: none yet */
    VenueLane *lane;     /* NULL: another request has taken it, or it has closed */
} VenueReady;

typedef struct VenueList {
    VenueErrand *first, *last;
} VenueList;

/* The venue's clock against ours. */
typedef struct VenueTime {
    bool is_known;
    int64_t offset_us, uncertainty_us; /* at `sampled_us` */
    int64_t sampled_us;                /* monotonic */
    int64_t base_us;                   /* wall - monotonic then: a jump changes it */
    unsigned samples_left;             /* of this round */
    bool is_asked;
    int64_t next_us, told_us, best_trip_us;
} VenueTime;

typedef struct VenueUser {
    BinanceSocket *socket;
    BinancePace pace;
    bool is_up, was_told_down;
    int64_t subscribed_us; /* asked, not answered: when; 0: not asked */
    unsigned asked;        /* number of the last subscription's request */
} VenueUser;

typedef struct VenueBinance {
    VenuePort port; /* first */
    BinanceAddress rest, socket_address;
    Signer signer;
    unsigned answer_timeout_ms;
    int32_t window_ms;
    pthread_mutex_t lock;
    pthread_t thread;
    bool has_thread;
    int kick; /* eventfd: wakes our thread */
    atomic_bool stop;

    VenueErrand *errands, *free_errands;
    VenueList urgent, questions; /* waiting for a connection */
    VenueReady ready;
    VenueTold *frames, *free_frames;
    VenueTold *told_first, *told_last;
    bool overrun;     /* frames were dropped: told as a broken stream when the rest was taken */
    int64_t *refused; /* ids of requests that found no room: answered from here */
    unsigned refused_first, refused_count;

    VenueLane lanes[VENUE_WIRES];
    void *multi; /* libcurl's, for connecting */
    struct pollfd sockets[VENUE_SOCKETS];
    unsigned socket_count;
    int64_t multi_due_us; /* 0: now; INT64_MAX: never */
    unsigned connect_failures;
    int64_t connect_after_us;
    int64_t quiet_until_us; /* a ban or limit: nothing of our own is asked before */
    char trouble[160];      /* why the last connection failed */
    Random random;

    VenueTime time;
    VenueUser user;
} VenueBinance;

/* venue_binance.c: keys go over TLS alone, but on this machine. `socket` may be NULL. */
bool venue_binance_addresses(const VenueBinancePlan *plan, BinanceAddress *rest,
                             BinanceAddress *socket, Error *error) MUST_USE;

/* The rest with the lock held, but venue_user_close. */

/* venue_binance.c: puts a message behind the others and wakes the engine. */
void venue_tell(VenueBinance *venue, VenueTold *told);
/* Memory for one that is no reply; NULL: full, and the stream will be told as broken. */
VenueTold *venue_told_new(VenueBinance *venue);
void venue_tell_link(VenueBinance *venue, VenueLinkState state, const char *text);
VenueErrand *venue_errand_new(VenueBinance *venue);
void venue_errand_free(VenueBinance *venue, VenueErrand *errand);
void venue_kick(VenueBinance *venue);

/* venue_errand.c */
/* Signs the request and writes it to an idle connection; nothing leaves. */
void venue_errand_prepare(VenueBinance *venue, const VenueRequest *request);
/* The errand that was made ready for this request, a new one, or NULL: none is free. */
VenueErrand *venue_errand_for(VenueBinance *venue, const VenueRequest *request);
void venue_errand_take(VenueBinance *venue, VenueErrand *errand);
void venue_errand_refuse(VenueBinance *venue, VenueErrand *errand, const char *why);
void venue_lanes_step(VenueBinance *venue, int64_t now_us);
void venue_lanes_ready(VenueBinance *venue, VenueLane *lane, int64_t now_us);
/* A connection came about or failed. */
void venue_lane_connected(VenueBinance *venue, VenueLane *lane, int result);
void venue_lane_close(VenueBinance *venue, VenueLane *lane);

/* venue_clock.c */
void venue_clock_step(VenueBinance *venue, int64_t now_us);
/* The answer to a question for the time (status 0: none). */
void venue_clock_hear(VenueBinance *venue, const VenueLane *lane, int64_t now_us);
void venue_clock_ask_again(VenueBinance *venue, int64_t now_us);
bool venue_clock_read(Slice body, int64_t *time_ms) MUST_USE;
VenueClock venue_clock_sample(int64_t asked_wall_us, int64_t trip_us, int64_t time_ms);
/* False: not known yet. */
bool venue_clock_now_ms(const VenueBinance *venue, int64_t *now_ms);

/* venue_user.c */
void venue_user_step(VenueBinance *venue, int64_t now_us);
void venue_user_close(VenueBinance *venue);

#endif
