/* SPDX-License-Identifier: Apache-2.0 */
#include "core/venues/binance_error.h"

#include "core/base/instant.h"

/* In falling order. The names are the venue's; -1010 and -2038 stand in its lists of texts, -2021
 * and -2022 in those of cancel and replace. */
static const BinanceErrorRow ROWS[] = {
    {-1000, BINANCE_ASK, "UNKNOWN"},
    {-1001, BINANCE_ASK, "DISCONNECTED"},
    {-1002, BINANCE_CONFIGURE, "UNAUTHORIZED"},
    {-1003, BINANCE_LATER, "TOO_MANY_REQUESTS"},
    {-1006, BINANCE_ASK, "UNEXPECTED_RESP"},
    {-1007, BINANCE_ASK, "TIMEOUT"},
    {-1008, BINANCE_ASK, "SERVER_BUSY"},
    {-1010, BINANCE_DECIDE, "ERROR_MSG_RECEIVED"},
    {-1013, BINANCE_MEND, "INVALID_MESSAGE"},
    {-1014, BINANCE_MEND, "UNKNOWN_ORDER_COMPOSITION"},
    {-1015, BINANCE_LATER, "TOO_MANY_ORDERS"},
    {-1016, BINANCE_CONFIGURE, "SERVICE_SHUTTING_DOWN"},
    {-1020, BINANCE_MEND, "UNSUPPORTED_OPERATION"},
    {-1021, BINANCE_LATER, "INVALID_TIMESTAMP"},
    {-1022, BINANCE_CONFIGURE, "INVALID_SIGNATURE"},
    {-1033, BINANCE_CONFIGURE, "COMP_ID_IN_USE"},
    {-1034, BINANCE_LATER, "TOO_MANY_CONNECTIONS"},
    {-1035, BINANCE_LATER, "LOGGED_OUT"},
    {-1100, BINANCE_MEND, "ILLEGAL_CHARS"},
    {-1101, BINANCE_MEND, "TOO_MANY_PARAMETERS"},
    {-1102, BINANCE_MEND, "MANDATORY_PARAM_EMPTY_OR_MALFORMED"},
    {-1103, BINANCE_MEND, "UNKNOWN_PARAM"},
    {-1104, BINANCE_MEND, "UNREAD_PARAMETERS"},
    {-1105, BINANCE_MEND, "PARAM_EMPTY"},
    {-1106, BINANCE_MEND, "PARAM_NOT_REQUIRED"},
    {-1108, BINANCE_MEND, "PARAM_OVERFLOW"},
    {-1111, BINANCE_MEND, "BAD_PRECISION"},
    {-1112, BINANCE_DECIDE, "NO_DEPTH"},
    {-1114, BINANCE_MEND, "TIF_NOT_REQUIRED"},
    {-1115, BINANCE_MEND, "INVALID_TIF"},
    {-1116, BINANCE_MEND, "INVALID_ORDER_TYPE"},
    {-1117, BINANCE_MEND, "INVALID_SIDE"},
    {-1118, BINANCE_MEND, "EMPTY_NEW_CL_ORD_ID"},
    {-1119, BINANCE_MEND, "EMPTY_ORG_CL_ORD_ID"},
    {-1120, BINANCE_MEND, "BAD_INTERVAL"},
    {-1121, BINANCE_MEND, "BAD_SYMBOL"},
    {-1122, BINANCE_MEND, "INVALID_SYMBOLSTATUS"},
    {-1125, BINANCE_CONFIGURE, "INVALID_LISTEN_KEY"},
    {-1127, BINANCE_MEND, "MORE_THAN_XX_HOURS"},
    {-1128, BINANCE_MEND, "OPTIONAL_PARAMS_BAD_COMBO"},
    {-1130, BINANCE_MEND, "INVALID_PARAMETER"},
    {-1134, BINANCE_MEND, "BAD_STRATEGY_TYPE"},
    {-1135, BINANCE_MEND, "INVALID_JSON"},
    {-1139, BINANCE_MEND, "INVALID_TICKER_TYPE"},
    {-1145, BINANCE_MEND, "INVALID_CANCEL_RESTRICTIONS"},
    {-1151, BINANCE_MEND, "DUPLICATE_SYMBOLS"},
    {-1152, BINANCE_MEND, "INVALID_SBE_HEADER"},
    {-1153, BINANCE_MEND, "UNSUPPORTED_SCHEMA_ID"},
    {-1155, BINANCE_CONFIGURE, "SBE_DISABLED"},
    {-1158, BINANCE_MEND, "OCO_ORDER_TYPE_REJECTED"},
    {-1160, BINANCE_MEND, "OCO_ICEBERGQTY_TIMEINFORCE"},
    {-1161, BINANCE_CONFIGURE, "DEPRECATED_SCHEMA"},
    {-1165, BINANCE_MEND, "BUY_OCO_LIMIT_MUST_BE_BELOW"},
    {-1166, BINANCE_MEND, "SELL_OCO_LIMIT_MUST_BE_ABOVE"},
    {-1168, BINANCE_MEND, "BOTH_OCO_ORDERS_CANNOT_BE_LIMIT"},
    {-1169, BINANCE_MEND, "INVALID_TAG_NUMBER"},
    {-1170, BINANCE_MEND, "TAG_NOT_DEFINED_IN_MESSAGE"},
    {-1171, BINANCE_MEND, "TAG_APPEARS_MORE_THAN_ONCE"},
    {-1172, BINANCE_MEND, "TAG_OUT_OF_ORDER"},
    {-1173, BINANCE_MEND, "GROUP_FIELDS_OUT_OF_ORDER"},
    {-1174, BINANCE_MEND, "INVALID_COMPONENT"},
    {-1175, BINANCE_MEND, "RESET_SEQ_NUM_SUPPORT"},
    {-1176, BINANCE_MEND, "ALREADY_LOGGED_IN"},
    {-1177, BINANCE_MEND, "GARBLED_MESSAGE"},
    {-1178, BINANCE_MEND, "BAD_SENDER_COMPID"},
    {-1179, BINANCE_MEND, "BAD_SEQ_NUM"},
    {-1180, BINANCE_MEND, "EXPECTED_LOGON"},
    {-1181, BINANCE_LATER, "TOO_MANY_MESSAGES"},
    {-1182, BINANCE_MEND, "PARAMS_BAD_COMBO"},
    {-1183, BINANCE_CONFIGURE, "NOT_ALLOWED_IN_DROP_COPY_SESSIONS"},
    {-1184, BINANCE_CONFIGURE, "DROP_COPY_SESSION_NOT_ALLOWED"},
    {-1185, BINANCE_CONFIGURE, "DROP_COPY_SESSION_REQUIRED"},
    {-1186, BINANCE_CONFIGURE, "NOT_ALLOWED_IN_ORDER_ENTRY_SESSIONS"},
    {-1187, BINANCE_CONFIGURE, "NOT_ALLOWED_IN_MARKET_DATA_SESSIONS"},
    {-1188, BINANCE_MEND, "INCORRECT_NUM_IN_GROUP_COUNT"},
    {-1189, BINANCE_MEND, "DUPLICATE_ENTRIES_IN_A_GROUP"},
    {-1190, BINANCE_MEND, "INVALID_REQUEST_ID"},
    {-1191, BINANCE_MEND, "TOO_MANY_SUBSCRIPTIONS"},
    {-1194, BINANCE_MEND, "INVALID_TIME_UNIT"},
    {-1196, BINANCE_MEND, "BUY_OCO_STOP_LOSS_MUST_BE_ABOVE"},
    {-1197, BINANCE_MEND, "SELL_OCO_STOP_LOSS_MUST_BE_BELOW"},
    {-1198, BINANCE_MEND, "BUY_OCO_TAKE_PROFIT_MUST_BE_BELOW"},
    {-1199, BINANCE_MEND, "SELL_OCO_TAKE_PROFIT_MUST_BE_ABOVE"},
    {-1210, BINANCE_MEND, "INVALID_PEG_PRICE_TYPE"},
    {-1211, BINANCE_MEND, "INVALID_PEG_OFFSET_TYPE"},
    {-1220, BINANCE_DECIDE, "SYMBOL_DOES_NOT_MATCH_STATUS"},
    {-1221, BINANCE_MEND, "INVALID_SBE_MESSAGE_FIELD"},
    {-1222, BINANCE_MEND, "OPO_WORKING_MUST_BE_BUY"},
    {-1223, BINANCE_MEND, "OPO_PENDING_MUST_BE_SELL"},
    {-1224, BINANCE_MEND, "WORKING_PARAM_REQUIRED"},
    {-1225, BINANCE_MEND, "PENDING_PARAM_NOT_REQUIRED"},
    {-2010, BINANCE_DECIDE, "NEW_ORDER_REJECTED"},
    {-2011, BINANCE_DECIDE, "CANCEL_REJECTED"},
    {-2013, BINANCE_LATER, "NO_SUCH_ORDER"},
    {-2014, BINANCE_CONFIGURE, "BAD_API_KEY_FMT"},
    {-2015, BINANCE_CONFIGURE, "REJECTED_MBX_KEY"},
    {-2016, BINANCE_DECIDE, "NO_TRADING_WINDOW"},
    {-2021, BINANCE_DECIDE, "CANCEL_REPLACE_PARTIALLY_FAILED"},
    {-2022, BINANCE_DECIDE, "CANCEL_REPLACE_FAILED"},
    {-2026, BINANCE_DECIDE, "ORDER_ARCHIVED"},
    {-2035, BINANCE_LATER, "SUBSCRIPTION_ACTIVE"},
    {-2036, BINANCE_LATER, "SUBSCRIPTION_INACTIVE"},
    {-2038, BINANCE_DECIDE, "ORDER_AMEND_REJECTED"},
    {-2039, BINANCE_MEND, "CLIENT_ORDER_ID_INVALID"},
    {-2042, BINANCE_LATER, "MAXIMUM_SUBSCRIPTION_IDS"},
    {-2043, BINANCE_DECIDE, "NO_REFERENCE_PRICE"},
};
#define ROW_COUNT (sizeof ROWS / sizeof ROWS[0])

const BinanceErrorRow *binance_error_find(int64_t code) {
    for (unsigned i = 0; i < ROW_COUNT; i++)
        if (ROWS[i].code == code) return &ROWS[i];
    return NULL;
}

unsigned binance_error_count(void) {
    return ROW_COUNT;
}

const char *binance_action_word(BinanceAction action) {
    static const char *const WORDS[BINANCE_ACTION_COUNT] = {"done",   "configure", "mend",
                                                            "decide", "later",     "ask"};
    return action < BINANCE_ACTION_COUNT ? WORDS[action] : "";
}

static bool holds(Slice text, const char *part) {
    size_t length = strlen(part);
    for (size_t at = 0; at + length <= text.length; at++)
        if (memcmp(text.at + at, part, length) == 0) return true;
    return false;
}

/* Texts that say more than their code. */
static BinanceAction sharpened(const BinanceErrorRow *row, Slice text) {
    if (row->action != BINANCE_DECIDE) return row->action;
    /* The client id is in use: an earlier try has probably succeeded. Cancelled twice, or filled
     * in the same moment, or not to be seen yet: only the venue knows. */
    if (holds(text, "Duplicate order sent") || row->code == -2011 || row->code == -2021 ||
        row->code == -2022)
        return BINANCE_ASK;
    bool barred = holds(text, "action is disabled") || holds(text, "may not place or cancel") ||
                  holds(text, "trading is not enabled") || holds(text, "not permitted for this");
    return barred ? BINANCE_CONFIGURE : row->action;
}

BinanceAction binance_error_action(int64_t code, Slice text, bool changes) {
    if (code == 0) return BINANCE_DONE;
    const BinanceErrorRow *row = binance_error_find(code);
    BinanceAction action = row ? sharpened(row, text) : BINANCE_ASK;
    return action == BINANCE_ASK && !changes ? BINANCE_LATER : action;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* A pause where the venue names none: its rules count per minute, and its shortest ban lasts two.
 */
#define PAUSE_US (1 * INSTANT_MINUTE_US)
#define BAN_US   (2 * INSTANT_MINUTE_US)
/* The web firewall gives no time; it asks for minutes. */
#define WALL_US (5 * INSTANT_MINUTE_US)
/* Its longest ban, with room; a header that says more is not believed. */
#define SILENCE_US_MAX (4 * INSTANT_DAY_US)

/* "IP banned until 1790000000000." in milliseconds; 0 if the text does not say. */
static int64_t banned_until(Slice text) {
    static const char PHRASE[] = "banned until ";
    size_t length = sizeof PHRASE - 1;
    for (size_t at = 0; at + length < text.length; at++) {
        if (memcmp(text.at + at, PHRASE, length) != 0) continue;
        size_t first = at + length, end = first;
        while (end < text.length && text.at[end] >= '0' && text.at[end] <= '9')
            end++;
        int64_t stamp, time_us;
        Slice digits = {text.at + first, end - first};
        bool told = slice_int(digits, &stamp) && binance_stamp(stamp, &time_us);
        return told ? time_us : 0;
    }
    return 0;
}

static int64_t silence(const BinanceHttp *http, const BinanceVerdict *verdict, int64_t usual_us) {
    int64_t longest = http->now_us + SILENCE_US_MAX, until = http->now_us + usual_us;
    int64_t told = banned_until(slice_of(verdict->fault.text));
    if (http->retry_after_s >= 0 && http->retry_after_s <= SILENCE_US_MAX / INSTANT_SECOND_US) {
        until = http->now_us + http->retry_after_s * INSTANT_SECOND_US;
    }
    if (told > until) until = told;
    return until < longest ? until : longest;
}

static void judge_limit(const BinanceHttp *http, BinanceVerdict *verdict) {
    verdict->is_banned = http->status == 418 || http->status == 403;
    int64_t usual = http->status == 418 ? BAN_US : http->status == 403 ? WALL_US : PAUSE_US;
    verdict->silent_until_us = silence(http, verdict, usual);
    verdict->is_order_limit = http->status == 429 && verdict->fault.code == -1015;
    /* Refused at the door: nothing was done, also where the body cannot be read. But a cancel and
     * replace over the order limit may have cancelled. */
    bool replaced = verdict->fault.code == -2021 || verdict->fault.code == -2022;
    verdict->action = replaced ? BINANCE_ASK : BINANCE_LATER;
}

static BinanceAction status_action(int status) {
    if (status == 401 || status == 410 || status == 451) return BINANCE_CONFIGURE;
    if (status == 404 || status == 405 || status == 414) return BINANCE_MEND;
    return BINANCE_ASK;
}

void binance_error_judge(const BinanceHttp *http, BinanceVerdict *verdict) {
    *verdict = (BinanceVerdict){0};
    bool answered = http->status >= 200 && http->status <= 299;
    bool told = !answered && binance_reply_fault(json_reader(http->body), &verdict->fault, NULL);
    bool limited = http->status == 429 || http->status == 418 || http->status == 403;
    if (answered) return;
    if (limited || (verdict->fault.code == -1003 && http->status < 500)) {
        judge_limit(http, verdict);
    } else if (http->status >= 500 || !told || verdict->fault.code == 0) {
        verdict->action = status_action(http->status);
    } else {
        Slice text = slice_of(verdict->fault.text);
        verdict->action = binance_error_action(verdict->fault.code, text, http->changes);
    }
    if (verdict->action == BINANCE_ASK && !http->changes) verdict->action = BINANCE_LATER;
}
