/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sim/bar_path.h"

#define LEGS 3
#define LEG  ((BAR_PATH_STEPS - 1) / LEGS)
_Static_assert(LEG *LEGS == BAR_PATH_STEPS - 1, "open, extremes and close are steps");

/* Of the whole minute's quantity, what was traded before `step`. */
static Quantity traded(const Bar *bar, const Filters *filters, unsigned step) {
    Quantity whole;
    if (!quantity_from_double(bar->volume, &whole)) return quantity_of(0);
    return quantity_floor(quantity_share(whole, step, BAR_PATH_STEPS), filters->step);
}

ExchangePrint bar_path(const Bar *bar, const Filters *filters, unsigned step) {
    bool rises = bar->close.units >= bar->open.units;
    const Price corners[LEGS + 1] = {bar->open, rises ? bar->low : bar->high,
                                     rises ? bar->high : bar->low, bar->close};
    unsigned leg = step / LEG < LEGS ? step / LEG : LEGS - 1, within = step - leg * LEG;
    int64_t from = corners[leg].units, way = corners[leg + 1].units - from;
    int64_t price = from + (int64_t)((__int128)way * within / LEG);
    if (within != 0 && within != LEG) price = price_floor(price_of(price), filters->tick).units;
    if (price < bar->low.units) price = bar->low.units;
    Quantity before = traded(bar, filters, step), after = traded(bar, filters, step + 1);
    return (ExchangePrint){.time_us =
                               bar->time_us + (INSTANT_MINUTE_US - 1) * step / (BAR_PATH_STEPS - 1),
                           .price = price_of(price),
                           .quantity = quantity_subtract(after, before),
                           .buyer_is_maker = way < 0};
}
