/* SPDX-License-Identifier: Apache-2.0 */
/* Which address is answered by what, and who may ask: every check that a request passes, in order.
 */
#include "shell/web/web_parts.h"

#define LIST(PATH, TOPIC, LIMIT)                                                                   \
    {                                                                                              \
        .path = "/api/v1/" PATH, .access = WEB_MEMBER, .write = web_write_list, .topic = (TOPIC),  \
        .limit = (LIMIT)                                                                           \
    }
#define GET(PATH, WRITE)                                                                           \
    { .path = "/api/v1/" PATH, .access = WEB_MEMBER, .write = (WRITE) }
#define POST(PATH, REPLY)                                                                          \
    { .path = "/api/v1/" PATH, .method = WEB_POST, .access = WEB_MEMBER, .answer = (REPLY) }

static const WebRoute routes[] = {
    {.path = "/health", .answer = web_health_answer},
    {.path = "/ready", .answer = web_ready_answer},
    {.path = "/metrics", .access = WEB_LOCAL, .answer = web_metrics_answer},
    {.path = "/api/v1/login", .method = WEB_POST, .answer = web_login_answer},
    GET("state", web_write_state),
    GET("candles", web_write_candles),
    GET("topics", web_write_topics),
    GET("services", web_write_services),
    LIST("signals", TOPIC_TRADING_SIGNALS, 100),
    LIST("explanations", TOPIC_EXPLAINED_SIGNALS, 20),
    LIST("models", TOPIC_MODEL_VERSIONS, 100),
    GET("models/", web_write_model),
    LIST("outcomes", TOPIC_SIGNAL_OUTCOMES, 500),
    LIST("trades", TOPIC_TRADES, 500),
    LIST("fills", TOPIC_TRADE_EXECUTIONS, 500),
    LIST("orders", TOPIC_ORDERS, 500),
    LIST("refusals", TOPIC_REFUSALS, 200),
    LIST("logs", TOPIC_LOG_LINES, 200),
    LIST("equity", TOPIC_EQUITY, 600),
    LIST("social", TOPIC_SOCIAL_UPDATES, LIMIT_SYMBOLS),
    LIST("social-points", TOPIC_SOCIAL_POINTS, 500),
    LIST("social-accuracy", TOPIC_SOCIAL_ACCURACY, LIMIT_SYMBOLS + 1),
    LIST("news", TOPIC_NEWS_UPDATES, 100),
    {.path = "/api/v1/portfolio",
     .access = WEB_MEMBER,
     .write = web_write_latest,
     .topic = TOPIC_HOLDINGS},
    {.path = "/api/v1/stream", .access = WEB_MEMBER, .answer = web_stream_answer},
    POST("kill", web_kill_answer),
    POST("resume", web_resume_answer),
};

static const WebRoute asset_route = {.path = "", .answer = web_asset_answer};

/* A route that ends with a slash is that of everything right below it. */
static bool is_below(const WebRoute *route, const char *path) {
    size_t length = strlen(route->path);
    return route->path[length - 1] == '/' && strncmp(route->path, path, length) == 0 &&
           path[length] && !strchr(path + length, '/');
}

static const WebRoute *find(const char *path) {
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++)
        if (strcmp(routes[i].path, path) == 0 || is_below(&routes[i], path)) return &routes[i];
    return web_asset_known(path) ? &asset_route : NULL;
}

static bool method_fits(const WebRoute *route, WebMethod method) {
    if (method == WEB_HEAD) return route->method == WEB_GET && route->answer != web_stream_answer;
    return route->method == method;
}

static bool may_see(Web *web, const WebRoute *route, const WebRequest *request) {
    if (route->access == WEB_OPEN || (route->access == WEB_LOCAL && request->is_local)) return true;
    return request->token[0] && web_login_is_in(&web->login, request->token, web_wall_us());
}

/* What another page could make a browser send does not pass: a header of our own, JSON, and no
 * foreign Origin. */
static bool may_act(const WebRoute *route, const WebRequest *request, WebReply *reply) {
    if (route->method != WEB_POST) return true;
    if (!request->origin_fits || (!request->by_trader && route->access == WEB_MEMBER)) {
        web_reply_text(reply, 403, "guard", "this order did not come from the page of this program",
                       "send the header X-Trader: 1 from the same address");
        return false;
    }
    if (request->body_too_long || request->content_length > WEB_BODY_MAX) {
        web_reply_text(reply, 413, "limit", "the body is longer than 4 KiB", NULL);
        return false;
    }
    if (!request->is_json) {
        web_reply_text(reply, 415, "usage", "the body must be JSON",
                       "send Content-Type: application/json");
        return false;
    }
    return true;
}

/* The checks that no address is exempt from. */
static bool passes(const WebRequest *request, WebReply *reply) {
    if (!request->host_fits) {
        web_reply_text(reply, 403, "guard",
                       "the Host of this request is not an address of this program",
                       "use the address that the program printed");
        return false;
    }
    if (request->path_too_long) {
        web_reply_text(reply, 414, "limit", "the address is too long", NULL);
        return false;
    }
    if (!request->chunked) return true;
    reply->close = true; /* its end is unknown, so nothing behind it can be read as a request */
    web_reply_text(reply, 411, "usage", "the length of the body must be given",
                   "send Content-Length");
    return false;
}

void web_route(Web *web, const WebRequest *request, WebReply *reply) {
    reply->head_only = request->method == WEB_HEAD;
    if (!passes(request, reply)) return;
    const WebRoute *route = find(request->path);
    if (!route) {
        web_reply_text(reply, 404, "not_found", "there is nothing at this address", NULL);
        return;
    }
    if (!method_fits(route, request->method)) {
        web_reply_text(reply, 405, "usage", "this address does not take this method", NULL);
        reply->allow = route->method == WEB_POST ? "POST" : "GET, HEAD";
        return;
    }
    if (!may_see(web, route, request)) {
        web_reply_text(reply, 401, "credentials", "no session",
                       "log in with a code: trader token prints a new one");
        return;
    }
    if (!may_act(route, request, reply)) return;
    if (request->query.fault) {
        Error error;
        error_set(&error, ERROR_USAGE, "an argument has a bad value", request->query.fault,
                  "counts are 1 to 2000, names are letters and digits");
        web_reply_error(reply, 400, &error);
        return;
    }
    const WebCall call = {.web = web, .route = route, .request = request, .reply = reply};
    if (route->write)
        web_reply_json(&call);
    else
        route->answer(&call);
}
