/* SPDX-License-Identifier: Apache-2.0 */
/* The built page: each file as it was embedded, packed where the browser takes it, checked anew by
 * its hash. */
#include "shell/web/assets.h"
#include "shell/web/web_parts.h"

typedef struct AssetType {
    const char *ending, *type;
} AssetType;

static const AssetType types[] = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".json", "application/json"},
    {".webmanifest", "application/manifest+json"},
    {".txt", "text/plain; charset=utf-8"},
    {".woff2", "font/woff2"},
};

static const WebAsset *asset_named(const char *name, const char *ending) {
    size_t length = strlen(name);
    for (const WebAsset *asset = web_assets; asset->name; asset++)
        if (strncmp(asset->name, name, length) == 0 && strcmp(asset->name + length, ending) == 0)
            return asset;
    return NULL;
}

static const char *name_of(const char *path) {
    return strcmp(path, "/") == 0 ? "index.html" : path + 1;
}

/* The page itself is known even when none was built in, so that its absence can be said. */
bool web_asset_known(const char *path) {
    return path[0] == '/' && (strcmp(path, "/") == 0 || asset_named(name_of(path), ""));
}

static const char *type_of(const char *name) {
    size_t length = strlen(name);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t size = strlen(types[i].ending);
        if (length > size && strcmp(name + length - size, types[i].ending) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

static void without_a_page(WebReply *reply) {
    static const char text[] = "<!doctype html><title>trader</title><p>This build holds no page. "
                               "The interface under /api/v1 answers.\n";
    reply->status = 200;
    reply->type = "text/html; charset=utf-8";
    reply->bytes = text;
    reply->length = sizeof text - 1;
}

void web_asset_answer(const WebCall *call) {
    const char *name = name_of(call->request->path);
    WebReply *reply = call->reply;
    const WebAsset *plain = asset_named(name, ""), *asset = NULL;
    reply->revalidate = true;
    if (!plain) {
        without_a_page(reply);
        return;
    }
    if (call->request->takes_brotli && (asset = asset_named(name, ".br"))) reply->encoding = "br";
    if (!asset && call->request->takes_gzip && (asset = asset_named(name, ".gz")))
        reply->encoding = "gzip";
    if (!asset) asset = plain;
    reply->tag = asset->hash;
    if (web_query_has_tag(slice_of(call->request->tag), asset->hash)) {
        reply->status = 304;
        return;
    }
    reply->status = 200;
    reply->type = type_of(name);
    reply->bytes = (const char *)asset->bytes;
    reply->length = asset->size;
}
