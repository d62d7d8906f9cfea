/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as an answer of every social source, and as a headline: reading ends, stays inside,
 * what comes out is within the bounds of its message, and its sentiment is one. */
#include <math.h>
#include <stdlib.h>

#include "core/base/plain_text.h"
#include "core/bus/codec.h"
#include "core/trade/headline_sentiment.h"
#include "core/trade/headline_symbols.h"
#include "core/venues/fear_greed.h"
#include "core/venues/headline_item.h"
#include "core/venues/lunarcrush.h"
#include "core/venues/lunarcrush_v2.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

static void expect(bool condition) {
    if (!condition) abort();
}

static void read_headlines(Slice body) {
    static const HeadlineSource *const sources[] = {&headline_rss, &headline_lunarcrush,
                                                    &headline_cryptopanic, &headline_gdelt,
                                                    &headline_reddit};
    SymbolTable watched = {.symbols = {{.name = {"LINKUSDC"}, .base = {"LINK"}}}, .count = 1};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        ForeignItems items;
        Slice item;
        if (!foreign_items_open(body, sources[i]->list, &items)) continue;
        while (foreign_items_next(&items, &item)) {
            Headline headline;
            if (headline_read(sources[i], item, &headline)) continue;
            headline_find_symbols(&watched, &headline);
            expect(!codec_fault(&message_shapes[MESSAGE_HEADLINE], &headline));
        }
    }
}

static void read_lunarcrush(Slice body) {
    LunarcrushCoin coin;
    SocialReading reading;
    ForeignItems items;
    Slice item;
    if (!lunarcrush_topic(body, &reading))
        expect(!codec_fault(&message_shapes[MESSAGE_SOCIAL_READING], &reading));
    if (!foreign_items_open(body, "data", &items)) return;
    while (foreign_items_next(&items, &item)) {
        if (!lunarcrush_coin(item, &coin))
            expect(coin.id > 0 && !(coin.metrics.social_sentiment > 1));
        if (!lunarcrush_bucket(item, INSTANT_HOUR_US, lunarcrush_generated(body), &reading))
            expect(!codec_fault(&message_shapes[MESSAGE_SOCIAL_READING], &reading));
    }
}

static void read_rows(Slice body) {
    LunarcrushV2 columns;
    SocialReading reading;
    AssetName asset;
    Slice rest = body;
    if (!lunarcrush_v2_header(slice_part(&rest, '\n'), &columns)) return;
    while (rest.length)
        if (!lunarcrush_v2_row(&columns, slice_part(&rest, '\n'), &asset, &reading))
            expect(!codec_fault(&message_shapes[MESSAGE_SOCIAL_READING], &reading));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    Slice body = {(const char *)bytes, count};
    FearGreed days[4];
    size_t read, refused;
    Error error;
    char title[200];
    read_headlines(body);
    read_lunarcrush(body);
    read_rows(body);
    if (fear_greed_read(body, days, 4, &read, &refused, &error))
        for (size_t i = 0; i < read; i++)
            expect(days[i].value <= 100);
    size_t length = plain_text_into(body, title, sizeof title);
    double sentiment = headline_sentiment((Slice){title, length});
    expect(sentiment > 0 && sentiment < 1);
    return 0;
}
