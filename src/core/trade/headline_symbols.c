/* SPDX-License-Identifier: Apache-2.0 */
#include "core/trade/headline_symbols.h"

/* How surely a headline is about what it names. */
#define SURE    1.0
#define TICKER  0.9  /* in capitals, no ordinary word */
#define BESIDE  0.6  /* an ordinary word beside a word of the trade */
#define ON_SIDE 0.5  /* of a market headline for one symbol: it moves with the market */
#define AFFECTS 0.3  /* money and law in general */
#define CROWDED 0.25 /* each further asset that is named takes this much attention */

typedef enum TickerKind { TICKER_ALONE, TICKER_CAPITALS, TICKER_WORDLIKE } TickerKind;

typedef struct AssetNames {
    const char *ticker;
    TickerKind kind;
    const char *sure, *words;
} AssetNames;

static const AssetNames asset_names[] = {
#define ASSET_NAMES(ticker, kind, sure, words) {(ticker), TICKER_##kind, (sure), (words)},
#include "core/trade/asset_names.def"
#undef ASSET_NAMES
};
#define ASSET_COUNT (sizeof asset_names / sizeof asset_names[0])

/* Words beside which a ticker or a name is one. */
static const char trade_words[] =
    "token,coin,price,crypto,blockchain,network,protocol,whale,mainnet,testnet,staking,airdrop,"
    "etf,usd,usdt,usdc,altcoin,defi,nft,memecoin,stablecoin,unlock,validator,wallet,rally,trader,"
    "tokens,coins,whales,traders,holders,futures,exchange,binance,coinbase,kraken,ledger,labs";
static const char market_words[] =
    "crypto,cryptocurrency,cryptocurrencies,cryptos,altcoin,altcoins,stablecoin,stablecoins,"
    "digital "
    "asset,digital assets,blockchain,defi,memecoin,memecoins,token,tokens,web3,crypto market,nft,"
    "nfts,coinbase,binance,kraken,exchange";
static const char money_words[] =
    "fed,fomc,federal reserve,central bank,interest rate,interest rates,rate cut,rate hike,rate "
    "cuts,rate hikes,inflation,cpi,jobs report,recession,tariffs,treasury yields,sec,cftc,wall "
    "street,stocks,nasdaq";

/* ---- finding words ------------------------------------------------------------------------- */

static char lower(char c) {
    return (char)(c >= 'A' && c <= 'Z' ? c | 32 : c);
}

static bool is_inner(char c) {
    return (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

/* `word` stands at `at` of the title as a whole word. */
static bool stands_at(Slice title, size_t at, Slice word, bool exact) {
    if (at + word.length > title.length) return false;
    for (size_t i = 0; i < word.length; i++) {
        char c = title.at[at + i];
        if ((exact ? c : lower(c)) != word.at[i]) return false;
    }
    size_t after = at + word.length;
    return (at == 0 || !is_inner(title.at[at - 1])) &&
           (after == title.length || !is_inner(title.at[after]));
}

/* Where it stands at or behind `from`, or the title's length. */
static size_t find_word(Slice title, size_t from, Slice word, bool exact) {
    while (from < title.length && !stands_at(title, from, word, exact))
        from++;
    return from;
}

static bool has_any(Slice title, const char *list) {
    for (Slice rest = slice_of(list); rest.length;)
        if (find_word(title, 0, slice_part(&rest, ','), false) < title.length) return true;
    return false;
}

/* Whether a longer name of another asset begins at `at`: "bitcoin cash" is not bitcoin. */
static bool is_other(Slice title, size_t at, const AssetNames *own, size_t length) {
    for (size_t i = 0; i < ASSET_COUNT; i++) {
        if (&asset_names[i] == own) continue;
        for (Slice rest = slice_of(asset_names[i].sure); rest.length;) {
            Slice name = slice_part(&rest, ',');
            if (name.length > length && stands_at(title, at, name, false)) return true;
        }
    }
    return false;
}

static bool names_it(Slice title, const AssetNames *asset, const char *list) {
    for (Slice rest = slice_of(list); rest.length;) {
        Slice name = slice_part(&rest, ',');
        size_t at = find_word(title, 0, name, false);
        for (; at < title.length; at = find_word(title, at + 1, name, false))
            if (!is_other(title, at, asset, name.length)) return true;
    }
    return false;
}

/* ---- tickers ------------------------------------------------------------------------------- */

/* $LINK, (LINK), LINK/USDT: nobody writes a word so. */
static bool is_marked(Slice title, size_t at, size_t length) {
    size_t after = at + length;
    char before = at ? title.at[at - 1] : ' ';
    char behind = after < title.length ? title.at[after] : ' ';
    return before == '$' || (before == '(' && behind == ')') || behind == '/';
}

static bool all_capitals(Slice title) {
    for (size_t i = 0; i < title.length; i++)
        if (title.at[i] >= 'a' && title.at[i] <= 'z') return false;
    return true;
}

static double ticker_in(Slice title, Slice ticker, TickerKind kind) {
    double best = 0;
    bool shouted = all_capitals(title), trade = has_any(title, trade_words);
    for (size_t at = 0; (at = find_word(title, at, ticker, true)) < title.length; at++) {
        bool sure = is_marked(title, at, ticker.length) || kind == TICKER_ALONE;
        double here = sure                                     ? SURE
                      : shouted                                ? 0
                      : kind == TICKER_CAPITALS                ? TICKER
                      : trade || has_any(title, "bitcoin,btc") ? BESIDE
                                                               : 0;
        best = here > best ? here : best;
    }
    return best;
}

/* "btc", "xrp" in small letters. */
static double small_ticker(Slice title, Slice ticker) {
    char memory[LIMIT_ASSET_TEXT];
    for (size_t i = 0; i < ticker.length; i++)
        memory[i] = lower(ticker.at[i]);
    Slice small = {memory, ticker.length};
    return find_word(title, 0, small, false) < title.length ? SURE : 0;
}

static double relevance_of(Slice title, const AssetName *base) {
    AssetNames unlisted = {base->text, TICKER_CAPITALS, "", ""};
    const AssetNames *asset = &unlisted;
    Slice ticker = slice_of(base->text);
    if (ticker.length <= 3) unlisted.kind = TICKER_WORDLIKE;
    for (size_t i = 0; i < ASSET_COUNT; i++)
        if (slice_is(ticker, asset_names[i].ticker)) asset = &asset_names[i];
    if (names_it(title, asset, asset->sure)) return SURE;
    double found = ticker_in(title, ticker, asset->kind);
    if (asset->kind == TICKER_ALONE && found < SURE) found = small_ticker(title, ticker);
    if (found < BESIDE && names_it(title, asset, asset->words) && has_any(title, trade_words))
        found = BESIDE;
    return found;
}

/* ---- the whole ----------------------------------------------------------------------------- */

/* Assets beyond the watched ones that are named: they share the attention. */
static unsigned others_named(Slice title, const SymbolTable *watched) {
    unsigned count = 0;
    for (size_t i = 0; i < ASSET_COUNT; i++) {
        AssetName asset = {""};
        bool held = false;
        if (!slice_copy(slice_of(asset_names[i].ticker), asset.text, sizeof asset.text)) continue;
        for (unsigned k = 0; k < watched->count; k++)
            held |= strcmp(watched->symbols[k].base.text, asset.text) == 0;
        count += !held && relevance_of(title, &asset) >= TICKER;
    }
    return count;
}

static void put_symbol(Headline *headline, const char *name) {
    const uint32_t room = sizeof headline->symbols / sizeof headline->symbols[0];
    if (headline->symbols_count == room) return;
    if (slice_copy(slice_of(name), headline->symbols[headline->symbols_count],
                   sizeof headline->symbols[0]))
        headline->symbols_count++;
}

/* Whether an earlier symbol has the same base: one asset named, not two. */
static bool counted(const SymbolTable *watched, unsigned index) {
    for (unsigned i = 0; i < index; i++)
        if (strcmp(watched->symbols[i].base.text, watched->symbols[index].base.text) == 0)
            return true;
    return false;
}

void headline_find_symbols(const SymbolTable *watched, Headline *headline) {
    Slice title = slice_of(headline->title);
    double best = 0;
    unsigned named = 0;
    headline->symbols_count = 0;
    for (unsigned i = 0; i < watched->count; i++) {
        double found = relevance_of(title, &watched->symbols[i].base);
        if (found <= 0) continue;
        put_symbol(headline, watched->symbols[i].name.text);
        named += !counted(watched, i);
        best = found > best ? found : best;
    }
    unsigned others = others_named(title, watched);
    if (named > 0) {
        headline->relevance = best / (1 + CROWDED * (named + others - 1));
        return;
    }
    bool market = others == 0 && has_any(title, market_words);
    bool money = others == 0 && has_any(title, money_words);
    headline->relevance = market ? ON_SIDE : money ? AFFECTS : 0;
    if (market || money) put_symbol(headline, HEADLINE_WHOLE_MARKET);
}
