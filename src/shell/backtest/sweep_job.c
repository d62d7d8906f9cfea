/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/backtest/sweep_job.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/check.h"
#include "shell/backtest/sweep_file.h"
#include "shell/screen/paint.h"
#include "shell/sys/clock.h"
#include "shell/sys/files.h"

#define CHUNK       256 /* sets a thread takes at once: some hundred share the most columns */
#define THREADS_MAX 64

static bool no_memory(Error *error) {
    return error_set(error, ERROR_LIMIT, "out of memory", "sweep", NULL);
}

/* ---- what is swept --------------------------------------------------------------------------- */

static void hash_market(const MarketLoad *load, unsigned index, Text *text) {
    text_format(text, " %s %D %D", load->symbols[index].name.text,
                (int64_t)load->markets[index].first, (int64_t)load->markets[index].end);
    market_load_filters(load, index, text);
}

static void hash_sweep(const SweepJob *job, const MarketLoad *load,
                       char hex[static 2 * SHA256_SIZE + 1]) {
    char memory[16384];
    uint8_t digest[SHA256_SIZE];
    Text text = TEXT_IN(memory), out = text_in(hex, 2 * SHA256_SIZE + 1);
    const TrialJob *trial = &job->job;
    text_format(&text, "sweep-1 %s %s %d %D %D", trial->strategy->name, job->words,
                (int)job->space.kind, (int64_t)job->space.count, (int64_t)job->space.seed);
    text_format(&text, " %D %D %D %D ", trial->costs.fee_ppm, trial->costs.half_spread_ppm,
                trial->costs.slippage_ppm, trial->wish.resolve_us);
    text_double(&text, money_double(trial->balance));
    text_char(&text, ' ');
    text_double(&text, trial->size_limit);
    text_char(&text, ' ');
    text_double(&text, money_double(trial->smallest));
    text_format(&text, " %D", (int64_t)trial->positions_max);
    for (unsigned i = 0; i < strategy_parameter_count(trial->strategy); i++) {
        text_char(&text, ' ');
        text_double(&text, job->space.others[i]);
    }
    for (unsigned i = 0; i < load->count; i++)
        hash_market(load, i, &text);
    text_hex(&text, load->digest, SHA256_SIZE);
    CHECK(!text.overflow, "what is swept fits into its memory");
    sha256_of(text.at, text.length, digest);
    text_hex(&out, digest, SHA256_SIZE);
    text_end(&out);
}

static uint64_t bars_of(const MarketLoad *load) {
    uint64_t bars = 0;
    for (unsigned i = 0; i < load->count; i++)
        bars += load->markets[i].end - load->markets[i].first;
    return bars;
}

static void make_head(const SweepJob *job, const MarketLoad *load, SweepHead *head) {
    const Strategy *strategy = job->job.strategy;
    *head = (SweepHead){.sets = sweep_count(&job->space),
                        .bars = bars_of(load),
                        .shard = job->shard,
                        .shards = job->shards,
                        .length_us = load->markets[0].candles.length_us,
                        .symbol_count = load->count,
                        .parameter_count = strategy_parameter_count(strategy)};
    for (unsigned i = 0; i < load->count; i++)
        head->symbols[i] = load->symbols[i].name;
    hash_sweep(job, load, head->sweep);
    Text name = TEXT_IN(head->strategy);
    text_put(&name, strategy->name);
    text_end(&name);
    for (unsigned i = 0; i < head->parameter_count; i++) {
        Text parameter = TEXT_IN(head->names[i]);
        text_put(&parameter, strategy->parameters[i].name);
        text_end(&parameter);
    }
}

static void file_path(const SweepHead *head, const char *folder, char *path, size_t size) {
    Text text = text_in(path, size);
    text_format(&text, "%s/sweep-%s-%S", folder, head->strategy, (Slice){head->sweep, 12});
    if (head->shards > 1)
        text_format(&text, ".%D-of-%D", (int64_t)head->shard + 1, (int64_t)head->shards);
    text_put(&text, ".ndjson");
    text_end(&text);
}

/* ---- the work -------------------------------------------------------------------------------- */

typedef struct Worker {
    const SweepSpace *space;
    const TrialPlan *plan;
    SweepRange range;
    void *memory;
    size_t size;
    SweepRow rows[CHUNK];
    bool sound;
    Error error;
    pthread_t thread;
} Worker;

static bool room_for(Worker *worker) {
    size_t wanted = sweep_memory(worker->space, worker->plan, worker->range);
    if (wanted <= worker->size) return true;
    free(worker->memory);
    worker->memory = malloc(wanted);
    worker->size = worker->memory ? wanted : 0;
    return worker->memory || no_memory(&worker->error);
}

static void *work(void *context) {
    Worker *worker = context;
    worker->sound = room_for(worker) && sweep_run(worker->space, worker->plan, worker->range,
                                                  worker->memory, worker->rows, &worker->error);
    return NULL;
}

static void start(Worker *worker, bool alone) {
    bool apart = !alone && pthread_create(&worker->thread, NULL, work, worker) == 0;
    if (apart) return;
    worker->thread = pthread_self();
    work(worker);
}

static void finish(Worker *worker) {
    if (!pthread_equal(worker->thread, pthread_self())) pthread_join(worker->thread, NULL);
}

static void write_rows(const SweepHead *head, const Worker *worker, FILE *file) {
    for (uint32_t i = 0; i < worker->range.count; i++) {
        const SweepRow *row = &worker->rows[i];
        SweptRow said = {.index = row->index,
                         .fits = row->fits,
                         .return_pct = row->summary.return_pct,
                         .sharpe_ratio = row->summary.sharpe_ratio,
                         .max_drawdown_pct = row->summary.max_drawdown_pct,
                         .final_balance = money_double(row->result.final),
                         .fees = money_double(row->result.fees),
                         .trades = row->result.trades};
        memcpy(said.parameters, row->parameters, sizeof said.parameters);
        sweep_row_write(head, &said, file);
    }
}

typedef struct Pace {
    bool shown;
    int64_t began_us, said_us;
    uint64_t begin, end; /* of the rows that this start makes */
} Pace;

static void show_pace(Pace *pace, uint64_t at, uint64_t bars) {
    int64_t now_us = clock_monotonic_us();
    bool last = at >= pace->end;
    if (!pace->shown || (!last && now_us - pace->said_us < 200000)) return;
    char left[64];
    Text text = TEXT_IN(left);
    double seconds = (double)(now_us - pace->began_us) / 1e6;
    uint64_t done = at - pace->begin, all = pace->end - pace->begin;
    double rate = seconds > 0 ? (double)done / seconds : 0;
    number_duration(&text, rate > 0 ? (int64_t)((double)(all - done) / rate) : 0);
    fprintf(stderr, "\r%3.0f %%  %llu of %llu sets  %.1f M bars/s  %s left   %s",
            all ? 100.0 * (double)done / (double)all : 100.0, (unsigned long long)done,
            (unsigned long long)all, rate * (double)bars / 1e6, text_end(&text), last ? "\n" : "");
    pace->said_us = now_us;
}

/* What is still to be done, and where it goes. */
typedef struct Progress {
    uint64_t at, end;
    FILE *file;
} Progress;

/* A round: each worker a chunk, all written in order. */
static bool round_of(Worker *workers, const SweepJob *job, const SweepHead *head,
                     Progress *progress, Error *error) {
    unsigned used = 0;
    for (; used < job->threads && progress->at < progress->end; used++) {
        uint64_t left = progress->end - progress->at;
        Worker *worker = &workers[used];
        worker->range = (SweepRange){progress->at, (uint32_t)(left < CHUNK ? left : CHUNK)};
        progress->at += worker->range.count;
        start(worker, job->threads == 1 || progress->at >= progress->end);
    }
    bool sound = true;
    for (unsigned i = 0; i < used; i++) {
        finish(&workers[i]);
        if (sound && !workers[i].sound) *error = workers[i].error;
        sound = sound && workers[i].sound;
        if (sound) write_rows(head, &workers[i], progress->file);
    }
    /* A row that the disk refused while the buffer was emptied is told by the mark alone. */
    bool written = fflush(progress->file) == 0 && !ferror(progress->file);
    return sound && (written || files_refused(error, "write", "sweep"));
}

static bool run_rows(const SweepJob *job, const MarketLoad *load, const SweepHead *head,
                     uint64_t done, FILE *file, Error *error) {
    TrialPlan plan = trial_job_plan(&job->job, load);
    uint64_t end = sweep_shard_begin(head->sets, head->shard + 1, head->shards);
    uint64_t begin = sweep_shard_begin(head->sets, head->shard, head->shards);
    Progress progress = {begin + done, end, file};
    Pace pace = {job->progress, clock_monotonic_us(), 0, progress.at, end};
    Worker *workers = calloc(job->threads, sizeof workers[0]);
    bool sound = workers || no_memory(error);
    for (unsigned i = 0; sound && i < job->threads; i++) {
        workers[i].space = &job->space;
        workers[i].plan = &plan;
    }
    while (sound && progress.at < end) {
        sound = round_of(workers, job, head, &progress, error);
        show_pace(&pace, progress.at, head->bars);
    }
    if (sound) sweep_end_write(end - begin, file);
    for (unsigned i = 0; workers && i < job->threads; i++)
        free(workers[i].memory);
    free(workers);
    return sound;
}

/* ---- the file -------------------------------------------------------------------------------- */

static bool same_sweep(const SweepHead *a, const SweepHead *b) {
    return strcmp(a->sweep, b->sweep) == 0 && a->shard == b->shard && a->shards == b->shards &&
           a->sets == b->sets;
}

/* What an earlier start left; a file that is none of this sweep is refused. */
static bool look_back(const SweepHead *head, const char *path, SweepFile *before, Error *error) {
    *before = (SweepFile){.count = 0};
    if (!files_exist(path)) return true;
    if (!sweep_file_read(path, before, error)) return false;
    if (before->sound == 0) return true;
    if (same_sweep(head, &before->head)) return true;
    sweep_file_free(before);
    return error_set(error, ERROR_DATA, "another sweep stands here", path, "move it away");
}

static bool go_on(const SweepJob *job, const MarketLoad *load, const SweepHead *head,
                  const SweepFile *before, const char *path, Error *error) {
    FILE *file = fopen(path, before->sound ? "r+e" : "we");
    if (!file) return files_refused(error, "write", path);
    bool placed =
        ftruncate(fileno(file), before->sound) == 0 && fseek(file, before->sound, SEEK_SET) == 0;
    bool sound = placed || files_refused(error, "write", path);
    if (sound && before->sound == 0) sweep_head_write(head, file);
    sound = sound && run_rows(job, load, head, before->count, file, error);
    bool closed = fclose(file) == 0;
    return sound && (closed || files_refused(error, "write", path));
}

/* The rows of the file become the result's. */
static bool hand_over(const char *path, Swept *swept, Error *error) {
    SweepFile file;
    if (!sweep_file_read(path, &file, error)) return false;
    if (!file.ended) {
        sweep_file_free(&file);
        return error_set(error, ERROR_DATA, "this sweep did not end", path, "start it again");
    }
    Text name = TEXT_IN(swept->path), strategy = TEXT_IN(swept->strategy);
    text_put(&name, path);
    text_end(&name);
    text_put(&strategy, file.head.strategy);
    text_end(&strategy);
    memcpy(swept->sweep, file.head.sweep, sizeof swept->sweep);
    memcpy(swept->symbols, file.head.symbols, sizeof swept->symbols);
    swept->symbol_count = file.head.symbol_count;
    swept->parameter_count = file.head.parameter_count;
    swept->length_us = file.head.length_us;
    swept->rows = file.rows;
    swept->count = file.count;
    swept->bars = file.head.bars;
    return true;
}

static bool run_loaded(const SweepJob *job, const MarketLoad *load, Swept *swept, Error *error) {
    char path[700];
    SweepHead head;
    SweepFile before;
    make_head(job, load, &head);
    if (head.sets == 0)
        return error_set(error, ERROR_USAGE, "no set of parameters to try", "grid",
                         "as in --grid fast=5:50:5,slow=60:200:20");
    if (!files_make_directory(job->folder, error)) return false;
    file_path(&head, job->folder, path, sizeof path);
    if (!look_back(&head, path, &before, error)) return false;
    int64_t began_us = clock_monotonic_us();
    bool sound = before.ended || go_on(job, load, &head, &before, path, error);
    swept->seconds = (double)(clock_monotonic_us() - began_us) / 1e6;
    swept->resumed = before.count;
    sweep_file_free(&before);
    return sound && hand_over(path, swept, error);
}

bool sweep_job_run(const SweepJob *job, Swept *swept, Error *error) {
    CHECK(job->threads > 0 && job->threads <= THREADS_MAX, "a sweep has workers");
    *swept = (Swept){.count = 0};
    MarketLoad *load = calloc(1, sizeof *load);
    if (!load) return no_memory(error);
    bool sound =
        market_load_open(load, &job->job.wish, error) && run_loaded(job, load, swept, error);
    market_load_close(load);
    free(load);
    return sound;
}

void swept_free(Swept *swept) {
    free(swept->rows);
    swept->rows = NULL;
}

/* ---- shards into one ------------------------------------------------------------------------- */

static bool refuse_merge(Error *error, const char *what, const char *path) {
    return error_set(error, ERROR_DATA, what, path, "give every shard of one sweep once");
}

static bool read_shards(const char *const *paths, unsigned count, SweepFile *files,
                        const SweepFile **ordered, Error *error) {
    for (unsigned i = 0; i < count; i++) {
        if (!sweep_file_read(paths[i], &files[i], error)) return false;
        const SweepHead *head = &files[i].head;
        if (!files[i].ended) return refuse_merge(error, "this shard did not end", paths[i]);
        if (strcmp(head->sweep, files[0].head.sweep) != 0 || head->shards != count)
            return refuse_merge(
                error, head->shards == count ? "another sweep" : "shards are missing", paths[i]);
        if (ordered[head->shard]) return refuse_merge(error, "a shard is there twice", paths[i]);
        ordered[head->shard] = &files[i];
    }
    return true;
}

static bool write_merged(const SweepFile *const *ordered, unsigned count, const char *folder,
                         char *path, size_t size, Error *error) {
    SweepHead head = ordered[0]->head;
    char *bytes = NULL;
    size_t length = 0;
    head.shard = 0;
    head.shards = 1;
    file_path(&head, folder, path, size);
    FILE *file = open_memstream(&bytes, &length);
    if (!file) return no_memory(error);
    sweep_head_write(&head, file);
    for (unsigned i = 0; i < count; i++)
        for (uint64_t row = 0; row < ordered[i]->count; row++)
            sweep_row_write(&head, &ordered[i]->rows[row], file);
    sweep_end_write(head.sets, file);
    bool whole = fclose(file) == 0;
    bool sound =
        whole ? files_make_directory(folder, error) && files_write(path, bytes, length, 0644, error)
              : no_memory(error);
    free(bytes);
    return sound;
}

bool sweep_merge(const char *const *paths, unsigned count, const char *folder, Swept *swept,
                 Error *error) {
    char path[700];
    SweepFile *files = calloc(count, sizeof files[0]);
    const SweepFile **ordered = calloc(count, sizeof ordered[0]);
    *swept = (Swept){.count = 0};
    bool sound =
        files && ordered ? read_shards(paths, count, files, ordered, error) : no_memory(error);
    sound = sound && write_merged(ordered, count, folder, path, sizeof path, error) &&
            hand_over(path, swept, error);
    for (unsigned i = 0; files && i < count; i++)
        sweep_file_free(&files[i]);
    free(files);
    free(ordered);
    return sound;
}
