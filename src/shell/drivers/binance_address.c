/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/binance_address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "core/base/text.h"

static const struct {
    const char *scheme;
    bool is_secure;
    uint16_t port;
} SCHEMES[] = {
    {"https://", true, 443}, {"wss://", true, 443}, {"http://", false, 80}, {"ws://", false, 80}};

bool binance_address_is_own(const char *host) {
    struct in_addr four;
    struct in6_addr six;
    if (strcasecmp(host, "localhost") == 0) return true;
    if (inet_pton(AF_INET, host, &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
    return inet_pton(AF_INET6, host, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

static bool bad(const char *url, const char *reason, Error *error) {
    return error_set(error, ERROR_CONFIG, reason, url, "like https://host:port");
}

/* Host and port, up to the path; true if both are sound. */
static bool split_host(Slice authority, BinanceAddress *address) {
    bool bracket = authority.length && authority.at[0] == '[';
    const char *close = bracket ? memchr(authority.at, ']', authority.length) : NULL;
    if (bracket && !close) return false;
    Slice host = {authority.at + bracket, (size_t)((close ? close : authority.at) - authority.at)};
    const char *colon = memchr(close ? close : authority.at, ':',
                               authority.length - (close ? (size_t)(close - authority.at) : 0));
    const char *end = authority.at + authority.length;
    host.length = close ? host.length - 1 : (size_t)((colon ? colon : end) - authority.at);
    int64_t port = address->port;
    if (colon && !slice_int((Slice){colon + 1, (size_t)(end - colon - 1)}, &port)) return false;
    if (port < 1 || port > 65535 || host.length == 0) return false;
    if (memchr(authority.at, '@', authority.length)) return false; /* no passwords in addresses */
    address->port = (uint16_t)port;
    return slice_copy(host, address->host, sizeof address->host);
}

/* NO_PROXY: names and domains separated by commas, or a star. */
static bool is_exempt(const char *host) {
    const char *list = getenv("no_proxy") ? getenv("no_proxy") : getenv("NO_PROXY");
    size_t host_length = strlen(host);
    while (list && *list) {
        size_t length = strcspn(list, ", ");
        const char *name = *list == '.' ? list + 1 : list;
        size_t name_length = length - (size_t)(name - list);
        if (length == 1 && *list == '*') return true;
        bool tail = name_length && name_length <= host_length &&
                    strncasecmp(host + host_length - name_length, name, name_length) == 0;
        if (tail && (name_length == host_length || host[host_length - name_length - 1] == '.')) {
            return true;
        }
        list += length;
        list += strspn(list, ", ");
    }
    return false;
}

static void find_proxy(BinanceAddress *address) {
    const char *proxy = getenv("http_proxy");
    if (address->is_secure) {
        proxy = getenv("https_proxy") ? getenv("https_proxy") : getenv("HTTPS_PROXY");
    }
    address->proxy[0] = 0;
    if (!proxy || binance_address_is_own(address->host) || is_exempt(address->host)) return;
    if (strncasecmp(proxy, "http://", 7) == 0) proxy += 7;
    Slice text = slice_of(proxy);
    while (text.length && text.at[text.length - 1] == '/')
        text.length--;
    if (!slice_copy(text, address->proxy, sizeof address->proxy)) address->proxy[0] = 0;
}

bool binance_address_read(const char *url, bool allow_plain, BinanceAddress *address,
                          Error *error) {
    const char *rest = NULL;
    *address = (BinanceAddress){0};
    for (unsigned i = 0; i < sizeof SCHEMES / sizeof SCHEMES[0] && !rest; i++) {
        if (strncasecmp(url, SCHEMES[i].scheme, strlen(SCHEMES[i].scheme)) != 0) continue;
        rest = url + strlen(SCHEMES[i].scheme);
        address->is_secure = SCHEMES[i].is_secure;
        address->port = SCHEMES[i].port;
    }
    if (!rest) return bad(url, "not an address of https, wss, http or ws", error);
    Slice authority = {rest, strcspn(rest, "/?#")}, path = slice_of(rest + authority.length);
    while (path.length && path.at[path.length - 1] == '/')
        path.length--;
    if (!split_host(authority, address)) return bad(url, "host or port is not sound", error);
    if (!slice_copy(path, address->path, sizeof address->path) || strpbrk(address->path, "?#")) {
        return bad(url, "path is not sound", error);
    }
    if (!address->is_secure && !allow_plain && !binance_address_is_own(address->host)) {
        return error_set(error, ERROR_CONFIG, "a plain address is only for this machine", url,
                         "use https or wss");
    }
    find_proxy(address);
    return true;
}
