/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/session_venue.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shell/session/checkup.h"
#include "shell/session/session_world.h"
#include "shell/session/venue_identity.h"
#include "shell/sys/clock.h"

#define WORD_DIGITS 6 /* of the account's name: a slip of the hand does not hit another's */

/* ---- may it be traded ---------------------------------------------------------------------- */

static bool refuse_real(const char *url, Error *error) {
    return error_set(error, ERROR_GUARD, "this venue trades real money: that needs --live", url,
                     "or rehearse: BINANCE_REST_URL, BINANCE_WS_URL and BINANCE_WS_API_URL of the "
                     "testnet, or of trader exchange");
}

static bool settle(SessionVenue *venue, SessionPlan *plan, Error *error) {
    const char *url = plan->settings.venue.rest_url;
    if (plan->feed != SESSION_BINANCE)
        return error_set(error, ERROR_GUARD, "real orders need the live market", "feed",
                         "--feed binance");
    if (!venue_place(url, &venue->place, error)) return false;
    if (venue->place == PLACE_REAL && !plan->live) return refuse_real(url, error);
    plan->venue = venue->place == PLACE_REAL ? SESSION_LIVE : SESSION_TEST;
    plan->fall_back = false;
    return true;
}

bool session_venue_guard(SessionVenue *venue, SessionPlan *plan, Error *error) {
    *venue = (SessionVenue){0};
    if (!settle(venue, plan, error) || !venue_key_load(&venue->key, plan->dotenv, error))
        return false;
    venue_key_forget(plan->dotenv);
    if (venue->key.signer.kind == SIGNER_NONE)
        return error_set(error, ERROR_CREDENTIALS, "real orders need the venue's key",
                         "BINANCE_API_KEY",
                         "in .env, with BINANCE_API_SECRET or BINANCE_PRIVATE_KEY; see "
                         "docs/LIVE.md");
    return account_lock_take(&venue->lock, venue->key.account, error);
}

bool session_venue_enter(SessionVenue *venue, const char *state, bool is_new, Error *error) {
    return venue_identity_enter(state, venue->key.account, is_new, &venue->identity, error);
}

/* ---- the checks ---------------------------------------------------------------------------- */

static bool read_clock(void *context, VenueClock *clock, Error *error) {
    return venue_binance_clock(context, clock, error);
}

static bool ask(void *context, const char *path, const VenueClock *clock, VenueAnswer *answer,
                Error *error) {
    return venue_binance_ask(context, path, clock, answer, error);
}

static VenueBinancePlan transport(const Settings *settings, Signer *signer) {
    return (VenueBinancePlan){.rest_url = settings->venue.rest_url,
                              .ws_api_url = settings->venue.ws_api_url,
                              .allow_plain_http = settings->feed.allow_plain_http,
                              .signer = signer,
                              .answer_timeout_ms = (unsigned)settings->venue.answer_timeout_ms,
                              .recv_window_ms = (int32_t)settings->venue.recv_window_ms};
}

void session_venue_check(const Settings *settings, VenueKey *key, bool strict, Arming *arming) {
    SymbolName symbols[LIMIT_SYMBOLS];
    AssetName base, quote = {{0}};
    unsigned count;
    Error error;
    VenueBinancePlan binance = transport(settings, &key->signer);
    if (!session_symbol_list(settings, symbols, &count, &error)) {
        *arming = (Arming){.uid = -1};
        arming_add(arming, "symbols", MARK_BAD, error.message, error.hint)->code = error.code;
        return;
    }
    if (!symbol_split(&symbols[0], &base, &quote)) quote.text[0] = 0;
    const ArmingPlan plan = {.settings = settings,
                             .key = key,
                             .symbols = symbols,
                             .symbol_count = count,
                             .strict = strict,
                             .quote_asset = quote.text[0] ? quote.text : NULL,
                             .clock = read_clock,
                             .ask = ask,
                             .context = &binance};
    arming_check(&plan, arming);
}

/* With real money what doctor calls an error is a failure here too. The database is read through
 * only before the first arming: a restart has positions to look after, and trader doctor can read
 * it at any time. */
static void add_checkup(SessionVenue *venue, const SessionPlan *plan, const char *state) {
    static Checkup checkup;
    checkup_begin(&checkup, &plan->settings, state);
    checkup_machine(&checkup);
    if (venue->identity.armed_since == 0) checkup_database(&checkup);
    for (unsigned i = 0; i < checkup.count; i++) {
        const Finding *found = &checkup.findings[i];
        if (found->mark != MARK_BAD) continue;
        arming_add(&venue->arming, found->name, MARK_BAD, found->text, found->fix);
    }
}

/* ---- the word ------------------------------------------------------------------------------ */

void session_venue_word(const char *account, char word[static 16]) {
    snprintf(word, 16, "LIVE-%.*s", WORD_DIGITS, account);
}

static void tell_stakes(const SessionVenue *venue, const SessionPlan *plan, const char *word) {
    char amount[DECIMAL_TEXT_MAX], cap[40];
    Text text = TEXT_IN(cap);
    money_to_text(venue->identity.budget, amount);
    text_fixed(&text, plan->settings.venue.first_day_cap, 2);
    fprintf(stderr,
            "  %s: account %s, budget %s, in the first 24 hours at most %s or %.4g %% of the "
            "balance.\n  Type %s to arm: ",
            venue->place == PLACE_REAL ? "REAL MONEY" : "a rehearsal of real money",
            venue->identity.account, venue->identity.budget.units ? amount : "all that is free",
            text_end(&text), plan->settings.venue.first_day_cap_pct, word);
}

/* Typed at a terminal, or given as --live=WORD by who runs it unattended. */
static bool word_is_given(const SessionVenue *venue, const SessionPlan *plan, Error *error) {
    char word[16], message[120], hint[80], typed[64] = "";
    const char *given = plan->live_word;
    session_venue_word(venue->identity.account, word);
    if (!given && !plan->no_input && isatty(STDIN_FILENO)) {
        tell_stakes(venue, plan, word);
        if (fgets(typed, sizeof typed, stdin)) typed[strcspn(typed, "\n")] = 0;
        given = typed;
    }
    if (given && strcmp(given, word) == 0) return true;
    snprintf(message, sizeof message, "%s",
             given ? "the word does not arm this account" : "arming wants a typed word");
    snprintf(hint, sizeof hint, "type %s, or give --live=%s", word, word);
    return error_set(error, ERROR_GUARD, message, "--live", hint);
}

/* ---- arming -------------------------------------------------------------------------------- */

/* Two keys of one account are one account. Each exchange on this machine counts from 1. */
static bool lock_number(SessionVenue *venue, const SessionPlan *plan, Error *error) {
    char number[256], name[VENUE_ACCOUNT_TEXT];
    bool own = venue->place == PLACE_OWN;
    if (venue->arming.uid < 0) return true;
    snprintf(number, sizeof number, "account %lld at %s", (long long)venue->arming.uid,
             own ? plan->settings.venue.rest_url : venue_place_name(venue->place));
    venue_account_name(number, name);
    return account_lock_take(&venue->lock, name, error);
}

bool session_venue_arm(SessionVenue *venue, const SessionPlan *plan, const char *state,
                       Error *error) {
    session_venue_check(&plan->settings, &venue->key, plan->live, &venue->arming);
    if (plan->live) add_checkup(venue, plan, state);
    if (!plan->json) arming_print(&venue->arming, stderr, plan->color);
    venue->identity.live = plan->live;
    venue->identity.budget = plan->balance_given ? plan->opening : money_of(0);
    if (!arming_passed(&venue->arming, error) || !lock_number(venue, plan, error)) return false;
    if (plan->live && !word_is_given(venue, plan, error)) return false;
    int64_t now_us = clock_wall_us() + venue->arming.clock.offset_us;
    if (!venue_identity_arm(state, &venue->identity, now_us, error)) return false;
    VenueBinancePlan binance = transport(&plan->settings, &venue->key.signer);
    binance.identity = venue->identity;
    venue->port = venue_binance_open(&binance, error);
    return venue->port != NULL;
}

void session_venue_close(SessionVenue *venue) {
    if (venue->port) venue->port->close(venue->port);
    venue_key_wipe(&venue->key);
    account_lock_release(&venue->lock);
    *venue = (SessionVenue){0};
}
