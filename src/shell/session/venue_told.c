/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/venue_told.h"

#include <stdio.h>
#include <string.h>

#include "core/bus/shape.h"
#include "shell/screen/paint.h"
#include "shell/sys/clock.h"

void venue_told_read(Store *store, VenueTold *told) {
    *told = (VenueTold){0};
    told->is_real = store_latest(store, TOPIC_VENUE_IDENTITIES, NULL, &told->identity);
    told->has_state = store_latest(store, TOPIC_VENUE_STATES, NULL, &told->state);
}

static int64_t capped_until(const VenueIdentity *identity) {
    return identity->live && identity->armed_since > 0 ? identity->armed_since + INSTANT_DAY_US : 0;
}

static void put_age(Text *text, int64_t time_us) {
    int64_t seconds = (clock_wall_us() - time_us) / INSTANT_SECOND_US;
    number_duration(text, seconds > 0 ? seconds : 0);
    text_put(text, " ago");
}

static Mark mark_of(const VenueState *state) {
    switch (state->condition) {
    case VENUE_READY:
        return MARK_GOOD;
    case VENUE_FROZEN:
    case VENUE_REFUSED:
    case VENUE_BANNED:
        return MARK_BAD;
    default:
        return MARK_WARN;
    }
}

static void print_counts(const VenueState *state, bool color) {
    char memory[240];
    Text text = TEXT_IN(memory);
    bool unknown = state->unknown_orders > 0;
    text_format(&text, "  orders: %D resting, %D of others", (int64_t)state->open_orders,
                (int64_t)state->foreign_orders);
    printf("%s, %s%lld of unknown fate%s", text_end(&text),
           paint_begin(unknown ? STYLE_BAD : STYLE_PLAIN, color), (long long)state->unknown_orders,
           paint_end(unknown ? STYLE_BAD : STYLE_PLAIN, color));
    text_clear(&text);
    if (state->reconciled > 0) {
        text_put(&text, "   reconciled ");
        put_age(&text, state->reconciled);
    } else {
        text_put(&text, "   not reconciled yet");
    }
    puts(text_end(&text));
}

static void print_cap(const VenueTold *told) {
    int64_t until = capped_until(&told->identity);
    char stamp[25];
    if (until <= clock_wall_us()) return;
    instant_to_iso(until, stamp);
    printf("  first day: capped until %.10s %.5s UTC (venue.first_day_cap)\n", stamp, stamp + 11);
}

void venue_told_print(const VenueTold *told, bool running, bool color) {
    if (!told->is_real) return;
    if (told->has_state && running) {
        paint_mark(stdout, mark_of(&told->state), color);
        const char *condition = VenueCondition_text(told->state.condition);
        bool says_more = strcmp(told->state.text, condition) != 0;
        printf(" venue %s%s%s", condition, says_more ? ": " : "",
               says_more ? told->state.text : "");
    } else {
        printf("venue %s",
               told->has_state ? VenueCondition_text(told->state.condition) : "not asked yet");
        if (told->has_state) fputs(" when last heard of", stdout);
    }
    printf("   account %s\n", told->identity.account);
    if (told->has_state) print_counts(&told->state, color);
    print_cap(told);
}

static void time_or_null(JsonWriter *writer, const char *key, int64_t time_us) {
    json_key(writer, key);
    if (time_us > 0)
        json_time(writer, time_us);
    else
        json_null(writer);
}

void venue_told_json(const VenueTold *told, JsonWriter *writer) {
    json_key(writer, "venue");
    if (told->is_real && told->has_state)
        codec_write_json(&message_shapes[MESSAGE_VENUE_STATE], &told->state, writer);
    else
        json_null(writer);
    json_key(writer, "account");
    if (told->is_real)
        json_string(writer, told->identity.account);
    else
        json_null(writer);
    time_or_null(writer, "armed_since", told->is_real ? told->identity.armed_since : 0);
    time_or_null(writer, "first_day_until", told->is_real ? capped_until(&told->identity) : 0);
}
