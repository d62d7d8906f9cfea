/* SPDX-License-Identifier: Apache-2.0 */
#include "core/num/columns.h"

#include "core/num/columns_near.h"

/* ---- windows ------------------------------------------------------------------------------- */

/* The window's values become those. */
static void window_refill(Window *window, const double *values) {
    memcpy(window->values, values, window->length * sizeof(double));
    memcpy(window->values + window->length, values, window->length * sizeof(double));
    window->next = 0;
}

double *columns_line_place(size_t before, double room[static COLUMNS_ROOM]) {
    size_t pad = (COLUMNS_ALIGN - before % COLUMNS_ALIGN) % COLUMNS_ALIGN;
    memset(room, 0, pad * sizeof(double));
    return room + pad;
}

double *columns_line_open(const Window *window, double room[static COLUMNS_ROOM]) {
    size_t before = window->length - 1;
    double *line = columns_line_place(before, room);
    memcpy(line, window_all(window) + 1, before * sizeof(double));
    return line;
}

void columns_line_close(Window *window, double *line, size_t count) {
    memset(line + window->length - 1 + count, 0, COLUMNS_ALIGN * sizeof(double));
    window_refill(window, line + count - 1);
}

const double *columns_line(Window *window, const ColumnsPart *part,
                           double room[static COLUMNS_ROOM]) {
    size_t before = window->length - 1, count = part->count;
    if (!columns_reaches(part, before)) {
        double *line = columns_line_open(window, room);
        memcpy(line + before, part->values, count * sizeof(double));
        columns_line_close(window, line, count);
        return line;
    }
    if (columns_keeps(part, before)) window_refill(window, part->values + count - window->length);
    if (columns_ends_well(part)) return part->values - before;
    double *line = columns_line_place(before, room);
    memcpy(line, part->values - before, (before + count) * sizeof(double));
    memset(line + before + count, 0, COLUMNS_ALIGN * sizeof(double));
    return line;
}

/* ---- past the caches ----------------------------------------------------------------------- */

#define CACHE_LINE 64 /* bytes; a whole one at a time goes out without being read first */

void columns_stream(double *target, const double *values, size_t count) {
    size_t head = (CACHE_LINE - (uintptr_t)target % CACHE_LINE) % CACHE_LINE / sizeof(double);
    size_t at = head < count ? head : count;
    memcpy(target, values, at * sizeof(double));
    for (; at + COLUMNS_ALIGN <= count; at += COLUMNS_ALIGN)
        for (size_t part = at; part < at + COLUMNS_ALIGN; part += NEAR_LANES)
            near_stream(target + part, near_load(values + part));
    memcpy(target + at, values + at, (count - at) * sizeof(double));
}

void columns_settle(void) {
    near_settle();
}
