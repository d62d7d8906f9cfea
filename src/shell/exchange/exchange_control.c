/* SPDX-License-Identifier: Apache-2.0 */
/* The tester's words as they come in, and what the server itself does about them. */
#include "shell/exchange/exchange_server_parts.h"
#include "shell/sys/clock.h"

static void tell_shutdown(ExchangeServer *server) {
    char memory[128];
    Text frame = TEXT_IN(memory);
    int64_t now_ms = exchange_market_now_us(server->market) / 1000;
    for (unsigned i = 0; i < server->socket_count; i++) {
        ExchangeSession *session = server->sockets[i];
        text_clear(&frame);
        text_format(&frame,
                    session->is_api     ? "{\"event\":{\"e\":\"serverShutdown\",\"E\":%D}}"
                    : session->combined ? "{\"stream\":\"!serverShutdown\",\"data\":{\"e\":"
                                          "\"serverShutdown\",\"E\":%D}}"
                                        : "{\"e\":\"serverShutdown\",\"E\":%D}",
                    now_ms);
        exchange_socket_say(session, slice_of(text_end(&frame)));
    }
}

static void shut_down(lws_sorted_usec_list_t *timer) {
    exchange_socket_end_all(lws_container_of(timer, ExchangeServer, shutdown));
}

/* What was asked of the server itself. */
static void follow(ExchangeServer *server) {
    ExchangeFaults *faults = &server->faults;
    if (faults->disconnects || faults->maintenance_until_us > clock_wall_us())
        exchange_socket_end_all(server);
    if (faults->shuts_down) {
        tell_shutdown(server);
        lws_sul_schedule(server->context, 0, &server->shutdown, shut_down,
                         faults->shutdown_us ? faults->shutdown_us : 1);
    }
    server->limits.forced = faults->refusal;
    server->limits.forced_until_us = faults->refusal_until_us;
    faults->disconnects = faults->shuts_down = false;
}

static bool read_words(ExchangeServer *server, const ExchangeSession *session,
                       ExchangeFault *fault) {
    Slice body = {session->body, session->body_length};
    JsonReader reader = json_reader(body);
    if (session->too_long)
        return exchange_refuse(fault, -1101, "Too many parameters sent for this endpoint.");
    if (slice_starts(slice_trim(body), "{"))
        return exchange_query_json(&server->query, &reader, fault);
    return exchange_query_read(&server->query, (Slice){session->query, session->query_length}, body,
                               fault);
}

unsigned exchange_control(ExchangeServer *server, const ExchangeSession *session, Text *answer) {
    ExchangeFault fault;
    if (strcmp(session->method, "GET") != 0) {
        server->has_changed = true;
        if (!read_words(server, session, &fault) ||
            !exchange_fault_control(&server->faults, server->exchange, &server->query,
                                    clock_wall_us(), &fault)) {
            exchange_write_fault(&fault, answer);
            return fault.status;
        }
        follow(server);
        exchange_socket_events(server);
        exchange_server_keep(server);
    }
    exchange_fault_tell(&server->faults, clock_wall_us(), answer);
    return 200;
}
