/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The trade executor: hears judged signals, the venue's reports and prices, and works the desks
 * (core/trade/execution.h): entries through the gate, a stop and a target at the venue for every
 * position, a stop that follows a rising price, the kill switch, and the portfolio as everybody
 * sees it. Exits never pass the entry gate; what the program did not buy it does not sell.
 */
#include "core/services/trade_executor.h"

#include <string.h>

#include "core/base/planted.h"
#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/trade/execution.h"
#include "core/trade/sizing.h"
#include "core/trial/strategy_choice.h"

/* ---- state --------------------------------------------------------------------------------- */

typedef struct Executor {
    Execution execution;
    TrailingRule trailing;
    bool trailing_enabled;
    bool moved;  /* a price changed since the portfolio was told */
    bool traded; /* something was booked */
    int64_t told_us;
    Money peak;
} Executor;

/* ---- options ------------------------------------------------------------------------------- */

#define PERCENT     100
#define MILLION     1000000
#define PPM_PERCENT 10000
#define TELL_US                                                                                    \
    INSTANT_SECOND_US             /* between prices, the portfolio is said at most once a second   \
                                   */
#define LOG_US    INSTANT_HOUR_US /* the mission's holdings lines: on every fill, and hourly */
#define TIMER_LOG 0

static size_t trade_executor_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(Executor);
}

/* A strategy that trades brings its own rule. */
static void learn_trailing(Executor *executor, const Settings *settings) {
    StrategyChoice choice;
    executor->trailing_enabled = settings->risk.trailing_stop_loss_enabled;
    executor->trailing = (TrailingRule){
        .activation_fraction = settings->trailing.activation_threshold_pct / PERCENT,
        .trail_fraction = settings->trailing.trail_percent / PERCENT,
        .step_fraction = settings->trailing.step_size / PERCENT,
        .pause_us = settings->trailing.max_adjustment_frequency_seconds * INSTANT_SECOND_US};
    if (!strategy_choice_read(settings, &choice, NULL) || !choice.strategy) return;
    executor->trailing_enabled = choice.plan.trails;
    executor->trailing = choice.plan.trailing;
}

static void trade_executor_init(void *state, const Settings *settings) {
    Executor *executor = state;
    Execution *execution = &executor->execution;
    learn_trailing(executor, settings);
    Quantity smallest;
    bool sound = quantity_from_double(settings->trading.min_trade_amount, &smallest);
    CHECK(sound, "min_trade_amount is bounded by its declaration");
    execution->smallest = money_of(smallest.units);
    execution->positions_max = settings->trading.max_positions;
    execution->ttl_us = settings->trading.signal_ttl_seconds * INSTANT_SECOND_US;
    execution->stop_ppm = (int64_t)(settings->trading.stop_loss_pct * PPM_PERCENT);
    execution->target_ppm = (int64_t)(settings->trading.take_profit_pct * PPM_PERCENT);
    execution->exposure_ppm = (int64_t)(settings->risk.max_total_exposure * MILLION);
    execution_venue_init(execution, settings);
    trading_account_init(&execution->account);
}

/* ---- step ---------------------------------------------------------------------------------- */

static void log_holdings(Scene *scene) {
    DeskView views[LIMIT_SYMBOLS];
    const TradingAccount *account = &scene->execution->account;
    if (account->quote < 0) return;
    char total[DECIMAL_TEXT_MAX], available[DECIMAL_TEXT_MAX];
    unsigned count = execution_views(scene->execution, views);
    money_to_fixed(portfolio_value(account, views, count), 2, total);
    money_to_fixed(trading_account_free(account), 2, available);
    outbox_log(scene->outbox, LOG_INFO, "Updated holdings - Total Portfolio Value: $%s", total);
    outbox_log(scene->outbox, LOG_INFO, "Available %s: $%s",
               account->ledger.assets[account->quote].name.text, available);
}

static void tell_portfolio(Executor *executor, Scene *scene) {
    const TradingAccount *account = &executor->execution.account;
    if (account->quote < 0) return;
    DeskView views[LIMIT_SYMBOLS];
    unsigned count = execution_views(&executor->execution, views);
    Holdings *holdings = outbox_publish(scene->outbox, TOPIC_HOLDINGS);
    holdings->time = scene->now_us;
    holdings->peak = executor->peak;
    portfolio_fill(account, views, count, holdings);
    executor->peak = holdings->peak;
    executor->told_us = scene->now_us;
    EquityPoint *point = outbox_publish(scene->outbox, TOPIC_EQUITY);
    portfolio_point(holdings, trading_account_cash(account), point);
    if (executor->traded) execution_tell_facts(scene, executor->peak);
    const char *fault = ledger_fault(&account->ledger);
    CHECK(!fault, "the ledger does not balance");
}

static void hear_turn_end(Executor *executor, Scene *scene) {
    bool due = executor->moved && scene->now_us - executor->told_us >= TELL_US;
    if (!due && !executor->traded) return;
    if (executor->traded) log_holdings(scene);
    tell_portfolio(executor, scene);
    executor->moved = executor->traded = false;
}

static void follow_price(Executor *executor, Scene *scene, unsigned index, Price high) {
    Desk *desk = &executor->execution.desks[index];
    if (!desk->open) return;
    if (high.units > desk->high_water.units) desk->high_water = high;
    bool pause = scene->now_us - desk->stop_moved_us < executor->trailing.pause_us;
    if (!executor->trailing_enabled || pause) return;
    Price stop = sizing_trail(&executor->trailing, desk->trade.entry_price, desk->high_water,
                              desk->stop, &executor->execution.symbols.symbols[index].filters);
    if (PLANTED(9, stop.units <= desk->stop.units, stop.units == 0) ||
        stop.units >= desk->price.units)
        return;
    execution_move_stop(scene, index, stop);
    execution_tell_facts(scene, executor->peak);
}

static void hear_price(Executor *executor, Scene *scene, const char *symbol, Price price,
                       Price high) {
    int index = execution_desk(&executor->execution, symbol);
    if (index < 0) return;
    executor->execution.desks[index].price = price;
    executor->moved = true;
    execution_venue_price(scene, (unsigned)index, high);
    execution_mend(scene, (unsigned)index);
    follow_price(executor, scene, (unsigned)index, high);
}

static void hear_control(Executor *executor, Scene *scene, const Control *control) {
    executor->execution.kill = PLANTED(37, control->level, KILL_NONE);
    KillState *said = outbox_publish(scene->outbox, TOPIC_KILL_STATE);
    said->level = control->level;
    said->since = control->level == KILL_NONE ? 0 : scene->now_us;
    memcpy(said->by, control->by, sizeof said->by);
    memcpy(said->reason, control->reason, sizeof said->reason);
    outbox_log(scene->outbox, LOG_WARNING, "Kill switch: %s, by %s: %s",
               KillLevel_text(control->level), control->by, control->reason);
    if (control->level >= KILL_STOP) execution_cancel_entries(scene);
    if (control->level < KILL_FLATTEN) return;
    for (unsigned i = 0; i < executor->execution.symbols.count; i++)
        execution_exit(scene, i, REASON_FLATTEN);
}

static void hear_feed(Executor *executor, const FeedStatus *status) {
    bool stale = status->condition == CONDITION_STALE || status->condition == CONDITION_CONNECTING;
    bool live = status->condition == CONDITION_LIVE;
    if (!stale && !live) return;
    if (!status->symbol[0]) executor->execution.stale = stale;
    int index = status->symbol[0] ? execution_desk(&executor->execution, status->symbol) : -1;
    if (index >= 0) executor->execution.desks[index].stale = stale;
}

static void hear_opening(Scene *scene, const Opening *opening) {
    if (!execution_open(scene, opening->asset, opening->amount))
        outbox_log(scene->outbox, LOG_ERROR, "Opening balance in %s refused: mixed quote assets",
                   opening->asset);
    outbox_timer(scene->outbox, TIMER_LOG, scene->now_us - scene->now_us % LOG_US + LOG_US);
}

static void hear_restored_account(Executor *executor, Scene *scene, const AccountFact *fact) {
    if (!execution_restore_account(scene, fact))
        outbox_log(scene->outbox, LOG_ERROR, "The account on record does not fit: begun anew");
    executor->peak = fact->peak;
    executor->traded = true;
    outbox_timer(scene->outbox, TIMER_LOG, scene->now_us - scene->now_us % LOG_US + LOG_US);
}

static void hear_restored_position(Scene *scene, const PositionFact *fact) {
    if (!execution_restore_position(scene, fact))
        outbox_log(scene->outbox, LOG_ERROR,
                   "The position on record in %s is not traded now: left alone", fact->symbol);
}

static void hear_timer(Scene *scene, const TimerDue *due) {
    if (due->timer != TIMER_LOG) {
        execution_venue_timer(scene);
        return;
    }
    log_holdings(scene);
    outbox_timer(scene->outbox, TIMER_LOG, scene->now_us - scene->now_us % LOG_US + LOG_US);
}

static void hear_symbol(Scene *scene, const SymbolFilters *filters) {
    Symbol symbol;
    if (!symbol_from_filters(filters, &symbol)) return;
    if (!execution_symbol(scene->execution, &symbol))
        outbox_log(scene->outbox, LOG_ERROR, "No room for %s", filters->symbol);
    int index = execution_desk(scene->execution, filters->symbol);
    if (index >= 0) scene->execution->desks[index].halted = filters->halted;
}

static void hear_update(Executor *executor, const MarketUpdate *update) {
    int index = execution_desk(&executor->execution, update->symbol);
    Quantity volume;
    if (index < 0 || !quantity_from_double(update->avg_volume, &volume)) return;
    executor->execution.desks[index].minute_volume = money_of(volume.units);
}

static void hear_restored_order(Scene *scene, const OrderRecord *record) {
    if (!execution_restore_order(scene, record))
        outbox_log(scene->outbox, LOG_ERROR, "The order on record %s does not fit: left alone",
                   record->order_id);
}

static void trade_executor_step(void *state, const Message *message, Outbox *outbox) {
    Executor *executor = state;
    Scene scene = {.execution = &executor->execution, .outbox = outbox, .now_us = message->time_us};
    const MarketBar *bar = message->payload;
    const PriceMove *move = message->payload;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(&scene, message->payload);
        break;
    case TOPIC_OPENINGS:
        hear_opening(&scene, message->payload);
        executor->traded = true;
        break;
    case TOPIC_PRICES:
        hear_price(executor, &scene, move->symbol, move->price, move->high);
        break;
    case TOPIC_BARS:
        hear_price(executor, &scene, bar->symbol, bar->close, bar->high);
        break;
    case TOPIC_FEED_STATUS:
        hear_feed(executor, message->payload);
        break;
    case TOPIC_CONTROLS:
        hear_control(executor, &scene, message->payload);
        break;
    case TOPIC_TIMERS:
        hear_timer(&scene, message->payload);
        break;
    case TOPIC_RESTORED_ACCOUNTS:
        hear_restored_account(executor, &scene, message->payload);
        break;
    case TOPIC_RESTORED_POSITIONS:
        hear_restored_position(&scene, message->payload);
        break;
    case TOPIC_MARKET_UPDATES:
        hear_update(executor, message->payload);
        break;
    case TOPIC_RESTORED_ORDERS:
        hear_restored_order(&scene, message->payload);
        break;
    case TOPIC_VENUE_STATES:
        execution_venue_state(&scene, message->payload);
        break;
    case TOPIC_VENUE_IDENTITIES:
        execution_venue_identity(&scene, message->payload);
        break;
    case TOPIC_VENUE_DIFFERENCES:
        executor->traded |= execution_venue_difference(&scene, message->payload);
        break;
    case TOPIC_RISK_ENRICHED_SIGNALS:
        execution_verdict(&scene, message->payload);
        break;
    case TOPIC_EXECUTION_REPORTS:
        executor->traded |= execution_report(&scene, message->payload);
        break;
    default:
        hear_turn_end(executor, &scene);
    }
}

void trade_executor_rehearse(const void *state, int64_t now_us) {
    const Executor *executor = state;
    (void)execution_rehearse(&executor->execution, now_us);
}

const Service service_trade_executor = {
    .name = "trade_executor",
    .label = "TradeExecutor",
    .sentence = "Turns judged signals into orders, protects positions, books fills and keeps the "
                "portfolio.",
    .stage = STAGE_EXECUTION,
    .port = 8002,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_OPENINGS, TOPIC_PRICES, TOPIC_BARS, TOPIC_FEED_STATUS,
          TOPIC_CONTROLS, TOPIC_TIMERS, TOPIC_RESTORED_ACCOUNTS, TOPIC_RESTORED_POSITIONS,
          TOPIC_MARKET_UPDATES, TOPIC_RESTORED_ORDERS, TOPIC_VENUE_STATES, TOPIC_VENUE_IDENTITIES,
          TOPIC_VENUE_DIFFERENCES, TOPIC_RISK_ENRICHED_SIGNALS, TOPIC_EXECUTION_REPORTS,
          TOPIC_TURN_ENDS),
    SAYS(TOPIC_POSTINGS, TOPIC_ORDERS, TOPIC_ORDER_REQUESTS, TOPIC_TRADE_EXECUTIONS, TOPIC_TRADES,
         TOPIC_REFUSALS, TOPIC_STOP_MOVES, TOPIC_HOLDINGS, TOPIC_EQUITY, TOPIC_KILL_STATE,
         TOPIC_ACCOUNT_FACTS, TOPIC_POSITION_FACTS),
    .state_size = trade_executor_state_size,
    .init = trade_executor_init,
    .step = trade_executor_step,
};
