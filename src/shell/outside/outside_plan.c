/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/outside/outside_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "shell/config/environment.h"
#include "shell/drivers/binance_address.h"

static const char *const mode_names[] = {"off", "replay", "cached", "live"};

/* ---- keys ---------------------------------------------------------------------------------- */

/* The value leaves the places where it stood: nothing that this process starts inherits it. */
static void forget(const char *name, const Dotenv *dotenv) {
    if (dotenv) dotenv_forget(dotenv, name);
    char *value = getenv(name);
    if (value) explicit_bzero(value, strlen(value));
    unsetenv(name);
}

static bool take_key(const char *name, const Dotenv *dotenv, char key[static OUTSIDE_KEY_MAX],
                     Error *error) {
    VariableValue value;
    const Variable rule = {.name = name, .use = VARIABLE_SECRET};
    bool sound = variable_get(name, dotenv, &value, error);
    const char *fault =
        sound && value.place != PLACE_NONE ? variable_fault(&rule, value.text) : NULL;
    if (fault) sound = error_set(error, ERROR_CREDENTIALS, fault, name, NULL);
    if (sound && !slice_copy(slice_of(value.text), key, OUTSIDE_KEY_MAX))
        sound = error_set(error, ERROR_CREDENTIALS, "the key is too long", name, NULL);
    explicit_bzero(&value, sizeof value);
    if (sound) forget(name, dotenv);
    return sound;
}

/* A further model at another host gets no key but its own: OPENAI_API_KEY_1 for the first... */
static bool take_model_keys(OutsidePlan *plan, const Dotenv *dotenv, Error *error) {
    BinanceAddress first, other;
    Error ignored;
    if (!take_key("OPENAI_API_KEY", dotenv, plan->models[0].key, error)) return false;
    bool known = binance_address_read(plan->models[0].url, true, &first, &ignored);
    for (unsigned i = 1; i < plan->model_count; i++) {
        char name[32];
        OutsidePlace *model = &plan->models[i];
        snprintf(name, sizeof name, "OPENAI_API_KEY_%u", i);
        if (!take_key(name, dotenv, model->key, error)) return false;
        bool same = known && binance_address_read(model->url, true, &other, &ignored) &&
                    strcmp(first.host, other.host) == 0 && first.port == other.port;
        if (!model->key[0] && same) memcpy(model->key, plan->models[0].key, sizeof model->key);
    }
    return true;
}

static bool take_keys(OutsidePlan *plan, const Dotenv *dotenv, Error *error) {
    return take_model_keys(plan, dotenv, error) &&
           take_key("LUNARCRUSH_API_KEY", dotenv, plan->lunarcrush.key, error) &&
           take_key("CRYPTOPANIC_API_KEY", dotenv, plan->cryptopanic.key, error) &&
           take_key("REDDIT_CLIENT_ID", dotenv, plan->reddit.key, error) &&
           take_key("REDDIT_CLIENT_SECRET", dotenv, plan->reddit_secret, error);
}

/* ---- addresses ----------------------------------------------------------------------------- */

static bool take_url(OutsidePlace *place, Slice url, Error *error) {
    url = slice_trim(url);
    while (url.length && url.at[url.length - 1] == '/' && url.length > 8)
        url.length--;
    return slice_copy(url, place->url, sizeof place->url) ||
           error_set(error, ERROR_CONFIG, "the address is too long", "outside", NULL);
}

/* The next piece of a list that commas cut. */
static Slice cut_item(const char **at) {
    size_t length = strcspn(*at, ",");
    Slice item = slice_trim((Slice){*at, length});
    *at += length + ((*at)[length] == ',');
    return item;
}

static bool take_feeds(const Settings *settings, OutsidePlan *plan, Error *error) {
    for (const char *at = settings->news.feeds; *at;) {
        Slice item = cut_item(&at);
        if (item.length == 0) continue;
        if (plan->feed_count == OUTSIDE_FEEDS_MAX)
            return error_set(error, ERROR_CONFIG, "more than 32 feeds", "news.feeds", NULL);
        /* A feed's address is taken to the letter: a slash at its end may matter. */
        if (!slice_copy(item, plan->feeds[plan->feed_count++].url, OUTSIDE_URL_MAX))
            return error_set(error, ERROR_CONFIG, "the address is too long", "news.feeds", NULL);
    }
    return true;
}

/* "name" or "name@address", in the order in which slots count them. */
static bool take_arena(const Settings *settings, OutsidePlan *plan, Error *error) {
    for (const char *at = settings->ai.arena; *at;) {
        Slice item = cut_item(&at);
        if (item.length == 0) continue;
        if (plan->model_count == OUTSIDE_MODELS_MAX)
            return error_set(error, ERROR_CONFIG, "more than 8 further models", "openai.arena",
                             NULL);
        const char *sign = memchr(item.at, '@', item.length);
        Slice url = slice_of(settings->ai.base_url);
        if (sign) url = (Slice){sign + 1, item.length - (size_t)(sign + 1 - item.at)};
        if (!take_url(&plan->models[plan->model_count++], url, error)) return false;
    }
    return true;
}

static bool take_urls(const Settings *settings, OutsidePlan *plan, Error *error) {
    plan->model_count = 1;
    return take_url(&plan->models[0], slice_of(settings->ai.base_url), error) &&
           take_arena(settings, plan, error) && take_feeds(settings, plan, error) &&
           take_url(&plan->lunarcrush, slice_of(settings->lunarcrush.base_url), error) &&
           take_url(&plan->fear_greed, slice_of(settings->social.fear_greed_url), error) &&
           take_url(&plan->binance, slice_of(settings->feed.binance_rest_url), error) &&
           take_url(&plan->cryptopanic, slice_of(settings->news.cryptopanic_url), error) &&
           take_url(&plan->gdelt, slice_of(settings->news.gdelt_url), error) &&
           take_url(&plan->reddit, slice_of(settings->news.reddit_url), error);
}

static bool judge(OutsidePlace *place, bool allow_plain, const char *setting, Error *error) {
    BinanceAddress address;
    Error ignored;
    if (!place->url[0]) return true;
    const char *fault = address_fault(VARIABLE_HTTP, place->url, allow_plain);
    if (fault) {
        char message[240];
        snprintf(message, sizeof message, "'%.150s' %s", place->url, fault);
        return error_set(error, ERROR_CONFIG, message, setting,
                         "https://..., or http:// with feed.allow_plain_http");
    }
    place->is_secure = strncmp(place->url, "https:", 6) == 0;
    /* A feed's address may hold a query, which that reader does not know: it is no own host then
     * unless it is written without. */
    place->is_own = binance_address_read(place->url, true, &address, &ignored) &&
                    binance_address_is_own(address.host);
    return true;
}

static bool judge_social(OutsidePlan *plan, Error *error) {
    for (unsigned i = 0; i < plan->feed_count; i++)
        if (!judge(&plan->feeds[i], plan->allow_plain, "news.feeds", error)) return false;
    return judge(&plan->lunarcrush, plan->allow_plain, "lunarcrush.base_url", error) &&
           judge(&plan->fear_greed, plan->allow_plain, "social.fear_greed_url", error) &&
           judge(&plan->binance, plan->allow_plain, "feed.binance_rest_url", error) &&
           judge(&plan->cryptopanic, plan->allow_plain, "news.cryptopanic_url", error) &&
           judge(&plan->gdelt, plan->allow_plain, "news.gdelt_url", error) &&
           judge(&plan->reddit, plan->allow_plain, "news.reddit_url", error);
}

static bool judge_models(OutsidePlan *plan, Error *error) {
    for (unsigned i = 0; i < plan->model_count; i++)
        if (!judge(&plan->models[i], plan->allow_plain, i ? "openai.arena" : "openai.base_url",
                   error))
            return false;
    return true;
}

/* ---- modes --------------------------------------------------------------------------------- */

static bool read_mode(const char *words, const char *setting, OutsideMode *mode, Error *error) {
    for (unsigned i = 0; i < sizeof mode_names / sizeof mode_names[0]; i++) {
        *mode = (OutsideMode)i;
        if (strcmp(words, mode_names[i]) == 0) return true;
    }
    return error_set(error, ERROR_CONFIG, "an unknown mode", setting,
                     "off, replay, cached or live");
}

static void write_mode(OutsideMode mode, char *words, size_t capacity) {
    Text text = text_in(words, capacity);
    text_put(&text, mode_names[mode]);
    text_end(&text);
}

/* What may ask a model needs a key (but on this machine) and a budget. */
static bool judge_asking(const Settings *settings, const OutsideWish *wish, const OutsidePlan *plan,
                         Error *error) {
    if (!plan->models[0].key[0] && !plan->models[0].is_own)
        return error_set(error, ERROR_CREDENTIALS, "a language model needs a key", "OPENAI_API_KEY",
                         "in .env or the environment; or --ai replay, or --ai off");
    if (!wish->is_live && !wish->is_budget_given)
        return error_set(error, ERROR_GUARD,
                         "asking a language model where time is not real needs a budget of its own",
                         "ai_budget", "--ai-budget USD, or --ai replay");
    if (settings->ai.budget_per_run_usd <= 0)
        return error_set(error, ERROR_GUARD, "the budget for language models is 0",
                         "openai.budget_per_run_usd", "--ai-budget USD, or --ai off");
    return true;
}

static bool settle_model(Settings *settings, const OutsideWish *wish, OutsidePlan *plan,
                         Error *error) {
    bool could = wish->is_live && plan->models[0].key[0] && settings->ai.budget_per_run_usd > 0;
    plan->model_mode = could ? OUTSIDE_LIVE : OUTSIDE_OFF;
    if (settings->ai.mode[0] &&
        !read_mode(settings->ai.mode, "openai.mode", &plan->model_mode, error))
        return false;
    write_mode(plan->model_mode, settings->ai.mode, sizeof settings->ai.mode);
    if (plan->model_mode == OUTSIDE_OFF) return true;
    if (!judge_models(plan, error)) return false;
    return plan->model_mode == OUTSIDE_REPLAY || judge_asking(settings, wish, plan, error);
}

/* Today's news are no news of a recorded market: there only the record is asked. */
static bool settle_social(Settings *settings, const OutsideWish *wish, OutsidePlan *plan,
                          Error *error) {
    plan->social_mode = wish->is_live ? OUTSIDE_LIVE : OUTSIDE_REPLAY;
    if (settings->social.mode[0] &&
        !read_mode(settings->social.mode, "social.mode", &plan->social_mode, error))
        return false;
    if (!wish->is_live && plan->social_mode >= OUTSIDE_CACHED)
        return error_set(error, ERROR_GUARD,
                         "today's news know the future of a market that is not today's",
                         "social.mode", "--social replay, or off");
    write_mode(plan->social_mode, settings->social.mode, sizeof settings->social.mode);
    return plan->social_mode < OUTSIDE_CACHED || judge_social(plan, error);
}

/* ---- the plan ------------------------------------------------------------------------------ */

static void place_record(const Settings *settings, const OutsideWish *wish, OutsidePlan *plan) {
    const char *root = wish->data_root ? wish->data_root : settings->history.directory;
    if (settings->history.answers_directory[0])
        snprintf(plan->directory, sizeof plan->directory, "%s",
                 settings->history.answers_directory);
    else
        snprintf(plan->directory, sizeof plan->directory, "%.500s/answers", root);
}

bool outside_plan_make(Settings *settings, const OutsideWish *wish, OutsidePlan *plan,
                       Error *error) {
    *plan = (OutsidePlan){.allow_plain = settings->feed.allow_plain_http};
    place_record(settings, wish, plan);
    bool sound = take_urls(settings, plan, error) && take_keys(plan, wish->dotenv, error) &&
                 settle_model(settings, wish, plan, error) &&
                 settle_social(settings, wish, plan, error);
    if (!sound) outside_plan_wipe(plan);
    return sound;
}

void outside_plan_wipe(OutsidePlan *plan) {
    explicit_bzero(plan, sizeof *plan);
}

const OutsidePlace *outside_plan_place(const OutsidePlan *plan, OutsideSource source,
                                       int64_t slot) {
    unsigned index = (unsigned)slot;
    switch (source) {
    case OUTSIDE_MODEL:
        return index < plan->model_count ? &plan->models[index] : NULL;
    case OUTSIDE_RSS:
        return index < plan->feed_count ? &plan->feeds[index] : NULL;
    case OUTSIDE_LUNARCRUSH:
        return &plan->lunarcrush;
    case OUTSIDE_FEAR_GREED:
        return &plan->fear_greed;
    case OUTSIDE_BINANCE:
        return &plan->binance;
    case OUTSIDE_CRYPTOPANIC:
        return &plan->cryptopanic;
    case OUTSIDE_GDELT:
        return &plan->gdelt;
    case OUTSIDE_REDDIT:
        return &plan->reddit;
    default:
        return NULL;
    }
}
