/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words that have no place here: names that say nothing, calls with a trap in them, doubles where
 * money is exact, marks of unfinished work, and anything of the place where this was written. Each
 * finding names the replacement.
 */
#include "tidy/tree.h"

typedef struct Ban {
    const char *word, *instead;
} Ban;

static int load(void **state) {
    (void)state;
    tree_load((const char *const[]){"src", "tests", "bench", "tools", "web", "docs", "config",
                                    "Makefile", "README.md", "CONTRIBUTING.md", "NOTICE", ".ci",
                                    ".env.example", ".gitignore", NULL});
    return 0;
}

/* ---- names --------------------------------------------------------------------------------- */

static const char *const empty_names[] = {"common",  "util",    "utils", "misc", "helper",
                                          "helpers", "manager", "data",  "info"};
#define EMPTY_NAMES (sizeof empty_names / sizeof empty_names[0])

/* Whether the `length` bytes of a name are an empty word, or end with one after an underscore or as
 * CamelCase. */
static bool is_empty_name(const char *name, size_t length) {
    for (unsigned i = 0; i < EMPTY_NAMES; i++) {
        size_t tail = strlen(empty_names[i]);
        if (length < tail || strncasecmp(name + length - tail, empty_names[i], tail) != 0) continue;
        const char *end = name + length - tail;
        if (length == tail || end[-1] == '_' || end[-1] == '-') return true;
        if (isupper((unsigned char)end[0]) && islower((unsigned char)end[1]) &&
            islower((unsigned char)end[-1]))
            return true;
    }
    return false;
}

/* Names that a library, the system, the venue or the mission gave; and "no data", which is what is
 * meant. */
static bool is_given(const char *word, size_t length) {
    static const char *const ends[] = {"exchange_info", "market_data", "social_data", "no_data",
                                       "http_header_data"};
    for (unsigned i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        size_t tail = strlen(ends[i]);
        if (length >= tail && strncmp(word + length - tail, ends[i], tail) == 0) return true;
    }
    static const char *const prefixes[] = {"curl_", "CURL", "lws_", "LWS_", "sqlite3_",
                                           "zip_",  "SSL_", "EVP_", "dl_"};
    for (unsigned i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++)
        if (length > strlen(prefixes[i]) && tree_starts(word, prefixes[i])) return true;
    return false;
}

static void judge_name(const char *path, const char *name, size_t length) {
    if (is_empty_name(name, length) && !is_given(name, length) && !tree_excused("name", path))
        tree_find(path, 0, "'%.*s' says nothing: name what it is for", (int)length, name);
}

static void judge_path(const char *path) {
    for (const char *part = path; part; part = strchr(part, '/'), part = part ? part + 1 : NULL)
        judge_name(path, part, strcspn(part, "/."));
}

static void judge_identifiers(const TreeFile *file) {
    for (const char *at = file->code; *at;) {
        size_t length = 0;
        while (tree_is_word(at[length])) length++;
        if (length == 0) {
            at++;
            continue;
        }
        /* a member of a library's struct, as in message->data.result of curl */
        bool member = at > file->code && (at[-1] == '>' || at[-1] == '.') && at[length] == '.';
        bool constant =
            isupper((unsigned char)at[0]) && (length < 2 || !islower((unsigned char)at[1]));
        char place[300];
        snprintf(place, sizeof place, "%s:%.*s", file->path, (int)length, at);
        if (!constant && !member && is_empty_name(at, length) && !is_given(at, length) &&
            !tree_excused("name", place))
            tree_find(file->path, tree_line(file->code, (size_t)(at - file->code)),
                      "'%.*s' says nothing: name what it holds", (int)length, at);
        at += length;
    }
}

static void names_say_something(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        if (!tree_starts(tree_files[i].path, "web/")) judge_path(tree_files[i].path);
        if (tree_files[i].code && tree_starts(tree_files[i].path, "src/"))
            judge_identifiers(&tree_files[i]);
    }
    tree_settle("name");
}

/* ---- words in code ------------------------------------------------------------------------- */

/* The next place at or after `at` where `word` stands alone in `text`, or NULL. */
static const char *find_word(const char *text, const char *at, const char *word) {
    size_t length = strlen(word);
    while ((at = strstr(at, word))) {
        if ((at == text || !tree_is_word(at[-1])) && !tree_is_word(at[length])) return at;
        at += length;
    }
    return NULL;
}

static void ban(const TreeFile *file, const char *text, const char *rule, const Ban *banned) {
    char place[300];
    snprintf(place, sizeof place, "%s:%s", file->path, banned->word);
    for (const char *at = text; (at = find_word(text, at, banned->word)); at++)
        if (!tree_excused(rule, place))
            tree_find(file->path, tree_line(text, (size_t)(at - text)), "%s: %s", banned->word,
                      banned->instead);
}

static const Ban calls[] = {
    {"strcpy", "text_slice, or snprintf with the size"},
    {"strcat", "a Text, or snprintf with the size"},
    {"sprintf", "snprintf"},
    {"vsprintf", "vsnprintf"},
    {"gets", "fgets"},
    {"strtok", "strsep, or a Slice"},
    {"atoi", "slice_int, which says what is wrong"},
    {"atol", "slice_int, which says what is wrong"},
    {"atof", "number_from_slice, which knows no locale"},
    {"rand", "random_u64 on a stream of its own"},
    {"srand", "random_u64 on a stream of its own"},
    {"random", "random_u64 on a stream of its own"},
    {"drand48", "random_uniform on a stream of its own"},
    {"alloca", "an arena"},
    {"setjmp", "an Error"},
    {"goto", "a function that returns"},
};
static const Ban core_calls[] = {
    {"time", "the message carries the time"},   {"clock", "the message carries the time"},
    {"malloc", "memory that init hands in"},    {"calloc", "memory that init hands in"},
    {"realloc", "a ring or pool with a limit"}, {"free", "memory that init hands in"},
    {"qsort", "an insertion or merge of ours: its ties differ"},
    {"printf", "a message"},                    {"fprintf", "a message"},
};

/* A call is a banned word with a parenthesis behind it that is no declaration of ours. */
static void ban_call(const TreeFile *file, const Ban *banned) {
    char place[300];
    snprintf(place, sizeof place, "%s:%s", file->path, banned->word);
    bool jump = strcmp(banned->word, "goto") == 0;
    for (const char *at = file->plain; (at = find_word(file->plain, at, banned->word)); at++) {
        const char *next = at + strlen(banned->word);
        bool member = at > file->plain && (at[-1] == '.' || at[-1] == '>');
        if (member || (*next != '(' && !jump)) continue;
        if (!tree_excused("call", place))
            tree_find(file->path, tree_line(file->plain, (size_t)(at - file->plain)), "%s: use %s",
                      banned->word, banned->instead);
    }
}

static void calls_have_no_trap(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        if (!file->plain || !tree_starts(file->path, "src/")) continue;
        for (unsigned k = 0; k < sizeof calls / sizeof calls[0]; k++) ban_call(file, &calls[k]);
        if (!tree_starts(file->path, "src/core/")) continue;
        for (unsigned k = 0; k < sizeof core_calls / sizeof core_calls[0]; k++)
            ban_call(file, &core_calls[k]);
    }
    tree_settle("call");
}

static bool holds_money(const char *path) {
    static const char *const names[] = {
        "ledger", "order", "gate", "trade_executor", "execution", "trading_account", "paper_fill"};
    const char *name = strrchr(path, '/') + 1;
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strncmp(name, names[i], strcspn(name, ".")) == 0 &&
            strlen(names[i]) == strcspn(name, "."))
            return true;
    return false;
}

static void money_is_exact(void **state) {
    (void)state;
    static const Ban floating[] = {{"double", "money is Price, Quantity or Money"},
                                   {"float", "money is Price, Quantity or Money"}};
    unsigned judged = 0;
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        if (!file->code || !tree_starts(file->path, "src/core/") || !holds_money(file->path))
            continue;
        judged++;
        for (unsigned k = 0; k < 2; k++) ban(file, file->code, "money", &floating[k]);
    }
    assert_true(judged >= 7);
    tree_settle("money");
}

/* ---- words anywhere ------------------------------------------------------------------------ */

/* Written in two halves, so that this file does not find itself. */
static const Ban unfinished[] = {
    {"TO"
     "DO",
     "finish it, or say it in an issue"},
    {"FIX"
     "ME",
     "fix it, or say it in an issue"},
    {"XX"
     "X",
     "finish it, or say it in an issue"},
    {"HA"
     "CK",
     "do it well, or say why it is right"},
    {"st"
     "ub",
     "write it, or leave it out"},
    {"not yet imp"
     "lemented",
     "write it, or leave it out"},
};

static void nothing_is_unfinished(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++)
        for (unsigned k = 0; k < sizeof unfinished / sizeof unfinished[0]; k++)
            ban(&tree_files[i], tree_files[i].text, "unfinished", &unfinished[k]);
    tree_settle("unfinished");
}

static const Ban places[] = {
    {"/wo" "rk/", "a path of one machine"},   {"/fa" "rm/", "a path of one machine"},
    {"fa" "rm-", "a tool of the workplace"},  {"before" "-stop", "a tool of the workplace"},
    {"registry.np" "mj", "a package host"},   {"deb.deb" "ian.o", "a package host"},
    {".lib" "rary/", "a path of one machine"}, {"/ho" "me/", "a path of one machine"},
    {"/ro" "ot/", "a path of one machine"},
};

static void the_workplace_is_not_named(void **state) {
    (void)state;
    for (unsigned i = 0; i < tree_count; i++) {
        const TreeFile *file = &tree_files[i];
        for (unsigned k = 0; k < sizeof places / sizeof places[0]; k++) {
            const char *at = strstr(file->text, places[k].word);
            if (at)
                tree_find(file->path, tree_line(file->text, (size_t)(at - file->text)),
                          "'%s' is %s: take it out", places[k].word, places[k].instead);
        }
    }
    tree_settle("workplace");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_say_something),    cmocka_unit_test(calls_have_no_trap),
        cmocka_unit_test(money_is_exact),         cmocka_unit_test(nothing_is_unfinished),
        cmocka_unit_test(the_workplace_is_not_named),
    };
    return cmocka_run_group_tests(tests, load, NULL);
}
