/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/venue_pieces.h"

#include <stdlib.h>
#include <string.h>

#define BRACKETS 3 /* of the list around it, and the closing zero */

char *venue_pieces_open(VenuePieces *pieces) {
    venue_pieces_close(pieces);
    pieces->text = malloc(VENUE_PIECES_MAX); /* what is not written takes no memory */
    return pieces->text;
}

void venue_pieces_close(VenuePieces *pieces) {
    free(pieces->text);
    *pieces = (VenuePieces){0};
}

/* The next object with its braces; false: there is none. */
static bool take_object(JsonReader *reader, Slice *object) {
    if (json_next(reader) != JSON_OBJECT_BEGIN) return false;
    size_t begin = json_position(reader) - 1;
    if (!json_leave(reader)) return false;
    *object = (Slice){reader->begin + begin, json_position(reader) - begin};
    return true;
}

bool venue_pieces_begin(VenuePieces *pieces, size_t length, size_t capacity) {
    JsonReader reader = json_reader((Slice){pieces->text, length});
    Slice object;
    if (!json_valid((Slice){pieces->text, length})) return false;
    if (json_next(&reader) != JSON_ARRAY_BEGIN) return false;
    pieces->reader = reader;
    JsonReader ahead = reader;
    while (take_object(&reader, &object)) {
        if (object.length + BRACKETS > capacity) return false;
        ahead = reader;
    }
    return json_next(&ahead) == JSON_ARRAY_END;
}

bool venue_pieces_next(VenuePieces *pieces, char *target, size_t capacity) {
    size_t length = 0;
    bool more = false;
    JsonReader ahead = pieces->reader;
    Slice object;
    target[length++] = '[';
    while ((more = take_object(&ahead, &object))) {
        bool first = length == 1;
        if (length + !first + object.length + BRACKETS - 1 > capacity) break;
        if (!first) target[length++] = ',';
        memcpy(target + length, object.at, object.length);
        length += object.length;
        pieces->reader = ahead;
    }
    target[length++] = ']';
    target[length] = 0;
    return more;
}
