/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/drivers/social_fetch.h"

#include <stdlib.h>

#include "shell/drivers/binance_http.h"
#include "shell/store/social_file.h"
#include "shell/sys/clock.h"

#define REQUEST_MS 10000
#define DAYS_MAX   20000 /* 54 years */

static bool ask(BinanceHttp *http, FearGreed *rows, size_t *count, size_t *refused, Error *error) {
    Slice body;
    return binance_http_get(http, FEAR_GREED_PATH, REQUEST_MS, &body, error) &&
           fear_greed_read(body, rows, DAYS_MAX, count, refused, error);
}

bool social_fetch(const SocialFetchPlan *plan, SocialFetched *fetched, Error *error) {
    BinanceAddress address;
    BinanceHttp http;
    size_t count = 0, refused = 0, added = 0;
    *fetched = (SocialFetched){0};
    if (!binance_address_read(plan->url, plan->allow_plain_http, &address, error)) return false;
    FearGreed *rows = calloc(DAYS_MAX, sizeof *rows);
    if (!rows) return error_set(error, ERROR_LIMIT, "out of memory", "social history", NULL);
    bool good = binance_http_open(&http, &address, plan->stop, error);
    if (good) {
        good = ask(&http, rows, &count, &refused, error) &&
               social_file_add(plan->root, rows, count, clock_wall_us(), &added, error);
        binance_http_close(&http);
    }
    free(rows);
    *fetched = (SocialFetched){.days = count, .added = added, .refused = refused};
    return good;
}
