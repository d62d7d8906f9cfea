/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the venue trades what the settings name, with the kinds of orders that are needed: market
 * orders to enter and leave, and a list of a target and a stop, which protects a position there. */
#include "core/venues/binance_fields.h"
#include "shell/session/arming.h"

#include <string.h>

#define TYPES_MAX 24 /* the venue has eleven kinds of orders */

typedef struct Offer {
    SymbolName symbol;
    Slice status;
    JsonReader types;
    bool lists, spot;
} Offer;

static const Field OFFER_ROWS[] = {
    {"symbol", FIELD_SYMBOL, true, offsetof(Offer, symbol)},
    {"status", FIELD_SLICE, true, offsetof(Offer, status)},
    {"orderTypes", FIELD_VALUE, true, offsetof(Offer, types)},
    {"ocoAllowed", FIELD_BOOL, false, offsetof(Offer, lists)},
    {"isSpotTradingAllowed", FIELD_BOOL, false, offsetof(Offer, spot)},
};
static const FieldTable OFFER_TABLE = FIELD_TABLE("symbol", OFFER_ROWS);

typedef struct Root {
    JsonReader symbols;
} Root;

static const Field ROOT_ROWS[] = {{"symbols", FIELD_VALUE, true, offsetof(Root, symbols)}};
static const FieldTable ROOT_TABLE = FIELD_TABLE("exchange information", ROOT_ROWS);

static const char *const needed[] = {"MARKET", "LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT"};
#define NEEDED_COUNT (sizeof needed / sizeof needed[0])

typedef struct Judge {
    const ArmingPlan *plan;
    bool seen[LIMIT_SYMBOLS];
    Text *faults;
} Judge;

static unsigned types_of(JsonReader types) {
    unsigned found = 0;
    Slice word;
    if (json_next(&types) != JSON_ARRAY_BEGIN) return 0;
    for (unsigned i = 0; i < TYPES_MAX && json_take_string(&types, &word); i++)
        for (unsigned k = 0; k < NEEDED_COUNT; k++)
            if (slice_is(word, needed[k])) found |= 1u << k;
    return found;
}

static void add_fault(Judge *judge, const SymbolName *symbol, const char *what, Slice word) {
    text_format(judge->faults, "%s%s %s%S", judge->faults->length ? "; " : "", symbol->text, what,
                word);
}

/* A stop may be at the market or with a limit: one of the two is enough. */
static void judge_offer(Judge *judge, const Offer *offer) {
    const SymbolName *name = &offer->symbol;
    unsigned types = types_of(offer->types);
    if (!slice_is(offer->status, "TRADING"))
        add_fault(judge, name, "is ", offer->status);
    else if (!offer->spot)
        add_fault(judge, name, "is not traded on spot", SLICE(""));
    else if (!(types & 1u))
        add_fault(judge, name, "takes no market orders", SLICE(""));
    else if (!offer->lists || !(types & 2u) || !(types & 12u))
        add_fault(judge, name, "takes no list of target and stop", SLICE(""));
}

static bool take_offer(JsonReader *object, void *target, Error *error) {
    Judge *judge = target;
    Offer offer = {.spot = true};
    if (!binance_fields_read(object, &OFFER_TABLE, &offer, NULL, error)) return false;
    for (unsigned i = 0; i < judge->plan->symbol_count; i++) {
        if (strcmp(judge->plan->symbols[i].text, offer.symbol.text) != 0) continue;
        judge->seen[i] = true;
        judge_offer(judge, &offer);
    }
    return true;
}

void arming_check_symbols(const ArmingPlan *plan, Arming *arming, Slice exchange_info) {
    char memory[200];
    Text faults = TEXT_IN(memory);
    Judge judge = {.plan = plan, .faults = &faults};
    Root root;
    Error error;
    bool read = binance_fields_whole(exchange_info, &ROOT_TABLE, &root, NULL, &error) &&
                binance_fields_each(&root.symbols, "symbols", take_offer, &judge, &error);
    if (!read) {
        arming_add(arming, "symbols", MARK_BAD, error.message, "the venue's answer is not known")
            ->code = ERROR_EXCHANGE;
        return;
    }
    for (unsigned i = 0; i < plan->symbol_count; i++)
        if (!judge.seen[i]) add_fault(&judge, &plan->symbols[i], "is not listed", SLICE(""));
    if (faults.length)
        arming_add(arming, "symbols", MARK_BAD, text_end(&faults),
                   "choose others with --symbols, or wait")
            ->code = ERROR_EXCHANGE;
    else
        arming_add(arming, "symbols", MARK_GOOD, "all are traded, with stops and lists", NULL);
}
