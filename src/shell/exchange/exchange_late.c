/* SPDX-License-Identifier: Apache-2.0 */
/* Calls and answers of a WebSocket that a latency holds back, each with a timer of its own. */
#include <stdlib.h>

#include "shell/exchange/exchange_server_parts.h"

static void unlink_late(ExchangeLate *late) {
    ExchangeLate **at = &late->session->late;
    while (*at != late)
        at = &(*at)->next;
    *at = late->next;
    late->session->late_count--;
}

static void is_due(lws_sorted_usec_list_t *timer) {
    ExchangeLate *late = lws_container_of(timer, ExchangeLate, timer);
    ExchangeSession *session = late->session;
    unlink_late(late);
    if (late->is_answer)
        exchange_socket_say(session, (Slice){late->text, late->length});
    else
        exchange_frame_call(session->server, session, &late->verdict,
                            (Slice){late->text, late->length});
    free(late);
}

void exchange_late_add(ExchangeSession *session, const ExchangeVerdict *verdict, bool is_answer,
                       Slice text) {
    ExchangeLate *late =
        session->late_count < SERVER_LATE_MAX ? calloc(1, sizeof *late + text.length) : NULL;
    if (!late) {
        exchange_socket_end(session);
        return;
    }
    late->session = session;
    late->is_answer = is_answer;
    late->verdict = *verdict;
    late->length = text.length;
    memcpy(late->text, text.at, text.length);
    late->next = session->late;
    session->late = late;
    session->late_count++;
    lws_sul_schedule(session->server->context, 0, &late->timer, is_due,
                     is_answer ? verdict->answer_us : verdict->request_us);
}

void exchange_late_drop(ExchangeSession *session) {
    while (session->late) {
        ExchangeLate *late = session->late;
        session->late = late->next;
        lws_sul_cancel(&late->timer);
        free(late);
    }
    session->late_count = 0;
}
