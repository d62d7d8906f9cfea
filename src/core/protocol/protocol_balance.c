/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Balances (protocol_parts.h). What the account holds of an asset is ours, by the ledger's
 * postings, and others': the first look says how much is others'. Later the venue's figure must be
 * the sum; what differs twice while nothing is on its way came or went from outside: it is told,
 * never "corrected" by trading. Where others' share would fall below nothing, some of ours is gone.
 */
#include <string.h>

#include "core/market/order.h"
#include "core/protocol/protocol_parts.h"

/* Before a difference counts it is looked at again. */
#define SECOND_LOOK_US 5000000
/* The venue may round each fill's cost and proceeds the other way. */
#define ROUNDING_UNITS 2

/* ---- ours ------------------------------------------------------------------------------------ */

static bool is_owned(Account account) {
    return account == ACCOUNT_FREE || account == ACCOUNT_LOCKED;
}

void balance_posting(Protocol *protocol, const Posting *posting) {
    AssetStand *stand = protocol_asset(protocol, posting->asset);
    if (posting->credit == ACCOUNT_OPENING && is_owned(posting->debit)) protocol->opened = true;
    if (!stand) return;
    if (is_owned(posting->debit) && !is_owned(posting->credit))
        stand->ours = money_add(stand->ours, posting->amount);
    if (is_owned(posting->credit) && !is_owned(posting->debit))
        stand->ours = money_subtract(stand->ours, posting->amount);
    /* What the ledger calls external is what others hold here. */
    if (posting->credit == ACCOUNT_EXTERNAL)
        stand->foreign = money_subtract(stand->foreign, posting->amount);
    if (posting->debit == ACCOUNT_EXTERNAL)
        stand->foreign = money_add(stand->foreign, posting->amount);
    stand->fills += posting->debit == ACCOUNT_MARKET || posting->credit == ACCOUNT_MARKET;
}

/* ---- a look ---------------------------------------------------------------------------------- */

static Money total_of(const BinanceBalances *balances, const char *asset, bool free_only) {
    for (unsigned i = 0; i < balances->count; i++) {
        const BinanceBalance *balance = &balances->at[i];
        if (strcmp(balance->asset.text, asset) != 0) continue;
        return free_only ? balance->free : money_add(balance->free, balance->locked);
    }
    return money_of(0); /* the answer leaves out what is nothing */
}

static void open_account(Turn *turn, const BinanceBalances *balances) {
    Protocol *protocol = turn->protocol;
    if (protocol->opened || protocol->symbol_count == 0) return;
    const char *quote = protocol->symbols[0].symbol.quote.text;
    AssetStand *stand = protocol_asset(protocol, quote);
    if (!stand) return;
    Money amount = total_of(balances, quote, true);
    bool over = protocol->budget.units > 0 && money_compare(amount, protocol->budget) > 0;
    if (over) amount = protocol->budget;
    Opening *opening = outbox_publish(turn->outbox, TOPIC_OPENINGS);
    memcpy(opening->asset, quote, strlen(quote) + 1);
    opening->amount = amount;
    protocol->opened = true;
    stand->known = true; /* what is ours of it is posted in this very turn */
    stand->foreign = money_subtract(total_of(balances, quote, false), amount);
}

static void say_difference(Turn *turn, const AssetStand *stand, Money change, Money missing) {
    VenueDifference *said = outbox_publish(turn->outbox, TOPIC_VENUE_DIFFERENCES);
    char amount[DECIMAL_TEXT_MAX];
    said->time = turn->now_us;
    memcpy(said->asset, stand->asset.text, sizeof said->asset);
    said->change = change;
    said->missing = missing;
    bool came = change.units > 0;
    money_to_text(came ? change : money_of(-change.units), amount);
    Text text = TEXT_IN(said->text);
    text_format(&text, "%s %s %s from outside%s", amount, stand->asset.text, came ? "came" : "went",
                missing.units > 0 ? ", some of it the program's own" : "");
    text_end(&text);
    outbox_log(turn->outbox, LOG_WARNING, "%s", said->text);
}

/* What others do not hold any more is missing of ours; the executor's posting moves it over. */
static void judge_missing(Turn *turn, const AssetStand *stand, Money change) {
    Money missing = money_of(0);
    if (stand->foreign.units < 0) missing = money_of(-stand->foreign.units);
    if (money_compare(missing, stand->ours) > 0) missing = stand->ours;
    if (change.units != 0 || missing.units != 0) say_difference(turn, stand, change, missing);
}

static bool is_rounding(const AssetStand *stand, Money difference) {
    __int128 size = difference.units < 0 ? -difference.units : difference.units;
    return size <= (__int128)stand->fills * ROUNDING_UNITS;
}

/* True if it is to be looked at again. */
static bool judge(Turn *turn, AssetStand *stand, Money total) {
    Money expected = money_add(stand->ours, stand->foreign);
    Money difference = money_subtract(total, expected);
    if (!stand->known || is_rounding(stand, difference)) {
        bool first = !stand->known;
        stand->known = true;
        stand->fills = 0;
        stand->suspected = money_of(0);
        stand->foreign = money_add(stand->foreign, difference);
        if (first || stand->foreign.units < 0) judge_missing(turn, stand, money_of(0));
        return false;
    }
    bool twice = money_compare(stand->suspected, difference) == 0;
    stand->suspected = twice ? money_of(0) : difference;
    if (!twice) return true;
    stand->foreign = money_add(stand->foreign, difference);
    stand->fills = 0;
    judge_missing(turn, stand, difference);
    return false;
}

/* Nothing that would change a balance may be on its way. */
static bool is_still(const Protocol *protocol) {
    for (unsigned i = table_next(protocol, 0); i < PROTOCOL_ORDERS;
         i = table_next(protocol, i + 1)) {
        const TrackedOrder *order = &protocol->orders[i];
        for (unsigned j = 0; j < TRACKED_LEGS; j++) {
            const Leg *leg = &order->legs[j];
            bool moving = leg->state == LEG_SENT || leg->state == LEG_UNKNOWN ||
                          leg->booked.units < leg->executed.units;
            if (moving || (leg->kind == LEG_MARKET && leg->state == LEG_OPEN)) return false;
        }
    }
    return true;
}

void balance_account(Turn *turn, const Flight *flight, const BinanceAccount *account,
                     const BinanceBalances *balances) {
    Protocol *protocol = turn->protocol;
    if (!account->can_trade && !protocol->barred[0]) {
        Text text = TEXT_IN(protocol->barred);
        text_put(&text, "the venue says that this account may not trade");
        text_end(&text);
    }
    bool fresh = flight->sent_us > protocol->fill_us && is_still(protocol);
    if (!fresh) {
        question_want(&protocol->account_question, turn->now_us + SECOND_LOOK_US);
        return;
    }
    open_account(turn, balances);
    bool again = false;
    for (unsigned i = 0; i < protocol->asset_count; i++) {
        AssetStand *stand = &protocol->assets[i];
        Money total = total_of(balances, stand->asset.text, false);
        bool opening = strcmp(stand->asset.text, protocol->symbols[0].symbol.quote.text) == 0 &&
                       stand->ours.units == 0;
        if (!opening || stand->known) again |= !opening && judge(turn, stand, total);
    }
    /* It may be a fill of ours that the stream has lost: orders and trades are looked at before
     * anybody else is held to be the cause. */
    if (again) sync_begin_at(turn, turn->now_us + SECOND_LOOK_US);
}
