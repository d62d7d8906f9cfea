/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/arming.h"

#include <stdlib.h>
#include <string.h>

#include "core/venues/binance_account.h"
#include "core/venues/binance_error.h"
#include "shell/session/venue_place.h"

#define ASSETS_MAX 4096 /* the venue lists fewer than a thousand; an account holds some of them */

ArmingCheck *arming_add(Arming *arming, const char *name, Mark mark, const char *text,
                        const char *fix) {
    CHECK(arming->count < ARMING_CHECKS_MAX, "arming: too many checks");
    ArmingCheck *check = &arming->checks[arming->count++];
    *check = (ArmingCheck){.mark = mark, .code = ERROR_GUARD};
    Text title = TEXT_IN(check->name), words = TEXT_IN(check->text), advice = TEXT_IN(check->fix);
    text_put(&title, name);
    text_put(&words, text);
    text_put(&advice, fix ? fix : "");
    text_end(&title);
    text_end(&words);
    text_end(&advice);
    return check;
}

static void fail(Arming *arming, const char *name, ErrorCode code, const char *text,
                 const char *fix) {
    arming_add(arming, name, MARK_BAD, text, fix)->code = code;
}

/* What is a doubt only: a failure where real money is at stake, else a warning. */
static void doubt(const ArmingPlan *plan, Arming *arming, const char *name, const char *text,
                  const char *fix) {
    arming_add(arming, name, plan->strict ? MARK_BAD : MARK_WARN, text, fix);
}

static void fail_with(Arming *arming, const char *name, const Error *error) {
    char memory[220];
    Text text = TEXT_IN(memory);
    text_format(&text, "%s%s%s", error->message, error->where[0] ? ": " : "", error->where);
    fail(arming, name, error->code, text_end(&text), error->hint);
}

/* ---- addresses and key --------------------------------------------------------------------- */

static bool places(const Settings *settings, VenuePlace *rest, VenuePlace *api, VenuePlace *feed,
                   Error *error) {
    return venue_place(settings->venue.rest_url, rest, error) &&
           venue_place(settings->venue.ws_api_url, api, error) &&
           venue_place(settings->feed.binance_rest_url, feed, error);
}

static bool check_addresses(const ArmingPlan *plan, Arming *arming) {
    VenuePlace rest, api, feed;
    Error error;
    char memory[220];
    Text text = TEXT_IN(memory);
    if (!places(plan->settings, &rest, &api, &feed, &error)) {
        fail_with(arming, "addresses", &error);
        return false;
    }
    const char *slash = strrchr(plan->settings->venue.rest_url, '/');
    if (slash && (strcmp(slash, "/api") == 0 || strcmp(slash, "/v3") == 0)) {
        fail(arming, "addresses", ERROR_CONFIG, "the address of REST has a path already",
             "BINANCE_REST_URL without /api: the program adds it");
        return false;
    }
    if (rest != api) {
        text_format(&text, "orders go to %s, the account's stream comes from %s",
                    venue_place_name(rest), venue_place_name(api));
        fail(arming, "addresses", ERROR_CONFIG, text_end(&text),
             "set BINANCE_REST_URL and BINANCE_WS_API_URL to the same environment");
        return false;
    }
    text_format(&text, "orders go to %s (%s)", venue_place_name(rest),
                plan->settings->venue.rest_url);
    if (feed != rest) {
        text_format(&text, ", prices come from %s", venue_place_name(feed));
        doubt(plan, arming, "addresses", text_end(&text),
              "set BINANCE_REST_URL and BINANCE_WS_URL: prices of the same environment");
        return true;
    }
    arming_add(arming, "addresses", MARK_GOOD, text_end(&text), NULL);
    return true;
}

static bool check_key(const ArmingPlan *plan, Arming *arming) {
    const VenueKey *key = plan->key;
    char memory[220];
    Text text = TEXT_IN(memory);
    if (key->signer.kind == SIGNER_NONE) {
        fail(arming, "key", ERROR_CREDENTIALS, "no key is given",
             "BINANCE_API_KEY with BINANCE_API_SECRET or BINANCE_PRIVATE_KEY, in .env or *_FILE");
        return false;
    }
    text_format(&text, "account %s, %s", key->account,
                key->signer.kind == SIGNER_HMAC ? "HMAC-SHA256" : "Ed25519");
    if (!key->exposed[0]) {
        arming_add(arming, "key", MARK_GOOD, text_end(&text), NULL);
        return true;
    }
    text_clear(&text);
    text_format(&text, "others can read it (%s)", key->exposed);
    doubt(plan, arming, "key", text_end(&text), "chmod 600 on the file; then make a new key");
    arming->checks[arming->count - 1].code = ERROR_CREDENTIALS;
    return true;
}

/* ---- the clock ----------------------------------------------------------------------------- */

static void put_ms(Text *text, int64_t us) {
    if (us < 0) us = -us;
    text_fixed(text, (double)us / 1000, 1);
    text_put(text, " ms");
}

static bool check_clock(const ArmingPlan *plan, Arming *arming) {
    Error error;
    char memory[220];
    Text text = TEXT_IN(memory);
    if (!plan->clock(plan->context, &arming->clock, &error)) {
        fail_with(arming, "reach", &error);
        return false;
    }
    arming_add(arming, "reach", MARK_GOOD, "the venue answers", NULL);
    text_put(&text, "the venue's clock is ");
    put_ms(&text, arming->clock.offset_us);
    text_put(&text, arming->clock.offset_us < 0 ? " behind ours" : " ahead of ours");
    text_put(&text, ", known to ");
    put_ms(&text, arming->clock.uncertainty_us);
    int64_t bound_us = plan->settings->venue.recv_window_ms * 1000 / 2;
    if (arming->clock.uncertainty_us <= bound_us) {
        arming_add(arming, "clock", MARK_GOOD, text_end(&text), NULL);
        return true;
    }
    text_put(&text, ", more than half of venue.recv_window_ms");
    fail(arming, "clock", ERROR_GUARD, text_end(&text),
         "the connection is too slow or uneven; another network, or a wider window");
    return true;
}

/* ---- questions that are signed ------------------------------------------------------------- */

static Slice body_of(const VenueAnswer *answer) {
    return (Slice){answer->body ? answer->body : "", answer->length};
}

/* What a refusal means for who asked: the key, the clock, or the venue. */
static void fail_refused(Arming *arming, const char *name, const VenueAnswer *answer) {
    BinanceHttp http = {
        .status = answer->status, .body = body_of(answer), .retry_after_s = answer->retry_after_s};
    BinanceVerdict verdict;
    char memory[220];
    Text text = TEXT_IN(memory);
    binance_error_judge(&http, &verdict);
    int64_t code = verdict.fault.code;
    text_format(&text, "the venue answers HTTP %d", answer->status);
    if (code) text_format(&text, ": %s (%D)", verdict.fault.text, code);
    text_end(&text);
    bool by_key =
        answer->status == 401 || code == -2014 || code == -2015 || code == -1022 || code == -1002;
    if (by_key)
        fail(arming, name, ERROR_CREDENTIALS, memory,
             "is it this environment's key, complete, and allowed from this address?");
    else if (code == -1021)
        fail(arming, name, ERROR_GUARD, memory, "set the machine's clock (NTP)");
    else if (code == -1121)
        fail(arming, name, ERROR_EXCHANGE, memory, "choose symbols that it lists: --symbols");
    else
        fail(arming, name, ERROR_EXCHANGE, memory,
             answer->status == 451 ? "the venue does not serve this region" : "try again later");
}

static bool asked(const ArmingPlan *plan, Arming *arming, const char *name, const char *path,
                  VenueAnswer *answer) {
    Error error;
    *answer = (VenueAnswer){.retry_after_s = -1};
    if (plan->ask(plan->context, path, &arming->clock, answer, &error)) return true;
    fail_with(arming, name, &error);
    return false;
}

static void note_free(const ArmingPlan *plan, Arming *arming, const BinanceBalances *balances) {
    for (unsigned i = 0; plan->quote_asset && i < balances->count; i++) {
        if (strcmp(balances->at[i].asset.text, plan->quote_asset) != 0) continue;
        arming->free = balances->at[i].free;
        arming->has_free = true;
    }
}

static void judge_account(const ArmingPlan *plan, Arming *arming, const BinanceAccount *account) {
    char memory[220], amount[DECIMAL_TEXT_MAX];
    Text text = TEXT_IN(memory);
    arming->uid = account->uid;
    text_put(&text, account->can_trade ? "may trade" : "may not trade");
    if (arming->has_free) {
        money_to_text(arming->free, amount);
        text_format(&text, ", %s %s free", amount, plan->quote_asset);
    }
    text_end(&text);
    if (!account->can_trade)
        fail(arming, "account", ERROR_GUARD, memory, "the venue has to allow trading (canTrade)");
    else if (account->kind[0] && strcmp(account->kind, "SPOT") != 0)
        fail(arming, "account", ERROR_GUARD, "this is not a spot account", "give its key");
    else
        arming_add(arming, "account", MARK_GOOD, memory, NULL);
}

/* True if the venue takes the key: what comes behind needs it. */
static bool check_account(const ArmingPlan *plan, Arming *arming) {
    VenueAnswer answer;
    Error error;
    BinanceAccount account;
    BinanceBalances balances = {.capacity = ASSETS_MAX};
    if (!asked(plan, arming, "account", "/api/v3/account?omitZeroBalances=true", &answer))
        return false;
    if (answer.status != 200) {
        fail_refused(arming, "account", &answer);
        venue_answer_free(&answer);
        return false;
    }
    balances.at = calloc(ASSETS_MAX, sizeof *balances.at);
    CHECK(balances.at, "arming: out of memory");
    bool read = binance_account_read(body_of(&answer), &account, &balances, &error);
    if (read) {
        note_free(plan, arming, &balances);
        judge_account(plan, arming, &account);
    } else {
        fail_with(arming, "account", &error);
        arming->checks[arming->count - 1].code = ERROR_EXCHANGE;
    }
    free(balances.at);
    venue_answer_free(&answer);
    return read;
}

/* ---- what the key may do ------------------------------------------------------------------- */

static void risk(const ArmingPlan *plan, Arming *arming, const char *name, const char *text,
                 const char *fix) {
    char memory[220];
    Text words = TEXT_IN(memory);
    if (!plan->settings->venue.allow_risky_key) {
        doubt(plan, arming, name, text, fix);
        return;
    }
    text_format(&words, "%s; overridden by venue.allow_risky_key", text);
    arming_add(arming, name, MARK_WARN, text_end(&words), fix);
}

static void judge_rights(const ArmingPlan *plan, Arming *arming, const BinanceRights *rights) {
    if (!rights->may_trade)
        fail(arming, "trading", ERROR_CREDENTIALS, "the key may not trade on spot",
             "enable spot trading for it at the venue");
    else
        arming_add(arming, "trading", MARK_GOOD, "the key may trade on spot", NULL);
    if (rights->may_withdraw)
        risk(plan, arming, "withdrawal", "the key may withdraw",
             "take that right from it at the venue: a stolen key then moves no money away");
    else
        arming_add(arming, "withdrawal", MARK_GOOD, "the key may not withdraw", NULL);
    if (!rights->is_bound)
        risk(plan, arming, "restriction", "the key works from every address",
             "bind it to this machine's address at the venue");
    else
        arming_add(arming, "restriction", MARK_GOOD, "the key is bound to addresses", NULL);
}

/* Only the real environment has this call; elsewhere nothing can be told, and nothing is at stake.
 */
static void check_rights(const ArmingPlan *plan, Arming *arming) {
    VenueAnswer answer;
    BinanceRights rights;
    Error error;
    if (!asked(plan, arming, "rights", "/sapi/v1/account/apiRestrictions", &answer)) return;
    if (answer.status == 404 && !plan->strict)
        arming_add(arming, "rights", MARK_GOOD, "what the key may do cannot be told here", NULL);
    else if (answer.status == 404)
        fail(arming, "rights", ERROR_GUARD, "what the key may do cannot be told here",
             "is venue.rest_url the venue's own address?");
    else if (answer.status != 200)
        fail_refused(arming, "rights", &answer);
    else if (binance_account_rights(body_of(&answer), &rights, &error))
        judge_rights(plan, arming, &rights);
    else
        fail(arming, "rights", ERROR_EXCHANGE, error.message, "the venue's answer is not known");
    venue_answer_free(&answer);
}

/* ---- symbols ------------------------------------------------------------------------------- */

/* A public question; names of symbols go percent-encoded, whatever characters they have. */
static void symbols_path(const ArmingPlan *plan, Text *path) {
    text_put(path, "/api/v3/exchangeInfo?symbols=%5B");
    for (unsigned i = 0; i < plan->symbol_count; i++) {
        text_put(path, i ? "%2C%22" : "%22");
        for (const char *at = plan->symbols[i].text; *at; at++) {
            const uint8_t byte = (uint8_t)*at;
            bool plain = (byte >= 'A' && byte <= 'Z') || (byte >= '0' && byte <= '9');
            if (!plain) text_char(path, '%');
            plain ? text_char(path, *at) : text_hex(path, &byte, 1);
        }
        text_put(path, "%22");
    }
    text_put(path, "%5D");
}

static void check_symbols(const ArmingPlan *plan, Arming *arming) {
    char memory[LIMIT_SYMBOLS * 90 + 64]; /* 24 bytes of a name, each three characters at most */
    Text path = TEXT_IN(memory);
    VenueAnswer answer = {.retry_after_s = -1};
    Error error;
    symbols_path(plan, &path);
    if (!plan->ask(plan->context, text_end(&path), NULL, &answer, &error)) {
        fail_with(arming, "symbols", &error);
        return;
    }
    if (answer.status == 200)
        arming_check_symbols(plan, arming, body_of(&answer));
    else
        fail_refused(arming, "symbols", &answer);
    venue_answer_free(&answer);
}

/* ---- all of them --------------------------------------------------------------------------- */

void arming_check(const ArmingPlan *plan, Arming *arming) {
    *arming = (Arming){.uid = -1};
    bool sound = check_addresses(plan, arming);
    bool has_key = check_key(plan, arming);
    if (!sound || !check_clock(plan, arming)) return;
    if (has_key && check_account(plan, arming)) check_rights(plan, arming);
    check_symbols(plan, arming);
}

bool arming_passed(const Arming *arming, Error *error) {
    for (unsigned i = 0; i < arming->count; i++) {
        const ArmingCheck *check = &arming->checks[i];
        if (check->mark != MARK_BAD) continue;
        char where[64];
        Text text = TEXT_IN(where);
        text_format(&text, "arming: %s", check->name);
        return error_set(error, check->code, check->text, text_end(&text), check->fix);
    }
    return true;
}

void arming_print(const Arming *arming, FILE *file, bool color) {
    for (unsigned i = 0; i < arming->count; i++) {
        const ArmingCheck *check = &arming->checks[i];
        fputs("  ", file);
        paint_mark(file, check->mark, color);
        fprintf(file, " %-11s %s\n", check->name, check->text);
        if (check->mark != MARK_GOOD && check->fix[0]) fprintf(file, "%16s%s\n", "", check->fix);
    }
}
