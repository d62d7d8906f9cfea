/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sentiment of headlines against labels: our own 200 (headlines.txt says by which rule, and
 * which half the rules may not be fitted to), where it must beat counting the words of the same
 * lexicon; and two shared sets, both labelled by programs, whose agreement is printed and judged by
 * nothing but being better than chance.
 */
#include "check_aborts.h"
#include "unit.h"

#include <zlib.h>

#include "core/base/plain_text.h"
#include "core/trade/headline_sentiment.h"
#include "core/trade/headline_words.h"

static int class_of(double sentiment) {
    if (fabs(sentiment - 0.5) < HEADLINE_NEUTRAL) return 0;
    return sentiment > 0.5 ? 1 : -1;
}

/* Good words less bad words, as sentiment was counted before grammar. */
static int count_words(Slice title) {
    HeadlineWords words;
    int sum = 0;
    headline_words_of(title, &words);
    for (unsigned i = 0; i < words.count; i += words.at[i].length)
        sum += words.at[i].weight > 0 ? 1 : words.at[i].weight < 0 ? -1 : 0;
    return (sum > 0) - (sum < 0);
}

/* ---- our own ------------------------------------------------------------------------------- */

typedef struct Score {
    int headlines, right, counted, better, worse; /* better: right where counting is wrong */
} Score;

static void add(Score *score, int label, Slice title) {
    bool right = class_of(headline_sentiment(title)) == label;
    bool counted = count_words(title) == label;
    score->headlines++;
    score->right += right;
    score->counted += counted;
    score->better += right && !counted;
    score->worse += counted && !right;
}

static Score score_set(const char *set) {
    char line[512];
    Score score = {0};
    FILE *file = fopen("tests/golden/headlines.txt", "rb");
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, set, strlen(set)) != 0) continue;
        char label = line[strlen(set) + 1];
        add(&score, label == '+' ? 1 : label == '-' ? -1 : 0, slice_of(line + strlen(set) + 3));
    }
    fclose(file);
    print_message("%s: %d of %d right, counting words %d\n", set, score.right, score.headlines,
                  score.counted);
    return score;
}

static void our_own_headlines(void **state) {
    (void)state;
    Score tune = score_set("tune"), held = score_set("held");
    assert_int_equal(tune.headlines, 100);
    assert_int_equal(held.headlines, 100);
    /* Sign test of the pairs that differ: so many more is no chance at 1 in 1,000 (z > 3.09). */
    assert_true(held.better - held.worse > 3.09 * sqrt(held.better + held.worse));
    assert_true(tune.better > tune.worse);
    assert_true(held.right >= 75); /* 78 when the rules were written */
}

/* ---- rules, one by one --------------------------------------------------------------------- */

static void rules_hold(void **state) {
    (void)state;
    static const struct {
        const char *title;
        int sign;
    } cases[] = {
        {"Bitcoin rises", 1},
        {"Bitcoin falls", -1},
        {"Fees fall", 1},
        {"Fees rise", -1},
        {"Ban lifted", 1},
        {"Ban imposed", -1},
        {"Bitcoin does not rise", -1},
        {"Bitcoin fails to fall", 1},
        {"Outflows slow", 1},
        {"Inflows slow", -1},
        {"Falls less than feared", 1},
        {"Gains less than expected", -1},
        {"Is bitcoin dead?", 0},
        {"Conference opens on Monday", 0},
        {"", 0},
        {"Bitcoin climbs despite hack", 1},
        {"Bitcoin slips despite approval of fund", -1},
        {"Hack fears ease", 1},
        {"THEFT DRAINS MILLIONS", -1},
        {"Regulator\xE2\x80\x99s lawsuit dismissed by court", 1},
        {"\xE6\xAF\x94\xE7\x89\xB9\xE5\xB8\x81", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        double sentiment = headline_sentiment(slice_of(cases[i].title));
        if (class_of(sentiment) != cases[i].sign) fail_msg("%s: %g", cases[i].title, sentiment);
    }
    assert_true(headline_sentiment(SLICE("Bitcoin plunges")) <
                headline_sentiment(SLICE("Bitcoin slips")));
    assert_true(headline_sentiment(SLICE("Bitcoin could fall")) >
                headline_sentiment(SLICE("Bitcoin will fall")));
    assert_true(headline_sentiment(SLICE("No word that judges")) == 0.5);
}

static void any_text_has_a_sentiment(void **state) {
    (void)state;
    char title[200];
    for (unsigned seed = 1; seed < 50000; seed++) {
        static const char *const parts[] = {"not ",      "fall ",     "ban ",  "lift ",
                                            ", ",        "despite ",  "fees ", "but ",
                                            "hope for ", "surge in ", "? "};
        Text text = TEXT_IN(title);
        for (unsigned rest = seed * 2654435761u, i = 0; i < 12; i++, rest = rest / 11 + seed * i)
            text_put(&text, parts[rest % 11]);
        double sentiment = headline_sentiment(slice_of(text_end(&text)));
        assert_true(sentiment > 0 && sentiment < 1);
    }
}

/* ---- the shared sets ----------------------------------------------------------------------- */

static char memory[4 << 20];

static Slice unpacked(const char *path) {
    gzFile file = gzopen(shared_data(path), "rb");
    assert_non_null(file);
    int length = gzread(file, memory, sizeof memory);
    gzclose(file);
    assert_true(length > 0 && (size_t)length < sizeof memory);
    return (Slice){memory, (size_t)length};
}

/* The next field of a CSV (RFC 4180); *ends: it was the last one of its row. */
static Slice next_field(const char **at, const char *end, bool *ends) {
    static char field[1 << 16];
    size_t length = 0;
    bool quoted = *at < end && **at == '"';
    for (*at += quoted; *at < end && (quoted || (**at != ',' && **at != '\n')); ++*at) {
        if (quoted && **at == '"' && (++*at == end || **at != '"')) {
            quoted = false;
            --*at;
            continue;
        }
        if (length < sizeof field) field[length++] = **at;
    }
    *ends = *at == end || **at == '\n';
    *at += *at < end;
    return (Slice){field, length};
}

typedef struct Agreement {
    int matrix[3][3]; /* label, ours */
    int rows;
} Agreement;

static void tell(const char *name, const Agreement *agreement) {
    double n = agreement->rows, same = 0, chance = 0, sided = 0, signs = 0;
    for (int i = 0; i < 3; i++) {
        double row = 0, column = 0;
        for (int k = 0; k < 3; k++) {
            row += agreement->matrix[i][k];
            column += agreement->matrix[k][i];
        }
        same += agreement->matrix[i][i];
        chance += row / n * column / n;
    }
    for (int i = 0; i < 3; i += 2) {
        signs += agreement->matrix[i][i];
        sided += agreement->matrix[i][0] + agreement->matrix[i][2];
    }
    double kappa = (same / n - chance) / (1 - chance);
    print_message("%s (labelled by a program): %d rows, three classes %.1f%%, kappa %.3f, sign "
                  "where both take a side %.1f%% of %.0f\n",
                  name, agreement->rows, 100 * same / n, kappa, 100 * signs / sided, sided);
    /* Better than chance where both take a side; labels of programs deserve no more. */
    assert_true(signs > 0.5 * sided);
}

static void compare(const char *path, unsigned label_column, unsigned title_column, bool scored) {
    Slice text = unpacked(path);
    Agreement agreement = {.rows = -1}; /* the header */
    const char *at = text.at, *end = at + text.length;
    while (at < end) {
        char title[256] = "";
        int label = 0;
        bool ends = false;
        for (unsigned column = 0; !ends; column++) {
            Slice field = next_field(&at, end, &ends);
            if (column == title_column) (void)plain_text_into(field, title, sizeof title);
            if (column != label_column || field.length == 0) continue;
            double score = scored ? strtod(field.at, NULL) : 0;
            label = scored ? (score > 0.6) - (score < 0.4)
                           : (field.at[0] == 'p') - (field.at[1] == 'e' && field.at[2] == 'g');
        }
        if (agreement.rows++ >= 0)
            agreement.matrix[label + 1][class_of(headline_sentiment(slice_of(title))) + 1]++;
    }
    tell(path, &agreement);
}

static void shared_labels_2021(void **state) {
    (void)state;
    compare("social/crypto_news_labelled_2021-10_2022-03.csv.gz", 1, 6, false);
}

static void shared_scores_2024(void **state) {
    (void)state;
    compare("social/crypto_news_scored_2024-04.csv.gz", 3, 1, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_own_headlines),        cmocka_unit_test(rules_hold),
        cmocka_unit_test(any_text_has_a_sentiment), cmocka_unit_test(shared_labels_2021),
        cmocka_unit_test(shared_scores_2024),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
