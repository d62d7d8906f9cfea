/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/config/environment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "shell/sys/files.h"

const Variable variable_table[] = {
    {"BINANCE_API_KEY", VARIABLE_SECRET, NULL, NULL, "your_binance_api_key",
     "Binance API credentials", "key of the exchange account, for real orders only"},
    {"BINANCE_API_SECRET", VARIABLE_SECRET, NULL, NULL, "your_binance_api_secret", NULL,
     "its secret"},
    {"BINANCE_PRIVATE_KEY", VARIABLE_PEM, NULL, NULL, NULL, NULL,
     "or, for an Ed25519 key, its private key in PEM; BINANCE_PRIVATE_KEY_FILE names a file of it"},
    {"OPENAI_API_KEY", VARIABLE_SECRET, NULL, NULL, "your_openai_api_key", "OpenAI API credentials",
     "key of the language model"},
    {"LUNARCRUSH_API_KEY", VARIABLE_SECRET, NULL, NULL, "your_lunarcrush_api_key",
     "LunarCrush API credentials", "key of the social data"},
    {"MARKET_MONITOR_PORT", VARIABLE_PORT, NULL, NULL, "8001", "Service ports",
     "port of market_monitor where it runs alone"},
    {"TRADE_EXECUTOR_PORT", VARIABLE_PORT, NULL, NULL, "8002", NULL,
     "port of trade_executor where it runs alone"},
    {"AI_ANALYZER_PORT", VARIABLE_PORT, NULL, NULL, "8003", NULL,
     "port of ai_analyzer where it runs alone"},
    {"STRATEGY_EVOLUTION_PORT", VARIABLE_PORT, NULL, NULL, "8004", NULL,
     "port of strategy_evolution where it runs alone"},
    {"SOCIAL_MONITOR_PORT", VARIABLE_PORT, NULL, NULL, "8005", NULL,
     "port of social_monitor where it runs alone"},
    {"MODEL_REGISTRY_PORT", VARIABLE_PORT, NULL, NULL, "8006", NULL,
     "port of model_registry where it runs alone"},
    {"AI_EXPLAINABILITY_PORT", VARIABLE_PORT, NULL, NULL, "8007", NULL,
     "port of ai_explainability where it runs alone"},
    {"SOCIAL_RISK_PORT", VARIABLE_PORT, NULL, NULL, "8008", NULL,
     "port of social_risk_adjuster where it runs alone"},
    {"MONTE_CARLO_PORT", VARIABLE_PORT, NULL, NULL, "8009", NULL,
     "port of monte_carlo where it runs alone"},
    {"REDIS_HOST", VARIABLE_HOST, NULL, NULL, "redis", "Redis configuration",
     "host of Redis; setting it does not switch Redis on"},
    {"REDIS_PORT", VARIABLE_PORT, NULL, NULL, "6379", NULL, "port of Redis"},
    {"TRADING_PAIRS", VARIABLE_SETTING, "trading_params.symbols", NULL, "",
     "What is traded; empty: trading_params.symbols of config.json",
     "symbols, separated by commas"},
    {"DASHBOARD_HOST", VARIABLE_SETTING, "dashboard.host", NULL, "",
     "Dashboard; empty: config.json (127.0.0.1, 8050, 250 ms)", "address to listen on"},
    {"DASHBOARD_PORT", VARIABLE_SETTING, "dashboard.port", NULL, "", NULL, "port of the dashboard"},
    {"DASHBOARD_REFRESH_INTERVAL", VARIABLE_SETTING, "dashboard.refresh_interval", NULL, "", NULL,
     "milliseconds between two prices"},
    {"BINANCE_REST_URL", VARIABLE_SETTING, "feed.binance_rest_url", "venue.rest_url", "",
     "Other addresses of Binance, for prices and orders alike; empty: its public hosts", "REST"},
    {"BINANCE_WS_URL", VARIABLE_SETTING, "feed.binance_ws_url", NULL, "", NULL, "streams"},
    {"BINANCE_WS_API_URL", VARIABLE_SETTING, "venue.ws_api_url", NULL, "", NULL,
     "the account's stream (WebSocket API)"},
    {"OPENAI_BASE_URL", VARIABLE_HTTP, "openai.base_url", NULL, NULL, NULL,
     "another server of the language model"},
    {"OPENAI_MODEL", VARIABLE_SETTING, "openai.model", NULL, NULL, NULL,
     "name of the language model"},
    {"OPENAI_API_KEY_1", VARIABLE_SECRET, NULL, NULL, NULL, NULL,
     "key of the first further model (openai.arena) at an address of its own; _2, _3 ... likewise"},
    {"LUNARCRUSH_BASE_URL", VARIABLE_HTTP, "lunarcrush.base_url", NULL, NULL, NULL,
     "another server of the social data"},
    {"CRYPTOPANIC_API_KEY", VARIABLE_SECRET, NULL, NULL, NULL, NULL, "key of CryptoPanic"},
    {"CRYPTOPANIC_BASE_URL", VARIABLE_HTTP, "news.cryptopanic_url", NULL, NULL, NULL,
     "another server of it"},
    {"GDELT_BASE_URL", VARIABLE_HTTP, "news.gdelt_url", NULL, NULL, NULL,
     "another server of GDELT"},
    {"REDDIT_CLIENT_ID", VARIABLE_SECRET, NULL, NULL, NULL, NULL, "id of the program at Reddit"},
    {"REDDIT_CLIENT_SECRET", VARIABLE_SECRET, NULL, NULL, NULL, NULL, "its secret"},
    {"REDDIT_BASE_URL", VARIABLE_HTTP, "news.reddit_url", NULL, NULL, NULL,
     "another server of Reddit"},
    /* Of services that other builds have: judged here, so that a slip is found at once. */
    {"REDIS_PASSWORD", VARIABLE_SECRET, NULL, NULL, NULL, NULL, "password of Redis"},
    {"NEURAL_NETWORK_PORT", VARIABLE_PORT, NULL, NULL, NULL, NULL,
     "port of neural_network where it runs alone"},
    {"PORTFOLIO_RISK_PORT", VARIABLE_PORT, NULL, NULL, NULL, NULL,
     "port of portfolio_risk where it runs alone"},
    {"FEATURE_IMPORTANCE_PORT", VARIABLE_PORT, NULL, NULL, NULL, NULL,
     "port of feature_importance where it runs alone"},
    {"MARKET_REGIME_PORT", VARIABLE_PORT, NULL, NULL, NULL, NULL,
     "port of market_regime where it runs alone"},
    {"STRATEGY_SELECTION_PORT", VARIABLE_PORT, NULL, NULL, NULL, NULL,
     "port of strategy_selection where it runs alone"},
    {"SOCIAL_STRATEGY_PORT", VARIABLE_PORT, NULL, NULL, NULL, NULL,
     "port of social_strategy where it runs alone"},
};
const unsigned variable_count = sizeof variable_table / sizeof variable_table[0];

static bool is_filler(const char *text) {
    return text[0] == 0 || strncmp(text, "your_", 5) == 0;
}

static bool keep(VariableValue *value, const char *text, VariablePlace place, Error *error) {
    if (!text || is_filler(text)) return true;
    if (!slice_copy(slice_trim(slice_of(text)), value->text, sizeof value->text))
        return error_set(error, ERROR_CONFIG, "the value is too long", NULL, NULL);
    if (value->text[0]) value->place = place;
    return true;
}

/* NAME_FILE: the value is the content of that file, without the line's end. */
static bool from_file(const char *name, const Dotenv *dotenv, VariableValue *value, Error *error) {
    char memory[96], *bytes;
    size_t length;
    Text pointer = TEXT_IN(memory);
    text_format(&pointer, "%s_FILE", name);
    const char *path = getenv(text_end(&pointer));
    const DotenvPair *pair = dotenv ? dotenv_find(dotenv, memory) : NULL;
    if ((!path || !*path) && pair) path = pair->value;
    if (!path || !*path) return true;
    if (!files_read(path, VARIABLE_VALUE_MAX, &bytes, &length, error)) {
        if (error) error->code = ERROR_CONFIG;
        return false;
    }
    struct stat about;
    value->readable_by_others = stat(path, &about) == 0 && (about.st_mode & S_IROTH) != 0;
    snprintf(value->path, sizeof value->path, "%s", path);
    bool good = keep(value, bytes, PLACE_FILE, error);
    explicit_bzero(bytes, length);
    free(bytes);
    return good;
}

bool variable_get(const char *name, const Dotenv *dotenv, VariableValue *value, Error *error) {
    value->text[0] = value->path[0] = 0;
    value->place = PLACE_NONE;
    value->line = 0;
    value->readable_by_others = false;
    if (!keep(value, getenv(name), PLACE_ENVIRONMENT, error)) return error_at(error, name);
    if (value->place != PLACE_NONE) return true;
    const DotenvPair *pair = dotenv ? dotenv_find(dotenv, name) : NULL;
    if (pair && !keep(value, pair->value, PLACE_DOTENV, error)) return error_at(error, name);
    if (pair) value->line = pair->line;
    if (value->place != PLACE_NONE) return true;
    return from_file(name, dotenv, value, error);
}

static bool is_loopback(Slice host) {
    return slice_is(host, "localhost") || slice_is(host, "[::1]") || slice_starts(host, "127.");
}

static Slice host_of(const char *address) {
    size_t length = *address == '[' ? strcspn(address, "]") : strcspn(address, ":/?#");
    if (*address == '[' && address[length] == ']') length++;
    return (Slice){address, length};
}

const char *address_fault(VariableUse use, const char *text, bool allow_plain) {
    const char *secure = use == VARIABLE_STREAM ? "wss://" : "https://";
    const char *plain = use == VARIABLE_STREAM ? "ws://" : "http://";
    bool is_plain = slice_starts(slice_of(text), plain);
    bool is_secure = slice_starts(slice_of(text), secure);
    if (!is_plain && !is_secure)
        return use == VARIABLE_STREAM ? "is not an address that begins with wss://"
                                      : "is not an address that begins with https://";
    for (const char *c = text; *c; c++)
        if (*c <= ' ' || *c > '~' || strchr("\"'<>\\", *c))
            return "holds a character that no address has";
    Slice host = host_of(text + strlen(is_plain ? plain : secure));
    if (host.length == 0) return "names no host";
    /* Up to the path: in "https://known.host:443@other.host" the colon ends no host. */
    if (memchr(host.at, '@', strcspn(host.at, "/?#"))) return "must not hold a user name";
    if (is_plain && !allow_plain && !is_loopback(host))
        return "is not encrypted, which is accepted for loopback only";
    return NULL;
}

const char *variable_fault(const Variable *variable, const char *text) {
    int64_t port;
    if (variable->use == VARIABLE_PORT)
        return slice_int(slice_of(text), &port) && port >= 1 && port <= 65535
                   ? NULL
                   : "is not a port from 1 to 65535";
    if (variable->use == VARIABLE_HOST)
        return strpbrk(text, " \t\r\n/\"'<>") ? "is not the name of a host" : NULL;
    if (variable->use == VARIABLE_HTTP || variable->use == VARIABLE_STREAM)
        return address_fault(variable->use, text, false);
    if (variable->use == VARIABLE_PEM)
        return slice_starts(slice_of(text), "-----BEGIN ") ? NULL : "is not a key in PEM";
    if (variable->use == VARIABLE_SECRET)
        return strpbrk(text, "\r\n\t ") ? "holds a blank or a line's end" : NULL;
    return NULL;
}

bool variable_is_secret(const Variable *variable) {
    return variable->use == VARIABLE_SECRET || variable->use == VARIABLE_PEM;
}

void environment_example(Text *text) {
    for (unsigned i = 0; i < variable_count; i++) {
        const Variable *variable = &variable_table[i];
        if (!variable->example) continue;
        if (variable->group) text_format(text, "%s# %s\n", i ? "\n" : "", variable->group);
        text_format(text, "%s=%s\n", variable->name, variable->example);
    }
}
