/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk in memory: the journal behind the newest snapshot, how much of it is certainly on the
 * disk, and that snapshot. Only pages of the kernel's block that were ever touched are copied, so
 * that a snapshot costs what is used and not what there is room for. A crash keeps everything that
 * was written; a loss of power keeps what was flushed and a random piece of the rest, torn
 * anywhere.
 */
#include <stdlib.h>
#include <sys/mman.h>

#include "sim/sim.h"

#define PAGE             4096
#define PAGES_MAX        8192 /* of a snapshot: 32 MiB */
#define STARTS_FAIL_MAX  3    /* nested: dying over a recovery */
#define SHORTEST_MOMENTS 3    /* of four losses, so many keep whole what was written */

static void *mapped(size_t size) {
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(memory != MAP_FAILED, "memory for the simulation");
    return memory;
}

void disk_open(Disk *disk) {
    disk->bytes = mapped(SIM_JOURNAL_BYTES);
    disk->pages = mapped((size_t)PAGES_MAX * PAGE);
    disk->resident = mapped(PAGES_MAX * 4);
    disk->page_numbers = mapped(PAGES_MAX * sizeof *disk->page_numbers);
}

void disk_reset(Disk *disk) {
    disk->used = disk->flushed = disk->turn_end = 0;
    disk->records = 0;
    disk->page_count = 0;
    disk->has_snapshot = false;
}

void disk_append(World *world, const uint8_t *record, size_t size) {
    Disk *disk = &world->disk;
    CHECK(disk->used + size <= SIM_JOURNAL_BYTES, "snapshots come before the journal is full");
    memcpy(disk->bytes + disk->used, record, size);
    disk->used += size;
    disk->records++;
}

void disk_flush(World *world) {
    world->disk.flushed = world->disk.used;
}

/* ---- snapshots ------------------------------------------------------------------------------- */

static size_t books_size(const Books *books) {
    return offsetof(Books, orders) + books->order_count * sizeof books->orders[0];
}

/* The block lies inside mapped memory; its pages' edges are shared with what is beside it, so the
 * copy is bounded to the block. */
static void copy_pages(World *world) {
    Disk *disk = &world->disk;
    size_t size;
    uint8_t *block = kernel_state(world->kernel, &size);
    uint8_t *first = (uint8_t *)((uintptr_t)block & ~(uintptr_t)(PAGE - 1));
    size_t count = ((size_t)(block + size - first) + PAGE - 1) / PAGE;
    CHECK(count <= PAGES_MAX * 4, "room for the list of pages");
    int listed = mincore(first, count * PAGE, disk->resident);
    CHECK(listed == 0, "the pages of the kernel's block");
    disk->page_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(disk->resident[i] & 1)) continue;
        CHECK(disk->page_count < PAGES_MAX, "room for the pages of a snapshot");
        uint8_t *from = first + i * PAGE < block ? block : first + i * PAGE;
        uint8_t *end =
            first + (i + 1) * PAGE > block + size ? block + size : first + (i + 1) * PAGE;
        disk->page_numbers[disk->page_count] = (uint32_t)i;
        memcpy(disk->pages + disk->page_count++ * PAGE, from, (size_t)(end - from));
    }
}

void disk_snapshot(World *world) {
    Disk *disk = &world->disk;
    Random detail;
    disk_flush(world);
    if (die_cast(world, FAULT_CRASH_SNAPSHOT, &detail)) {
        world->crash_wanted = true; /* written beside the old one, and not renamed yet */
        return;
    }
    copy_pages(world);
    memcpy(&disk->books, &world->books, books_size(&world->books));
    disk->has_snapshot = true;
    disk->used = disk->flushed = disk->turn_end = 0;
    disk->records = 0;
}

bool disk_lose(World *world, bool power) {
    Disk *disk = &world->disk;
    Random detail;
    if (die_cast(world, FAULT_ROLLED_BACK, &detail)) {
        disk->used = (size_t)die_span(&detail, 0, (int64_t)disk->flushed);
        disk->flushed = disk->used;
        return true;
    }
    if (!power) return false;
    size_t behind = disk->used - disk->flushed;
    if (behind == 0 || random_below(&world->disk_random, 4) == SHORTEST_MOMENTS) return false;
    disk->used = disk->flushed + (size_t)die_span(&world->disk_random, 0, (int64_t)behind);
    return false;
}

/* ---- recovery -------------------------------------------------------------------------------- */

static void restore(World *world) {
    Disk *disk = &world->disk;
    size_t size;
    books_reset(&world->books, world);
    if (!disk->has_snapshot) return;
    uint8_t *block = kernel_state(world->kernel, &size);
    uint8_t *first = (uint8_t *)((uintptr_t)block & ~(uintptr_t)(PAGE - 1));
    memset(block, 0, (size_t)(first + PAGE - block) < size ? (size_t)(first + PAGE - block) : size);
    for (size_t i = 0; i < disk->page_count; i++) {
        uint8_t *from = first + (size_t)disk->page_numbers[i] * PAGE;
        uint8_t *to = from < block ? block : from;
        uint8_t *end = from + PAGE > block + size ? block + size : from + PAGE;
        memcpy(to, disk->pages + i * PAGE, (size_t)(end - to));
    }
    memcpy(&world->books, &disk->books, books_size(&disk->books));
}

static void play_turn(World *world) {
    char memory[200];
    Text difference = TEXT_IN(memory);
    Error error = {.message = ""};
    ReplayAnswer answer = turn_replay_run(&world->replay, world->kernel, &difference, &error);
    if (answer == REPLAY_DIFFERS)
        world_violated(world, "I12: a replay does not give the journal again: %s",
                       text_end(&difference));
    if (answer == REPLAY_UNREADABLE)
        world_violated(world, "I12: the journal cannot be read: %s %s", error.message, error.where);
    for (const Message *message = kernel_first(world->kernel); message;
         message = kernel_next(world->kernel, message))
        books_hear(world, message);
    books_turn(world);
}

/* What stands behind the last TURN is torn, and is cut. */
bool disk_recover(World *world) {
    Disk *disk = &world->disk;
    Random detail;
    size_t whole = 0;
    restore(world);
    world->replaying = true;
    world->replay.used = 0;
    for (size_t at = 0, size; at < disk->used; at += size) {
        Record record;
        size = record_read(disk->bytes + at, disk->used - at, &record);
        if (size == 0) break;
        if (record.kind != RECORD_TURN) {
            turn_replay_keep(&world->replay, disk->bytes + at, size);
            continue;
        }
        play_turn(world);
        whole = at + size;
        if (world->starts_failed < STARTS_FAIL_MAX &&
            die_cast(world, FAULT_CRASH_STARTING, &detail)) {
            world->replaying = false;
            return false;
        }
    }
    world->replaying = false;
    disk->used = disk->flushed = disk->turn_end = whole;
    return true;
}
