/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions to the outside that are open: asked by the core, their answer not heard yet. Where time
 * is virtual the answer is known at once and waits here for its time; on a live feed only the
 * question stands here, so that a start after a crash knows whose answer will never come. Every
 * question gets exactly one answer: out of the queue, or from the port that then closes it.
 *
 * A snapshot copies the queue beside the kernel's state; behind it, a replay of the journal's tail
 * opens and closes what its messages say, and outside_queue_recall answers what is left. A plain
 * value of the caller's, zeroed at first; nothing is allocated.
 */
#ifndef CORE_KERNEL_OUTSIDE_QUEUE_H
#define CORE_KERNEL_OUTSIDE_QUEUE_H

#include "core/bus/outside.h"
#include "core/kernel/kernel.h"

/* 32 symbols, each asked by an analyst and seven more (a panel, an arena, counterfactuals), twice
 */
#define OUTSIDE_OPEN_MAX 512
/* Answers that wait for their time: 250 of a model's 4 KiB. */
#define OUTSIDE_POOL_BYTES (1u << 20)

typedef struct OutsideOpen {
    char service[24];
    char content_hash[65];
    uint8_t source, slot;
    bool is_paid; /* a language model was really asked */
    int64_t id, reserved_usd_micro;
    int64_t asked_us, latency_us;
    int64_t timeout_us;      /* the most that the answer's latency counts; 0: no limit */
    int64_t due_us;          /* INT64_MAX: its answer is not known here */
    uint32_t offset, length; /* of the answer's canonical bytes in the pool; 0: it is lost */
} OutsideOpen;

typedef struct OutsideQueue {
    uint32_t count, used;
    OutsideOpen open[OUTSIDE_OPEN_MAX]; /* in order of asking */
    uint8_t pool[OUTSIDE_POOL_BYTES];   /* in the same order, without holes */
} OutsideQueue;

/* Asks, and keeps the answer until it is due. */
void outside_queue_ask(OutsideQueue *queue, const Outside *outside, const OutsideRequest *request,
                       int64_t time_us);
/* Somebody else brings the answer. */
void outside_queue_open(OutsideQueue *queue, const OutsideRequest *request, int64_t time_us);
/* The answer was heard; false: no such question is open. */
bool outside_queue_close(OutsideQueue *queue, const char *service, int64_t id);
/* After a recovery: what has no answer is recalled, and due when it would have been; where the
 * answer comes by itself no more (`now_us` on a live feed, else 0) at that moment. */
void outside_queue_recall(OutsideQueue *queue, const Outside *outside, int64_t now_us);

/* What was asked of language models and not heard yet: requests, and the most that they cost. */
void outside_queue_unheard(const OutsideQueue *queue, uint64_t *calls, uint64_t *cost_usd_micro);

/* When the earliest answer is due; INT64_MAX: none waits. */
int64_t outside_queue_due(const OutsideQueue *queue);
/* The answers that are due at or before `time_us` are lost: they cannot be heard as they are. */
void outside_queue_lose(OutsideQueue *queue, int64_t time_us);
/* Queues OUTSIDE_REPLIES for answers due at or before `time_us`, in order of due time, then of
 * asking; at most as many as fit well into one turn: the rest stays due. */
void outside_queue_input(OutsideQueue *queue, Kernel *kernel, int64_t time_us);

#endif
