/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The venue's rules of a symbol, read at the start, every hour, and after a filter has refused an
 * order (protocol_parts.h). New ones are told to everybody; a symbol that does not trade, or that
 * the venue does not list any more, takes no orders until it does.
 */
#include <string.h>

#include "core/bus/convert.h"
#include "core/protocol/protocol_parts.h"
#include "core/venues/binance_path.h"
#include "core/venues/binance_permit.h"
#include "core/venues/binance_rest.h"

bool rules_build(const Protocol *protocol, unsigned symbol, BinanceRequest *request) {
    char memory[256];
    Text path = TEXT_IN(memory);
    binance_path_exchange_info(&path, &protocol->symbols[symbol].symbol.name, 1);
    const char *query = strchr(text_end(&path), '?');
    if (path.overflow || !query) return false;
    *request = (BinanceRequest){.method = BINANCE_GET,
                                .path = "/api/v3/exchangeInfo",
                                .socket = "exchangeInfo",
                                .weight = BINANCE_EXCHANGE_INFO_WEIGHT};
    request->length = strlen(query + 1);
    memcpy(request->text, query + 1, request->length + 1);
    return true;
}

static void tell(Turn *turn, const VenueSymbol *symbol) {
    SymbolFilters *said = outbox_publish(turn->outbox, TOPIC_SYMBOL_FILTERS);
    filters_from_symbol(&symbol->symbol, said);
    said->halted = symbol->halted;
}

static void set_halted(Turn *turn, VenueSymbol *symbol, bool halted, const char *status) {
    if (halted && !symbol->halted)
        outbox_log(turn->outbox, LOG_WARNING,
                   "%s does not trade at the venue (%s): no orders, and what is held stays",
                   symbol->symbol.name.text, status);
    if (!halted && symbol->halted)
        outbox_log(turn->outbox, LOG_INFO, "%s trades again", symbol->symbol.name.text);
    symbol->halted = halted;
}

void rules_gone(Turn *turn, unsigned index) {
    VenueSymbol *symbol = &turn->protocol->symbols[index];
    bool was = symbol->halted;
    set_halted(turn, symbol, true, "not listed");
    if (!was) tell(turn, symbol);
}

bool rules_hear(Turn *turn, unsigned index, Slice body) {
    VenueSymbol *symbol = &turn->protocol->symbols[index];
    BinanceExchange exchange;
    BinancePermits permits;
    OrderRules rules;
    Error error;
    binance_exchange_init(&exchange);
    if (!binance_exchange_want(&exchange, &symbol->symbol.name) ||
        !binance_rest_exchange_info(body, &exchange, &error) ||
        !binance_account_rules(body, &symbol->symbol.name, &rules, &error) ||
        !binance_permit_read(body, &symbol->symbol.name, &permits, &error))
        return false;
    const BinanceListing *listing = &exchange.listings[0];
    BinanceLimit limit = {.kind = SLICE("REQUEST_WEIGHT"),
                          .interval = SLICE("MINUTE"),
                          .intervals = 1,
                          .limit = exchange.weight_per_minute,
                          .used = -1};
    (void)binance_governor_limit(&turn->protocol->governor, &limit, turn_venue_us(turn));
    bool halted = !binance_listing_trades(listing);
    bool same = symbol->ruled && halted == symbol->halted &&
                memcmp(&listing->symbol.filters, &symbol->symbol.filters, sizeof(Filters)) == 0;
    set_halted(turn, symbol, halted, listing->status);
    symbol->symbol.filters = listing->symbol.filters;
    symbol->rules = rules;
    symbol->has_oco = permits.has_oco;
    symbol->has_replace = permits.has_replace;
    symbol->has_stop = permits.has_stop;
    symbol->has_stop_limit = permits.has_stop_limit;
    symbol->ruled = true;
    if (!same) tell(turn, symbol);
    return true;
}
