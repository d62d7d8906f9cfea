/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service is: a function `step(state, message, outbox)` over a plain block of state, and a
 * constant that says what it hears, what it says and at which stage. It reads no clock (the message
 * carries the time), holds no socket, allocates nothing and never sleeps; what it wants of the
 * world it asks for by publishing. State is a plain block without pointers, of a size that is known
 * beforehand, so that a snapshot is a copy; the kernel owns it.
 */
#ifndef CORE_BUS_SERVICE_H
#define CORE_BUS_SERVICE_H

#include "core/bus/message.h"
#include "core/bus/settings.h"

/* Order in which one message visits its hearers; an observer cannot say what an earlier stage
 * hears. */
typedef enum Stage {
    STAGE_VENUE, /* the paper venue judges stops on a bar's range before anybody hears its close */
    STAGE_MARKET,
    STAGE_CONTEXT,
    STAGE_SELECTION,
    STAGE_SIGNAL,
    STAGE_RISK,
    STAGE_EXECUTION,
    STAGE_OBSERVER
} Stage;

typedef struct Outbox Outbox;

#define HEARS(...)                                                                                 \
    .hears = (const Topic[]) {                                                                     \
        __VA_ARGS__, TOPIC_COUNT                                                                   \
    }
#define SAYS(...)                                                                                  \
    .says = (const Topic[]) {                                                                      \
        __VA_ARGS__, TOPIC_COUNT                                                                   \
    }

typedef struct Service {
    const char *name;  /* file, log, command line, section of the configuration */
    const char *label; /* in log lines: "TradeExecutor" */
    const char *sentence;
    Stage stage;
    uint16_t port;             /* when it runs alone; 0: never alone */
    const Topic *hears, *says; /* end with TOPIC_COUNT */
    size_t (*state_size)(const Settings *settings);
    void (*init)(void *state, const Settings *settings); /* state comes zeroed */
    void (*step)(void *state, const Message *message, Outbox *outbox);
} Service;

extern const Service *const service_table[];
extern const unsigned service_count;

/* By name ('-' and '_' alike), or NULL. */
const Service *service_find(const char *name);

/* Publishes: the zeroed payload of a new message on `topic`, to be filled in at once, valid until
 * step returns. A topic that the service's constant does not name is a CHECK. */
void *outbox_publish(Outbox *outbox, Topic topic);
/* Asks to hear TIMERS with this id at `due_us`; a new time replaces the old one. */
void outbox_timer(Outbox *outbox, unsigned timer, int64_t due_us);
/* Publishes a line for the service's own log: text_format's %s %S %d %D. */
void outbox_log(Outbox *outbox, LogLevel level, const char *format, ...);

#endif
