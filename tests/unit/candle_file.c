/* SPDX-License-Identifier: Apache-2.0 */
/* Candle files that are none: absent, empty, damaged, of another format. Each is one clear Error
 * when the feed opens. */
#include "replay_stage.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("%s:%d: CHECK %s\n", file, line, text);
    abort();
}

static void test_files_that_are_none(void **state) {
    (void)state;
    refused(path_of("BTCUSDC-absent.csv"), "No such file", "BTCUSDC-absent.csv");
    refused(write_text("BTCUSDC.csv", ""), "empty", "BTCUSDC.csv");
    refused(write_text("BTCUSDC.csv", "\r\n\n \n"), "blank lines", "BTCUSDC.csv");
    refused(write_gz("BTCUSDC.csv.gz", ""), "blank lines", "BTCUSDC.csv.gz");
    refused(write_text("BTCUSDC.csv", HEADER), "no rows", "BTCUSDC.csv");
    refused(write_text("BTCUSDC.csv.gz", rows(0, 3)), "not gzip inside", "BTCUSDC.csv.gz");
    refused(write_text("BTCUSDC.zip", rows(0, 3)), "not zip inside", "BTCUSDC.zip");
    refused(write_text("BTCUSDC.zip", "PK\003\004 and nothing"), "not a sound zip", "BTCUSDC.zip");
    refused(write_zip("BTCUSDC.zip", "a.txt", rows(0, 3)), "no .csv entry", "BTCUSDC.zip");
    refused(write_text("BTCUSDC.csv", "time,open,high,low,close\n1679004900,1,1,1,1\n"),
            "names no column volume", "BTCUSDC.csv, line 1");
    refused(write_text("BTCUSDC.csv", "1679004900000,1,1,1,1,1\n"), "6 columns where 12",
            "BTCUSDC.csv, line 1");
    refused(write_text("BTCUSDC.csv", HEADER "a,b,c,d,e,f\n" HEADER), "not a time stamp",
            "BTCUSDC.csv, line 2, column 1 (time)");
    refused(write_text("ABCXYZ.csv", rows(0, 3)), "no known quote asset", "ABCXYZ");
    char inner[128];
    snprintf(inner, sizeof inner, "%s", path_of("ETHUSDC"));
    assert_int_equal(mkdir(inner, 0700), 0);
    refused(inner, "cannot be read", "ETHUSDC");
}

static void test_damaged_archives(void **state) {
    (void)state;
    static char bytes[65536];
    const char *path = write_gz("BTCUSDC-whole.csv.gz", rows(0, 300));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    refused(write_bytes("BTCUSDC-cut.csv.gz", bytes, size - 20), "damaged or cut short",
            "BTCUSDC-cut.csv.gz");
    bytes[size / 2] = (char)(bytes[size / 2] ^ 0x55);
    refused(write_bytes("BTCUSDC-flip.csv.gz", bytes, size), "damaged or cut short",
            "BTCUSDC-flip.csv.gz");
    memset(bytes, 'x', 20000);
    refused(write_bytes("BTCUSDC-endless.csv", bytes, 20000), "longer than 4096", "endless");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_that_are_none),
        cmocka_unit_test(test_damaged_archives),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
