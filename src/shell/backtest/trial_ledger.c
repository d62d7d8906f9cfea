/* SPDX-License-Identifier: Apache-2.0 */
/* Two copies of one chain of blocks; the entries in memory, sorted, for counting. */
#include "shell/backtest/trial_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/trial/sharpe_test.h"
#include "shell/sys/clock.h"
#include "shell/sys/files.h"

#define PATH_BYTES   700
#define BLOCK_MAGIC  0x4b4c4254u            /* "TBLK" */
#define LEDGER_BYTES (4ull << 30)           /* 100 million trials: more cannot be meant */
#define YEAR_US      (365 * INSTANT_DAY_US) /* crypto has no days off */

typedef enum BlockKind { BLOCK_TRIALS, BLOCK_LOSS } BlockKind;

/* As it stands in the file, little-endian; behind it `count` entries, and the digest of all that.
 */
typedef struct BlockHead {
    uint32_t magic, kind;
    uint64_t count;
    int64_t time_us;
    uint8_t symbol[TRIAL_DIGEST_SIZE];
    uint8_t before[SHA256_SIZE];
} BlockHead;
_Static_assert(sizeof(BlockHead) == 72 && sizeof(TrialEntry) == 24, "the file's format");

typedef struct Known {
    uint8_t symbol[TRIAL_DIGEST_SIZE];
    TrialEntry entry;
} Known;

/* What was lost of a symbol: it had at least so many. */
typedef struct Loss {
    uint8_t symbol[TRIAL_DIGEST_SIZE];
    int64_t trials;
} Loss;

struct TrialLedger {
    char path[2][PATH_BYTES];
    int lock; /* on PATH.lock */
    uint64_t blocks, block_room;
    uint8_t (*heads)[SHA256_SIZE]; /* of each block */
    Known *known;                  /* sorted by symbol and trial */
    size_t known_count, known_room;
    Loss *losses;
    size_t loss_count, loss_room;
    bool lost;
    char *bytes; /* while reading: the sound part of the longer copy */
    size_t length;
};

/* ---- names --------------------------------------------------------------------------------- */

void trial_ledger_name(const char *strategy, const double *parameters, unsigned count,
                       int64_t length_us, uint8_t trial[static TRIAL_DIGEST_SIZE]) {
    uint8_t digest[SHA256_SIZE];
    Sha256 sha;
    sha256_init(&sha);
    sha256_add(&sha, strategy, strlen(strategy) + 1);
    for (unsigned index = 0; index < count; index++) {
        double value = parameters[index] + 0.0; /* minus zero is zero */
        sha256_add(&sha, &value, sizeof value);
    }
    sha256_add(&sha, &length_us, sizeof length_us);
    sha256_peek(&sha, digest);
    memcpy(trial, digest, TRIAL_DIGEST_SIZE);
}

static void name_symbol(const SymbolName *symbol, uint8_t target[static TRIAL_DIGEST_SIZE]) {
    uint8_t digest[SHA256_SIZE];
    sha256_of(symbol->text, strnlen(symbol->text, sizeof symbol->text), digest);
    memcpy(target, digest, TRIAL_DIGEST_SIZE);
}

/* ---- in memory ----------------------------------------------------------------------------- */

static bool no_memory(Error *error) {
    return error_set(error, ERROR_FAILURE, "not enough memory for the ledger of trials",
                     "trials.ledger", NULL);
}

/* Room for `wanted` things; false without memory. */
static bool make_room(void **things, size_t *room, size_t wanted, size_t size) {
    if (wanted <= *room) return true;
    size_t larger = wanted + wanted / 2 + 16;
    void *moved = realloc(*things, larger * size);
    if (!moved) return false;
    *things = moved;
    *room = larger;
    return true;
}

static int by_name(const void *left, const void *right) {
    const Known *one = left, *other = right;
    int order = memcmp(one->symbol, other->symbol, TRIAL_DIGEST_SIZE);
    return order ? order : memcmp(one->entry.trial, other->entry.trial, TRIAL_DIGEST_SIZE);
}

/* A trial whose ratio was not known is news once it is. */
static bool knows(const TrialLedger *ledger, const Known *known) {
    if (ledger->known_count == 0) return false;
    const Known *found = bsearch(known, ledger->known, ledger->known_count, sizeof *known, by_name);
    return found && (isfinite(found->entry.ratio) || !isfinite(known->entry.ratio));
}

/* Appends without order; `settle` puts them in order and drops what stands there twice. */
static bool learn(TrialLedger *ledger, const uint8_t *symbol, const TrialEntry *entries,
                  size_t count) {
    void *things = ledger->known;
    bool room = make_room(&things, &ledger->known_room, ledger->known_count + count, sizeof(Known));
    ledger->known = things;
    if (!room) return false;
    for (size_t index = 0; index < count; index++) {
        Known *known = &ledger->known[ledger->known_count++];
        memcpy(known->symbol, symbol, TRIAL_DIGEST_SIZE);
        known->entry = entries[index];
    }
    return true;
}

static void settle(TrialLedger *ledger) {
    if (ledger->known_count == 0) return;
    qsort(ledger->known, ledger->known_count, sizeof(Known), by_name);
    size_t kept = 1;
    for (size_t index = 1; index < ledger->known_count; index++) {
        Known *last = &ledger->known[kept - 1];
        if (by_name(&ledger->known[index], last) != 0)
            ledger->known[kept++] = ledger->known[index];
        else if (!isfinite(last->entry.ratio))
            *last = ledger->known[index];
    }
    ledger->known_count = kept;
}

static bool learn_block(TrialLedger *ledger, const BlockHead *head, const TrialEntry *entries,
                        const uint8_t digest[static SHA256_SIZE]) {
    void *heads = ledger->heads, *losses = ledger->losses;
    size_t room = ledger->block_room;
    bool sound = make_room(&heads, &room, ledger->blocks + 1, SHA256_SIZE);
    ledger->heads = heads;
    ledger->block_room = room;
    if (!sound) return false;
    memcpy(ledger->heads[ledger->blocks++], digest, SHA256_SIZE);
    if (head->kind == BLOCK_TRIALS)
        return learn(ledger, head->symbol, entries, (size_t)head->count);
    sound = make_room(&losses, &ledger->loss_room, ledger->loss_count + 1, sizeof(Loss));
    ledger->losses = losses;
    if (!sound) return false;
    Loss *loss = &ledger->losses[ledger->loss_count++];
    memcpy(loss->symbol, head->symbol, TRIAL_DIGEST_SIZE);
    loss->trials = head->count ? (int64_t)entries[0].ratio : 0;
    ledger->lost = true;
    return true;
}

static void forget(TrialLedger *ledger) {
    ledger->blocks = 0;
    ledger->known_count = ledger->loss_count = 0;
    ledger->lost = false;
}

/* ---- the chain ----------------------------------------------------------------------------- */

static const uint8_t *last_head(const TrialLedger *ledger) {
    static const uint8_t none[SHA256_SIZE] = {0};
    return ledger->blocks ? ledger->heads[ledger->blocks - 1] : none;
}

/* Length of the block at `at` if it is sound and follows `before`, else 0. */
static size_t sound_block(const char *at, size_t left, const uint8_t *before, BlockHead *head,
                          uint8_t digest[static SHA256_SIZE]) {
    if (left < sizeof *head + SHA256_SIZE) return 0;
    memcpy(head, at, sizeof *head);
    if (head->magic != BLOCK_MAGIC || head->kind > BLOCK_LOSS) return 0;
    if (head->count > (left - sizeof *head - SHA256_SIZE) / sizeof(TrialEntry)) return 0;
    size_t body = sizeof *head + (size_t)head->count * sizeof(TrialEntry);
    sha256_of(at, body, digest);
    bool follows = memcmp(head->before, before, SHA256_SIZE) == 0;
    return follows && memcmp(digest, at + body, SHA256_SIZE) == 0 ? body + SHA256_SIZE : 0;
}

/* Bytes of the sound chain at the front of a copy. */
static size_t sound_length(const char *bytes, size_t length) {
    uint8_t before[SHA256_SIZE] = {0}, digest[SHA256_SIZE];
    size_t at = 0;
    BlockHead head;
    for (size_t block; (block = sound_block(bytes + at, length - at, before, &head, digest));) {
        memcpy(before, digest, SHA256_SIZE);
        at += block;
    }
    return at;
}

/* Learns the chain anew from its bytes, which are sound. */
static bool learn_all(TrialLedger *ledger, const char *bytes, size_t length) {
    forget(ledger);
    BlockHead head;
    uint8_t digest[SHA256_SIZE];
    for (size_t at = 0; at < length;) {
        size_t block = sound_block(bytes + at, length - at, last_head(ledger), &head, digest);
        const char *body = bytes + at + sizeof head;
        size_t size = (size_t)head.count * sizeof(TrialEntry);
        TrialEntry *entries = malloc(size ? size : 1); /* aligned, which the file is not */
        if (!entries) return false;
        memcpy(entries, body, size);
        bool sound = learn_block(ledger, &head, entries, digest);
        free(entries);
        if (!sound) return false;
        at += block;
    }
    settle(ledger);
    return true;
}

/* ---- two copies ---------------------------------------------------------------------------- */

typedef struct Copy {
    char *bytes; /* NULL: absent, or it cannot be read */
    size_t length, sound;
} Copy;

static bool read_copy(const char *path, Copy *copy, Error *error) {
    *copy = (Copy){.bytes = NULL};
    if (!files_exist(path)) return true;
    if (!files_read(path, LEDGER_BYTES, &copy->bytes, &copy->length, error)) return false;
    copy->sound = sound_length(copy->bytes, copy->length);
    return true;
}

/* Damage inside a copy is kept for whoever wants to look, once, beside it. */
static void keep_damaged(const char *path, const Copy *copy) {
    char aside[PATH_BYTES + 16];
    Error ignored; /* the copy that is put aside is of no use to us */
    snprintf(aside, sizeof aside, "%s.damaged", path);
    if (!files_write(aside, copy->bytes, copy->length, 0600, &ignored)) return;
}

/* Whether one chain is the beginning of the other. */
static bool agree(const Copy *one, const Copy *other) {
    size_t shorter = one->sound < other->sound ? one->sound : other->sound;
    return shorter == 0 || memcmp(one->bytes, other->bytes, shorter) == 0;
}

/* Writes the longer chain to both copies where they differ from it. */
static bool mend(TrialLedger *ledger, const Copy copies[static 2], unsigned longer, char *notice,
                 Error *error) {
    size_t length = copies[longer].sound;
    for (unsigned index = 0; index < 2; index++) {
        bool same = copies[index].sound == length && copies[index].length == length;
        if (same && agree(&copies[index], &copies[longer])) continue;
        if (copies[index].bytes && copies[index].length > copies[index].sound)
            keep_damaged(ledger->path[index], &copies[index]);
        snprintf(notice, 200, "the ledger of trials was mended from its %s",
                 longer == index ? "sound part"
                 : longer        ? "copy"
                                 : "original");
        if (!files_write(ledger->path[index], length ? copies[longer].bytes : "", length, 0600,
                         error))
            return false;
    }
    return true;
}

static bool append_block(TrialLedger *ledger, BlockKind kind, const uint8_t *symbol,
                         const TrialEntry *entries, size_t count, Error *error);

/* Two sound chains that differ: somebody wrote one of them anew. */
static bool note_difference(TrialLedger *ledger, bool differ, char *notice, Error *error) {
    static const uint8_t everything[TRIAL_DIGEST_SIZE] = {0};
    if (!differ) return true;
    snprintf(notice, 200, "the two copies of the ledger of trials differ: numbers are at least");
    return append_block(ledger, BLOCK_LOSS, everything, NULL, 0, error);
}

/* More than a torn tail is gone: both copies have bytes behind their sound part. */
static bool is_cut(const Copy copies[static 2]) {
    return copies[0].bytes && copies[1].bytes && copies[0].length > copies[0].sound &&
           copies[1].length > copies[1].sound;
}

static bool load(TrialLedger *ledger, char *notice, Error *error) {
    Copy copies[2] = {{NULL, 0, 0}, {NULL, 0, 0}};
    bool sound = read_copy(ledger->path[0], &copies[0], error) &&
                 read_copy(ledger->path[1], &copies[1], error);
    unsigned longer = copies[1].sound > copies[0].sound;
    bool differ = sound && (!agree(&copies[0], &copies[1]) || is_cut(copies));
    if (sound && !learn_all(ledger, copies[longer].bytes, copies[longer].sound))
        sound = no_memory(error);
    sound = sound && mend(ledger, copies, longer, notice, error);
    ledger->length = copies[longer].sound;
    free(copies[0].bytes);
    free(copies[1].bytes);
    return sound && note_difference(ledger, differ, notice, error);
}

/* ---- open and close ------------------------------------------------------------------------ */

static bool take_lock(TrialLedger *ledger, Error *error) {
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%.680s.lock", ledger->path[0]);
    ledger->lock = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    if (ledger->lock < 0) return files_refused(error, "open", path);
    while (flock(ledger->lock, LOCK_EX) != 0)
        if (errno != EINTR) return files_refused(error, "lock", path);
    return true;
}

TrialLedger *trial_ledger_open(const char *path, char notice[static 200], Error *error) {
    TrialLedger *ledger = calloc(1, sizeof *ledger);
    notice[0] = 0;
    if (!ledger) {
        (void)no_memory(error);
        return NULL;
    }
    ledger->lock = -1;
    snprintf(ledger->path[0], PATH_BYTES, "%.680s", path);
    snprintf(ledger->path[1], PATH_BYTES, "%.680s.copy", path);
    if (take_lock(ledger, error) && load(ledger, notice, error)) return ledger;
    trial_ledger_close(ledger);
    return NULL;
}

void trial_ledger_close(TrialLedger *ledger) {
    if (!ledger) return;
    if (ledger->lock >= 0) close(ledger->lock);
    free(ledger->heads);
    free(ledger->known);
    free(ledger->losses);
    free(ledger);
}

/* ---- appending ----------------------------------------------------------------------------- */

static bool append_file(const char *path, size_t at, const char *bytes, size_t length,
                        Error *error) {
    int file = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    if (file < 0) return files_refused(error, "open", path);
    size_t done = 0;
    while (done < length) {
        ssize_t wrote = pwrite(file, bytes + done, length - done, (off_t)(at + done));
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) break;
        done += (size_t)wrote;
    }
    bool sound = done == length && fsync(file) == 0;
    if (!sound) (void)files_refused(error, "write", path);
    close(file);
    if (at == 0) files_flush_directory_of(path);
    return sound;
}

static bool append_block(TrialLedger *ledger, BlockKind kind, const uint8_t *symbol,
                         const TrialEntry *entries, size_t count, Error *error) {
    BlockHead head = {.magic = BLOCK_MAGIC, .kind = kind, .count = count};
    head.time_us = clock_wall_us();
    memcpy(head.symbol, symbol, TRIAL_DIGEST_SIZE);
    memcpy(head.before, last_head(ledger), SHA256_SIZE);
    size_t body = sizeof head + count * sizeof *entries;
    char *bytes = malloc(body + SHA256_SIZE);
    if (!bytes) return no_memory(error);
    uint8_t digest[SHA256_SIZE];
    memcpy(bytes, &head, sizeof head);
    if (count) memcpy(bytes + sizeof head, entries, count * sizeof *entries);
    sha256_of(bytes, body, digest);
    memcpy(bytes + body, digest, SHA256_SIZE);
    bool sound = true;
    for (unsigned index = 0; index < 2 && sound; index++)
        sound = append_file(ledger->path[index], ledger->length, bytes, body + SHA256_SIZE, error);
    free(bytes);
    if (!sound) return false;
    ledger->length += body + SHA256_SIZE;
    return learn_block(ledger, &head, entries, digest) || no_memory(error);
}

/* Of one symbol, what it does not know yet. */
static bool add_to(TrialLedger *ledger, const SymbolName *symbol, const TrialEntry *entries,
                   size_t count, TrialEntry *fresh, Error *error) {
    Known known;
    size_t added = 0;
    name_symbol(symbol, known.symbol);
    for (size_t index = 0; index < count; index++) {
        known.entry = entries[index];
        if (!knows(ledger, &known)) fresh[added++] = entries[index];
    }
    if (added == 0) return true;
    bool sound = append_block(ledger, BLOCK_TRIALS, known.symbol, fresh, added, error);
    settle(ledger);
    return sound;
}

bool trial_ledger_add(TrialLedger *ledger, const SymbolName *symbols, unsigned symbol_count,
                      const TrialEntry *entries, size_t count, Error *error) {
    TrialEntry *fresh = malloc(count ? count * sizeof *fresh : 1);
    if (!fresh) return no_memory(error);
    bool sound = true;
    for (unsigned index = 0; index < symbol_count && sound; index++)
        sound = add_to(ledger, &symbols[index], entries, count, fresh, error);
    free(fresh);
    return sound;
}

/* ---- counting ------------------------------------------------------------------------------ */

/* Where the symbol's entries begin. */
static size_t first_of(const TrialLedger *ledger, const uint8_t *symbol) {
    size_t low = 0, high = ledger->known_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(ledger->known[middle].symbol, symbol, TRIAL_DIGEST_SIZE) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of the symbol's ratios, those that there are (Welford 1962). */
static TrialCount count_symbol(const TrialLedger *ledger, const uint8_t *symbol) {
    TrialCount count = {.complete = !ledger->lost, .deviation = (double)NAN};
    double mean = 0, squares = 0, seen = 0;
    for (size_t at = first_of(ledger, symbol); at < ledger->known_count; at++) {
        const Known *known = &ledger->known[at];
        if (memcmp(known->symbol, symbol, TRIAL_DIGEST_SIZE) != 0) break;
        count.trials++;
        if (!isfinite(known->entry.ratio)) continue;
        double off = known->entry.ratio - mean;
        mean += off / ++seen;
        squares += off * (known->entry.ratio - mean);
    }
    if (seen > 1) count.deviation = sqrt(squares / (seen - 1));
    for (size_t index = 0; index < ledger->loss_count; index++) {
        const Loss *loss = &ledger->losses[index];
        bool own = memcmp(loss->symbol, symbol, TRIAL_DIGEST_SIZE) == 0;
        if (own && loss->trials > count.trials) count.trials = loss->trials;
    }
    return count;
}

TrialCount trial_ledger_count(const TrialLedger *ledger, const SymbolName *symbols,
                              unsigned symbol_count) {
    TrialCount most = {.complete = !ledger->lost, .deviation = (double)NAN};
    for (unsigned index = 0; index < symbol_count; index++) {
        uint8_t symbol[TRIAL_DIGEST_SIZE];
        name_symbol(&symbols[index], symbol);
        TrialCount count = count_symbol(ledger, symbol);
        if (count.trials > most.trials) most = count;
    }
    return most;
}

TrialMark trial_ledger_mark(const TrialLedger *ledger) {
    TrialMark mark = {.blocks = ledger->blocks};
    memcpy(mark.head, last_head(ledger), SHA256_SIZE);
    return mark;
}

bool trial_ledger_witness(TrialLedger *ledger, const TrialMark *mark, const SymbolName *symbols,
                          unsigned symbol_count, int64_t trials, Error *error) {
    if (mark->blocks == 0) return true;
    bool there = mark->blocks <= ledger->blocks &&
                 memcmp(ledger->heads[mark->blocks - 1], mark->head, SHA256_SIZE) == 0;
    for (unsigned index = 0; index < symbol_count && !there; index++) {
        uint8_t symbol[TRIAL_DIGEST_SIZE];
        name_symbol(&symbols[index], symbol);
        TrialCount known = count_symbol(ledger, symbol);
        if (!known.complete && known.trials >= trials) continue; /* it is written down already */
        TrialEntry entry = {.ratio = (double)trials};
        if (!append_block(ledger, BLOCK_LOSS, symbol, &entry, 1, error)) return false;
    }
    return true;
}

double trial_ledger_p(const TrialCount *count, double ratio, double skewness, double kurtosis,
                      size_t steps, int64_t length_us) {
    SharpeSample sample = {ratio, skewness, kurtosis, (double)steps};
    double a_year = sqrt((double)YEAR_US / (double)length_us);
    return 1 - sharpe_deflated(&sample, count->deviation / a_year, (double)count->trials);
}
