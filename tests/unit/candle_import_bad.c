/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Malformed candle files, one row each: refused whole with file, line and reason, or taken in with
 * the bad rows named and counted. Whatever comes, the candles that were stored before are still
 * there, and nothing is stored that the table does not say.
 */
#include "replay_stage.h"

#include "shell/store/candle_import.h"
#include "shell/store/candle_store.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

/* Three sound minutes; A to C are their CSV rows, JA to JC their JSON. */
#define T0      "1679004900000"
#define T1      "1679004960000"
#define T2      "1679005020000"
#define T3      "1679005080000"
#define H       HEADER
#define A       T0 ",100,101.5,99,100.25,1\n"
#define B       T1 ",101,102.5,100,101.25,2\n"
#define C       T2 ",102,103.5,101,102.25,3\n"
#define JA      "[" T0 ",100,101.5,99,100.25,1]"
#define JB      "[" T1 ",101,102.5,100,101.25,2]"
#define JC      "[" T2 ",102,103.5,101,102.25,3]"
#define D(time) time ",100,101.5,99,100.25,1,1679004959999,100,5,0.5,50,0\n"
#define WHOLE   0 /* kept: the file is refused whole */

typedef struct Case {
    const char *name; /* of the file */
    const char *text;
    size_t size;       /* 0: strlen */
    int kept, refused; /* rows */
    const char *reason, *where;
    int duplicates;
} Case;

static const Case cases[] = {
    /* no candles at all */
    {"BTCUSDT-1m-a01.csv", "\n\n \r\n", 0, WHOLE, 0, "blank lines", "a01.csv", 0},
    {"BTCUSDT-1m-a02.csv", H, 0, WHOLE, 0, "no rows", "a02.csv", 0},
    {"BTCUSDT-1m-a03.csv", "hello\nworld\n", 0, WHOLE, 0, "1 columns", "a03.csv, line 1", 0},
    {"BTCUSDT-1m-a04.csv", "\xFF\xFEo\0p\0", 6, WHOLE, 0, "UTF-16", "a04.csv", 0},
    {"BTCUSDT-1m-a05.csv", "\xFE\xFF\0o\0p", 6, WHOLE, 0, "UTF-16", "a05.csv", 0},
    {"BTCUSDT-1m-a06.csv", H A "\0\0\0\0\n" B, sizeof(H A "\0\0\0\0\n" B) - 1, WHOLE, 0,
     "zero byte", "a06.csv, line 3", 0},
    {"BTCUSDT-1m-a07.csv", "PAR1\x15\x04\0\x15", 8, WHOLE, 0, "zero byte", "a07.csv, line 1", 0},
    {"BTCUSDT-1m-a08.csv", "<html><body>451</body></html>\n", 0, WHOLE, 0, "1 columns", "line 1",
     0},
    {"BTCUSDT-1m-a09.csv.gz", H A B, 0, WHOLE, 0, "not gzip inside", "a09.csv.gz", 0},
    {"BTCUSDT-1m-a10.zip", H A B, 0, WHOLE, 0, "not zip inside", "a10.zip", 0},
    {"BTCUSDT-1m-a11.zip", "PK\003\004 and nothing", 0, WHOLE, 0, "not a sound zip", "a11.zip", 0},
    /* headers and columns */
    {"BTCUSDT-1m-b01.csv", "time,open,high,low,volume\n" T0 ",1,1,1,1\n", 0, WHOLE, 0,
     "names no column close", "b01.csv, line 1", 0},
    {"BTCUSDT-1m-b02.csv", "time,open,open,high,low,close,volume\n", 0, WHOLE, 0, "two columns",
     "b02.csv, line 1", 0},
    {"BTCUSDT-1m-b03.csv", T0 ",1,1,1,1,1,2,3,4,5,6\n", 0, WHOLE, 0, "11 columns where 12",
     "b03.csv, line 1", 0},
    {"BTCUSDT-1m-b04.csv", T0 ";1;1;1;1;1\n", 0, WHOLE, 0, "1 columns where 12", "line 1", 0},
    {"BTCUSDT-1m-b05.csv", H A B T2 ",102,103.5\n", 0, 2, 1, "3 columns where 6", "line 4", 0},
    {"BTCUSDT-1m-b06.csv", H A B C T3 ",1,1,1,1,1,1\n", 0, 3, 1, "7 columns where 6", "line 5", 0},
    {"BTCUSDT-1m-b07.csv", H A H B C, 0, 3, 1, "not a time stamp", "line 3, column 1", 0},
    {"BTCUSDT-1m-b08.csv", H "a,b,c,d,e,f\n", 0, WHOLE, 1, "not a time stamp", "line 2", 0},
    /* values */
    {"BTCUSDT-1m-c01.csv", H A B C T3 ",abc,2,1,1,1\n", 0, 3, 1, "not a price",
     "line 5, column 2 (open)", 0},
    {"BTCUSDT-1m-c02.csv", H A B C T3 ",-1,2,1,1,1\n", 0, 3, 1, "not above zero", "line 5", 0},
    {"BTCUSDT-1m-c03.csv", H A B C T3 ",1,1,2,1,1\n", 0, 3, 1, "high is below low", "line 5", 0},
    {"BTCUSDT-1m-c04.csv", H A B C T3 ",5,2,1,1,1\n", 0, 3, 1, "open is outside", "line 5", 0},
    {"BTCUSDT-1m-c05.csv", H A B C T3 ",1,2,1,3,1\n", 0, 3, 1, "close is outside", "line 5", 0},
    {"BTCUSDT-1m-c06.csv", H A B C T3 ",NaN,2,1,1,1\n", 0, 3, 1, "not a price", "column 2", 0},
    {"BTCUSDT-1m-c07.csv", H A B C T3 ",1,Inf,1,1,1\n", 0, 3, 1, "not a price", "column 3", 0},
    {"BTCUSDT-1m-c08.csv", H A B C T3 ",1,1e400,1,1,1\n", 0, 3, 1, "price", "column 3 (high)", 0},
    {"BTCUSDT-1m-c09.csv", H A B C T3 ",1,1e2,1,1,1\n", 0, 3, 1, "exponent", "column 3", 0},
    {"BTCUSDT-1m-c10.csv", H A B C T3 ",1,1,1,1,nan\n", 0, 3, 1, "not a number",
     "column 6 (volume)", 0},
    {"BTCUSDT-1m-c11.csv", H A B C T3 ",1,1,1,1,-5\n", 0, 3, 1, "volume is negative", "line 5", 0},
    {"BTCUSDT-1m-c12.csv", H A B C T3 ",1,1,1,1,\n", 0, 3, 1, "number is missing", "column 6", 0},
    {"BTCUSDT-1m-c13.csv", H A B C T3 ",,1,1,1,1\n", 0, 3, 1, "price is missing", "column 2", 0},
    {"BTCUSDT-1m-c14.csv", H A B C T3 ",1.123456789,2,1,1,1\n", 0, 3, 1, "at most 8 decimals",
     "column 2", 0},
    {"BTCUSDT-1m-c15.csv", H A B C T3 ",92233720369,92233720369,1,1,1\n", 0, 3, 1, "out of range",
     "column 2", 0},
    {"BTCUSDT-1m-c16.csv", H A B C T3 ",0,0,0,0,0\n", 0, 3, 1, "not above zero", "line 5", 0},
    {"BTCUSDT-1m-c17.csv", H A B C T3 ",0x10,20,1,1,1\n", 0, 3, 1, "not a price", "column 2", 0},
    {"BTCUSDT-1m-c18.csv", H A B C T3 ",1 000,2000,1,1,1\n", 0, 3, 1, "not a price", "column 2", 0},
    {"BTCUSDT-1m-c19.csv", H A B C T3 ",\"1,5\",2,1,1,1\n", 0, 3, 1, "not a price", "column 2", 0},
    {"BTCUSDT-1m-c20.csv", D(T0) D(T1) D(T2) T3 ",1,1,1,1,1,2,1,-3,1,1,0\n", 0, 3, 1,
     "not a count of trades", "line 4, column 9", 0},
    {"BTCUSDT-1m-c21.csv", H A B C T3 ",1,1,1,1,1e999\n", 0, 3, 1, "", "line 5", 0},
    /* times */
    {"BTCUSDT-1m-d01.csv", H A B B C, 0, 3, 0, NULL, NULL, 1}, /* repeated: one of them */
    {"BTCUSDT-1m-d02.csv", H A B T1 ",101,102.5,100,101.26,2\n" C, 0, WHOLE, 0,
     "the time of line 3 and other values", "d02.csv, line 4", 0},
    {"BTCUSDT-1m-d03.csv", H C B A, 0, 3, 0, NULL, NULL, 0}, /* newest first: sorted */
    {"BTCUSDT-1m-d04.csv", H A B C "1679005081000,1,1,1,1,1\n", 0, 3, 1, "not a whole minute",
     "line 5", 0},
    {"BTCUSDT-5m-d05.csv",
     H "1679004900000,1,1,1,1,1\n1679005200000,1,1,1,1,1\n"
       "1679005500000,1,1,1,1,1\n1679005560000,1,1,1,1,1\n",
     0, 3, 1, "off the grid of 5m", "line 5", 0},
    {"BTCUSDT-1m-d06.csv", H "1679004900,100,101.5,99,100.25,1\n1679004960,1,1,1,1,1\n", 0, 2, 0,
     NULL, NULL, 0}, /* seconds are told from milliseconds by their size */
    {"BTCUSDT-1m-d07.csv", H "1679004900000000,1,1,1,1,1\n1679004960000000,1,1,1,1,1\n", 0, 2, 0,
     NULL, NULL, 0},
    {"BTCUSDT-1m-d08.csv", H "2023-03-16 22:15:00,1,1,1,1,1\n2023-03-16T22:16:00Z,1,1,1,1,1\n", 0,
     2, 0, NULL, NULL, 0},
    {"BTCUSDT-1m-d09.csv", H A B C "99,1,1,1,1,1\n", 0, 3, 1, "outside of 2001 to 2200", "line 5",
     0},
    {"BTCUSDT-1m-d10.csv", H A B C "-1679005080000,1,1,1,1,1\n", 0, 3, 1, "", "line 5", 0},
    {"BTCUSDT-1m-d11.csv", H A B C "99999999999999999999,1,1,1,1,1\n", 0, 3, 1, "not a time stamp",
     "line 5", 0},
    {"BTCUSDT-1m-d12.csv", H A B C "2023-02-30,1,1,1,1,1\n", 0, 3, 1, "not a time stamp", "line 5",
     0},
    {"BTCUSDT-x13.csv", H A, 0, WHOLE, 0, "one row does not say its interval", "line 2", 0},
    {"BTCUSDT-x14.csv", H A "1679005320000,1,1,1,1,1\n", 0, WHOLE, 0, "7 minutes apart", "line 2",
     0},
    {"BTCUSDT-1m-d15.csv",
     H A "1679008500000,1,1,1,1,1\n1679012100000,1,1,1,1,1\n"
         "1679015700000,1,1,1,1,1\n",
     0, WHOLE, 0, "fewer than half", "line 2", 0},
    /* harmless forms of the right thing */
    {"BTCUSDT-1m-e01.csv", "\xEF\xBB\xBF" H A B C, 0, 3, 0, NULL, NULL, 0},
    {"BTCUSDT-1m-e02.csv",
     "time,open,high,low,close,volume\r\n" T0 ",1,1,1,1,1\r\n" T1 ",1,1,1,1,1\r\n", 0, 2, 0, NULL,
     NULL, 0},
    {"BTCUSDT-1m-e03.csv",
     "\"time\",\"open\",\"high\",\"low\",\"close\",\"volume\"\n\"" T0
     "\",\"1\",\"1\",\"1\",\"1\",\"1\"\n\"" T1 "\",\"1\",\"1\",\"1\",\"1\",\"1\"\n",
     0, 2, 0, NULL, NULL, 0},
    {"BTCUSDT-1m-e04.csv", H A "\n\n" B " \n" C, 0, 3, 0, NULL, NULL, 0},
    {"BTCUSDT-1m-e05.csv", D(T0) D(T1), 0, 2, 0, NULL, NULL, 0},
    {"BTCUSDT-1m-e06.csv", H A B T2 ",102,103.5,101,102.25,3", 0, 3, 0, NULL, NULL, 0},
    /* JSON */
    {"BTC_USDT-1m-f01.json", "[" JA "," JB ",\n " JC " ]\n", 0, 3, 0, NULL, NULL, 0},
    {"BTC_USDT-1m-f02.json", JA "\n" JB "\n" JC "\n", 0, 3, 0, NULL, NULL, 0},
    {"BTC_USDT-1m-f03.json", "[[" T0 ",\"1.5e-05\",2E-5,1.5e-5,0.000015,1e3]," JB "]", 0, 2, 0,
     NULL, NULL, 0},
    {"BTC_USDT-1m-f04.json", "[" JA "," JB, 0, WHOLE, 0, "ends too early", "f04.json, line 1", 0},
    {"BTC_USDT-1m-f05.json", "[" JA "," JB ",[167900", 0, WHOLE, 0, "ends too early", "line 1", 0},
    {"BTC_USDT-1m-f06.json", "{\"data\":[" JA "]}", 0, WHOLE, 0, "a JSON object", "line 1", 0},
    {"BTC_USDT-1m-f07.json", "[\"a\",\"b\"]", 0, WHOLE, 0, "2 columns", "line 1", 0},
    {"BTC_USDT-1m-f08.json", "[" JA "," JB ",[[1,2],2,3,4,5,6]]", 0, 2, 1,
     "neither a number nor a string", "row 3 (line 1)", 0},
    {"BTC_USDT-1m-f09.json", "[" JA "," JB "," JC ",[" T3 ",1e400,1e400,1,1,1]]", 0, 3, 1, "price",
     "row 4 (line 1), column 2", 0},
    {"BTC_USDT-1m-f10.json", "[" JA "," JB "," JC ",[" T3 ",NaN,1,1,1,1]]", 0, 3, 1, "malformed",
     "row 4", 0},
    {"BTC_USDT-1m-f11.json", "[" JA "," JB "," JC ",\n[" T3 ",null,1,1,1,1]]", 0, 3, 1, "missing",
     "row 4 (line 2), column 2", 0},
    {"BTC_USDT-1m-f12.json", "[]", 0, WHOLE, 0, "array is empty", "f12.json", 0},
    {"BTC_USDT-1m-f13.json", "[" JA "," JB "] trailing", 0, WHOLE, 0, "behind the array", "line 1",
     0},
    {"BTC_USDT-1m-f14.json", "[" JA " " JB "]", 0, WHOLE, 0, "no comma", "line 1", 0},
    {"BTC_USDT-1m-f15.json", "[" JA ",,," JB "]", 0, WHOLE, 0, "no array", "line 1", 0},
    {"BTC_USDT-1m-f16.json", "[" JA "," JB "," JC ",[" T3 ",\"1,2\",1,1,1,1]]", 0, 3, 1,
     "a text stands", "row 4", 0},
    {"BTC_USDT-1m-f17.json", "[" JA "," JB ",{\"t\":1}]", 0, WHOLE, 0, "no array", "line 1", 0},
    {"BTC_USDT-1m-f18.json", JA "\n" JB "\n" JC "\n[" T3 ",1,2]\n", 0, 3, 1, "3 columns", "line 4",
     0},
    {"BTC_USDT-1m-f19.json", "[" JA "," JB "," JC ",[" T3 ",true,1,1,1,1]]", 0, 3, 1,
     "neither a number", "row 4", 0},
    {"BTC_USDT-1m-f20.json", "[" JA "," JB "," JC ",[]]", 0, 3, 1, "empty array", "row 4", 0},
    {"BTC_USDT-1m-f21.json", "[" JA "," JB ",]", 0, WHOLE, 0, "no array", "line 1", 0},
    {"BTC_USDT-1m-f22.json",
     "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
     0, WHOLE, 0, "ends too early", "line 1", 0},
    /* names */
    {"btcusdt.csv", H A B, 0, WHOLE, 0, "does not say its symbol", "btcusdt.csv", 0},
    {"20230316.csv", H A B, 0, WHOLE, 0, "does not say its symbol", "20230316.csv", 0},
    {"BTC_USDT_USDT-1m-futures.json", "[" JA "," JB "]", 0, WHOLE, 0, "does not say its symbol",
     "futures.json", 0},
};
#define CASES (sizeof cases / sizeof cases[0])

/* --- the store around them -------------------------------------------------------------------- */

static char root[96];
static Error first_refusal;
static unsigned refusals;

static void remember(void *context, const Error *reason) {
    (void)context;
    if (refusals++ == 0) first_refusal = *reason;
}

static CandleKey key_of(int64_t minutes) {
    CandleKey key = {.venue = CANDLE_VENUE, .length_us = minutes * MINUTE};
    assert_true(symbol_name_set(&key.symbol, slice_of("BTCUSDT")));
    return key;
}

/* Two candles of a day before. */
static void store_older(int64_t minutes) {
    CandleKey key = key_of(minutes);
    CandleBatch batch;
    CandlePut put;
    candle_batch_init(&batch);
    for (int i = 0; i < 2; i++) {
        Bar bar = {.time_us =
                       interval_floor(ZERO_US - INSTANT_DAY_US, key.length_us) + i * key.length_us,
                   .open = {5},
                   .high = {7},
                   .low = {4},
                   .close = {6},
                   .volume = 1};
        assert_true(candle_batch_add(&batch, &bar, CANDLE_ALL_KNOWN, 0, NULL));
    }
    assert_true(candle_store_put(root, &key, &batch, &put, NULL));
    candle_batch_deinit(&batch);
}

static uint64_t stored_rows(int64_t minutes) {
    CandleKey key = key_of(minutes);
    StoredCandles stored;
    assert_true(candle_store_open(root, &key, &stored, NULL));
    assert_true(candle_store_verify(&stored, 0, SIZE_MAX, NULL));
    assert_int_equal(stored.series.close[0], 6);
    assert_int_equal(stored.series.close[1], 6);
    uint64_t count = stored.series.count;
    candle_store_close(&stored);
    return count;
}

static bool import_one(const char *path, CandleImported *imported, Error *error) {
    CandleImportPlan plan = {.root = root, .venue = CANDLE_VENUE, .on_refused = remember};
    char command[128];
    snprintf(root, sizeof root, "%s/store", folder);
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    assert_int_equal(system(command), 0);
    store_older(1);
    store_older(5);
    refusals = 0;
    memset(error, 0, sizeof *error);
    return candle_import(&plan, path, imported, error);
}

static void says(const char *name, const char *text, const char *part) {
    if (!strstr(text, part)) fail_msg("%s: \"%s\" lacks \"%s\"", name, text, part);
}

static void refuses(const char *path, const char *reason, const char *where) {
    CandleImported imported;
    Error error;
    if (import_one(path, &imported, &error)) fail_msg("%s: taken in", path);
    assert_true(error_exit_code(error.code) == 6 || error.code == ERROR_USAGE);
    says(path, error.message, reason);
    says(path, error.where, where);
    assert_string_not_equal(error.hint, "");
    assert_int_equal(stored_rows(1), 2);
    assert_int_equal(stored_rows(5), 2);
}

static void check_case(const Case *row) {
    CandleImported imported;
    Error error;
    const char *path = write_bytes(row->name, row->text, row->size ? row->size : strlen(row->text));
    if (row->kept == WHOLE) {
        refuses(path, row->reason, row->where);
        return;
    }
    if (!import_one(path, &imported, &error)) fail_msg("%s: %s", error.where, error.message);
    if (imported.rows != (unsigned)row->kept || imported.refused != (unsigned)row->refused)
        fail_msg("%s: %d kept, %d refused", row->name, (int)imported.rows, (int)imported.refused);
    assert_int_equal(imported.duplicates, row->duplicates);
    assert_int_equal(refusals, row->refused);
    assert_int_equal(stored_rows(1) + stored_rows(5), 4 + row->kept);
    if (!row->refused) return;
    says(row->name, first_refusal.message, row->reason);
    says(row->name, first_refusal.where, row->where);
    says(row->name, first_refusal.where, row->name);
}

static void test_the_table(void **state) {
    (void)state;
    assert_true(CASES >= 60);
    for (size_t i = 0; i < CASES; i++)
        check_case(&cases[i]);
}

/* --- archives and what is no file ------------------------------------------------------------- */

static void add_entry(zip_t *archive, const char *name, const char *text) {
    zip_source_t *source = zip_source_buffer(archive, text, strlen(text), 0);
    assert_true(zip_file_add(archive, name, source, 0) >= 0);
}

static const char *write_two(const char *name, const char *one, const char *other) {
    const char *path = path_of(name);
    int code;
    zip_t *archive = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    assert_non_null(archive);
    add_entry(archive, one, H A B);
    add_entry(archive, other, H A B);
    assert_int_equal(zip_close(archive), 0);
    return path;
}

static size_t read_back(const char *path, char *bytes, size_t capacity) {
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, capacity, file);
    fclose(file);
    return size;
}

static void test_archives(void **state) {
    (void)state;
    static char bytes[65536];
    CandleImported imported;
    Error error;
    refuses(write_two("BTCUSDT-1m-g1.zip", "a.csv", "b.csv"), "more than one", "g1.zip");
    refuses(write_zip("BTCUSDT-1m-g2.zip", "a.txt", H A B), "no .csv entry", "g2.zip");
    /* A name that leads out of a folder leads nowhere: nothing is unpacked to the disk. */
    assert_true(import_one(write_zip("BTCUSDT-1m-g3.zip", "../../../tmp/escaped.csv", H A B),
                           &imported, &error));
    assert_int_equal(imported.rows, 2);
    assert_int_not_equal(access("/tmp/escaped.csv", F_OK), 0);
    size_t size = read_back(write_gz("BTCUSDT-1m-g4.csv.gz", rows(0, 300)), bytes, sizeof bytes);
    refuses(write_bytes("BTCUSDT-1m-g5.csv.gz", bytes, size - 20), "cut short", "g5.csv.gz");
    bytes[size / 2] = (char)(bytes[size / 2] ^ 0x55);
    refuses(write_bytes("BTCUSDT-1m-g6.csv.gz", bytes, size), "damaged", "g6.csv.gz");
    size = read_back(write_zip("BTCUSDT-1m-g7.zip", "a.csv", rows(0, 300)), bytes, sizeof bytes);
    refuses(write_bytes("BTCUSDT-1m-g8.zip", bytes, size - 30), "not a sound zip", "g8.zip");
    bytes[size / 3] = (char)(bytes[size / 3] ^ 0x55);
    refuses(write_bytes("BTCUSDT-1m-g9.zip", bytes, size), "damaged", "g9.zip");
}

static void test_a_bomb(void **state) {
    (void)state;
    static char blanks[1 << 20];
    const char *path = path_of("BTCUSDT-1m-h1.csv.gz");
    gzFile file = gzopen(path, "wb1");
    assert_non_null(file);
    memset(blanks, '\n', sizeof blanks);
    for (int i = 0; i < 80; i++)
        assert_int_equal(gzwrite(file, blanks, sizeof blanks), sizeof blanks);
    assert_int_equal(gzclose(file), Z_OK);
    refuses(path, "200 times", "h1.csv.gz");
    memset(blanks, 'x', sizeof blanks);
    refuses(write_bytes("BTCUSDT-1m-h2.csv", blanks, 20000), "longer than 4096", "h2.csv");
    blanks[0] = blanks[1] = '[';
    refuses(write_bytes("BTCUSDT-1m-h3.json", blanks, 20000), "longer than 4096", "h3.json");
}

static void test_no_file(void **state) {
    (void)state;
    refuses(path_of("BTCUSDT-1m-absent.csv"), "No such file", "absent.csv");
    refuses(write_text("BTCUSDT-1m-i1.csv", ""), "the file is empty", "i1.csv");
    char inner[128];
    snprintf(inner, sizeof inner, "%s", path_of("BTCUSDT-1m-i2.csv"));
    assert_int_equal(mkdir(inner, 0700), 0);
    refuses(inner, "cannot be read", "i2.csv");
    if (geteuid() == 0) return; /* root may read everything */
    const char *path = write_text("BTCUSDT-1m-i3.csv", H A B);
    assert_int_equal(chmod(path, 0), 0);
    refuses(path, "Permission denied", "i3.csv");
}

/* 30 hours behind 40 minutes would be minutes with gaps between. */
static void test_mixed_intervals(void **state) {
    (void)state;
    static char memory[16384];
    Text text = TEXT_IN(memory);
    text_put(&text, H);
    put_rows(&text, 0, 40);
    for (int i = 0; i < 30; i++)
        text_format(&text, "%D,1,1,1,1,1\n", ZERO_US / 1000 + (i + 1) * 3600000ll);
    refuses(write_text("BTCUSDT-j1.csv", text_end(&text)), "60 minutes apart here", "line 67");
}

/* Rows that differ from the stored ones: the line is named, nothing is stored. */
static void test_another_history(void **state) {
    (void)state;
    char line[160];
    CandleImported imported;
    Error error;
    CandleImportPlan plan = {.root = root, .venue = CANDLE_VENUE};
    assert_true(import_one(write_text("BTCUSDT-1m-k1.csv", H A B), &imported, &error));
    snprintf(line, sizeof line, "%s", H B C T3 ",1,1,1,1,1\n");
    assert_true(candle_import(&plan, write_text("BTCUSDT-1m-k2.csv", line), &imported, &error));
    assert_int_equal(imported.added, 2);
    assert_int_equal(imported.duplicates, 1);
    const char *path = write_text("BTCUSDT-1m-k3.csv", H T2 ",102,103.5,101,102.26,3\n" B);
    assert_false(candle_import(&plan, path, &imported, &error));
    assert_int_equal(error_exit_code(error.code), 6);
    says(path, error.message, "another candle of 2023-03-16T22:17");
    says(path, error.where, "k3.csv, line 2");
    assert_int_equal(stored_rows(1), 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_table),       cmocka_unit_test(test_archives),
        cmocka_unit_test(test_a_bomb),          cmocka_unit_test(test_no_file),
        cmocka_unit_test(test_mixed_intervals), cmocka_unit_test(test_another_history),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
