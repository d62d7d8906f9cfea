/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes through the readers of numbers: what is accepted goes round exactly, and the readers
 * agree. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/decimal.h"
#include "core/base/instant.h"
#include "core/base/number_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

void check_failed(const char *file, int line, const char *text) {
    (void)file, (void)line, (void)text;
    abort();
}

static void demand(bool condition) {
    if (!condition) abort();
}

static void decimals_agree(Slice text) {
    char buffer[DECIMAL_TEXT_MAX];
    Price price, price_back;
    Money money, money_back;
    bool narrow = price_parse(text, &price), wide = money_parse(text, &money);
    demand(wide || !narrow);
    if (narrow) {
        demand(money.units == price.units);
        demand(price_parse((Slice){buffer, price_to_text(price, buffer)}, &price_back));
        demand(price_back.units == price.units);
    }
    if (!wide) return;
    demand(money_parse((Slice){buffer, money_to_text(money, buffer)}, &money_back));
    demand(money_back.units == money.units);
}

static void doubles_agree(Slice text) {
    char zero_ended[512], buffer[32];
    double value, back;
    if (!number_from_slice(text, &value)) return;
    demand(number_from_slice((Slice){buffer, number_to_text(value, buffer)}, &back));
    demand(back == value);
    if (slice_copy(text, zero_ended, sizeof zero_ended)) demand(strtod(zero_ended, NULL) == value);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    Slice text = {(const char *)bytes, count};
    int64_t whole, time_us;
    decimals_agree(text);
    doubles_agree(text);
    if (slice_int(text, &whole)) {
        double value;
        demand(number_from_slice(text, &value) && value == (double)whole);
    }
    if (instant_parse(text, &time_us)) {
        char iso[25];
        instant_to_iso(time_us, iso);
        demand(iso[23] == 'Z');
    }
    return 0;
}
