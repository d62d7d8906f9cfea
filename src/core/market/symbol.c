/* SPDX-License-Identifier: Apache-2.0 */
#include "core/market/symbol.h"

#include <string.h>

bool symbol_name_set(SymbolName *name, Slice text) {
    bool sound = text.length >= 1 && text.length < LIMIT_SYMBOL_TEXT;
    for (size_t i = 0; sound && i < text.length; i++) {
        unsigned char c = (unsigned char)text.at[i];
        sound = c > ' ' && c != 127; /* bytes from 128 on: the venue lists names in UTF-8 */
    }
    /* The whole field is zeroed: names are compared, hashed and written to the journal as bytes. */
    memset(name, 0, sizeof *name);
    if (sound) memcpy(name->text, text.at, text.length);
    return sound;
}

bool symbol_name_equal(const SymbolName *a, const SymbolName *b) {
    return strncmp(a->text, b->text, LIMIT_SYMBOL_TEXT) == 0;
}

int symbol_table_find(const SymbolTable *table, const SymbolName *name) {
    for (unsigned i = 0; i < table->count; i++)
        if (symbol_name_equal(&table->symbols[i].name, name)) return (int)i;
    return -1;
}

/* Fields and names are both zeroed whole, so equal names are equal bytes, and nearly every question
 * ends there; what stands behind a closing zero is not trusted to be zero. */
int symbol_table_find_text(const SymbolTable *table, const char text[static LIMIT_SYMBOL_TEXT]) {
    SymbolName name;
    for (unsigned i = 0; i < table->count; i++)
        if (memcmp(table->symbols[i].name.text, text, LIMIT_SYMBOL_TEXT) == 0) return (int)i;
    size_t length = strnlen(text, LIMIT_SYMBOL_TEXT);
    return symbol_name_set(&name, (Slice){text, length}) ? symbol_table_find(table, &name) : -1;
}

int symbol_table_put(SymbolTable *table, const Symbol *symbol) {
    int index = symbol_table_find(table, &symbol->name);
    if (index < 0) {
        if (table->count == LIMIT_SYMBOLS) return -1;
        index = (int)table->count++;
    }
    table->symbols[index] = *symbol;
    return index;
}

bool symbol_split(const SymbolName *name, AssetName *base, AssetName *quote) {
    static const char *const quotes[] = {"USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "USD",
                                         "EUR",  "GBP",  "TRY",   "BRL",  "BTC",  "ETH", "BNB"};
    size_t length = strnlen(name->text, LIMIT_SYMBOL_TEXT);
    size_t longest = 0; /* DOGEFDUSD ends in USD too: the longest asset that fits is meant */
    for (unsigned i = 0; i < sizeof quotes / sizeof quotes[0]; i++) {
        size_t size = strlen(quotes[i]);
        if (size > longest && length > size && !memcmp(name->text + length - size, quotes[i], size))
            longest = size;
    }
    if (longest == 0 || length - longest >= LIMIT_ASSET_TEXT) return false;
    memset(base, 0, sizeof *base);
    memset(quote, 0, sizeof *quote);
    memcpy(base->text, name->text, length - longest);
    memcpy(quote->text, name->text + length - longest, longest);
    return true;
}

/* The grid starts at zero, not at the smallest value ("price % tickSize == 0"). */
static bool off_grid(int64_t units, int64_t smallest, int64_t greatest, int64_t grid) {
    return units <= 0 || (smallest && units < smallest) || (greatest && units > greatest) ||
           (grid && units % grid != 0);
}

const char *filters_fault(const Filters *filters, Price price, Quantity quantity) {
    if (off_grid(price.units, filters->price_min.units, filters->price_max.units,
                 filters->tick.units))
        return "PRICE_FILTER";
    if (off_grid(quantity.units, filters->quantity_min.units, filters->quantity_max.units,
                 filters->step.units))
        return "LOT_SIZE";
    /* The floored money is below the smallest notional exactly when the exact product is; at the
     * greatest one, a remainder counts. */
    Notional notional = price_times_quantity(price, quantity);
    if (money_compare(notional.money, filters->notional_min) < 0) return "NOTIONAL";
    int above = money_compare(notional.money, filters->notional_max);
    if (filters->notional_max.units && (above > 0 || (above == 0 && notional.remainder > 0)))
        return "NOTIONAL";
    return NULL;
}
