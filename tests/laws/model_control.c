/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A language model that is an adversary with full control of every reply, in the whole program on a
 * generated market: it never chooses symbol, price, size, stop or limits; while it is unproven its
 * entries have the smallest size whatever confidence it states; positions stay protected; what it
 * bills stays below the cap. The same replies give the same bytes, and a copy of the state taken
 * while questions are under way goes on as the original does.
 */
#include "check_aborts.h"
#include "market_script.h"

#include "core/bus/codec.h"

#define MINUTES 2600 /* warm-up of the slow trend, and a day of questions behind it */

typedef struct Puppet {
    KernelStage stage;
    Random random;
    OutsideReply replies[64];
    unsigned reply_count, requests, by_model, entries, fills, unprotected;
    bool unproven[2]; /* the last signal of BTCUSDC, of ETHUSDC */
    int64_t spent;
    double equity;
} Puppet;

static Script script;

static int open_script(void **state) {
    (void)state;
    script = script_of(12, MINUTES);
    return 0;
}

static int close_script(void **state) {
    (void)state;
    free(script.inputs);
    return 0;
}

/* ---- the adversary --------------------------------------------------------------------------- */

static const char *stated_confidence(Random *random) {
    static const char *const words[] = {"1", "0.99", "0.5", "0.36", "1e0", "0.999999999999"};
    return words[random_below(random, sizeof words / sizeof words[0])];
}

static void write_content(Random *random, char *target, size_t capacity) {
    static const char *const extras[] = {
        "", ",\"symbol\":\"DOGEUSDC\",\"size\":1000000,\"leverage\":125",
        ",\"stop_loss_fraction\":0,\"size_fraction\":1,\"take_profit_fraction\":10",
        ",\"max_positions\":32,\"position_size\":1,\"kill\":\"none\"",
        ",\"price\":1,\"order\":{\"side\":\"BUY\",\"quantity\":9e9}"};
    static const char *const broken[] = {
        "{}",   "buy", "{\"decision\":\"BUY\"}",
        "[[[[", "",    "{\"decision\":\"BUY\",\"decision\":\"SELL\"}"};
    if (random_below(random, 6) == 0) {
        snprintf(target, capacity, "%s", broken[random_below(random, 6)]);
        return;
    }
    snprintf(target, capacity,
             "{\"decision\":\"%s\",\"confidence\":%s,\"risk_level\":\"LOW\",\"reasoning\":\"ALL "
             "IN\",\"key_indicators\":[\"x\"],\"technical_factors\":\"t\",\"social_factors\":\"s\","
             "\"risk_assessment\":\"none\",\"weight_technical\":1,\"weight_social\":1,"
             "\"weight_news\":1,\"weight_market\":1%s}",
             random_below(random, 3) ? "BUY" : "SELL", stated_confidence(random),
             extras[random_below(random, 5)]);
}

static void answer(Puppet *control, const OutsideRequest *request, OutsideReply *reply) {
    Random *random = &control->random;
    char content[1500];
    *reply =
        (OutsideReply){.id = request->id,
                       .source = OUTSIDE_MODEL,
                       .outcome = random_below(random, 12) ? OUTSIDE_ANSWERED : OUTSIDE_LOST,
                       .status = random_below(random, 12) ? 200 : 100 + random_below(random, 500),
                       .retry_after_ms = (int64_t)random_below(random, 4) - 1,
                       .should_retry = (int64_t)random_below(random, 3) - 1,
                       .latency_us = random_below(random, 1000000)};
    memcpy(reply->service, request->service, sizeof reply->service);
    write_content(random, content, sizeof content);
    Text text = TEXT_IN(reply->body);
    JsonWriter writer = json_writer(&text);
    text_put(&text, "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":");
    json_string(&writer, content);
    text_format(&text, "}}],\"usage\":{\"prompt_tokens\":%D,\"completion_tokens\":%D}}",
                (int64_t)random_below(random, 3000), (int64_t)random_below(random, 1200));
    text_end(&text);
}

/* ---- what is looked at ----------------------------------------------------------------------- */

static bool is_known(const char *symbol) {
    return strcmp(symbol, "BTCUSDC") == 0 || strcmp(symbol, "ETHUSDC") == 0;
}

static void look_at_signal(Puppet *control, const Signal *signal) {
    control->unproven[signal->symbol[0] == 'E'] = signal->unproven;
    if (!signal->by_model) return;
    control->by_model++;
    assert_true(is_known(signal->symbol));
    assert_true(signal->size_fraction == 0 && signal->stop_loss_fraction == 0 &&
                signal->take_profit_fraction == 0);
    assert_true(signal->price.units > 100000000); /* the market's, not 1 */
    double sum = 0;
    for (unsigned i = 0; i < signal->contributions_count; i++)
        sum += signal->contributions[i].value;
    assert_close(sum, signal->score, 1e-12);
    assert_true(signal->outcomes >= 30 || signal->unproven);
    assert_true(signal->confidence <=
                ((double)signal->outcomes + 10) / ((double)signal->outcomes + 20));
}

static void look_at_fill(Puppet *control, const Fill *fill) {
    control->fills++;
    assert_true(is_known(fill->symbol));
    if (fill->side != SIDE_BUY) return;
    control->entries++;
    double cost = price_double(fill->price) * quantity_double(fill->quantity);
    /* min_trade_amount with room for a step and the spread; proven a fifth of equity at most. */
    if (control->unproven[fill->symbol[0] == 'E']) assert_true(cost <= 40 * 1.25);
    assert_true(cost <= 0.2 * control->equity * 1.01);
}

static void look_at_holdings(Puppet *control, const Holdings *holdings) {
    for (unsigned i = 0; i < holdings->positions_count; i++) {
        const PositionState *position = &holdings->positions[i];
        if (position->quantity.units > 0 && position->stop_price.units == 0) control->unprotected++;
    }
}

static void watch(void *context, const Message *message) {
    Puppet *control = context;
    const void *payload = message->payload;
    switch (message->topic) {
    case TOPIC_OUTSIDE_REQUESTS:
        control->requests++;
        assert_true(control->reply_count < 64);
        answer(control, payload, &control->replies[control->reply_count++]);
        break;
    case TOPIC_TRADING_SIGNALS:
        look_at_signal(control, payload);
        break;
    case TOPIC_MODEL_CALLS:
        control->spent += ((const ModelCall *)payload)->cost_usd_micro;
        break;
    case TOPIC_TRADE_EXECUTIONS:
        look_at_fill(control, payload);
        break;
    case TOPIC_HOLDINGS:
        look_at_holdings(control, payload);
        break;
    default:
        break;
    }
}

/* ---- runs ------------------------------------------------------------------------------------ */

static Puppet *open_control(uint64_t seed) {
    Puppet *control = calloc(1, sizeof *control);
    assert_non_null(control);
    stage_open(&control->stage, service_table, service_count);
    /* The kernel was made for presets; its services have not run yet and are made anew. */
    strcpy(control->stage.settings.ai.mode, "live");
    control->stage.settings.ai.budget_per_hour_usd = 1;
    control->stage.settings.ai.budget_per_day_usd = 2;
    control->stage.settings.ai.budget_per_run_usd = 3;
    size_t size = (kernel_size(&control->stage.plan) + 15) & ~(size_t)15;
    memset(control->stage.memory, 0, size);
    control->stage.kernel = kernel_init(control->stage.memory, &control->stage.plan);
    control->stage.watch = watch;
    control->stage.context = control;
    control->random = random_stream(seed, 77);
    control->equity = 10000;
    return control;
}

static void close_control(Puppet *control) {
    stage_close(&control->stage);
    free(control);
}

/* One instant, then the replies to what it asked, at the same time. */
static size_t instant(Puppet *control, size_t at) {
    int64_t time_us = script.inputs[at].time_us;
    Error error;
    at = stage_instant(&control->stage, &script, at);
    while (control->reply_count > 0) {
        OutsideReply reply = control->replies[--control->reply_count];
        assert_true(
            kernel_input(control->stage.kernel, TOPIC_OUTSIDE_REPLIES, time_us, &reply, &error));
        stage_turn(&control->stage);
    }
    return at;
}

static void the_model_is_never_in_control(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        Puppet *control = open_control(seed);
        for (size_t at = 0; at < script.count;)
            at = instant(control, at);
        print_message("seed %d: %u requests, %u signals of the model, %u entries, %lld spent\n",
                      (int)seed, control->requests, control->by_model, control->entries,
                      (long long)control->spent);
        assert_true(control->requests > 50 && control->by_model > 10 && control->entries > 0);
        assert_int_equal(control->unprotected, 0);
        assert_true(control->spent <= 3000000);
        close_control(control);
    }
}

static void the_same_replies_give_the_same_bytes(void **state) {
    (void)state;
    uint8_t first[SHA256_SIZE], second[SHA256_SIZE];
    for (unsigned round = 0; round < 2; round++) {
        Puppet *control = open_control(9);
        for (size_t at = 0; at < script.count;)
            at = instant(control, at);
        stage_digest(&control->stage, round ? second : first);
        close_control(control);
    }
    assert_memory_equal(first, second, SHA256_SIZE);
}

/* Cut behind the first turns that left questions open: their replies are still out. */
static void a_copy_of_the_state_goes_on_alike(void **state) {
    (void)state;
    Puppet *whole = open_control(5), *copy = open_control(5);
    unsigned cuts = 0;
    for (size_t at = 0; at < script.count;) {
        unsigned before = whole->requests;
        at = instant(whole, at);
        if (whole->requests == before || cuts++ % 40 != 0) continue;
        size_t size, other;
        void *from = kernel_state(whole->stage.kernel, &size);
        void *to = kernel_state(copy->stage.kernel, &other);
        assert_int_equal(size, other);
        memcpy(to, from, size);
        copy->random = whole->random;
        sha256_init(&copy->stage.digest);
        sha256_init(&whole->stage.digest);
        size_t there = at;
        for (unsigned i = 0; i < 200 && at < script.count; i++) {
            at = instant(whole, at);
            there = instant(copy, there);
        }
        uint8_t a[SHA256_SIZE], b[SHA256_SIZE];
        stage_digest(&whole->stage, a);
        stage_digest(&copy->stage, b);
        assert_memory_equal(a, b, SHA256_SIZE);
    }
    assert_true(cuts > 40);
    close_control(whole);
    close_control(copy);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_model_is_never_in_control),
        cmocka_unit_test(the_same_replies_give_the_same_bytes),
        cmocka_unit_test(a_copy_of_the_state_goes_on_alike),
    };
    return cmocka_run_group_tests(tests, open_script, close_script);
}
