/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/plain_text.h"

#include "core/base/utf8.h"

#define NOTHING     UINT32_MAX /* the text is at its end */
#define REPLACEMENT 0xFFFDu
#define TAG_MAX     2048 /* code points: the longest tag with its attributes; longer is text */
#define ENTITY_MAX  10   /* characters of a name or number between & and ; */
#define MARKS_MAX   2    /* combining marks on one letter: what Vietnamese needs; more is a smear */

/* Three cursors, one on the other: code points, entities, tags. Each is a plain value, so that
 * looking ahead is a copy. */
typedef struct Cursor {
    const char *at, *end;
    bool json; /* escapes of JSON are resolved */
} Cursor;

/* ---- code points --------------------------------------------------------------------------- */

static uint32_t code_of(const char *at, int length) {
    static const uint8_t masks[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    uint32_t code = (uint8_t)at[0] & masks[length];
    for (int i = 1; i < length; i++)
        code = code << 6 | ((uint8_t)at[i] & 0x3F);
    return code;
}

static uint32_t next_code(Cursor *cursor) {
    if (cursor->at == cursor->end) return NOTHING;
    if (cursor->json && *cursor->at == '\\') return json_escape_code(&cursor->at, cursor->end);
    int length = utf8_step(cursor->at, cursor->end);
    uint32_t code = length > 0 ? code_of(cursor->at, length) : REPLACEMENT;
    cursor->at += length > 0 ? length : -length;
    return code;
}

/* ---- entities ------------------------------------------------------------------------------ */

typedef struct Entity {
    const char *name;
    uint32_t code;
} Entity;

/* Those that stand in headlines (HTML 5.3, 8.5 has 2,231). */
static const Entity entities[] = {
    {"amp", '&'},     {"apos", '\''},    {"bull", 0x2022},  {"cent", 0xA2},    {"copy", 0xA9},
    {"deg", 0xB0},    {"eacute", 0xE9},  {"euro", 0x20AC},  {"gt", '>'},       {"hellip", 0x2026},
    {"laquo", 0xAB},  {"ldquo", 0x201C}, {"lsquo", 0x2018}, {"lt", '<'},       {"mdash", 0x2014},
    {"middot", 0xB7}, {"nbsp", 0xA0},    {"ndash", 0x2013}, {"pound", 0xA3},   {"quot", '"'},
    {"raquo", 0xBB},  {"rdquo", 0x201D}, {"reg", 0xAE},     {"rsquo", 0x2019}, {"sbquo", 0x201A},
    {"shy", 0xAD},    {"trade", 0x2122}, {"yen", 0xA5},
};

/* 0x80 to 0x9F by number mean Windows-1252 (HTML 5.3, numeric character reference end state). */
static const uint16_t windows_1252[32] = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178,
};

static bool is_digit(uint32_t code, unsigned base) {
    return (code >= '0' && code <= '9') ||
           (base == 16 && ((code | 32) >= 'a' && (code | 32) <= 'f'));
}

static bool is_letter(uint32_t code) {
    return (code | 32) >= 'a' && (code | 32) <= 'z' && code < 128;
}

/* "#8217", "#x2019"; NOTHING when it is no number. */
static uint32_t numbered(Slice name) {
    unsigned base = name.length > 1 && (name.at[1] | 32) == 'x' ? 16 : 10;
    size_t from = base == 16 ? 2 : 1;
    uint32_t code = 0;
    if (name.length == from) return NOTHING;
    for (size_t i = from; i < name.length; i++) {
        uint32_t digit = (uint8_t)name.at[i];
        if (!is_digit(digit, base)) return NOTHING;
        code = code * base + (digit <= '9' ? digit - '0' : (digit | 32) - 'a' + 10);
        if (code > 0x10FFFF) code = 0x110000; /* stays out of range, and cannot wrap */
    }
    if (code >= 0x80 && code <= 0x9F) return windows_1252[code - 0x80];
    return code == 0 || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? REPLACEMENT : code;
}

static uint32_t named(Slice name) {
    for (size_t i = 0; i < sizeof entities / sizeof entities[0]; i++)
        if (slice_is(name, entities[i].name)) return entities[i].code;
    return NOTHING;
}

/* Behind a '&': what the entity stands for, and the cursor behind its ';'; or '&' itself. */
static uint32_t decode(Cursor *cursor) {
    char name[ENTITY_MAX];
    size_t length = 0;
    Cursor ahead = *cursor;
    uint32_t code = next_code(&ahead);
    for (; is_letter(code) || is_digit(code, 10) || code == '#'; code = next_code(&ahead)) {
        if (length == ENTITY_MAX) return '&';
        name[length++] = (char)code;
    }
    if (code != ';' || length == 0) return '&';
    code = name[0] == '#' ? numbered((Slice){name, length}) : named((Slice){name, length});
    if (code == NOTHING) return '&';
    *cursor = ahead;
    return code;
}

static uint32_t next_decoded(Cursor *cursor) {
    uint32_t code = next_code(cursor);
    return code == '&' ? decode(cursor) : code;
}

/* ---- tags ---------------------------------------------------------------------------------- */

static bool opens_tag(uint32_t code) {
    return is_letter(code) || code == '/' || code == '!' || code == '?';
}

/* Tags that stand inside words and sentences; any other one parts words. */
static bool is_inline(Slice name) {
    static const char *const names[] = {"a",     "b",    "em",     "font", "i",   "mark", "s",
                                        "small", "span", "strong", "sub",  "sup", "u"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (slice_is(name, names[i])) return true;
    return false;
}

/* Behind a '<': steps over a tag and returns what takes its place (0: nothing); NOTHING when no tag
 * stands here. */
static uint32_t pass_tag(Cursor *cursor) {
    char name[8];
    size_t length = 0;
    bool naming = true;
    Cursor ahead = *cursor;
    uint32_t code = next_decoded(&ahead);
    if (!opens_tag(code)) return NOTHING;
    for (unsigned i = 0; code != '>'; i++, code = next_decoded(&ahead)) {
        if (code == NOTHING || i == TAG_MAX) return NOTHING;
        if (i == 0 && code == '/') continue;
        naming &= is_letter(code) && length < sizeof name;
        if (naming) name[length++] = (char)(code | 32);
    }
    *cursor = ahead;
    return is_inline((Slice){name, length}) ? 0 : ' ';
}

/* ---- what may stand in plain text ---------------------------------------------------------- */

typedef struct Range {
    uint32_t first, last;
} Range;

static bool within(const Range *ranges, size_t count, uint32_t code) {
    size_t low = 0, high = count; /* ranges rise: the first that ends at or behind `code` */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (ranges[middle].last < code)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && ranges[low].first <= code;
}
#define WITHIN(ranges, code) within((ranges), sizeof(ranges) / sizeof(ranges)[0], (code))

/* White space of Unicode, and what looks like it. */
static const Range spaces[] = {{9, 13},          {32, 32},         {0x85, 0x85},
                               {0xA0, 0xA0},     {0x1680, 0x1680}, {0x2000, 0x200A},
                               {0x2028, 0x2029}, {0x202F, 0x202F}, {0x205F, 0x205F},
                               {0x2800, 0x2800}, {0x3000, 0x3000}};

/* Controls; format characters and others that Unicode calls ignorable by default
 * (DerivedCoreProperties, Default_Ignorable_Code_Point); private use; noncharacters. */
static const Range hidden[] = {{0, 31},
                               {0x7F, 0x9F},
                               {0xAD, 0xAD},
                               {0x34F, 0x34F},
                               {0x600, 0x605},
                               {0x61C, 0x61C},
                               {0x6DD, 0x6DD},
                               {0x70F, 0x70F},
                               {0x115F, 0x1160},
                               {0x17B4, 0x17B5},
                               {0x180B, 0x180F},
                               {0x200B, 0x200F},
                               {0x202A, 0x202E},
                               {0x2060, 0x206F},
                               {0x3164, 0x3164},
                               {0xD800, 0xF8FF},
                               {0xFDD0, 0xFDEF},
                               {0xFE00, 0xFE0F},
                               {0xFEFF, 0xFEFF},
                               {0xFFA0, 0xFFA0},
                               {0xFFF0, 0xFFFB},
                               {0xFFFE, 0xFFFF},
                               {0x110BD, 0x110BD},
                               {0x110CD, 0x110CD},
                               {0x13430, 0x1343F},
                               {0x1BCA0, 0x1BCA3},
                               {0x1D173, 0x1D17A},
                               {0x1FFFE, 0x1FFFF},
                               {0x2FFFE, 0x2FFFF},
                               {0x3FFFE, 0x3FFFF},
                               {0x4FFFE, 0x10FFFF}};

/* Marks that are drawn over and under the letter before them. */
static const Range combining[] = {{0x300, 0x36F},   {0x483, 0x489},   {0x1AB0, 0x1AFF},
                                  {0x1DC0, 0x1DFF}, {0x20D0, 0x20FF}, {0xFE20, 0xFE2F}};

typedef struct Plain {
    Text text;
    uint32_t last; /* code point written last, 0: none */
    unsigned marks;
    bool blank; /* a space is due before the next character */
} Plain;

static bool room_for(const Plain *plain, size_t bytes) {
    return plain->text.length + bytes < plain->text.capacity;
}

/* False: the text is full. */
static bool write(Plain *plain, uint32_t code) {
    char bytes[4];
    int length = utf8_put(code, bytes);
    /* What cleaning has put together must not open a tag. */
    bool apart = plain->blank || (plain->last == '<' && opens_tag(code));
    if (!room_for(plain, (size_t)length + apart)) return false;
    if (apart && plain->last) text_char(&plain->text, ' ');
    text_slice(&plain->text, (Slice){bytes, (size_t)length});
    plain->blank = false;
    plain->last = code;
    return true;
}

static bool put(Plain *plain, uint32_t code) {
    if (WITHIN(spaces, code)) {
        plain->blank = true;
        return true;
    }
    if (WITHIN(hidden, code) || (code == REPLACEMENT && plain->last == code && !plain->blank))
        return true;
    plain->marks = WITHIN(combining, code) ? plain->marks + 1 : 0;
    return plain->marks > MARKS_MAX || write(plain, code);
}

static size_t clean(Cursor cursor, char *target, size_t capacity) {
    Plain plain = {.text = text_in(target, capacity)};
    for (uint32_t code; (code = next_decoded(&cursor)) != NOTHING;) {
        uint32_t instead = code == '<' ? pass_tag(&cursor) : NOTHING;
        if (instead == ' ')
            plain.blank = true;
        else if (instead == NOTHING && !put(&plain, code))
            break;
    }
    text_end(&plain.text);
    return plain.text.length;
}

size_t plain_text_into(Slice foreign, char *target, size_t capacity) {
    CHECK(capacity > 0, "plain_text_into: no room for the closing zero");
    return clean((Cursor){foreign.at, foreign.at + foreign.length, false}, target, capacity);
}

size_t plain_text_of_json(const JsonReader *reader, char *target, size_t capacity) {
    CHECK(capacity > 0, "plain_text_of_json: no room for the closing zero");
    Slice raw = reader->slice;
    return clean((Cursor){raw.at, raw.at + raw.length, reader->escaped}, target, capacity);
}
