/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/instant.h"

#define YEAR_MAX     9999
#define FIRST_US     (-62135596800LL * INSTANT_SECOND_US)     /* 0001-01-01 00:00 */
#define LAST_US      (253402300800LL * INSTANT_SECOND_US - 1) /* 9999-12-31 23:59:59.999999 */
#define DAYS_OF_ERA  146097 /* 400 years, after which the calendar repeats */
#define DAYS_TO_1970 719468 /* from 0000-03-01, where a computational year begins */

/* Years are counted from March, so that the leap day is the last of a year and the months' lengths
 * follow the line (153 m + 2) / 5 (Hinnant, "chrono-compatible low-level date algorithms"). */
static int64_t days_of(int year, int month, int day) {
    int64_t y = year - (month <= 2);
    int64_t era = (y >= 0 ? y : y - 399) / 400, year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_OF_ERA + day_of_era - DAYS_TO_1970;
}

static void date_of(int64_t days, Calendar *calendar) {
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = (shifted >= 0 ? shifted : shifted - (DAYS_OF_ERA - 1)) / DAYS_OF_ERA;
    int64_t day_of_era = shifted - era * DAYS_OF_ERA;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month_from_march = (5 * day_of_year + 2) / 153;
    calendar->day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1);
    calendar->month = (int)(month_from_march < 10 ? month_from_march + 3 : month_from_march - 9);
    calendar->year = (int)(year_of_era + era * 400) + (calendar->month <= 2);
}

Calendar instant_calendar(int64_t time_us) {
    Calendar calendar;
    if (time_us < FIRST_US) time_us = FIRST_US;
    if (time_us > LAST_US) time_us = LAST_US;
    int64_t days = time_us / INSTANT_DAY_US, rest = time_us % INSTANT_DAY_US;
    if (rest < 0) {
        days--;
        rest += INSTANT_DAY_US;
    }
    date_of(days, &calendar);
    calendar.weekday = (int)((days % 7 + 11) % 7); /* 1970-01-01 was a Thursday, 4 */
    calendar.hour = (int)(rest / INSTANT_HOUR_US);
    calendar.minute = (int)(rest / INSTANT_MINUTE_US % 60);
    calendar.second = (int)(rest / INSTANT_SECOND_US % 60);
    calendar.microsecond = (int)(rest % INSTANT_SECOND_US);
    return calendar;
}

int64_t instant_of(int year, int month, int day, int hour, int minute, int second) {
    CHECK(year >= 1 && year <= YEAR_MAX && month >= 1 && month <= 12, "instant_of: year or month");
    return days_of(year, month, day) * INSTANT_DAY_US + hour * INSTANT_HOUR_US +
           minute * INSTANT_MINUTE_US + second * INSTANT_SECOND_US;
}

static char *put_digits(char *at, int value, int digits) {
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char)('0' + value % 10);
        value /= 10;
    }
    return at + digits;
}

/* Date and time with the three separators that differ between the forms; returns where it ends. */
static char *put_time(int64_t time_us, const char separators[static 3], char *at) {
    Calendar calendar = instant_calendar(time_us);
    at = put_digits(at, calendar.year, 4);
    *at++ = '-';
    at = put_digits(at, calendar.month, 2);
    *at++ = '-';
    at = put_digits(at, calendar.day, 2);
    *at++ = separators[0];
    at = put_digits(at, calendar.hour, 2);
    *at++ = separators[1];
    at = put_digits(at, calendar.minute, 2);
    *at++ = separators[1];
    at = put_digits(at, calendar.second, 2);
    *at++ = separators[2];
    return put_digits(at, calendar.microsecond / 1000, 3);
}

void instant_to_iso(int64_t time_us, char target[static 25]) {
    char *at = put_time(time_us, "T:.", target);
    *at++ = 'Z';
    *at = 0;
}

void instant_to_log(int64_t time_us, char target[static 24]) {
    *put_time(time_us, " :,", target) = 0;
}

/* A reader of fixed forms: each step fails for good once one has failed. */
typedef struct Cursor {
    const char *at, *end;
    bool good;
} Cursor;

static int take_number(Cursor *cursor, int digits, int lowest, int highest) {
    int value = 0;
    if (!cursor->good || cursor->end - cursor->at < digits) cursor->good = false;
    for (int i = 0; cursor->good && i < digits; i++) {
        unsigned digit = (unsigned)((unsigned char)*cursor->at++ - '0');
        cursor->good = digit <= 9;
        value = value * 10 + (int)digit;
    }
    cursor->good = cursor->good && value >= lowest && value <= highest;
    return cursor->good ? value : lowest;
}

static bool take_one_of(Cursor *cursor, const char *choices) {
    if (!cursor->good || cursor->at == cursor->end || *cursor->at == 0) return false;
    if (!strchr(choices, *cursor->at)) return false;
    cursor->at++;
    return true;
}

static void need_one_of(Cursor *cursor, const char *choices) {
    cursor->good = take_one_of(cursor, choices);
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

static int64_t take_date(Cursor *cursor) {
    int year = take_number(cursor, 4, 1, YEAR_MAX);
    need_one_of(cursor, "-");
    int month = take_number(cursor, 2, 1, 12);
    need_one_of(cursor, "-");
    int day = take_number(cursor, 2, 1, days_in_month(year, month));
    return days_of(year, month, day) * INSTANT_DAY_US;
}

/* One to nine digits after the point, as microseconds. */
static int64_t take_fraction(Cursor *cursor) {
    int64_t fraction = 0, unit = INSTANT_SECOND_US;
    int digits = 0;
    for (; digits < 9 && cursor->at < cursor->end; digits++) {
        unsigned digit = (unsigned)((unsigned char)*cursor->at - '0');
        if (digit > 9) break;
        unit /= 10; /* 0 from the seventh digit on: cut */
        fraction += unit * digit;
        cursor->at++;
    }
    cursor->good = cursor->good && digits > 0;
    return fraction;
}

static int64_t take_clock(Cursor *cursor) {
    int64_t time_us = take_number(cursor, 2, 0, 23) * INSTANT_HOUR_US;
    need_one_of(cursor, ":");
    time_us += take_number(cursor, 2, 0, 59) * INSTANT_MINUTE_US;
    if (!take_one_of(cursor, ":")) return time_us;
    time_us += take_number(cursor, 2, 0, 59) * INSTANT_SECOND_US;
    if (take_one_of(cursor, ".")) time_us += take_fraction(cursor);
    return time_us;
}

/* What has to be taken off the local time to be at UTC. */
static int64_t take_zone(Cursor *cursor) {
    if (cursor->at == cursor->end || take_one_of(cursor, "Z")) return 0;
    bool west = cursor->at < cursor->end && *cursor->at == '-';
    need_one_of(cursor, "+-");
    int64_t offset = take_number(cursor, 2, 0, 23) * INSTANT_HOUR_US;
    need_one_of(cursor, ":");
    offset += take_number(cursor, 2, 0, 59) * INSTANT_MINUTE_US;
    return west ? -offset : offset;
}

bool instant_parse(Slice text, int64_t *time_us) {
    Cursor cursor = {text.at, text.at + text.length, true};
    int64_t time = take_date(&cursor);
    if (cursor.good && cursor.at < cursor.end) {
        need_one_of(&cursor, "T ");
        time += take_clock(&cursor);
        time -= take_zone(&cursor);
    }
    if (!cursor.good || cursor.at != cursor.end || time < FIRST_US || time > LAST_US) return false;
    *time_us = time;
    return true;
}

bool instant_from_stamp(int64_t stamp, int64_t *time_us) {
    const int64_t first = 978307200, last = 7258118400; /* seconds: 2001-01-01 and 2200-01-01 */
    int64_t unit = 1;                                   /* of one second */
    for (int step = 0; step < 4; step++, unit *= 1000) {
        if (stamp < first * unit || stamp >= last * unit) continue;
        *time_us = unit <= INSTANT_SECOND_US ? stamp * (INSTANT_SECOND_US / unit)
                                             : stamp / (unit / INSTANT_SECOND_US);
        return true;
    }
    return false;
}
