/* SPDX-License-Identifier: Apache-2.0 */
#include "core/analyst/inputs.h"

#include <math.h>

#include "core/base/json.h"
#include "core/base/plain_text.h"
#include "core/bus/shape.h"

#define NEWS_MAX     5   /* the newest; more are more to pay and more room for strangers */
#define TITLE_MAX    161 /* a headline's first 160 bytes */
#define ARGUMENT_MAX 601 /* of a bull or a bear */

JudgementInputs sight_inputs(const Sight *sight) {
    return (JudgementInputs){.market = &sight->market,
                             .social = sight->has_social ? &sight->social : NULL,
                             .impact = sight->has_impact ? &sight->impact : NULL};
}

const char *input_group_name(InputGroup group) {
    static const char *const names[] = {"", "technical_indicators", "social_metrics", "news"};
    return names[group];
}

/* ---- neutral --------------------------------------------------------------------------------- */

static void make_market_neutral(MarketUpdate *market) {
    market->rsi = market->rsi_slow = market->stoch_k = market->stoch_d = 50;
    market->williams_r = -50;
    market->macd_fraction = market->macd_slow_fraction = 0;
    market->bb_position = 0.5;
    market->trend = market->trend_slow = TREND_SIDEWAYS;
    market->trend_strength = market->trend_strength_slow = 0;
    market->price_change_1m = market->price_change_5m = market->price_change_15m = 0;
    market->price_change_slow = 0;
    market->donchian_high_20 = market->donchian_low_20 = (Price){0};
}

void sight_neutral(Sight *sight, InputGroup group) {
    if (group == INPUTS_TECHNICAL) make_market_neutral(&sight->market);
    if (group == INPUTS_SOCIAL) sight->has_social = sight->has_impact = false;
    if (group == INPUTS_NEWS) {
        sight->social.recent_news_count = 0;
        sight->social.news_impact = sight->social.metrics.news_volume = (double)NAN;
    }
    JudgementInputs inputs = sight_inputs(sight);
    Judgement judgement;
    if (judgement_of(&inputs, &judgement, NULL)) sight->judgement = judgement;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Five decimals tell all that an indicator can; more are only to be paid for. */
static void put_number(JsonWriter *writer, const char *key, double value) {
    json_key(writer, key);
    json_double(writer, fabs(value) < 1e9 ? rint(value * 1e5) / 1e5 : value);
}

/* A price, or where it stands when the current one is 100. */
static void put_price(JsonWriter *writer, const char *key, Price price, const MarketUpdate *market,
                      bool mask) {
    double value = price_double(price), now = price_double(market->current_price);
    if (price.units == 0 || now <= 0) value = (double)NAN;
    json_key(writer, key);
    if (mask || isnan(value))
        json_double(writer, isnan(value) ? value : rint(value / now * 1e5) / 1e3);
    else
        json_price(writer, price);
}

static void put_changes(JsonWriter *writer, const MarketUpdate *market) {
    put_number(writer, "change_1m_pct", market->price_change_1m);
    put_number(writer, "change_5m_pct", market->price_change_5m);
    put_number(writer, "change_15m_pct", market->price_change_15m);
    put_number(writer, "change_slow_pct", market->price_change_slow);
    put_number(writer, "atr_slow_pct", market->atr_slow_fraction * 100);
}

static void put_oscillators(JsonWriter *writer, const MarketUpdate *market) {
    put_number(writer, "rsi", market->rsi);
    put_number(writer, "rsi_slow", market->rsi_slow);
    put_number(writer, "stoch_k", market->stoch_k);
    put_number(writer, "stoch_d", market->stoch_d);
    put_number(writer, "williams_r", market->williams_r);
    put_number(writer, "macd_pct", market->macd_fraction * 100);
    put_number(writer, "macd_slow_pct", market->macd_slow_fraction * 100);
    put_number(writer, "bollinger_position", market->bb_position);
    put_number(writer, "bollinger_width_pct", market->bb_width * 100);
    put_number(writer, "adx", market->adx);
}

static void put_trend(JsonWriter *writer, const char *key, Trend trend) {
    json_key(writer, key);
    json_string(writer, Trend_text(trend));
}

static void write_market(JsonWriter *writer, const MarketUpdate *market, bool mask) {
    json_object_begin(writer);
    if (!mask) {
        json_key(writer, "time");
        json_time(writer, market->timestamp);
        put_number(writer, "volume_quote_a_minute", market->avg_volume);
    }
    put_price(writer, "price", market->current_price, market, mask);
    json_key(writer, "interval");
    json_string(writer, market->interval);
    json_key(writer, "slow_interval");
    json_string(writer, market->slow_interval);
    put_oscillators(writer, market);
    put_trend(writer, "trend", market->trend);
    put_number(writer, "trend_strength", market->trend_strength);
    put_trend(writer, "trend_slow", market->trend_slow);
    put_number(writer, "trend_strength_slow", market->trend_strength_slow);
    put_changes(writer, market);
    put_price(writer, "channel_high", market->donchian_high_20, market, mask);
    put_price(writer, "channel_low", market->donchian_low_20, market, mask);
    json_object_end(writer);
}

static void write_local(JsonWriter *writer, const Judgement *judgement) {
    json_object_begin(writer);
    for (unsigned i = 0; i < JUDGED_COUNT; i++)
        if (judgement_heard(judgement, i))
            put_number(writer, judged_factor_name(i), judgement->value[i]);
    put_number(writer, "score", judgement->score);
    json_object_end(writer);
}

static double minutes_since(int64_t time_us, int64_t now_us) {
    double minutes = (double)(now_us - time_us) / (double)INSTANT_MINUTE_US;
    return minutes > 0 ? rint(minutes) : 0;
}

static void write_social(JsonWriter *writer, const Sight *sight, bool mask, int64_t now_us) {
    const SocialSample *social = &sight->social;
    if (!sight->has_social || social->fallback) {
        json_null(writer);
        return;
    }
    json_object_begin(writer);
    put_number(writer, "weighted_sentiment", social->weighted_sentiment);
    put_number(writer, "quality", social->quality);
    put_number(writer, "age_minutes", minutes_since(social->timestamp, now_us));
    put_number(writer, "sentiment_change_an_hour", social->sentiment_trend.slope_24h);
    put_number(writer, "volume_z", social->volume_trend.z_24h);
    put_number(writer, "engagement_z", social->engagement_trend.z_24h);
    put_number(writer, "news_impact", social->news_impact);
    if (!mask) {
        put_number(writer, "social_volume", social->metrics.social_volume);
        put_number(writer, "social_engagement", social->metrics.social_engagement);
        put_number(writer, "social_contributors", social->metrics.social_contributors);
        put_number(writer, "news_volume", social->metrics.news_volume);
    }
    json_object_end(writer);
}

static void write_impact(JsonWriter *writer, const Sight *sight) {
    const SocialImpact *impact = &sight->impact;
    if (!sight->has_impact || impact->status != IMPACT_FOUND) {
        json_null(writer);
        return;
    }
    json_object_begin(writer);
    put_number(writer, "correlation", impact->correlation);
    put_number(writer, "sentiment_leads_by_minutes", impact->lag_minutes);
    put_number(writer, "correlation_at_lead", impact->lag_correlation);
    json_object_end(writer);
}

/* ---- strangers' words ------------------------------------------------------------------------ */

/* Plain, cut, and without the signs that markers are made of. */
static void write_words(JsonWriter *writer, const char *words, size_t capacity) {
    char memory[ARGUMENT_MAX];
    CHECK(capacity <= sizeof memory, "more words than there is room for");
    plain_text_into(slice_of(words), memory, capacity);
    for (char *c = memory; *c; c++)
        if (*c == '<' || *c == '>') *c = *c == '<' ? '[' : ']';
    json_string(writer, memory);
}

static void write_item(JsonWriter *writer, const NewsItem *item, bool mask, int64_t now_us) {
    json_object_begin(writer);
    if (item->known > 0) put_number(writer, "age_minutes", minutes_since(item->known, now_us));
    put_number(writer, "sentiment", item->sentiment);
    put_number(writer, "impact", item->impact);
    if (!mask) {
        json_key(writer, "source");
        write_words(writer, item->source, sizeof item->source);
        json_key(writer, "title");
        write_words(writer, item->title, TITLE_MAX);
    }
    json_object_end(writer);
}

static void write_news(JsonWriter *writer, const Sight *sight, bool mask, int64_t now_us) {
    json_array_begin(writer);
    for (unsigned i = 0; sight->has_social && i < sight->social.recent_news_count && i < NEWS_MAX;
         i++)
        write_item(writer, &sight->social.recent_news[i], mask, now_us);
    json_array_end(writer);
}

/* ---- places ---------------------------------------------------------------------------------- */

void inputs_open(InputTexts *inputs) {
    inputs->text = TEXT_IN(inputs->memory);
    inputs->values = (PromptValues){0};
}

static void close_place(InputTexts *inputs, PromptPlace place, size_t from) {
    inputs->values.values[place] = (Slice){inputs->memory + from, inputs->text.length - from};
}

void inputs_word(InputTexts *inputs, PromptPlace place, const char *word) {
    size_t from = inputs->text.length;
    text_put(&inputs->text, word);
    close_place(inputs, place, from);
}

void inputs_quote(InputTexts *inputs, PromptPlace place, const char *words) {
    size_t from = inputs->text.length;
    JsonWriter writer = json_writer(&inputs->text);
    write_words(&writer, words, ARGUMENT_MAX);
    close_place(inputs, place, from);
}

void inputs_of_symbol(InputTexts *inputs, const Sight *sight, bool mask, int64_t now_us) {
    static const PromptPlace places[] = {PLACE_MARKET, PLACE_LOCAL, PLACE_SOCIAL, PLACE_IMPACT,
                                         PLACE_NEWS};
    inputs_word(inputs, PLACE_SYMBOL, mask ? "ASSET" : sight->market.symbol);
    for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
        size_t from = inputs->text.length;
        JsonWriter writer = json_writer(&inputs->text);
        if (places[i] == PLACE_MARKET) write_market(&writer, &sight->market, mask);
        if (places[i] == PLACE_LOCAL) write_local(&writer, &sight->judgement);
        if (places[i] == PLACE_SOCIAL) write_social(&writer, sight, mask, now_us);
        if (places[i] == PLACE_IMPACT) write_impact(&writer, sight);
        if (places[i] == PLACE_NEWS) write_news(&writer, sight, mask, now_us);
        close_place(inputs, places[i], from);
    }
}

void inputs_of_terms(InputTexts *inputs, const Settings *settings) {
    const Settings_paper *paper = &settings->paper;
    size_t from = inputs->text.length;
    text_fixed(&inputs->text,
               (2 * paper->fee_bps + paper->spread_bps + 2 * paper->slippage_bps) / 100, 2);
    text_put(&inputs->text, " %");
    close_place(inputs, PLACE_COSTS, from);
    from = inputs->text.length;
    text_format(&inputs->text, "%D minutes", settings->trading.signal_horizon_minutes);
    close_place(inputs, PLACE_HORIZON, from);
}

/* ---- the whole market ------------------------------------------------------------------------ */

void inputs_market_begin(InputTexts *inputs) {
    inputs->values.values[PLACE_MARKETS] = (Slice){inputs->memory + inputs->text.length, 0};
}

void inputs_market_row(InputTexts *inputs, const Sight *sight, unsigned index, bool mask) {
    JsonWriter writer = json_writer(&inputs->text);
    char memory[32];
    Text masked = TEXT_IN(memory);
    text_format(&masked, "ASSET%d", (int)index + 1);
    json_object_begin(&writer);
    json_key(&writer, "symbol");
    json_string(&writer, mask ? text_end(&masked) : sight->market.symbol);
    put_number(&writer, "rsi_slow", sight->market.rsi_slow);
    put_trend(&writer, "trend_slow", sight->market.trend_slow);
    put_number(&writer, "trend_strength_slow", sight->market.trend_strength_slow);
    put_changes(&writer, &sight->market);
    put_number(&writer, "score", sight->judgement.score);
    put_number(&writer, "sentiment",
               sight->has_social ? sight->social.weighted_sentiment : (double)NAN);
    json_object_end(&writer);
    text_char(&inputs->text, '\n');
}

void inputs_market_end(InputTexts *inputs) {
    Slice *rows = &inputs->values.values[PLACE_MARKETS];
    rows->length = (size_t)(inputs->memory + inputs->text.length - rows->at);
}

void inputs_of_news(InputTexts *inputs, const Sight *sight, bool mask, int64_t now_us) {
    size_t from = inputs->text.length;
    JsonWriter writer = json_writer(&inputs->text);
    if (sight)
        write_news(&writer, sight, mask, now_us);
    else
        text_put(&inputs->text, "[]");
    close_place(inputs, PLACE_NEWS, from);
}

bool inputs_whole(const InputTexts *inputs) {
    return !inputs->text.overflow;
}
