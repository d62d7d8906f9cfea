/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strategy signals: where the settings name a strategy, it trades in the analyst's place. Closed
 * bars go through the same stream of rules as in a trial (core/trial/rule_stream.h), and a wish
 * becomes a trading signal with the strategy's own size, stop and target, which risk and gate judge
 * like any other. A wish is asked for when the instant's bars and fills are all booked. Where the
 * settings name none, it hears and says nothing.
 *
 * The executor carries out single entries and whole exits. What a strategy wishes beyond that (a
 * second purchase, a part sold) is refused by name or told once in the log.
 */
#include <math.h>
#include <string.h>

#include "core/base/arena.h"
#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/trade/version_score.h"
#include "core/trial/social_external.h"
#include "core/trial/strategy_choice.h"

/* ---- state --------------------------------------------------------------------------------- */

#define PERCENT 100

typedef struct SignalLane {
    Interval base;   /* shortest bars heard; INTERVAL_COUNT: none */
    CandleFold fold; /* from these to the strategy's */
    bool fresh;      /* a bar closed in this turn */
    Price close;
    int64_t close_us;
    bool told; /* that a wish cannot be carried out */
    RulePosition position;
    Quantity held;
    double external[EXTERNAL_COUNT]; /* of social data, as last heard; NaN: none */
} SignalLane;

typedef struct StrategySignals {
    bool active;
    bool real;         /* orders go to a real venue */
    uint16_t strategy; /* index in strategy_table */
    Interval interval;
    uint32_t desk_count; /* symbols that there is memory for */
    uint32_t signals;
    double stop_fraction; /* the settings' own */
    uint64_t seed;
    Money opening, equity;
    SymbolTable symbols;
    RuleStream stream;
    ModelVersion registration; /* told once a life */
    bool registered;
    SignalLane lanes[LIMIT_SYMBOLS];
    /* the lanes' streams follow */
} StrategySignals;

/* ---- options ------------------------------------------------------------------------------- */

static bool choose(const Settings *settings, StrategyChoice *choice) {
    return strategy_choice_read(settings, choice, NULL) && choice->strategy;
}

static size_t strategy_signals_state_size(const Settings *settings) {
    StrategyChoice choice;
    if (!choose(settings, &choice)) return sizeof(bool);
    return arena_rounded(sizeof(StrategySignals)) +
           settings_symbol_count(settings) * arena_rounded(choice.stream.size);
}

/* A strategy with these parameters on these candles is one version. */
static void describe_version(StrategySignals *signals, const Settings *settings,
                             const StrategyChoice *choice) {
    ModelVersion *version = &signals->registration;
    char name[sizeof version->version_name], id[16];
    uint8_t digest[SHA256_SIZE];
    Text config = TEXT_IN(version->config), title = TEXT_IN(name), key = TEXT_IN(id);
    text_format(&config, "{\"strategy\":\"%s\",\"interval\":\"%s\",\"parameters\":{",
                choice->strategy->name, interval_name(choice->interval));
    for (unsigned i = 0; i < strategy_parameter_count(choice->strategy); i++) {
        text_format(&config, "%s\"%s\":", i ? "," : "", choice->strategy->parameters[i].name);
        text_double(&config, choice->parameters[i]);
    }
    text_put(&config, "}}");
    sha256_of(text_end(&config), config.length, digest);
    text_hex(&key, digest, 4);
    text_format(&title, "strategy_%s", choice->strategy->name);
    version_begin(version, "strategy", text_end(&key), text_end(&title));
    version_put_hash(version, settings);
    memcpy(version->status, "champion", sizeof "champion"); /* its signals are traded */
}

static void register_version(StrategySignals *signals, Outbox *outbox) {
    if (signals->registered) return;
    signals->registered = true;
    *(ModelVersion *)outbox_publish(outbox, TOPIC_MODEL_REGISTRATIONS) = signals->registration;
}

static void strategy_signals_init(void *state, const Settings *settings) {
    StrategyChoice choice;
    if (!choose(settings, &choice)) return;
    StrategySignals *signals = state;
    signals->active = true;
    signals->real = strcmp(settings->venue.name, "paper") != 0;
    while (strategy_table[signals->strategy] != choice.strategy)
        signals->strategy++;
    signals->interval = choice.interval;
    signals->desk_count = settings_symbol_count(settings);
    signals->stop_fraction = settings->trading.stop_loss_pct / PERCENT;
    signals->seed = (uint64_t)settings->strategy.seed;
    signals->stream = choice.stream;
    describe_version(signals, settings, &choice);
}

/* ---- bars ---------------------------------------------------------------------------------- */

static const Strategy *strategy_of(const StrategySignals *signals) {
    return strategy_table[signals->strategy];
}

static void *stream_state(StrategySignals *signals, unsigned index) {
    return (uint8_t *)signals + arena_rounded(sizeof *signals) +
           index * arena_rounded(signals->stream.size);
}

static int lane_of(const StrategySignals *signals, const char *symbol) {
    return symbol_table_find_text(&signals->symbols, symbol);
}

static void hear_symbol(StrategySignals *signals, const SymbolFilters *filters) {
    Symbol symbol;
    if (!symbol_from_filters(filters, &symbol)) return;
    bool known = symbol_table_find(&signals->symbols, &symbol.name) >= 0;
    if (!known && signals->symbols.count == signals->desk_count) return; /* the monitor says so */
    int index = symbol_table_put(&signals->symbols, &symbol);
    if (known || index < 0) return;
    signals->lanes[index] = (SignalLane){.base = INTERVAL_COUNT};
    signals->lanes[index].position.bars_flat = RULE_NEVER;
    for (unsigned series = 0; series < EXTERNAL_COUNT; series++)
        signals->lanes[index].external[series] = (double)NAN;
    rule_stream_start(&signals->stream, strategy_of(signals),
                      stream_state(signals, (unsigned)index), signals->seed);
}

static void feed(StrategySignals *signals, unsigned index, const Bar *bar) {
    SignalLane *lane = &signals->lanes[index];
    rule_stream_feed(&signals->stream, stream_state(signals, index), bar, lane->external);
    lane->close = bar->close;
    lane->close_us = bar->time_us + interval_us(signals->interval);
}

/* Whether bars of this interval add up to the strategy's. */
static bool adds_up(const StrategySignals *signals, Interval interval) {
    return interval_adds_up(interval, signals->interval);
}

/* A shorter base voids what was folded from a longer one. */
static bool is_base(const StrategySignals *signals, SignalLane *lane, Interval interval) {
    if (interval == signals->interval || !adds_up(signals, interval)) return false;
    if (interval < lane->base) {
        lane->base = interval;
        candle_fold_init_lengths(&lane->fold, interval_us(interval),
                                 interval_us(signals->interval));
    }
    return interval == lane->base;
}

static void count_close(RulePosition *position) {
    if (position->open)
        position->bars_held++;
    else if (position->bars_flat != RULE_NEVER)
        position->bars_flat++;
}

static void hear_bar(StrategySignals *signals, const MarketBar *heard, Outbox *outbox) {
    int found = lane_of(signals, heard->symbol);
    if (found < 0) return;
    unsigned index = (unsigned)found;
    SignalLane *lane = &signals->lanes[index];
    Interval interval = (Interval)heard->interval;
    Bar bar = bar_from_message(heard), closed[2] = {bar, bar};
    unsigned count = is_base(signals, lane, interval) ? candle_fold_add(&lane->fold, &bar, closed)
                                                      : interval == signals->interval;
    for (unsigned i = 0; i < count; i++)
        feed(signals, index, &closed[i]);
    lane->fresh |= count > 0;
    if (adds_up(signals, interval) || lane->told) return;
    lane->told = true;
    outbox_log(outbox, LOG_ERROR,
               "%s comes in candles of %s, which make none of %s: %s has no data", heard->symbol,
               interval_name(interval), interval_name(signals->interval),
               strategy_of(signals)->name);
}

/* As the market monitor: each interval's own bars; the shortest also fill the unfinished one. */
static void hear_history(StrategySignals *signals, const MarketBar *heard) {
    int index = lane_of(signals, heard->symbol);
    if (index < 0) return;
    SignalLane *lane = &signals->lanes[index];
    Interval interval = (Interval)heard->interval;
    Bar bar = bar_from_message(heard), ignored[2];
    bool shorter = is_base(signals, lane, interval);
    if (interval == signals->interval && bar.time_us >= lane->close_us)
        feed(signals, (unsigned)index, &bar);
    if (shorter) candle_fold_add(&lane->fold, &bar, ignored);
}

static void hear_social(StrategySignals *signals, const SocialUpdate *update) {
    int index = lane_of(signals, update->symbol);
    if (index >= 0) social_external_of(update, signals->lanes[index].external);
}

/* ---- positions ----------------------------------------------------------------------------- */

static void hear_fill(StrategySignals *signals, const Fill *fill) {
    int index = lane_of(signals, fill->symbol);
    if (index < 0) return;
    SignalLane *lane = &signals->lanes[index];
    RulePosition *position = &lane->position;
    if (fill->side == SIDE_SELL) return; /* its end is told as a trade */
    if (!position->open) {
        *position = (RulePosition){.open = true, .bars_flat = position->bars_flat};
        lane->held = quantity_of(0);
    }
    double before = quantity_double(lane->held), added = quantity_double(fill->quantity);
    lane->held = quantity_add(lane->held, fill->quantity);
    if (before > 0)
        position->average =
            (position->average * before + price_double(fill->price) * added) / (before + added);
    else
        position->average = price_double(fill->price);
}

static void hear_trade(StrategySignals *signals, const Trade *trade) {
    int index = lane_of(signals, trade->symbol);
    if (index < 0) return;
    signals->lanes[index].position = (RulePosition){.bars_flat = 0};
    signals->lanes[index].held = quantity_of(0);
}

static void hear_restored(StrategySignals *signals, const PositionFact *fact, int64_t now_us) {
    int index = lane_of(signals, fact->symbol);
    if (index < 0 || !fact->open) return;
    int64_t held_us = now_us - fact->entry_time;
    signals->lanes[index].held = fact->quantity;
    signals->lanes[index].position =
        (RulePosition){.open = true,
                       .bars_held = (uint32_t)(held_us / interval_us(signals->interval)),
                       .bars_flat = RULE_NEVER,
                       .average = price_double(fact->entry_price)};
}

/* ---- wishes -------------------------------------------------------------------------------- */

static double size_of(const StrategySignals *signals, const StrategyWish *wish) {
    double size = wish->fraction;
    if (wish->of_start && signals->opening.units > 0 && signals->equity.units > 0)
        size *= money_double(signals->opening) / money_double(signals->equity);
    return size < 1 ? size : 1;
}

static void put_level(Text *text, const char *name, double fraction) {
    text_format(text, ", %s ", name);
    if (fraction > 0)
        text_fixed(text, fraction * PERCENT, 2);
    else
        text_put(text, "none");
    if (fraction > 0) text_put(text, " %");
}

static void put_reasoning(const StrategySignals *signals, Signal *signal) {
    Text text = TEXT_IN(signal->reasoning);
    bool buys = signal->decision == DECISION_BUY;
    text_format(&text, "%s on %s %s", strategy_of(signals)->name, interval_name(signals->interval),
                buys ? "enters" : "leaves");
    if (buys) put_level(&text, "stop", signal->stop_loss_fraction);
    if (buys) put_level(&text, "target", signal->take_profit_fraction);
    text_end(&text);
}

static void put_strategy(const StrategySignals *signals, SelectedStrategy *selected) {
    const Strategy *strategy = strategy_of(signals);
    Text name = TEXT_IN(selected->name), type = TEXT_IN(selected->type);
    double none = (double)NAN;
    selected->present = true;
    text_put(&name, strategy->name);
    text_end(&name);
    text_put(&type, strategy->group);
    text_end(&type);
    selected->performance_score = selected->social_correlation = none;
    selected->selection_factors = (SelectionFactors){none, none, none, none};
}

/* What the decision was made of, so that it can be explained from there. */
static void say_inputs(StrategySignals *signals, unsigned index, Outbox *outbox) {
    const SignalLane *lane = &signals->lanes[index];
    const void *state = stream_state(signals, index);
    const double *now = rule_stream_columns(&signals->stream, state);
    const double *before = rule_stream_columns_before(&signals->stream, state);
    RuleInputs *inputs = outbox_publish(outbox, TOPIC_RULE_INPUTS);
    memcpy(inputs->symbol, signals->symbols.symbols[index].name.text, sizeof inputs->symbol);
    inputs->market_timestamp = lane->close_us - 1;
    inputs->open = lane->position.open;
    inputs->bars_held = lane->position.bars_held;
    inputs->values_count = signals->stream.column_count;
    for (unsigned i = 0; i < inputs->values_count; i++)
        inputs->values[i] = (RuleValue){.now = now[i], .before = before[i]};
}

/* No confidence is measured for a strategy, and none is stated. */
static void say_signal(StrategySignals *signals, unsigned index, const StrategyWish *wish,
                       Decision decision, Outbox *outbox) {
    const SignalLane *lane = &signals->lanes[index];
    say_inputs(signals, index, outbox);
    Signal *signal = outbox_publish(outbox, TOPIC_TRADING_SIGNALS);
    Text id = TEXT_IN(signal->id), model = TEXT_IN(signal->model_version);
    text_format(&id, "s-%D", (int64_t)++signals->signals);
    text_end(&id);
    text_put(&model, signals->registration.version_name);
    text_end(&model);
    memcpy(signal->model_id, signals->registration.version_id, sizeof signal->model_id - 1);
    memcpy(signal->symbol, signals->symbols.symbols[index].name.text, sizeof signal->symbol);
    signal->decision = decision;
    signal->unproven = true;
    signal->market_timestamp = lane->close_us - 1;
    signal->timestamp = lane->close_us - 1;
    signal->price = lane->close;
    signal->atr_fraction = (double)NAN;
    signal->size_fraction = size_of(signals, wish);
    signal->take_profit_fraction = wish->target_fraction;
    signal->stop_loss_fraction = wish->stop_fraction;
    /* At a real venue no position stands without a stop: then the settings' own. */
    if (signals->real && decision == DECISION_BUY && wish->stop_fraction <= 0)
        signal->stop_loss_fraction = signals->stop_fraction;
    signal->risk_level = signal->stop_loss_fraction > 0 ? RISK_MEDIUM : RISK_HIGH;
    put_strategy(signals, &signal->selected_strategy);
    put_reasoning(signals, signal);
    outbox_log(outbox, LOG_INFO, "%s %s %s: %s", signal->id, signal->symbol,
               Decision_text(decision), signal->reasoning);
}

static void tell_impossible(StrategySignals *signals, unsigned index, Outbox *outbox) {
    SignalLane *lane = &signals->lanes[index];
    if (!lane->told)
        outbox_log(outbox, LOG_WARNING,
                   "%s: %s wishes to sell a part, which the executor does not do: left out",
                   signals->symbols.symbols[index].name.text, strategy_of(signals)->name);
    lane->told = true;
}

static void decide(StrategySignals *signals, unsigned index, Outbox *outbox) {
    SignalLane *lane = &signals->lanes[index];
    RulePosition *position = &lane->position;
    count_close(position);
    if (position->open && signals->equity.units > 0)
        position->held_fraction =
            quantity_double(lane->held) * price_double(lane->close) / money_double(signals->equity);
    position->growth = sizing_ratio(signals->equity, signals->opening);
    StrategyWish wish = rule_stream_wish(&signals->stream, strategy_of(signals),
                                         stream_state(signals, index), position);
    if (wish.kind == WISH_ENTER || wish.kind == WISH_ADD)
        say_signal(signals, index, &wish, DECISION_BUY, outbox);
    else if (wish.kind == WISH_LEAVE || (wish.kind == WISH_REDUCE && wish.fraction >= 1))
        say_signal(signals, index, &(StrategyWish){0}, DECISION_SELL, outbox);
    else if (wish.kind == WISH_REDUCE)
        tell_impossible(signals, index, outbox);
}

static void hear_turn_end(StrategySignals *signals, Outbox *outbox) {
    for (unsigned i = 0; i < signals->symbols.count; i++) {
        if (!signals->lanes[i].fresh) continue;
        signals->lanes[i].fresh = false;
        decide(signals, i, outbox);
    }
}

/* ---- step ---------------------------------------------------------------------------------- */

static void strategy_signals_step(void *state, const Message *message, Outbox *outbox) {
    StrategySignals *signals = state;
    const Opening *opening = message->payload;
    const AccountFact *account = message->payload;
    const Holdings *holdings = message->payload;
    if (!*(const bool *)state) return;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(signals, message->payload);
        register_version(signals, outbox);
        break;
    case TOPIC_OPENINGS:
        signals->opening = signals->equity = opening->amount;
        break;
    case TOPIC_RESTORED_ACCOUNTS:
        signals->opening = account->opening;
        break;
    case TOPIC_RESTORED_POSITIONS:
        hear_restored(signals, message->payload, message->time_us);
        break;
    case TOPIC_HISTORY_BARS:
        hear_history(signals, message->payload);
        break;
    case TOPIC_BARS:
        hear_bar(signals, message->payload, outbox);
        break;
    case TOPIC_TRADE_EXECUTIONS:
        hear_fill(signals, message->payload);
        break;
    case TOPIC_TRADES:
        hear_trade(signals, message->payload);
        break;
    case TOPIC_HOLDINGS:
        signals->equity = holdings->total_value;
        break;
    case TOPIC_SOCIAL_UPDATES:
        hear_social(signals, message->payload);
        break;
    default:
        hear_turn_end(signals, outbox);
    }
}

const Service service_strategy_signals = {
    .name = "strategy_signals",
    .label = "StrategySignals",
    .sentence = "Lets the strategy that the settings name trade in the analyst's place.",
    .stage = STAGE_SIGNAL,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_OPENINGS, TOPIC_RESTORED_ACCOUNTS, TOPIC_RESTORED_POSITIONS,
          TOPIC_HISTORY_BARS, TOPIC_BARS, TOPIC_SOCIAL_UPDATES, TOPIC_TRADE_EXECUTIONS,
          TOPIC_TRADES, TOPIC_HOLDINGS, TOPIC_TURN_ENDS),
    SAYS(TOPIC_RULE_INPUTS, TOPIC_TRADING_SIGNALS, TOPIC_MODEL_REGISTRATIONS),
    .state_size = strategy_signals_state_size,
    .init = strategy_signals_init,
    .step = strategy_signals_step,
};
