/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between libwebsockets and the routes: reads the headers of a request, waits for its body, sends
 * the answer in pieces. One lws_write a writable callback (its rule). The security headers stand at
 * the virtual host, so that the library's own answers bear them too.
 */
#include "shell/web/web_parts.h"

#define BODY_READ_MAX                                                                              \
    (1 << 20) /* a longer body is not even read to its end: the connection is closed */

#define HEADER(next_header, header, text)                                                          \
    { .next = (next_header), .name = (header), .value = (text) }

static const struct lws_protocol_vhost_options opener =
    HEADER(NULL, "cross-origin-opener-policy:", "same-origin");
static const struct lws_protocol_vhost_options referrer =
    HEADER(&opener, "referrer-policy:", "no-referrer");
static const struct lws_protocol_vhost_options sniffing =
    HEADER(&referrer, "x-content-type-options:", "nosniff");
static const struct lws_protocol_vhost_options policy =
    HEADER(&sniffing, "content-security-policy:",
           "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
           "connect-src 'self'; "
           "require-trusted-types-for 'script'; trusted-types 'none'; base-uri 'none'; form-action "
           "'self'; "
           "frame-ancestors 'none'");
const struct lws_protocol_vhost_options *const web_security_headers = &policy;

/* ---- reading ------------------------------------------------------------------------------- */

static Slice header_of(struct lws *wsi, enum lws_token_indexes token, char *target, int capacity) {
    int length = lws_hdr_copy(wsi, target, capacity, token);
    return (Slice){target, length > 0 ? (size_t)length : 0};
}

static Slice own_header(struct lws *wsi, const char *name, char *target, int capacity) {
    int length = lws_hdr_custom_copy(wsi, target, capacity, name, (int)strlen(name));
    return (Slice){target, length > 0 ? (size_t)length : 0};
}

static WebMethod method_of(struct lws *wsi) {
    if (lws_hdr_total_length(wsi, WSI_TOKEN_GET_URI) > 0) return WEB_GET;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_POST_URI) > 0) return WEB_POST;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HEAD_URI) > 0) return WEB_HEAD;
    return WEB_OTHER;
}

static void read_query(struct lws *wsi, WebRequest *request) {
    char argument[256];
    for (int i = 0; i < 16; i++) {
        int length = lws_hdr_fragment_length(wsi, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length <= 0) return;
        length = lws_hdr_copy_fragment(wsi, argument, sizeof argument, WSI_TOKEN_HTTP_URI_ARGS, i);
        if (length < 0)
            request->path_too_long = true;
        else
            web_query_take(&request->query, (Slice){argument, (size_t)length});
    }
    request->path_too_long = true; /* more arguments than any address of ours has */
}

static void read_host(const Web *web, struct lws *wsi, WebRequest *request) {
    char host[256], origin[256], wanted[280];
    Slice name = header_of(wsi, WSI_TOKEN_HOST, host, sizeof host);
    request->host_fits = web_query_host_fits(name, web->host, web->port);
    Slice from = header_of(wsi, WSI_TOKEN_ORIGIN, origin, sizeof origin);
    Text text = TEXT_IN(wanted);
    text_format(&text, "http://%S", name);
    bool said = lws_hdr_total_length(wsi, WSI_TOKEN_ORIGIN) > 0;
    request->origin_fits = !said || slice_is(from, text_end(&text));
}

static bool is_loopback(struct lws *wsi) {
    char address[64];
    Slice from = slice_of(lws_get_peer_simple(wsi, address, sizeof address));
    return slice_starts(from, "127.") || slice_is(from, "::1") || slice_starts(from, "::ffff:127.");
}

static void read_headers(struct lws *wsi, WebRequest *request) {
    char header[2048];
    Slice text = header_of(wsi, WSI_TOKEN_HTTP_COOKIE, header, sizeof header);
    if (!web_query_cookie(text, "trader_session", request->token, sizeof request->token))
        request->token[0] = 0;
    text = header_of(wsi, WSI_TOKEN_HTTP_ACCEPT_ENCODING, header, sizeof header);
    request->takes_brotli = web_query_accepts(text, "br");
    request->takes_gzip = web_query_accepts(text, "gzip");
    text = header_of(wsi, WSI_TOKEN_HTTP_CONTENT_TYPE, header, sizeof header);
    request->is_json =
        slice_is(text, "application/json") || slice_starts(text, "application/json;");
    text = own_header(wsi, "x-trader:", header, sizeof header);
    request->by_trader = slice_is(text, "1");
    text = header_of(wsi, WSI_TOKEN_HTTP_CONTENT_LENGTH, header, sizeof header);
    if (text.length > 0 &&
        (!slice_int(text, &request->content_length) || request->content_length < 0))
        request->chunked = true;
    if (lws_hdr_total_length(wsi, WSI_TOKEN_HTTP_TRANSFER_ENCODING) > 0) request->chunked = true;
    header_of(wsi, WSI_TOKEN_HTTP_IF_NONE_MATCH, request->tag, sizeof request->tag);
}

static void read_request(const Web *web, struct lws *wsi, WebRequest *request, Slice path) {
    memset(request, 0, sizeof *request);
    request->method = method_of(wsi);
    request->path_too_long = !slice_copy(path, request->path, sizeof request->path);
    request->is_local = is_loopback(wsi);
    read_host(web, wsi, request);
    read_query(wsi, request);
    read_headers(wsi, request);
}

static void read_body(WebRequest *request, const void *bytes, size_t length) {
    if (length > WEB_BODY_MAX - request->body_length) {
        request->body_too_long = true;
        return;
    }
    memcpy(request->body + request->body_length, bytes, length);
    request->body_length += length;
    request->body[request->body_length] = 0;
}

/* ---- sending ------------------------------------------------------------------------------- */

typedef struct HeaderText {
    struct lws *wsi;
    unsigned char *at, *end;
    bool fault;
} HeaderText;

static void put_header(HeaderText *headers, const char *name, const char *value) {
    if (lws_add_http_header_by_name(headers->wsi, (const unsigned char *)name,
                                    (const unsigned char *)value, (int)strlen(value), &headers->at,
                                    headers->end))
        headers->fault = true;
}

static void put_number(HeaderText *headers, const char *name, size_t value) {
    char memory[32];
    Text text = TEXT_IN(memory);
    text_int(&text, (int64_t)value);
    put_header(headers, name, text_end(&text));
}

static void put_tag(HeaderText *headers, const char *tag) {
    char memory[80];
    Text text = TEXT_IN(memory);
    text_format(&text, "\"%s\"", tag);
    put_header(headers, "etag:", text_end(&text));
}

static void put_headers(HeaderText *headers, const WebReply *reply) {
    put_header(headers, "cache-control:", reply->revalidate ? "no-cache" : "no-store");
    if (reply->type) put_header(headers, "content-type:", reply->type);
    if (reply->type && !reply->stream) put_number(headers, "content-length:", reply->length);
    if (reply->revalidate) put_header(headers, "vary:", "accept-encoding");
    if (reply->encoding) put_header(headers, "content-encoding:", reply->encoding);
    if (reply->tag) put_tag(headers, reply->tag);
    if (reply->allow) put_header(headers, "allow:", reply->allow);
    if (reply->cookie[0]) put_header(headers, "set-cookie:", reply->cookie);
    if (reply->retry_after_s) put_number(headers, "retry-after:", reply->retry_after_s);
    if (reply->close || reply->stream) put_header(headers, "connection:", "close");
}

static int finish(struct lws *wsi, WebSession *session) {
    bool close = session->reply.close;
    web_reply_release(&session->reply);
    session->sending = false;
    return close || lws_http_transaction_completed(wsi) ? -1 : 0;
}

static int send_headers(Web *web, struct lws *wsi, WebSession *session) {
    WebReply *reply = &session->reply;
    unsigned char *start = web->chunk + LWS_PRE;
    HeaderText headers = {.wsi = wsi, .at = start, .end = web->chunk + sizeof web->chunk};
    if (lws_add_http_header_status(wsi, reply->status, &headers.at, headers.end)) return -1;
    put_headers(&headers, reply);
    if (headers.fault || lws_finalize_write_http_header(wsi, start, &headers.at, headers.end))
        return -1;
    if (reply->stream) return web_stream_open(web, wsi, session) ? 0 : -1;
    if (reply->head_only || reply->length == 0) return finish(wsi, session);
    session->sending = true;
    lws_callback_on_writable(wsi);
    return 0;
}

static int send_piece(Web *web, struct lws *wsi, WebSession *session) {
    WebReply *reply = &session->reply;
    if (session->client) return web_stream_write(web, wsi, session);
    if (!session->sending) return 0;
    size_t rest = reply->length - reply->sent, size = rest < WEB_CHUNK ? rest : WEB_CHUNK;
    memcpy(web->chunk + LWS_PRE, reply->bytes + reply->sent, size);
    bool last = size == rest;
    int sent =
        lws_write(wsi, web->chunk + LWS_PRE, size, last ? LWS_WRITE_HTTP_FINAL : LWS_WRITE_HTTP);
    if (sent < (int)size) return -1;
    reply->sent += size;
    if (last) return finish(wsi, session);
    lws_callback_on_writable(wsi);
    return 0;
}

static int answer(Web *web, struct lws *wsi, WebSession *session) {
    web_route(web, &session->request, &session->reply);
    if (session->request.content_length > BODY_READ_MAX) session->reply.close = true;
    return send_headers(web, wsi, session);
}

static void release(Web *web, WebSession *session) {
    if (!session) return;
    if (session->client) web_stream_close(web, session);
    web_reply_release(&session->reply);
    session->sending = false;
}

static int begin(Web *web, struct lws *wsi, WebSession *session, Slice path) {
    release(web, session);
    memset(&session->reply, 0, sizeof session->reply);
    read_request(web, wsi, &session->request, path);
    const WebRequest *request = &session->request;
    bool body_follows = request->content_length > 0 && request->content_length <= BODY_READ_MAX &&
                        !request->chunked;
    return body_follows ? 0 : answer(web, wsi, session);
}

int web_http(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in,
             size_t length) {
    WebSession *session = user;
    Web *web = wsi ? lws_context_user(lws_get_context(wsi)) : NULL;
    switch (reason) {
    case LWS_CALLBACK_HTTP:
        return begin(web, wsi, session, (Slice){in, length});
    case LWS_CALLBACK_HTTP_BODY:
        read_body(&session->request, in, length);
        return 0;
    case LWS_CALLBACK_HTTP_BODY_COMPLETION:
        return answer(web, wsi, session);
    case LWS_CALLBACK_HTTP_WRITEABLE:
        return send_piece(web, wsi, session);
    case LWS_CALLBACK_HTTP_DROP_PROTOCOL:
    case LWS_CALLBACK_CLOSED_HTTP:
        release(web, session);
        return 0;
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE: /* no WebSocket here: a page of another origin could
                                               open one */
    case LWS_CALLBACK_FILTER_PROTOCOL_CONNECTION:
        return -1;
    default:
        return 0;
    }
}
