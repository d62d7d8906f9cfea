/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/screen/paint.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const escapes[] = {"", "\033[1m", "\033[2m", "\033[34m", "\033[33m", "\033[31m"};

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && value[0];
}

bool paint_wanted(int descriptor) {
    const char *terminal = getenv("TERM");
    if (is_set("NO_COLOR") || is_set("TRADER_NO_COLOR")) return false;
    return isatty(descriptor) && terminal && strcmp(terminal, "dumb") != 0;
}

const char *paint_begin(Style style, bool color) {
    return color ? escapes[style] : "";
}

const char *paint_end(Style style, bool color) {
    return color && style != STYLE_PLAIN ? "\033[0m" : "";
}

/* The first of these that is set rules the character set (locale(7)). */
bool paint_utf8(void) {
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof variables / sizeof variables[0]; i++) {
        const char *value = getenv(variables[i]);
        if (!value || !value[0]) continue;
        return strcasestr(value, "utf-8") || strcasestr(value, "utf8");
    }
    return false;
}

void paint_mark(FILE *file, Mark mark, bool color) {
    static const Style styles[] = {STYLE_GOOD, STYLE_WARN, STYLE_BAD};
    static const char *const rich[] = {"✓", "!", "✗"};
    static const char *const plain[] = {"+", "!", "x"};
    const char *text = paint_utf8() ? rich[mark] : plain[mark];
    fprintf(file, "%s%s%s", paint_begin(styles[mark], color), text, paint_end(styles[mark], color));
}

/* ---- numbers ------------------------------------------------------------------------------- */

/* `plain` is [-]digits[.digits]. */
static void put_grouped(Text *text, const char *plain, bool plus) {
    bool minus = *plain == '-';
    if (minus) plain++;
    bool zero = strspn(plain, "0.") == strlen(plain);
    if (minus && !zero) text_put(text, paint_utf8() ? "−" : "-");
    if (plus && !minus && !zero) text_char(text, '+');
    size_t whole = strcspn(plain, ".");
    for (size_t i = 0; i < whole; i++) {
        text_char(text, plain[i]);
        if ((whole - i) % 3 == 1 && i + 1 < whole) text_char(text, ',');
    }
    text_put(text, plain + whole);
}

void number_money(Text *text, Money money, int decimals, bool plus) {
    char plain[DECIMAL_TEXT_MAX];
    money_to_fixed(money, decimals, plain);
    put_grouped(text, plain, plus);
}

void number_fixed(Text *text, double value, int decimals, bool plus) {
    char memory[400]; /* DBL_MAX has 309 digits */
    Text plain = TEXT_IN(memory);
    if (!isfinite(value)) {
        text_put(text, paint_utf8() ? "—" : "-");
        return;
    }
    text_fixed(&plain, value, decimals);
    put_grouped(text, text_end(&plain), plus);
}

void number_real(Text *text, double value, const char *unit) {
    if (isnan(value)) {
        text_put(text, paint_utf8() ? "—" : "-");
        return;
    }
    number_fixed(text, value, 2, false);
    text_put(text, unit);
}

void number_count(Text *text, int64_t count) {
    char memory[32];
    Text plain = TEXT_IN(memory);
    text_int(&plain, count);
    put_grouped(text, text_end(&plain), false);
}

void number_bytes(Text *text, int64_t bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double amount = (double)bytes;
    size_t unit = 0;
    while (amount >= 1024 && unit < 4) {
        amount /= 1024;
        unit++;
    }
    number_fixed(text, amount, unit && amount < 10 ? 1 : 0, false);
    text_format(text, " %s", units[unit]);
}

void number_duration(Text *text, int64_t seconds) {
    if (seconds < 60)
        text_format(text, "%D s", seconds);
    else if (seconds < 3600)
        text_format(text, "%D m %D s", seconds / 60, seconds % 60);
    else if (seconds < 86400)
        text_format(text, "%D h %D m", seconds / 3600, seconds % 3600 / 60);
    else
        text_format(text, "%D d %D h", seconds / 86400, seconds % 86400 / 3600);
}

/* Two decimals at least, so that columns of prices do not dance. */
void number_price(Text *text, Price price) {
    char plain[DECIMAL_TEXT_MAX];
    price_to_text(price, plain);
    char *point = strchr(plain, '.');
    size_t decimals = point ? strlen(point + 1) : 0;
    size_t length = strlen(plain);
    if (!point) plain[length++] = '.';
    for (; decimals < 2; decimals++)
        plain[length++] = '0';
    plain[length] = 0;
    put_grouped(text, plain, false);
}

size_t text_columns(const char *text) {
    size_t columns = 0;
    for (; *text; text++)
        columns += ((unsigned char)*text & 0xC0) != 0x80;
    return columns;
}
