/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/feed_items.h"

#include <curl/curl.h>
#include <expat.h>
#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/instant.h"
#include "core/base/json.h"

#define TITLE_BYTES   600 /* a headline is a line; the core cleans and cuts further */
#define LINK_BYTES    500
#define SUMMARY_BYTES 1000
#define DEPTH_MAX     64 /* a feed's items stand at depth 3 */

typedef struct FeedItem {
    char title[TITLE_BYTES], link[LINK_BYTES], guid[LINK_BYTES], summary[SUMMARY_BYTES];
    int64_t published_us; /* 0: not dated */
    unsigned order;       /* in the feed */
} FeedItem;

typedef enum FeedField {
    FIELD_NONE,
    FIELD_TITLE,
    FIELD_LINK,
    FIELD_GUID,
    FIELD_SUMMARY,
    FIELD_DATE
} FeedField;

typedef struct FeedReading {
    XML_Parser parser;
    FeedItem *items;
    unsigned count;
    unsigned depth, item_depth, field_depth; /* 0: not within one */
    FeedField field;
    bool at_link; /* Atom: the link of the item itself has been seen */
    char date[64];
    Text text; /* of the field at hand */
} FeedReading;

/* ---- dates --------------------------------------------------------------------------------- */

/* RFC 822 as RSS has it, ISO 8601 as Atom has it. */
static int64_t read_date(const char *words) {
    int64_t time_us;
    Slice text = slice_trim(slice_of(words));
    if (instant_parse(text, &time_us)) return time_us;
    time_t at = curl_getdate(words, NULL);
    return at > 0 ? (int64_t)at * INSTANT_SECOND_US : 0;
}

/* ---- elements ------------------------------------------------------------------------------ */

/* Without its namespace's prefix ("media:title" is no title of the item, so those count as other
 * names, except the dates and contents that feeds give by prefix alone). */
static FeedField field_of(const char *name) {
    static const struct {
        const char *name;
        FeedField field;
    } names[] = {{"title", FIELD_TITLE},         {"link", FIELD_LINK},
                 {"guid", FIELD_GUID},           {"id", FIELD_GUID},
                 {"description", FIELD_SUMMARY}, {"summary", FIELD_SUMMARY},
                 {"pubDate", FIELD_DATE},        {"published", FIELD_DATE},
                 {"updated", FIELD_DATE},        {"dc:date", FIELD_DATE}};
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i].name) == 0) return names[i].field;
    return FIELD_NONE;
}

static Text text_of(FeedReading *reading, FeedField field) {
    FeedItem *item = &reading->items[reading->count];
    switch (field) {
    case FIELD_TITLE:
        return TEXT_IN(item->title);
    case FIELD_LINK:
        return TEXT_IN(item->link);
    case FIELD_GUID:
        return TEXT_IN(item->guid);
    case FIELD_SUMMARY:
        return TEXT_IN(item->summary);
    default:
        return TEXT_IN(reading->date);
    }
}

/* The first of several counts: where a Text begins, what stood there is gone. */
static bool is_filled(const FeedReading *reading, FeedField field) {
    const FeedItem *item = &reading->items[reading->count];
    return (field == FIELD_TITLE && item->title[0]) || (field == FIELD_LINK && item->link[0]) ||
           (field == FIELD_GUID && item->guid[0]) || (field == FIELD_SUMMARY && item->summary[0]);
}

/* Atom: <link rel="alternate" href="..."/>. */
static void take_href(FeedReading *reading, const char **attributes) {
    const char *href = NULL, *relation = "alternate";
    for (; attributes[0]; attributes += 2) {
        if (strcmp(attributes[0], "href") == 0) href = attributes[1];
        if (strcmp(attributes[0], "rel") == 0) relation = attributes[1];
    }
    FeedItem *item = &reading->items[reading->count];
    if (!href || item->link[0] || strcmp(relation, "alternate") != 0) return;
    Text text = TEXT_IN(item->link);
    text_put(&text, href);
    text_end(&text);
}

static void begin_item(FeedReading *reading) {
    reading->item_depth = reading->depth;
    reading->items[reading->count] = (FeedItem){.order = reading->count};
}

static void XMLCALL begin_element(void *context, const char *name, const char **attributes) {
    FeedReading *reading = context;
    if (++reading->depth > DEPTH_MAX || reading->count == FEED_ITEMS_MAX) {
        XML_StopParser(reading->parser, XML_FALSE);
        return;
    }
    bool item = strcmp(name, "item") == 0 || strcmp(name, "entry") == 0;
    if (item && !reading->item_depth) begin_item(reading);
    if (!reading->item_depth || reading->depth != reading->item_depth + 1) return;
    FeedField field = field_of(name);
    if (field == FIELD_LINK) take_href(reading, attributes);
    if (field == FIELD_NONE || is_filled(reading, field)) return;
    reading->field = field;
    reading->field_depth = reading->depth;
    reading->text = text_of(reading, field);
}

static void end_field(FeedReading *reading) {
    text_end(&reading->text);
    FeedItem *item = &reading->items[reading->count];
    if (reading->field == FIELD_DATE && item->published_us == 0)
        item->published_us = read_date(reading->date);
    reading->field = FIELD_NONE;
    reading->field_depth = 0;
}

static void XMLCALL end_element(void *context, const char *name) {
    FeedReading *reading = context;
    (void)name;
    if (reading->field && reading->depth == reading->field_depth) end_field(reading);
    if (reading->item_depth && reading->depth == reading->item_depth) {
        const FeedItem *item = &reading->items[reading->count];
        reading->count += item->title[0] != 0;
        reading->item_depth = 0;
    }
    reading->depth--;
}

static void XMLCALL take_text(void *context, const char *bytes, int length) {
    FeedReading *reading = context;
    if (reading->field && !reading->text.overflow)
        text_slice(&reading->text, (Slice){bytes, (size_t)length});
}

/* A feed that declares entities of its own wants to be expanded: none of ours does. */
static void XMLCALL refuse_declarations(void *context, const char *name, const char *system,
                                        const char *public, int has_subset) {
    FeedReading *reading = context;
    (void)name, (void)system, (void)public;
    if (has_subset) XML_StopParser(reading->parser, XML_FALSE);
}

/* Encodings with one byte a character, by the system's tables. */
static int XMLCALL know_encoding(void *context, const char *name, XML_Encoding *encoding) {
    (void)context;
    iconv_t converter = iconv_open("UTF-32LE", name);
    if (converter == (iconv_t)-1) return XML_STATUS_ERROR;
    for (unsigned i = 0; i < 256; i++) {
        char one = (char)i, *from = &one;
        uint32_t code = 0;
        char *to = (char *)&code;
        size_t left = 1, room = sizeof code;
        bool sound = iconv(converter, &from, &left, &to, &room) != (size_t)-1 && room == 0;
        encoding->map[i] = sound && code <= 0xFFFF ? (int)code : -1;
        iconv(converter, NULL, NULL, NULL, NULL);
    }
    iconv_close(converter);
    return XML_STATUS_OK;
}

/* ---- out ----------------------------------------------------------------------------------- */

static int newer_first(const void *a, const void *b) {
    const FeedItem *left = a, *right = b;
    if (left->published_us != right->published_us)
        return left->published_us > right->published_us ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

/* A text cut at its room may end within a character: json_slice would say U+FFFD. */
static void put_text(JsonWriter *writer, const char *key, const char *text) {
    Slice trimmed = slice_trim(slice_of(text));
    json_key(writer, key);
    if (trimmed.length)
        json_slice(writer, trimmed);
    else
        json_null(writer);
}

static void put_item(JsonWriter *writer, const FeedItem *item) {
    json_object_begin(writer);
    put_text(writer, "title", item->title);
    put_text(writer, "link", item->link);
    put_text(writer, "guid", item->guid);
    json_key(writer, "published");
    item->published_us ? json_time(writer, item->published_us) : json_null(writer);
    put_text(writer, "summary", item->summary);
    json_object_end(writer);
}

static void write_items(const FeedReading *reading, Text *json, bool *cut) {
    text_char(json, '[');
    for (unsigned i = 0; i < reading->count; i++) {
        char memory[6 * (TITLE_BYTES + 2 * LINK_BYTES + SUMMARY_BYTES) + 200];
        Text one = TEXT_IN(memory);
        JsonWriter writer = json_writer(&one);
        put_item(&writer, &reading->items[i]);
        *cut = json->length + one.length + 3 > json->capacity;
        if (*cut) break;
        if (i) text_char(json, ',');
        text_slice(json, (Slice){one.at, one.length});
    }
    text_char(json, ']');
    text_end(json);
}

/* ---- reading ------------------------------------------------------------------------------- */

static void parse(FeedReading *reading, Slice xml) {
    XML_SetUserData(reading->parser, reading);
    XML_SetElementHandler(reading->parser, begin_element, end_element);
    XML_SetCharacterDataHandler(reading->parser, take_text);
    XML_SetStartDoctypeDeclHandler(reading->parser, refuse_declarations);
    XML_SetUnknownEncodingHandler(reading->parser, know_encoding, NULL);
    XML_Parse(reading->parser, xml.at, (int)xml.length, XML_TRUE);
}

static bool refuse(const FeedReading *reading, Error *error) {
    char message[200];
    enum XML_Error code = XML_GetErrorCode(reading->parser);
    if (code == XML_ERROR_NONE)
        return error_set(error, ERROR_DATA, "the feed holds no item", "feed", NULL);
    snprintf(message, sizeof message, "not a feed: %s in line %lu",
             code == XML_ERROR_ABORTED ? "entities or nesting that no feed needs"
                                       : XML_ErrorString(code),
             (unsigned long)XML_GetCurrentLineNumber(reading->parser));
    return error_set(error, ERROR_DATA, message, "feed", NULL);
}

/* Blanks before <?xml make a document no document; some feeds have them. */
static Slice skip_blanks(Slice xml) {
    while (xml.length &&
           (xml.at[0] == '\n' || xml.at[0] == '\r' || xml.at[0] == ' ' || xml.at[0] == '\t'))
        xml = (Slice){xml.at + 1, xml.length - 1};
    return xml;
}

bool feed_items_read(Slice xml, const char *charset, Text *json, bool *cut, Error *error) {
    FeedReading reading = {.items = calloc(FEED_ITEMS_MAX + 1, sizeof(FeedItem)),
                           .parser = XML_ParserCreate(charset[0] ? charset : NULL)};
    *cut = false;
    bool sound = reading.items && reading.parser;
    if (!sound) error_set(error, ERROR_LIMIT, "out of memory", "feed", NULL);
    if (sound) {
        parse(&reading, skip_blanks(xml));
        sound = reading.count > 0 || refuse(&reading, error);
    }
    if (sound) {
        qsort(reading.items, reading.count, sizeof reading.items[0], newer_first);
        write_items(&reading, json, cut);
    }
    if (reading.parser) XML_ParserFree(reading.parser);
    free(reading.items);
    return sound;
}
