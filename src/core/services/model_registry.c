/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Model registry: every version of what decides (a model with its prompt, the local analyst, a
 * strategy with its parameters), what it was made from, how it has done, and which one is champion.
 * Who decides registers itself; a version is the model_id of its signals. Its record grows with the
 * outcomes of its signals, with the closed trades of a strategy, and with opinions (the deciding
 * model's, further models', the local analyst's beside one), which are judged here as the analyst
 * judges its signals; all of them at each question, so that models meet on the same closes. A
 * signal whose opinion is scored is not scored again. A challenger is tested against the champion
 * on what both said since the challenge (core/trade/version_score.h).
 *
 * The settings say which version decides; the registry's champion follows them. It trades nothing.
 */
#include <math.h>
#include <string.h>

#include "core/bus/convert.h"
#include "core/bus/service.h"
#include "core/bus/shape.h"
#include "core/trade/hit_rate.h"
#include "core/trade/version_table.h"

/* ---- state --------------------------------------------------------------------------------- */

/* A signal or opinion whose outcome is awaited. */
typedef struct AwaitedWord {
    int64_t number; /* 0: free */
    int16_t entry;
    uint16_t symbol;
    bool by_trades; /* a strategy's: scored by its trades */
    double confidence;
    int64_t market_timestamp, emitted_us;
} AwaitedWord;

typedef struct Registry {
    int64_t point_us, least;
    double alpha, costs_pct;
    bool promotes;
    int64_t candle_us; /* of the bars that come in */
    uint32_t opinions; /* scored ones, counted */
    SymbolTable symbols;
    Price prices[LIMIT_SYMBOLS];
    VersionTable versions;
    AwaitedWord signals[LIMIT_HELD_SIGNALS], voiced[LIMIT_HELD_SIGNALS];
    HitRate rate;
} Registry;

/* ---- options ------------------------------------------------------------------------------- */

static size_t model_registry_state_size(const Settings *settings) {
    (void)settings;
    return sizeof(Registry);
}

static void model_registry_init(void *state, const Settings *settings) {
    Registry *registry = state;
    registry->point_us = settings->registry.point_interval * INSTANT_SECOND_US;
    registry->least = settings->registry.min_outcomes;
    registry->alpha = settings->registry.significance;
    registry->promotes = settings->registry.auto_promote;
    hit_rate_init(&registry->rate, settings);
    registry->costs_pct = registry->rate.costs * 100;
}

/* ---- entries ------------------------------------------------------------------------------- */

static void say_version(VersionEntry *entry, int64_t now_us, Outbox *outbox) {
    entry->version.last_updated = now_us;
    version_tally_metrics(&entry->tally, &entry->version.performance_metrics);
    ModelVersion *said = outbox_publish(outbox, TOPIC_MODEL_VERSIONS);
    *said = entry->version;
}

/* An event that is still to get its words. */
static VersionEvent *begin_event(const char *id, ModelAction action, const char *by, int64_t now_us,
                                 Outbox *outbox) {
    VersionEvent *event = outbox_publish(outbox, TOPIC_VERSION_EVENTS);
    Text key = TEXT_IN(event->version_id), who = TEXT_IN(event->by);
    text_put(&key, id);
    text_end(&key);
    text_put(&who, by);
    text_end(&who);
    event->action = action;
    event->time = now_us;
    event->p_value = (double)NAN;
    return event;
}

static void say_event(const char *id, ModelAction action, const char *by, const char *words,
                      int64_t now_us, Outbox *outbox) {
    VersionEvent *event = begin_event(id, action, by, now_us, outbox);
    Text text = TEXT_IN(event->text);
    text_put(&text, words);
    text_end(&text);
    outbox_log(outbox, LOG_INFO, "%s %s by %s: %s", ModelAction_text(action), id, by, event->text);
}

static void make_champion(Registry *registry, VersionEntry *entry, int64_t now_us, Outbox *outbox) {
    VersionEntry *before = version_champion(&registry->versions);
    if (before && before != entry) {
        version_set(before, "registered");
        say_version(before, now_us, outbox);
    }
    version_set(entry, "champion");
    entry->version.promoted = now_us;
    entry->version.challenged = entry->version.looks = 0;
    say_version(entry, now_us, outbox);
}

/* ---- registrations ------------------------------------------------------------------------- */

/* Of the version that had the place before. */
static void forget_words(Registry *registry, int entry) {
    for (unsigned i = 0; i < LIMIT_HELD_SIGNALS; i++) {
        if (registry->signals[i].entry == entry) registry->signals[i].number = 0;
        if (registry->voiced[i].entry == entry) registry->voiced[i].number = 0;
    }
}

static VersionEntry *take_in(Registry *registry, const ModelVersion *told, int64_t now_us,
                             Outbox *outbox) {
    const VersionEntry *kin = version_newest(&registry->versions, told->model_type);
    char parent[sizeof told->parent_id] = "";
    if (kin) memcpy(parent, kin->version.version_id, sizeof parent);
    VersionEntry *entry = version_place(&registry->versions);
    if (entry) forget_words(registry, (int)(entry - registry->versions.entries));
    if (!entry) {
        outbox_log(outbox, LOG_WARNING, "%s is not registered: there are %d versions already",
                   told->version_name, VERSIONS_MAX);
        return NULL;
    }
    entry->version = *told;
    if (!told->parent_id[0]) memcpy(entry->version.parent_id, parent, sizeof parent);
    if (!told->creation_date) entry->version.creation_date = now_us;
    entry->version.registration_date = now_us;
    version_set(entry, "registered");
    say_event(told->version_id, VERSION_REGISTER, "registry", told->version_name, now_us, outbox);
    return entry;
}

static void hear_registration(Registry *registry, const ModelVersion *told, int64_t now_us,
                              Outbox *outbox) {
    VersionEntry *entry = version_find(&registry->versions, told->version_id, NULL);
    bool decides = strcmp(told->status, "champion") == 0;
    if (!entry) entry = take_in(registry, told, now_us, outbox);
    if (!entry) return;
    if (decides && !version_is(entry, "champion")) {
        say_event(told->version_id, VERSION_PROMOTE, "settings",
                  version_champion(&registry->versions)
                      ? "the settings let it decide in the champion's place"
                      : "the first version that decides",
                  now_us, outbox);
        make_champion(registry, entry, now_us, outbox);
    } else {
        say_version(entry, now_us, outbox);
    }
}

/* Speaks without having registered: what its signals say of it is all that is known. */
static VersionEntry *speaker_of(Registry *registry, const Signal *signal, int64_t now_us,
                                Outbox *outbox) {
    const char *id = signal->model_id; /* names may be shared, ids are not */
    VersionEntry *entry =
        version_find(&registry->versions, id, id[0] ? NULL : signal->model_version);
    if (entry || !signal->model_version[0]) return entry;
    ModelVersion told = {.config = "{}"};
    version_begin(&told, signal->by_model ? "language_model" : "unknown",
                  signal->model_id[0] ? signal->model_id : signal->model_version,
                  signal->model_version);
    return take_in(registry, &told, now_us, outbox);
}

static void hear_restored(Registry *registry, const ModelVersion *version) {
    if (version_find(&registry->versions, version->version_id, NULL)) return;
    VersionEntry *entry = version_place(&registry->versions);
    if (!entry) return;
    entry->version = *version;
    entry->tally = version_tally_of(&version->performance_metrics);
    entry->tally.separate_us = version->last_updated; /* none of its outcomes ended later */
}

/* ---- outcomes ------------------------------------------------------------------------------ */

static int64_t number_of(const char *signal_id) {
    int64_t number = 0;
    Slice id = slice_of(signal_id);
    bool sound = id.length > 2 && slice_int((Slice){id.at + 2, id.length - 2}, &number);
    return sound && number > 0 ? number : 0;
}

static AwaitedWord *place_of(AwaitedWord *words, int64_t number) {
    return &words[(uint64_t)number % LIMIT_HELD_SIGNALS];
}

static uint64_t key_of(unsigned symbol, int64_t market_timestamp) {
    return (uint64_t)market_timestamp * LIMIT_SYMBOLS + symbol;
}

static void tell_point(const Registry *registry, VersionEntry *entry, int64_t now_us,
                       Outbox *outbox) {
    if (entry->told_us && now_us - entry->told_us < registry->point_us) return;
    entry->told_us = now_us;
    say_version(entry, now_us, outbox);
    VersionPoint *point = outbox_publish(outbox, TOPIC_VERSION_POINTS);
    memcpy(point->version_id, entry->version.version_id, sizeof point->version_id);
    point->time = now_us;
    point->metrics = entry->version.performance_metrics;
}

/* All challengers share one level. */
static void look_at(Registry *registry, VersionEntry *challenger, int64_t now_us, Outbox *outbox) {
    VersionEntry *champion = version_champion(&registry->versions);
    if (!champion || !version_is(challenger, "challenger")) return;
    ModelVersion *version = &challenger->version;
    unsigned mine = version_outcomes_since(&challenger->outcomes, version->challenged);
    unsigned its = version_outcomes_since(&champion->outcomes, version->challenged);
    uint64_t due = version_look_at(registry->least, version->looks + 1);
    if (mine < due || its < due) return;
    int64_t look = version->looks + 1;
    double level =
        version_look_level(registry->alpha, look) / version_challengers(&registry->versions);
    VersionTest test = version_test(&champion->outcomes, &challenger->outcomes, version->challenged,
                                    (unsigned)registry->least, (uint64_t)look);
    if (isnan(test.p)) return; /* of too few days nothing can be seen: that is no look */
    version->looks = look;
    bool better = test.p <= level;
    bool promotes = better && registry->promotes;
    VersionEvent *event =
        begin_event(version->version_id, promotes ? VERSION_PROMOTE : VERSION_CHALLENGE, "registry",
                    now_us, outbox);
    Text text = TEXT_IN(event->text);
    text_put(&text, better ? "better; " : "not shown to be better; ");
    version_put_test(&text, &test, look, level);
    event->p_value = test.p;
    outbox_log(outbox, LOG_INFO, "%s: %s", version->version_name, text_end(&text));
    if (promotes) make_champion(registry, challenger, now_us, outbox);
}

static void look_around(Registry *registry, int64_t now_us, Outbox *outbox) {
    for (unsigned i = 0; i < registry->versions.count; i++)
        look_at(registry, &registry->versions.entries[i], now_us, outbox);
}

static void score(Registry *registry, AwaitedWord *word, bool hit, double return_pct,
                  int64_t now_us, Outbox *outbox) {
    VersionEntry *entry = &registry->versions.entries[word->entry];
    uint64_t key = key_of(word->symbol, word->market_timestamp);
    word->number = 0;
    if (version_outcome_held(&entry->outcomes, key)) return; /* it said both opinion and signal */
    version_tally_take(&entry->tally, hit, return_pct, registry->costs_pct, word->confidence);
    version_tally_span(&entry->tally, word->emitted_us, now_us);
    version_outcomes_take(
        &entry->outcomes,
        &(VersionOutcome){.key = key, .emitted_us = word->emitted_us, .return_pct = return_pct});
    tell_point(registry, entry, now_us, outbox);
    look_around(registry, now_us, outbox);
}

static bool is_voiced(const Registry *registry, const VersionEntry *entry, uint64_t key) {
    for (unsigned i = 0; i < LIMIT_HELD_SIGNALS; i++) {
        const AwaitedWord *word = &registry->voiced[i];
        if (word->number && &registry->versions.entries[word->entry] == entry &&
            key_of(word->symbol, word->market_timestamp) == key)
            return true;
    }
    return false;
}

static void hear_signal(Registry *registry, const Signal *signal, int64_t now_us, Outbox *outbox) {
    int64_t number = number_of(signal->id);
    int symbol = symbol_table_find_text(&registry->symbols, signal->symbol);
    VersionEntry *entry = speaker_of(registry, signal, now_us, outbox);
    if (!entry || symbol < 0 || number == 0 || signal->decision == DECISION_HOLD) return;
    /* Its opinion on this close is scored already, as everybody's is. */
    if (is_voiced(registry, entry, key_of((unsigned)symbol, signal->market_timestamp))) return;
    *place_of(registry->signals, number) =
        (AwaitedWord){.number = number,
                      .entry = (int16_t)(entry - registry->versions.entries),
                      .symbol = (uint16_t)symbol,
                      .by_trades = signal->selected_strategy.present,
                      .confidence = signal->confidence,
                      .market_timestamp = signal->market_timestamp,
                      .emitted_us = signal->timestamp};
}

static AwaitedWord *awaited(Registry *registry, const char *signal_id, bool by_trades) {
    int64_t number = number_of(signal_id);
    AwaitedWord *word = place_of(registry->signals, number);
    return number && word->number == number && word->by_trades == by_trades ? word : NULL;
}

static void hear_outcome(Registry *registry, const SignalOutcome *outcome, int64_t now_us,
                         Outbox *outbox) {
    AwaitedWord *word = awaited(registry, outcome->signal_id, false);
    if (word) score(registry, word, outcome->hit, outcome->return_pct, now_us, outbox);
}

static void hear_trade(Registry *registry, const Trade *trade, int64_t now_us, Outbox *outbox) {
    AwaitedWord *word = awaited(registry, trade->signal_id, true);
    if (word) score(registry, word, trade->pnl_pct > 0, trade->pnl_pct, now_us, outbox);
}

/* ---- opinions ------------------------------------------------------------------------------ */

/* Whole answers to the question that all get; what a panel argues, what the risks made of it and
 * what-ifs are none. */
static bool is_scored(const char *role) {
    static const char *const roles[] = {"analyst", "judge", "arena", "local"};
    for (unsigned i = 0; i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(role, roles[i]) == 0) return true;
    return false;
}

static void hear_opinion(Registry *registry, const ModelOpinion *opinion, int64_t now_us) {
    int symbol = symbol_table_find_text(&registry->symbols, opinion->symbol);
    VersionEntry *entry = version_find(&registry->versions, "", opinion->model_version);
    if (!is_scored(opinion->role) || !entry || symbol < 0 || opinion->decision == DECISION_HOLD)
        return;
    if (registry->prices[symbol].units <= 0) return; /* no bar of it yet: nothing to measure from */
    PendingSignal pending = {.number = ++registry->opinions,
                             .symbol = (uint16_t)symbol,
                             .decision = (uint8_t)opinion->decision,
                             .price = registry->prices[symbol],
                             .emitted_us = now_us,
                             .horizon_us = hit_rate_horizon(&registry->rate, registry->candle_us)};
    if (!hit_rate_hold(&registry->rate, &pending)) return;
    *place_of(registry->voiced, pending.number) =
        (AwaitedWord){.number = pending.number,
                      .entry = (int16_t)(entry - registry->versions.entries),
                      .symbol = (uint16_t)symbol,
                      .confidence = opinion->confidence,
                      .market_timestamp = opinion->market_timestamp,
                      .emitted_us = opinion->time};
}

static void hear_bar(Registry *registry, const MarketBar *heard, int64_t now_us, Outbox *outbox) {
    int symbol = symbol_table_find_text(&registry->symbols, heard->symbol);
    if (symbol < 0) return;
    Bar bar = bar_from_message(heard);
    HitOutcome outcome;
    registry->prices[symbol] = bar.close;
    registry->candle_us = interval_us((Interval)heard->interval);
    while (hit_rate_settle(&registry->rate, (unsigned)symbol, &bar, now_us, &outcome)) {
        AwaitedWord *word = place_of(registry->voiced, outcome.signal.number);
        if (word->number == outcome.signal.number)
            score(registry, word, outcome.hit, outcome.return_fraction * 100, now_us, outbox);
    }
}

/* ---- orders -------------------------------------------------------------------------------- */

/* NULL, or why the order cannot be carried out. */
static const char *fault_of(Registry *registry, const VersionEntry *entry, ModelAction action) {
    if (!entry) return "there is no such version";
    bool champion = version_is(entry, "champion");
    switch (action) {
    case VERSION_PROMOTE:
        return champion ? "it is the champion already" : NULL;
    case VERSION_CHALLENGE:
        if (champion) return "the champion cannot challenge itself";
        return version_is(entry, "retired") ? "it is retired: promote it first" : NULL;
    case VERSION_RETIRE:
        return champion ? "the champion cannot be retired: promote another first" : NULL;
    case VERSION_ROLL_BACK:
        if (!champion) return "it is not the champion (any more)";
        return version_former(&registry->versions) ? NULL : "there is no earlier champion";
    default:
        return "versions are registered by who decides, not by order";
    }
}

static void carry_out(Registry *registry, VersionEntry *entry, ModelAction action, int64_t now_us,
                      Outbox *outbox) {
    switch (action) {
    case VERSION_PROMOTE:
        make_champion(registry, entry, now_us, outbox);
        return;
    case VERSION_ROLL_BACK:
        make_champion(registry, version_former(&registry->versions), now_us, outbox);
        return;
    case VERSION_RETIRE:
        version_set(entry, "retired");
        break;
    default:
        version_set(entry, "challenger");
        entry->version.challenged = now_us;
        entry->version.looks = 0;
    }
    say_version(entry, now_us, outbox);
}

static void hear_order(Registry *registry, const ModelOrder *order, int64_t now_us,
                       Outbox *outbox) {
    VersionEntry *entry = version_find(&registry->versions, order->version_id, NULL);
    const char *fault = fault_of(registry, entry, order->action);
    if (fault) {
        outbox_log(outbox, LOG_WARNING, "%s of %s refused: %s", ModelAction_text(order->action),
                   order->version_id, fault);
        VersionEvent *event =
            begin_event(order->version_id, order->action, order->by, now_us, outbox);
        Text text = TEXT_IN(event->text);
        text_format(&text, "refused: %s", fault);
        text_end(&text);
        return;
    }
    say_event(order->version_id, order->action, order->by, order->reason, now_us, outbox);
    carry_out(registry, entry, order->action, now_us, outbox);
}

/* ---- step ---------------------------------------------------------------------------------- */

static void hear_symbol(Registry *registry, const SymbolFilters *filters) {
    Symbol symbol;
    if (symbol_from_filters(filters, &symbol)) symbol_table_put(&registry->symbols, &symbol);
}

static void model_registry_step(void *state, const Message *message, Outbox *outbox) {
    Registry *registry = state;
    int64_t now_us = message->time_us;
    switch (message->topic) {
    case TOPIC_SYMBOL_FILTERS:
        hear_symbol(registry, message->payload);
        break;
    case TOPIC_RESTORED_VERSIONS:
        hear_restored(registry, message->payload);
        break;
    case TOPIC_MODEL_REGISTRATIONS:
        hear_registration(registry, message->payload, now_us, outbox);
        break;
    case TOPIC_TRADING_SIGNALS:
        hear_signal(registry, message->payload, now_us, outbox);
        break;
    case TOPIC_SIGNAL_OUTCOMES:
        hear_outcome(registry, message->payload, now_us, outbox);
        break;
    case TOPIC_TRADES:
        hear_trade(registry, message->payload, now_us, outbox);
        break;
    case TOPIC_MODEL_OPINIONS:
        hear_opinion(registry, message->payload, now_us);
        break;
    case TOPIC_BARS:
        hear_bar(registry, message->payload, now_us, outbox);
        break;
    default:
        hear_order(registry, message->payload, now_us, outbox);
    }
}

const Service service_model_registry = {
    .name = "model_registry",
    .label = "ModelRegistry",
    .sentence = "Keeps every version of what decides: lineage, settings, record, champion and "
                "challengers.",
    .stage = STAGE_OBSERVER,
    .port = 8006,
    HEARS(TOPIC_SYMBOL_FILTERS, TOPIC_RESTORED_VERSIONS, TOPIC_MODEL_REGISTRATIONS,
          TOPIC_TRADING_SIGNALS, TOPIC_SIGNAL_OUTCOMES, TOPIC_TRADES, TOPIC_MODEL_OPINIONS,
          TOPIC_BARS, TOPIC_MODEL_ORDERS),
    SAYS(TOPIC_MODEL_VERSIONS, TOPIC_VERSION_POINTS, TOPIC_VERSION_EVENTS),
    .state_size = model_registry_state_size,
    .init = model_registry_init,
    .step = model_registry_step,
};
