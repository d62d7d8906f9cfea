/* SPDX-License-Identifier: Apache-2.0 */
/* The venue's words for what exchange.h counts. */
#include "core/sim/exchange.h"

const char *exchange_type_name(ExchangeType type) {
    static const char *const names[EXCHANGE_TYPE_COUNT] = {
        "LIMIT",           "LIMIT_MAKER", "MARKET",           "STOP_LOSS",
        "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"};
    return names[type];
}

const char *exchange_force_name(ExchangeForce force) {
    static const char *const names[EXCHANGE_FORCE_COUNT] = {"GTC", "IOC", "FOK"};
    return names[force];
}

const char *exchange_status_name(ExchangeStatus status) {
    static const char *const names[EXCHANGE_STATUS_COUNT] = {
        "NEW",      "PENDING_NEW", "PARTIALLY_FILLED", "FILLED",
        "CANCELED", "EXPIRED",     "EXPIRED_IN_MATCH"};
    return names[status];
}

const char *exchange_reason_name(ExchangeReason reason) {
    static const char *const names[EXCHANGE_REASON_COUNT] = {"NONE",
                                                             "OCO_TRIGGER",
                                                             "OTO_PHASE_ONE_EXPIRED",
                                                             "UNFILLED_IOC_QUANTITY_EXPIRED",
                                                             "UNFILLED_FOK_ORDER_EXPIRED",
                                                             "INSUFFICIENT_LIQUIDITY",
                                                             "REJECTED",
                                                             "EXCHANGE_CANCELED",
                                                             "EXECUTION_RULE_PRICE_RANGE_EXCEEDED"};
    return names[reason];
}

const char *exchange_prevention_name(ExchangePrevention prevention) {
    static const char *const names[EXCHANGE_PREVENTION_COUNT] = {
        "NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"};
    return names[prevention];
}

const char *exchange_trading_name(ExchangeTrading trading) {
    static const char *const names[EXCHANGE_TRADING_COUNT] = {"TRADING", "HALT", "BREAK",
                                                              "CANCEL_ONLY", "BREAK"};
    return names[trading];
}

const char *exchange_list_name(ExchangeListKind kind) {
    return kind == EXCHANGE_OCO ? "OCO" : "OTO";
}

bool exchange_refuse(ExchangeFault *fault, int code, const char *format, ...) {
    Text text = TEXT_IN(fault->text);
    va_list values;
    va_start(values, format);
    text_format_list(&text, format, values);
    va_end(values);
    text_end(&text);
    fault->code = code;
    fault->status = 400;
    return false;
}
