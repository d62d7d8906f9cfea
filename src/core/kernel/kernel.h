/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who speaks next. The kernel takes the inputs of one instant, hands every message to its hearers
 * in order of sequence, then stage, then name, and collects what they publish behind it, until
 * nothing is left: that is one *turn*. All messages of a turn can be walked afterwards, in order:
 * inputs first where they came first, effects after their causes. Time is only what the inputs
 * carry. It knows no service by name and no message by meaning, except that TIMER_REQUESTS become
 * timers, TIMERS go to the one who asked, and TURN_ENDS is said once when the queue is empty.
 *
 * All that a later turn depends on lies in one block (kernel_state): a snapshot is a copy of it.
 * The caller hands in the memory and owns it; the kernel never allocates.
 */
#ifndef CORE_KERNEL_KERNEL_H
#define CORE_KERNEL_KERNEL_H

#include "core/bus/service.h"

typedef struct Kernel Kernel;

typedef struct KernelPlan {
    const Service *const *services; /* in order of their names */
    unsigned service_count;
    const Settings *settings;
    /* Told before and after each step, so that the shell can measure; NULL: nobody listens. */
    void (*probe)(void *context, unsigned service, bool begins);
    void *probe_context;
} KernelPlan;

typedef struct KernelCounts {
    uint64_t heard, said; /* messages, since the state began */
    int64_t last_us;      /* time of the last message heard, 0: never */
} KernelCounts;

/* Bytes that kernel_init wants (aligned to 16). */
size_t kernel_size(const KernelPlan *plan);
/* A kernel at sequence 0 with fresh services. `plan` and what it points at must outlive the kernel.
 */
Kernel *kernel_init(void *memory, const KernelPlan *plan);

/* A fresh kernel goes on behind a history that it does not hold (cold start). */
void kernel_resume(Kernel *kernel, uint64_t sequence, int64_t time_us);

/* Queues an input of the turn to come. All inputs of a turn have one time, not before the last
 * turn's; a message out of its bounds is an Error that names the field, and is not queued. */
bool kernel_input(Kernel *kernel, Topic topic, int64_t time_us, const void *payload,
                  Error *error) MUST_USE;
/* Queues TIMERS for every timer due at or before `time_us`, in order of due time, service and id.
 */
void kernel_input_timers(Kernel *kernel, int64_t time_us);
/* Runs the turn. Without inputs nothing happens. */
void kernel_turn(Kernel *kernel);

/* The messages of the last turn in order; NULL at the end. */
const Message *kernel_first(const Kernel *kernel);
const Message *kernel_next(const Kernel *kernel, const Message *message);

/* Earliest timer, INT64_MAX if there is none. */
int64_t kernel_timer_due(const Kernel *kernel);
uint64_t kernel_sequence(const Kernel *kernel);
int64_t kernel_time(const Kernel *kernel);
KernelCounts kernel_counts(const Kernel *kernel, unsigned service);

/* The block that a snapshot copies, between turns only. Its layout belongs to this build and these
 * settings. */
void *kernel_state(Kernel *kernel, size_t *size);
/* A number that differs when the block's layout does: names and sizes of services and messages. */
uint64_t kernel_layout(const KernelPlan *plan);
/* A service's own part of it, read-only, for tests and views. */
const void *kernel_service_state(const Kernel *kernel, const char *service);

#endif
