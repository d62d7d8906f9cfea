/* SPDX-License-Identifier: Apache-2.0 */
/* Every declared key: its preset is sound, its bounds hold, its text reads back; wrong names find
 * their neighbour; and the hash says whether two runs decide alike. */
#include "check_aborts.h"
#include "unit.h"

#include "core/bus/settings.h"

static Settings settings, other;

static const Setting *find(const char *path) {
    const Setting *setting = setting_find(slice_of(path));
    if (!setting) print_error("no setting %s\n", path);
    assert_non_null(setting);
    return setting;
}

static bool set(const char *path, const char *value, Error *error) {
    return setting_set(&settings, find(path), slice_of(value), error);
}

static bool set_number(const Setting *setting, double value, Error *error) {
    char memory[64];
    Text text = TEXT_IN(memory);
    text_double(&text, value);
    return setting_set(&settings, setting, slice_of(text_end(&text)), error);
}

static void test_presets_are_sound(void **state) {
    (void)state;
    Error error;
    settings_presets(&settings);
    assert_true(settings_check(&settings, &error));
    for (unsigned i = 0; i < setting_count; i++) {
        const Setting *setting = &setting_table[i];
        char path[128], value[1100];
        Text name = TEXT_IN(path), text = TEXT_IN(value);
        setting_path(setting, &name);
        assert_ptr_equal(setting_find(slice_of(text_end(&name))), setting);
        assert_ptr_equal(setting_nearest(slice_of(path)), setting);
        assert_true(strlen(setting->sentence) > 5 && setting->unit && setting->unit[0]);
        setting_write(&settings, setting, &text);
        Slice written = slice_of(text_end(&text));
        if (setting->type == SETTING_WORDS) written = (Slice){written.at + 1, written.length - 2};
        assert_true(setting_set(&settings, setting, written, &error));
    }
    settings_presets(&other);
    assert_memory_equal(&settings, &other, sizeof settings);
}

static void test_bounds_of_every_number(void **state) {
    (void)state;
    for (unsigned i = 0; i < setting_count; i++) {
        const Setting *setting = &setting_table[i];
        if (setting->type != SETTING_NUMBER && setting->type != SETTING_WHOLE) continue;
        bool whole = setting->type == SETTING_WHOLE;
        double below = whole ? setting->lowest - 1 : nextafter(setting->lowest, (double)-INFINITY);
        double above = whole ? setting->highest + 1 : nextafter(setting->highest, (double)INFINITY);
        Error error;
        settings_presets(&settings);
        assert_true(setting->lowest <= setting->preset && setting->preset <= setting->highest);
        assert_true(set_number(setting, setting->lowest, &error));
        assert_true(set_number(setting, setting->highest, &error));
        other = settings;
        assert_false(set_number(setting, below, &error));
        assert_false(set_number(setting, above, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
        assert_non_null(strstr(error.where, setting->key));
        assert_non_null(strstr(error.hint, setting->unit));
        assert_memory_equal(&settings, &other, sizeof settings);
    }
}

static void test_wrong_values_change_nothing(void **state) {
    (void)state;
    static const struct {
        const char *path, *value;
    } wrongs[] = {
        {"trading_params.max_positions", "2.5"},
        {"trading_params.max_positions", "five"},
        {"trading_params.max_positions", ""},
        {"trading_params.position_size", "nan"},
        {"trading_params.position_size", "inf"},
        {"trading_params.position_size", "0.2 "},
        {"trading_params.position_size", "20%"},
        {"risk_management.trailing_stop_loss_enabled", "yes"},
        {"risk_management.trailing_stop_loss_enabled", "1"},
        {"dashboard.port", "65536"},
    };
    settings_presets(&settings);
    other = settings;
    for (unsigned i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        Error error = {.code = ERROR_NONE};
        bool taken = set(wrongs[i].path, wrongs[i].value, &error);
        if (taken) print_error("%s takes '%s'\n", wrongs[i].path, wrongs[i].value);
        assert_false(taken);
        assert_int_equal(error.code, ERROR_CONFIG);
        assert_string_equal(error.where, wrongs[i].path);
    }
    char words[600];
    Error error;
    memset(words, 'x', sizeof words - 1);
    words[sizeof words - 1] = 0;
    assert_false(set("trading_params.symbols", words, &error));
    words[511] = 0; /* the last that fits */
    assert_true(set("trading_params.symbols", words, &error));
    settings.trading = other.trading;
    assert_memory_equal(&settings, &other, sizeof settings);
}

static void test_nearest_names(void **state) {
    (void)state;
    static const struct {
        const char *wrong, *nearest;
    } rows[] = {
        {"trading_params.max_position", "max_positions"},
        {"stop_los_pct", "stop_loss_pct"},
        {"trading_params.stop_loss_percent", "stop_loss_pct"},
        {"dashbord.port", "port"},
        {"paper.fee_bp", "fee_bps"},
        {"journal.segment_byte", "segment_bytes"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(setting_find(slice_of(rows[i].wrong)));
        assert_string_equal(setting_nearest(slice_of(rows[i].wrong))->key, rows[i].nearest);
    }
    assert_true(setting_is_group(SLICE("risk_management")));
    assert_true(setting_is_group(SLICE("risk_management.trailing_stop_settings")));
    assert_false(setting_is_group(SLICE("risk_management.max_drawdown_limit")));
    assert_false(setting_is_group(SLICE("risk")));
}

static void test_relations(void **state) {
    (void)state;
    static const struct {
        const char *path, *value;
    } rows[] = {
        {"trading_params.ai_analysis_interval", "90"},
        {"risk_management.max_portfolio_allocation", "0.9"},
        {"trading_params.position_size", "0.5"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        Error error = {.code = ERROR_NONE};
        settings_presets(&settings);
        assert_true(set(rows[i].path, rows[i].value, &error));
        assert_false(settings_check(&settings, &error));
        assert_int_equal(error.code, ERROR_CONFIG);
        assert_string_equal(error.where, rows[i].path);
    }
}

/* ---- the hash ------------------------------------------------------------------------------ */

static bool is_outside(const Setting *setting) {
    static const char *const groups[] = {"dashboard", "logging", "journal", "feed", "data"};
    for (unsigned i = 0; i < sizeof groups / sizeof groups[0]; i++)
        if (strcmp(setting->group_path, groups[i]) == 0) return true;
    return false;
}

static void change(const Setting *setting) {
    Error error;
    settings_presets(&settings);
    bool changed =
        setting->type == SETTING_WORDS ? setting_set(&settings, setting, SLICE("new"), &error)
        : setting->type == SETTING_SWITCH
            ? setting_set(&settings, setting, setting->preset > 0 ? SLICE("false") : SLICE("true"),
                          &error)
            : set_number(setting,
                         setting->preset < setting->highest ? setting->highest : setting->lowest,
                         &error);
    assert_true(changed);
}

static void test_hash_sees_what_decides_and_nothing_else(void **state) {
    (void)state;
    uint8_t preset[SHA256_SIZE], changed[SHA256_SIZE], again[SHA256_SIZE];
    settings_presets(&settings);
    settings_hash(&settings, preset);
    for (unsigned i = 0; i < setting_count; i++) {
        change(&setting_table[i]);
        settings_hash(&settings, changed);
        settings_hash(&settings, again);
        assert_memory_equal(changed, again, SHA256_SIZE);
        bool same = memcmp(preset, changed, SHA256_SIZE) == 0;
        if (same != is_outside(&setting_table[i]))
            print_error("%s.%s\n", setting_table[i].group_path, setting_table[i].key);
        assert_int_equal(same, is_outside(&setting_table[i]));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presets_are_sound),
        cmocka_unit_test(test_bounds_of_every_number),
        cmocka_unit_test(test_wrong_values_change_nothing),
        cmocka_unit_test(test_nearest_names),
        cmocka_unit_test(test_relations),
        cmocka_unit_test(test_hash_sees_what_decides_and_nothing_else),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
