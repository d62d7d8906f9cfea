/* SPDX-License-Identifier: Apache-2.0 */
/* The exchange as bytes: what is saved comes back and goes on as if nothing had been, and what is
 * not such bytes is refused by name. */
#include "exchange_stage.h"

#include "core/base/random.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: %s\n", file, line, text);
    abort();
}

static void act(Exchange *exchange, Random *random, int64_t now_us) {
    ExchangeFault fault;
    const ExchangeOrder *order;
    const ExchangeList *list;
    int64_t away = ((int64_t)random_below(random, 20000) - 10000) * (UNIT / 100);
    Side side = (Side)random_below(random, 2);
    ExchangeWish wish = stage_wish(EXCHANGE_LIMIT, side, UNIT / 10, STAGE_PRICE + away, 0);
    ExchangeListWish both = {
        .kind = EXCHANGE_OTO,
        .legs = {wish, stage_wish(EXCHANGE_MARKET, 1 - side, UNIT / 10, 0, 0)}};
    ExchangePrint print = {
        .time_us = now_us, .price = price_of(STAGE_PRICE + away), .quantity = quantity_of(UNIT)};
    if (random_below(random, 4) == 0) wish.iceberg = quantity_of(UNIT / 50);
    (void)!exchange_place(exchange, &wish, now_us, &order, &fault);
    (void)!exchange_place_list(exchange, &both, now_us, &list, &fault);
    exchange_print(exchange, 0, &print);
    if (exchange->accounts[0].open_count > 20)
        (void)!exchange_cancel(exchange, exchange->accounts[0].open[3], "", now_us, &fault);
    stage_drain(exchange);
}

static void play(Exchange *exchange, uint64_t seed, unsigned steps) {
    Random random = random_stream(seed, 1);
    for (unsigned i = 0; i < steps; i++)
        act(exchange, &random, STAGE_US + i * 1000000LL);
}

static unsigned char *saved(const Exchange *exchange, size_t *size) {
    *size = exchange_save_size(exchange);
    unsigned char *bytes = malloc(*size);
    assert_non_null(bytes);
    exchange_save(exchange, bytes);
    return bytes;
}

static void assert_same(const Exchange *a, const Exchange *b) {
    const ExchangeAccount *mine = &a->accounts[0], *its = &b->accounts[0];
    assert_int_equal(a->order_count, b->order_count);
    assert_int_equal(a->execution_count, b->execution_count);
    assert_int_equal(a->fill_count, b->fill_count);
    for (int64_t id = 1; id <= a->fill_count; id++) {
        const ExchangeFill *one = exchange_fill(a, id), *other = exchange_fill(b, id);
        assert_int_equal(one->order_id, other->order_id);
        assert_int_equal(one->price.units, other->price.units);
        assert_int_equal(one->quantity.units, other->quantity.units);
    }
    for (unsigned i = 0; i < a->asset_count; i++) {
        assert_true(mine->balances[i].free.units == its->balances[i].free.units);
        assert_true(mine->balances[i].locked.units == its->balances[i].locked.units);
    }
    assert_int_equal(mine->open_count, its->open_count);
    assert_memory_equal(mine->open, its->open, mine->open_count * sizeof mine->open[0]);
    Bar bars[2];
    assert_true(exchange_candle(&a->pairs[0], STAGE_US, INSTANT_DAY_US, true, &bars[0]));
    assert_true(exchange_candle(&b->pairs[0], STAGE_US, INSTANT_DAY_US, true, &bars[1]));
    assert_true(bars[0].volume == bars[1].volume && bars[0].trades == bars[1].trades);
    assert_null(exchange_audit(b));
}

static void what_is_saved_goes_on(void **state) {
    (void)state;
    Exchange *first = stage_open(), *second = malloc(sizeof *second);
    size_t size;
    Error error;
    play(first, 5, 400);
    unsigned char *bytes = saved(first, &size);
    memset(second, 0xA5, sizeof *second); /* whatever was there before */
    assert_true(exchange_restore(second, bytes, size, &error));
    assert_same(first, second);
    play(first, 6, 400);
    play(second, 6, 400);
    assert_same(first, second);
    assert_true(first->fill_count > 100);
    free(bytes);
    free(first);
    free(second);
}

static void other_bytes_are_refused(void **state) {
    (void)state;
    Exchange *exchange = stage_open();
    size_t size;
    Error error;
    play(exchange, 7, 50);
    unsigned char *bytes = saved(exchange, &size);
    Random random = random_stream(9, 1);
    for (unsigned i = 0; i < 300; i++) {
        size_t at = random_below(&random, (uint32_t)size);
        bytes[at] ^= (unsigned char)(1u << random_below(&random, 8));
        assert_false(exchange_restore(exchange, bytes, size, &error));
        assert_true(error.message[0] && exchange->pair_count == 0);
        exchange_init(exchange, &stage_costs);
        free(bytes);
        free(exchange);
        exchange = stage_open();
        play(exchange, 7, 5);
        bytes = saved(exchange, &size);
    }
    for (size_t length = 0; length < size; length += 1 + length / 3)
        assert_false(exchange_restore(exchange, bytes, length, &error));
    free(bytes);
    free(exchange);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_saved_goes_on),
                                       cmocka_unit_test(other_bytes_are_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
