/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trial/strategy_choice.h"

#include <string.h>

#include "core/base/number_text.h"

static Slice cut(Slice *rest, char at) {
    const char *found = memchr(rest->at, at, rest->length);
    Slice part = {rest->at, found ? (size_t)(found - rest->at) : rest->length};
    size_t used = part.length + (found != NULL);
    *rest = (Slice){rest->at + used, rest->length - used};
    return slice_trim(part);
}

static int parameter_index(const Strategy *strategy, Slice name) {
    for (unsigned i = 0; i < strategy_parameter_count(strategy); i++)
        if (slice_is(name, strategy->parameters[i].name)) return (int)i;
    return -1;
}

static bool read_one(const Strategy *strategy, Slice item, double *parameters, Error *error) {
    char place[80];
    Text where = TEXT_IN(place);
    text_slice(&where, item);
    text_end(&where);
    Slice name = cut(&item, '=');
    int index = parameter_index(strategy, name);
    if (index < 0)
        return error_set(error, ERROR_CONFIG, "the strategy has no such parameter", place,
                         "trader list strategies --json names them");
    return number_from_slice(slice_trim(item), &parameters[index]) ||
           error_set(error, ERROR_CONFIG, "a strategy's parameter is no number", place,
                     "as in fast=10,slow=30");
}

bool strategy_parameters_read(const Strategy *strategy, Slice text,
                              double parameters[static STRATEGY_PARAMETERS_MAX], Error *error) {
    strategy_presets(strategy, parameters);
    text = slice_trim(text);
    while (text.length)
        if (!read_one(strategy, cut(&text, ','), parameters, error)) return false;
    const char *fault = strategy_fault(strategy, parameters);
    return !fault || error_set(error, ERROR_CONFIG,
                               "a strategy's parameter is out of its bounds, or does not fit the "
                               "others",
                               fault, "trader list strategies --json has the bounds");
}

bool strategy_choice_read(const Settings *settings, StrategyChoice *choice, Error *error) {
    memset(choice, 0, sizeof *choice);
    if (!settings->strategy.name[0]) return true;
    const Strategy *strategy = strategy_find(settings->strategy.name);
    if (!strategy)
        return error_set(error, ERROR_CONFIG, "unknown strategy", settings->strategy.name,
                         "trader list strategies names them");
    if (!interval_parse(slice_of(settings->strategy.interval), &choice->interval))
        return error_set(error, ERROR_CONFIG, "not an interval of candles",
                         settings->strategy.interval, "1m, 3m, 5m, 15m, 1h, 4h or 1d");
    if (!strategy_parameters_read(strategy, slice_of(settings->strategy.parameters),
                                  choice->parameters, error))
        return false;
    strategy_make_plan(strategy, choice->parameters, &choice->plan);
    choice->strategy = strategy;
    return rule_stream_init(&choice->stream, &choice->plan, strategy, choice->parameters,
                            interval_us(choice->interval), error);
}
