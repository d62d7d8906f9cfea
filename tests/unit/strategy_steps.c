/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The strategies that rules cannot say, by hand: the grid's parts on a fall and a rise, its anchor,
 * its bounds and its stop; the schedules' slots, allocation and new beginning; value averaging's
 * path; and how often lots are drawn.
 */
#include "unit.h"

#include "core/base/check.h"
#include "core/strategies/strategy.h"

#define HOUR INSTANT_HOUR_US

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK: %s\n", file, line, text);
    abort();
}

typedef struct Desk {
    const Strategy *strategy;
    double parameters[STRATEGY_PARAMETERS_MAX];
    double columns[PLAN_COLUMNS_MAX];
    StrategyView view;
    void *state;
} Desk;

static void open_desk(Desk *desk, const char *name) {
    memset(desk, 0, sizeof *desk);
    desk->strategy = strategy_find(name);
    assert_non_null(desk->strategy);
    strategy_presets(desk->strategy, desk->parameters);
}

static void set(Desk *desk, const char *name, double value) {
    for (unsigned index = 0; index < strategy_parameter_count(desk->strategy); index++)
        if (strcmp(desk->strategy->parameters[index].name, name) == 0)
            desk->parameters[index] = value;
}

static void begin(Desk *desk) {
    assert_null(strategy_fault(desk->strategy, desk->parameters));
    desk->state = malloc(desk->strategy->state_size(desk->parameters));
    assert_non_null(desk->state);
    desk->strategy->init(desk->state, desk->parameters);
    desk->view = (StrategyView){.columns = desk->columns, .growth = 1};
}

/* The wish at the next close, an hour later. */
static StrategyWish at_price(Desk *desk, double price) {
    desk->view.price = price;
    desk->view.time_us += HOUR;
    desk->view.index++;
    return desk->strategy->step(desk->state, &desk->view);
}

static void require_wish(const StrategyWish *wish, WishKind kind, double fraction) {
    assert_int_equal(wish->kind, kind);
    assert_close(wish->fraction, fraction, 1e-12);
}

/* ---- grid ---------------------------------------------------------------------------------- */

/* Four lines, 10 % apart, 40 % in all: anchor 100, lines at 90.909, 82.645, 75.131, 68.301. */
static void open_grid(Desk *desk) {
    open_desk(desk, "grid");
    set(desk, "lines", 4);
    set(desk, "spacing_pct", 10);
    set(desk, "investment", 0.4);
    begin(desk);
}

static void test_grid_falls_and_rises(void **context) {
    (void)context;
    Desk desk;
    open_grid(&desk);
    StrategyWish wish = at_price(&desk, 100);
    require_wish(&wish, WISH_NONE, 0);
    wish = at_price(&desk, 91); /* above the first line */
    require_wish(&wish, WISH_NONE, 0);
    wish = at_price(&desk, 90.9);
    require_wish(&wish, WISH_ADD, 0.1);
    assert_true(wish.of_start);
    desk.view.open = true;
    wish = at_price(&desk, 76); /* through the second, not the third */
    require_wish(&wish, WISH_ADD, 0.1);
    wish = at_price(&desk, 68); /* through two at once */
    require_wish(&wish, WISH_ADD, 0.2);
    wish = at_price(&desk, 30); /* no line is left */
    require_wish(&wish, WISH_NONE, 0);
    wish = at_price(&desk, 76); /* over the third line: the fourth part goes */
    require_wish(&wish, WISH_REDUCE, 0.25);
    wish = at_price(&desk, 91); /* over the first: the third and the second */
    require_wish(&wish, WISH_REDUCE, 2.0 / 3);
    wish = at_price(&desk, 99.9);
    require_wish(&wish, WISH_NONE, 0);
    wish = at_price(&desk, 100); /* at the anchor: the first, which is the last */
    require_wish(&wish, WISH_LEAVE, 1);
    free(desk.state);
}

static void test_grid_anchor(void **context) {
    (void)context;
    Desk desk;
    open_grid(&desk);
    StrategyWish wish = at_price(&desk, 100);
    wish = at_price(&desk, 109); /* not yet a line higher */
    wish = at_price(&desk, 99.5);
    require_wish(&wish, WISH_NONE, 0); /* 109's first line would stand at 99.09 */
    wish = at_price(&desk, 111);       /* the anchor follows */
    wish = at_price(&desk, 100.9);     /* 111 / 1.1 = 100.909 */
    require_wish(&wish, WISH_ADD, 0.1);
    /* stopped out before the next close: a new anchor there, and nothing held */
    wish = at_price(&desk, 80);
    require_wish(&wish, WISH_NONE, 0);
    wish = at_price(&desk, 72.7); /* 80 / 1.1 = 72.727 */
    require_wish(&wish, WISH_ADD, 0.1);
    free(desk.state);
}

/* ---- schedules ----------------------------------------------------------------------------- */

/* Two days, the first close at 01:00: a purchase there and at each midnight; 2.5 shares. */
static void test_fixed_schedule(void **context) {
    (void)context;
    Desk desk;
    open_desk(&desk, "dca_fixed");
    set(&desk, "share_pct", 10);
    set(&desk, "allocation", 0.25);
    begin(&desk);
    for (int hour = 1; hour <= 100; hour++) {
        StrategyWish wish = at_price(&desk, 100);
        double expected = hour == 1 || hour == 24 ? 0.1 : hour == 48 ? 0.05 : 0;
        require_wish(&wish, expected > 0 ? WISH_ADD : WISH_NONE, expected);
        if (wish.kind == WISH_ADD) assert_true(wish.of_start);
        desk.view.open = true;
    }
    /* sold by its target: it begins again at the next midnight */
    desk.view.open = false;
    for (int hour = 101; hour <= 120; hour++) {
        StrategyWish wish = at_price(&desk, 100);
        require_wish(&wish, hour == 120 ? WISH_ADD : WISH_NONE, hour == 120 ? 0.1 : 0);
    }
    free(desk.state);
}

static void test_regime_schedule(void **context) {
    (void)context;
    Desk desk;
    open_desk(&desk, "dca_regime");
    set(&desk, "interval_hours", 1);
    set(&desk, "share_pct", 10);
    set(&desk, "allocation", 0.4);
    begin(&desk);
    desk.columns[0] = (double)NAN;
    StrategyWish wish = at_price(&desk, 100);
    require_wish(&wish, WISH_NONE, 0);
    desk.columns[0] = 101;
    wish = at_price(&desk, 100); /* below: 1.5 shares */
    require_wish(&wish, WISH_ADD, 0.15);
    desk.view.open = true;
    desk.columns[0] = 100;
    wish = at_price(&desk, 100); /* not below: half */
    require_wish(&wish, WISH_ADD, 0.05);
    desk.columns[0] = 101;
    wish = at_price(&desk, 100);
    require_wish(&wish, WISH_ADD, 0.15);
    wish = at_price(&desk, 100); /* what is left of the allocation */
    require_wish(&wish, WISH_ADD, 0.05);
    wish = at_price(&desk, 100);
    require_wish(&wish, WISH_NONE, 0);
    free(desk.state);
}

/* A path of 10 %, 20 %, 30 %, 30 % of the start. */
static void test_value_path(void **context) {
    (void)context;
    Desk desk;
    open_desk(&desk, "dca_value");
    set(&desk, "interval_hours", 1);
    set(&desk, "share_pct", 10);
    set(&desk, "growth_pct", 0);
    set(&desk, "purchase_max", 1.2);
    begin(&desk);
    desk.view.growth = 0; /* not told: nothing */
    StrategyWish wish = at_price(&desk, 100);
    require_wish(&wish, WISH_NONE, 0);
    desk.view.growth = 1;
    wish = at_price(&desk, 100);
    require_wish(&wish, WISH_ADD, 0.1);
    desk.view.open = true;
    desk.view.growth = 0.95; /* the price has halved: 0.05 held, 0.2 wanted, at most 0.12 a time */
    desk.view.held_fraction = 0.05 / 0.95;
    wish = at_price(&desk, 50);
    require_wish(&wish, WISH_ADD, 0.12);
    desk.view.growth = 1.23; /* 0.4 held, 0.3 wanted: a quarter goes */
    desk.view.held_fraction = 0.4 / 1.23;
    wish = at_price(&desk, 120);
    require_wish(&wish, WISH_REDUCE, 0.25);
    desk.view.held_fraction = 0.305 / 1.23; /* not worth an order */
    wish = at_price(&desk, 120);
    require_wish(&wish, WISH_NONE, 0);
    desk.view.open = false; /* stopped out: the path begins again */
    desk.view.held_fraction = 0;
    wish = at_price(&desk, 60);
    require_wish(&wish, WISH_ADD, 0.1);
    free(desk.state);
}

/* ---- lots ---------------------------------------------------------------------------------- */

static unsigned entries_of(uint64_t seed, unsigned closes) {
    Desk desk;
    unsigned entries = 0;
    open_desk(&desk, "random_entry");
    set(&desk, "chance", 0.1);
    begin(&desk);
    desk.view.seed = seed;
    for (unsigned close = 0; close < closes; close++)
        entries += at_price(&desk, 100).kind == WISH_ENTER;
    desk.view.open = true; /* never while a position is open */
    for (unsigned close = 0; close < 100; close++)
        assert_int_equal(at_price(&desk, 100).kind, WISH_NONE);
    free(desk.state);
    return entries;
}

static void test_lots(void **context) {
    (void)context;
    /* 100,000 lots at 0.1: 10,000, deviation 95; five of them. */
    unsigned entries = entries_of(1, 100000);
    assert_true(entries > 9525 && entries < 10475);
    assert_int_equal(entries_of(1, 100000), entries);
    assert_true(entries_of(2, 100000) != entries);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_grid_falls_and_rises), cmocka_unit_test(test_grid_anchor),
        cmocka_unit_test(test_fixed_schedule),       cmocka_unit_test(test_regime_schedule),
        cmocka_unit_test(test_value_path),           cmocka_unit_test(test_lots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
