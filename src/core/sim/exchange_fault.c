/* SPDX-License-Identifier: Apache-2.0 */
/* What meets a call: maintenance, then the first rule that fits, and the latencies. */
#include "core/sim/exchange_fault.h"

#include <string.h>

#include "core/base/elementary.h"

#define STATUS_PATH "/sapi/v1/system/status" /* it tells of the maintenance */

void exchange_fault_init(ExchangeFaults *faults, uint64_t seed) {
    memset(faults, 0, sizeof *faults);
    faults->random = random_stream(seed, 1);
}

/* ---- which calls --------------------------------------------------------------------------- */

static bool path_fits(const char *pattern, Slice path) {
    size_t length = strlen(pattern);
    if (length == 0) return true;
    if (pattern[length - 1] != '*') return slice_is(path, pattern);
    return path.length >= length - 1 && memcmp(path.at, pattern, length - 1) == 0;
}

static void drop_rule(ExchangeFaults *faults, unsigned index) {
    faults->rule_count--;
    memmove(&faults->rules[index], &faults->rules[index + 1],
            (faults->rule_count - index) * sizeof faults->rules[0]);
}

/* The first rule that meets this call, in the order in which they were asked for. */
static bool take_rule(ExchangeFaults *faults, Slice method, Slice path, ExchangeFaultRule *met) {
    for (unsigned i = 0; i < faults->rule_count; i++) {
        ExchangeFaultRule *rule = &faults->rules[i];
        if ((rule->method[0] && !slice_is(method, rule->method)) || !path_fits(rule->path, path))
            continue;
        if (rule->skip > 0) {
            rule->skip--;
            continue;
        }
        *met = *rule;
        if (--rule->times == 0) drop_rule(faults, i);
        faults->met++;
        return true;
    }
    return false;
}

/* ---- latencies ----------------------------------------------------------------------------- */

/* The longest pattern that fits is the one that holds. */
static int64_t draw_latency(ExchangeFaults *faults, ExchangeLeg leg, Slice path) {
    const ExchangeLatency *found = NULL;
    for (unsigned i = 0; i < faults->latency_count; i++) {
        const ExchangeLatency *at = &faults->latencies[i];
        if (at->leg == leg && path_fits(at->path, path) &&
            (!found || strlen(at->path) > strlen(found->path)))
            found = at;
    }
    if (!found) return 0;
    if (!found->exponential) return found->mean_us;
    double drawn = -(double)found->mean_us * elementary_log(1 - random_uniform(&faults->random));
    double most = (double)EXCHANGE_FAULT_MS_MAX * 1000;
    return (int64_t)(drawn < most ? drawn : most);
}

int64_t exchange_fault_stream_us(ExchangeFaults *faults, Slice path) {
    return draw_latency(faults, LEG_STREAM, path);
}

/* ---- the verdict --------------------------------------------------------------------------- */

static void follow_rule(const ExchangeFaultRule *rule, ExchangeVerdict *verdict) {
    verdict->executes = rule->executed;
    if (rule->kind == FAULT_DELAY) {
        /* "executed": the delay is the answer's, else the request's. */
        *(rule->executed ? &verdict->answer_us : &verdict->request_us) += rule->delay_us;
        verdict->executes = true;
        return;
    }
    verdict->fails = rule->kind == FAULT_FAIL;
    verdict->drops = rule->kind == FAULT_DROP;
    verdict->loses = rule->kind == FAULT_LOSE;
    verdict->status = (unsigned)rule->status;
    verdict->code = rule->code;
    verdict->bytes = rule->bytes;
}

ExchangeVerdict exchange_fault_judge(ExchangeFaults *faults, Slice method, Slice path,
                                     int64_t wall_us) {
    ExchangeFaultRule rule;
    ExchangeVerdict verdict = {.executes = true,
                               .request_us = draw_latency(faults, LEG_REQUEST, path),
                               .answer_us = draw_latency(faults, LEG_ANSWER, path)};
    if (wall_us < faults->maintenance_until_us && !slice_is(path, STATUS_PATH)) {
        verdict.executes = false;
        verdict.fails = true;
        verdict.status = 503;
    } else if (take_rule(faults, method, path, &rule)) {
        follow_rule(&rule, &verdict);
    }
    return verdict;
}

/* The venue's words of the codes with which a call fails that was sound. */
static const char *words_of(int64_t code) {
    static const struct {
        int code;
        const char *words;
    } known[] = {
        {-1000, "An unknown error occurred while processing the request."},
        {-1001, "Internal error; unable to process your request. Please try again."},
        {-1003, "Too many requests queued."},
        {-1006, "An unexpected response was received from the message bus. Execution status "
                "unknown."},
        {-1007, "Timeout waiting for response from backend server. Send status unknown; "
                "execution status unknown."},
        {-1008, "Server is currently overloaded with other requests. Please try again in a few "
                "minutes."},
        {-1015, "Too many new orders."},
        {-1016, "This service is no longer available."},
        {-1021, "Timestamp for this request is outside of the recvWindow."},
        {-1022, "Signature for this request is not valid."},
        {-2010, "Account has insufficient balance for requested action."},
        {-2011, "Unknown order sent."},
        {-2013, "Order does not exist."},
        {-2015, "Invalid API-key, IP, or permissions for action."}};
    for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++)
        if (known[i].code == code) return known[i].words;
    return "This call was asked to fail.";
}

void exchange_fault_write(const ExchangeVerdict *verdict, Text *answer) {
    text_clear(answer);
    if (verdict->code)
        text_format(answer, "{\"code\":%D,\"msg\":\"%s\"}", verdict->code, words_of(verdict->code));
    else
        text_format(answer,
                    "<html>\r\n<head><title>%d</title></head>\r\n<body>\r\n<center><h1>%d %s"
                    "</h1></center>\r\n</body>\r\n</html>\r\n",
                    (int)verdict->status, (int)verdict->status,
                    verdict->status == 503   ? "Service Temporarily Unavailable"
                    : verdict->status == 502 ? "Bad Gateway"
                    : verdict->status == 504 ? "Gateway Time-out"
                    : verdict->status == 403 ? "Forbidden"
                                             : "Error");
    text_end(answer);
}
