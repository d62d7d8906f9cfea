/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of a CandleFile, shared by what cuts its text into lines (candle_file.c) and into the
 * arrays of JSON (candle_file_json.c). Unread bytes stand in the buffer from `begin` to `end`; a
 * piece that is given out stays there until the next is asked for. The CandleFile owns all of it.
 */
#ifndef SHELL_STORE_CANDLE_FILE_PARTS_H
#define SHELL_STORE_CANDLE_FILE_PARTS_H

#include "shell/store/candle_file.h"
#include "shell/store/packed_file.h"

#define CANDLE_READ_SIZE 65536u /* a read of this size costs far less than the inflating of it */
#define CANDLE_LINE_MAX  4096u  /* 64 columns of 32 characters take 2 KiB */

typedef enum JsonShape { JSON_SHAPE_NONE, JSON_SHAPE_ARRAY, JSON_SHAPE_LINES } JsonShape;

struct CandleFile {
    char *path;
    PackedFile *packed;
    CandleColumns columns;
    int64_t last_us;               /* time of the last bar given out */
    uint64_t last_line;            /* its line */
    uint64_t line_number;          /* of `line`; in a JSON array its row, from 1 */
    uint64_t text_line;            /* JSON: the line on which the reader stands */
    Slice line;                    /* in `buffer` or `written`, until the next read */
    bool held;                     /* `line` is a row that was read ahead (a file without header) */
    bool ended;                    /* the source has no more bytes */
    bool closed;                   /* JSON: the outer array has ended */
    JsonShape shape;               /* NONE: lines of text */
    size_t begin, end;             /* unread bytes of the buffer */
    char written[CANDLE_LINE_MAX]; /* JSON: the row as a line */
    char buffer[CANDLE_READ_SIZE + CANDLE_LINE_MAX];
};

/* Moves the rest to the front and fills up. False when reading failed. */
bool candle_file_fill(CandleFile *file, Error *error);
/* Is it JSON, and of which shape? Text of another encoding is refused. Reads the first bytes only.
 */
bool candle_file_look(CandleFile *file, Error *error);
/* The next row of a JSON file, as a line in `line`. */
CandleAnswer candle_file_json(CandleFile *file, Error *error);
/* Turns "line 17, column 3" of an error into "row 17 (line 1), column 3" where the file is a JSON
 * array, and puts the file's name before it. */
CandleAnswer candle_file_refuse(const CandleFile *file, Error *error);

#endif
