/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/outside_target.h"

#include <stdio.h>
#include <string.h>

#include "core/base/text.h"

#define SECRET_LEAST 6 /* a shorter one is no secret, and would blot out words */
#define AGENT        "trader/" TRADER_VERSION
/* Reddit wants platform, name, version and an account's name. */
#define REDDIT_AGENT "linux:trader:" TRADER_VERSION " (by /u/trader_program)"
#define REDDIT_TOKEN "https://www.reddit.com/api/v1/access_token"

/* ---- pieces -------------------------------------------------------------------------------- */

static void add_header(OutsideTarget *target, const char *format, const char *value) {
    if (target->header_count == TARGET_HEADERS_MAX) return;
    snprintf(target->headers[target->header_count++], sizeof target->headers[0], format, value);
}

/* What a path or a parameter may hold: it was percent-encoded by who asks. */
static bool is_encoded(const char *text) {
    for (const unsigned char *c = (const unsigned char *)text; *c; c++)
        if (*c <= ' ' || *c >= 0x7F || *c == '"' || *c == '<' || *c == '>' || *c == '\\' ||
            *c == '#')
            return false;
    return strstr(text, "/../") == NULL;
}

static void put_encoded(Text *text, const char *value) {
    static const char digits[] = "0123456789ABCDEF";
    for (const unsigned char *c = (const unsigned char *)value; *c; c++) {
        bool plain = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= 'a' && *c <= 'z') || strchr("-._~", *c);
        if (plain) {
            text_char(text, (char)*c);
            continue;
        }
        text_char(text, '%');
        text_char(text, digits[*c >> 4]);
        text_char(text, digits[*c & 15]);
    }
}

static void put_base64(Text *text, const char *value) {
    static const char signs[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t length = strlen(value);
    const unsigned char *bytes = (const unsigned char *)value;
    for (size_t i = 0; i < length; i += 3) {
        uint32_t three = (uint32_t)bytes[i] << 16;
        if (i + 1 < length) three |= (uint32_t)bytes[i + 1] << 8;
        if (i + 2 < length) three |= bytes[i + 2];
        text_char(text, signs[three >> 18]);
        text_char(text, signs[three >> 12 & 63]);
        text_char(text, i + 1 < length ? signs[three >> 6 & 63] : '=');
        text_char(text, i + 2 < length ? signs[three & 63] : '=');
    }
}

/* ---- the question -------------------------------------------------------------------------- */

static bool put_url(const OutsidePlace *place, const OutsideRequest *request,
                    OutsideTarget *target) {
    Text url = TEXT_IN(target->url);
    text_put(&url, place->url);
    if (request->path[0] && request->path[0] != '/') text_char(&url, '/');
    text_put(&url, request->path);
    char mark = strchr(place->url, '?') ? '&' : '?';
    if (request->parameters[0]) {
        text_char(&url, mark);
        text_put(&url, request->parameters);
        mark = '&';
    }
    if (request->source == OUTSIDE_CRYPTOPANIC) {
        text_char(&url, mark);
        text_put(&url, "auth_token=");
        put_encoded(&url, place->key);
    }
    text_end(&url);
    return !url.overflow;
}

static void add_condition(const char *etag, OutsideTarget *target) {
    bool sound = etag[0] && !strpbrk(etag, "\r\n");
    if (!sound) return;
    bool tag = etag[0] == '"' || strncmp(etag, "W/\"", 3) == 0;
    add_header(target, tag ? "If-None-Match: %s" : "If-Modified-Since: %s", etag);
}

static bool needs_key(OutsideSource source) {
    return source == OUTSIDE_LUNARCRUSH || source == OUTSIDE_CRYPTOPANIC ||
           source == OUTSIDE_REDDIT || source == OUTSIDE_MODEL;
}

static const char *judge(const OutsidePlace *place, const OutsideRequest *request) {
    if (!place || !place->url[0]) return "this source has no address";
    if (!is_encoded(request->path) || !is_encoded(request->parameters))
        return "the path holds what no path has";
    if (!needs_key(request->source)) return NULL;
    if (!place->key[0] && !place->is_own) return "this source needs a key, and none is given";
    if (place->key[0] && !place->is_secure && !place->is_own)
        return "a key is never sent without encryption";
    return NULL;
}

const char *outside_target_make(const OutsidePlan *plan, const OutsideRequest *request,
                                const char *token, OutsideTarget *target) {
    const OutsidePlace *place = outside_plan_place(plan, request->source, request->slot);
    *target = (OutsideTarget){.allow_plain = plan->allow_plain};
    const char *fault = judge(place, request);
    if (fault) return fault;
    if (!put_url(place, request, target)) return "the address is too long";
    target->is_own = place->is_own;
    target->is_feed = target->may_redirect = request->source == OUTSIDE_RSS;
    bool bearer = request->source == OUTSIDE_LUNARCRUSH || request->source == OUTSIDE_MODEL;
    if (bearer && place->key[0]) add_header(target, "Authorization: Bearer %s", place->key);
    if (request->source == OUTSIDE_REDDIT && token)
        add_header(target, "Authorization: Bearer %s", token);
    add_header(target, "User-Agent: %s", request->source == OUTSIDE_REDDIT ? REDDIT_AGENT : AGENT);
    add_header(target, "Accept: %s",
               target->is_feed ? "application/rss+xml, application/atom+xml, application/xml, "
                                 "text/xml;q=0.9, */*;q=0.1"
                               : "application/json");
    if (request->body[0]) add_header(target, "Content-Type: %s", "application/json");
    add_condition(request->etag, target);
    return NULL;
}

const char *outside_target_token(const OutsidePlan *plan, OutsideTarget *target) {
    const OutsidePlace *place = &plan->reddit;
    char pair[2 * OUTSIDE_KEY_MAX + 2], encoded[3 * OUTSIDE_KEY_MAX];
    *target = (OutsideTarget){.is_own = place->is_own, .allow_plain = plan->allow_plain};
    if (!place->key[0]) return "REDDIT_CLIENT_ID and REDDIT_CLIENT_SECRET are not given";
    if (!place->is_secure && !place->is_own) return "a key is never sent without encryption";
    bool usual = strncmp(place->url, "https://oauth.reddit.com", 24) == 0;
    Text url = TEXT_IN(target->url), text = TEXT_IN(encoded);
    text_format(&url, usual ? REDDIT_TOKEN : "%s/api/v1/access_token", place->url);
    text_end(&url);
    snprintf(pair, sizeof pair, "%s:%s", place->key, plan->reddit_secret);
    put_base64(&text, pair);
    text_end(&text);
    add_header(target, "Authorization: Basic %s", encoded);
    add_header(target, "User-Agent: %s", REDDIT_AGENT);
    add_header(target, "Content-Type: %s", "application/x-www-form-urlencoded");
    explicit_bzero(pair, sizeof pair);
    explicit_bzero(encoded, sizeof encoded);
    return NULL;
}

void outside_target_wipe(OutsideTarget *target) {
    explicit_bzero(target, sizeof *target);
}

/* ---- what must not come back --------------------------------------------------------------- */

static void blot(char *text, const char *secret) {
    size_t length = strlen(secret);
    if (length < SECRET_LEAST) return;
    for (char *at = text; (at = strstr(at, secret)); at += length)
        memset(at, '*', length);
}

static void blot_key(char *text, const char *key) {
    char encoded[3 * OUTSIDE_KEY_MAX + 1];
    Text out = TEXT_IN(encoded);
    blot(text, key);
    put_encoded(&out, key);
    blot(text, text_end(&out));
    explicit_bzero(encoded, sizeof encoded);
}

void outside_scrub(const OutsidePlan *plan, char *text) {
    for (unsigned i = 0; i < plan->model_count; i++)
        blot_key(text, plan->models[i].key);
    blot_key(text, plan->lunarcrush.key);
    blot_key(text, plan->cryptopanic.key);
    blot_key(text, plan->reddit.key);
    blot_key(text, plan->reddit_secret);
}
