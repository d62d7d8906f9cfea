/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before an account is traded: its key and where it may stand, the lock that one
 * instance has, and the state's identity. */
#include "unit.h"

#include "temporary.h"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "shell/config/environment.h"
#include "shell/session/account_lock.h"
#include "shell/session/venue_identity.h"
#include "shell/session/venue_key.h"
#include "shell/sys/files.h"

void check_failed(const char *file, int line, const char *text) {
    print_error("CHECK %s:%d %s\n", file, line, text);
    abort();
}

#define CANARY "demo-secret-canary-5f1c"
/* RFC 8410, 10.3: an example that everybody knows. */
#define PEM                                                                                        \
    "-----BEGIN PRIVATE KEY-----\n"                                                                \
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"                           \
    "-----END PRIVATE KEY-----\n"

static VenueKey key;
static Dotenv dotenv;
static Error error;

static int enter(void **state) {
    memset(&error, 0, sizeof error);
    for (unsigned i = 0; i < variable_count; i++)
        unsetenv(variable_table[i].name);
    unsetenv("BINANCE_PRIVATE_KEY_FILE");
    unsetenv("BINANCE_API_SECRET_FILE");
    return temporary_enter(state);
}

static bool loads(void) {
    assert_true(dotenv_open(&dotenv, ".env", &error));
    return venue_key_load(&key, &dotenv, &error);
}

static void forget(void) {
    venue_key_wipe(&key);
    dotenv_close(&dotenv);
}

static void a_key_comes_from_each_place(void **state) {
    (void)state;
    assert_true(loads());
    assert_int_equal(key.signer.kind, SIGNER_NONE);
    forget();
    setenv("BINANCE_API_KEY", "demo-id", 1);
    setenv("BINANCE_API_SECRET", CANARY, 1);
    assert_true(loads());
    assert_int_equal(key.signer.kind, SIGNER_HMAC);
    assert_string_equal(key.exposed, "");
    assert_int_equal(strlen(key.account), 16);
    forget();
    unsetenv("BINANCE_API_SECRET");
    temporary_write("secret", CANARY "\n");
    chmod("secret", 0600);
    setenv("BINANCE_API_SECRET_FILE", "secret", 1);
    assert_true(loads());
    assert_int_equal(key.signer.kind, SIGNER_HMAC);
    assert_string_equal(key.exposed, "");
    forget();
    chmod("secret", 0644);
    assert_true(loads());
    assert_string_equal(key.exposed, "secret: others can read it");
    forget();
    unsetenv("BINANCE_API_SECRET_FILE");
    unsetenv("BINANCE_API_KEY");
    temporary_write(".env", "BINANCE_API_KEY=demo-id\nBINANCE_API_SECRET=" CANARY "\n");
    chmod(".env", 0604);
    assert_true(loads());
    assert_string_equal(key.exposed, ".env: mode 0604");
    forget();
}

static void an_ed25519_key_is_taken_in_pem(void **state) {
    (void)state;
    setenv("BINANCE_API_KEY", "demo-id", 1);
    temporary_write("key.pem", PEM);
    chmod("key.pem", 0600);
    setenv("BINANCE_PRIVATE_KEY_FILE", "key.pem", 1);
    assert_true(loads());
    assert_int_equal(key.signer.kind, SIGNER_ED25519);
    forget();
    unsetenv("BINANCE_PRIVATE_KEY_FILE");
    setenv("BINANCE_PRIVATE_KEY",
           "-----BEGIN PRIVATE KEY-----\\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++"
           "CXqI9EdVhC\\n-----END PRIVATE KEY-----\\n",
           1);
    assert_true(loads());
    assert_int_equal(key.signer.kind, SIGNER_ED25519);
    forget();
}

static void refused(const char *where) {
    assert_false(loads());
    assert_int_equal(error_exit_code(error.code), 4);
    assert_string_equal(error.where, where);
    assert_null(strstr(error.message, CANARY));
    assert_null(strstr(error.hint, CANARY));
    forget();
}

static void half_a_key_is_refused(void **state) {
    (void)state;
    setenv("BINANCE_API_SECRET", CANARY, 1);
    refused("BINANCE_API_KEY");
    unsetenv("BINANCE_API_SECRET");
    setenv("BINANCE_API_KEY", "demo-id", 1);
    refused("BINANCE_API_SECRET");
    setenv("BINANCE_PRIVATE_KEY", "-----BEGIN PRIVATE KEY-----\nnonsense", 1);
    refused("BINANCE_PRIVATE_KEY");
    setenv("BINANCE_API_SECRET", CANARY, 1);
    refused("BINANCE_PRIVATE_KEY");
}

static bool memory_holds(const char *path, const char *text) {
    char memory[65536];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t length = fread(memory, 1, sizeof memory, file);
    fclose(file);
    return memmem(memory, length, text, strlen(text)) != NULL;
}

/* In a child: sealing cannot be taken back. It begins with the key in its first environment. */
static void child_forgets(void) {
    Dotenv none = {0};
    struct rlimit core;
    if (!memory_holds("/proc/self/environ", CANARY)) _exit(2);
    if (!venue_key_load(&key, &none, &error)) _exit(3);
    venue_key_forget(&none);
    if (getenv("BINANCE_API_SECRET") || memory_holds("/proc/self/environ", CANARY)) _exit(4);
    if (prctl(PR_GET_DUMPABLE) != 0 || getrlimit(RLIMIT_CORE, &core) != 0) _exit(5);
    if (core.rlim_cur != 0 || core.rlim_max != 0) _exit(6);
    venue_key_wipe(&key);
    if (memmem(&key, sizeof key, CANARY, strlen(CANARY))) _exit(7);
    _exit(0);
}

static void what_was_read_is_forgotten(void **state) {
    (void)state;
    int status;
    char program[] = "venue_key", word[] = "forget", id[] = "BINANCE_API_KEY=demo-id";
    char secret[] = "BINANCE_API_SECRET=" CANARY;
    char *const words[] = {program, word, NULL}, *const values[] = {id, secret, NULL};
    pid_t child = fork();
    if (child == 0) {
        execve("/proc/self/exe", words, values);
        _exit(9);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void the_text_of_dotenv_is_wiped(void **state) {
    (void)state;
    temporary_write(".env", "BINANCE_API_KEY=demo-id\nBINANCE_API_SECRET=" CANARY "\nA=b\n");
    chmod(".env", 0600);
    assert_true(loads());
    assert_non_null(memmem(dotenv.bytes, dotenv.length, CANARY, strlen(CANARY)));
    venue_key_forget(&dotenv);
    assert_null(memmem(dotenv.bytes, dotenv.length, CANARY, strlen(CANARY)));
    assert_string_equal(dotenv_find(&dotenv, "A")->value, "b");
    forget();
}

static void an_account_is_named_by_a_digest(void **state) {
    (void)state;
    char one[VENUE_ACCOUNT_TEXT], again[VENUE_ACCOUNT_TEXT], other[VENUE_ACCOUNT_TEXT];
    venue_account_name("demo-id", one);
    venue_account_name("demo-id", again);
    venue_account_name("demo-ie", other);
    assert_string_equal(one, again);
    assert_string_not_equal(one, other);
    assert_int_equal(strspn(one, "0123456789abcdef"), 16);
}

/* ---- the lock ------------------------------------------------------------------------------ */

/* `many` processes want one account at once: how many got it. All hold on until all have tried. */
static unsigned winners(unsigned many, const char *account) {
    int gate[2], done[2];
    unsigned won = 0;
    assert_int_equal(pipe(gate) | pipe(done), 0);
    for (unsigned i = 0; i < many; i++) {
        if (fork() != 0) continue;
        AccountLock lock = {0};
        char byte = 0;
        char told = account_lock_take(&lock, account, &error) ? 'y' : 'n';
        if (write(done[1], &told, 1) != 1 || close(gate[1]) != 0) _exit(1);
        (void)!read(gate[0], &byte, 1); /* ends when the parent closes it */
        _exit(0);
    }
    for (unsigned i = 0; i < many; i++) {
        char told;
        assert_int_equal(read(done[0], &told, 1), 1);
        won += told == 'y';
    }
    close(gate[1]);
    for (unsigned i = 0; i < many; i++)
        wait(NULL);
    close(gate[0]);
    close(done[0]);
    close(done[1]);
    return won;
}

static void one_instance_has_the_account(void **state) {
    (void)state;
    char account[40];
    snprintf(account, sizeof account, "test-%d", (int)getpid());
    assert_int_equal(winners(2, account), 1);
    assert_int_equal(winners(50, account), 1);
    /* Others may be started with another run-time directory: /tmp is common to all. */
    AccountLock lock = {0};
    mkdir("run", 0700);
    setenv("XDG_RUNTIME_DIR", "/nonexistent", 1);
    assert_true(account_lock_take(&lock, account, &error));
    char elsewhere[PATH_MAX + 8];
    snprintf(elsewhere, sizeof elsewhere, "%s/run", temporary_directory);
    setenv("XDG_RUNTIME_DIR", elsewhere, 1);
    assert_int_equal(winners(3, account), 0);
    account_lock_release(&lock);
    /* The same directory by two names is no second holder. */
    setenv("XDG_RUNTIME_DIR", "/tmp", 1);
    assert_true(account_lock_take(&lock, account, &error));
    account_lock_release(&lock);
    assert_int_equal(winners(2, account), 1);
    unsetenv("XDG_RUNTIME_DIR");
    char path[80];
    snprintf(path, sizeof path, "/tmp/trader-account-%s.lock", account);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
    unlink(path);
    assert_int_equal(symlink("/dev/null", path), 0); /* a link is no lock */
    assert_false(account_lock_take(&lock, account, &error));
    assert_int_equal(error.code, ERROR_STATE);
    unlink(path);
    snprintf(path, sizeof path, "/run/user/%u/trader-account-%.30s.lock", getuid(), account);
    unlink(path);
}

/* ---- the identity -------------------------------------------------------------------------- */

static void a_state_keeps_its_identity(void **state) {
    (void)state;
    VenueIdentity first, again;
    bool found;
    assert_true(venue_identity_read(".", &first, &found, &error));
    assert_false(found);
    assert_false(venue_identity_enter(".", "abc", false, &first, &error)); /* lost: refused */
    assert_int_equal(error.code, ERROR_STATE);
    assert_true(venue_identity_enter(".", "abc", true, &first, &error));
    assert_int_equal(strlen(first.instance), 8);
    assert_int_equal(strspn(first.instance, "abcdefghijklmnopqrstuvwxyz234567"), 8);
    assert_int_equal(first.armed_since, 0);
    assert_true(venue_identity_arm(".", &first, 1790000000000000, &error));
    assert_true(venue_identity_enter(".", "abc", false, &again, &error));
    assert_string_equal(again.instance, first.instance);
    assert_int_equal(again.armed_since, 1790000000000000);
    /* Never later than the first; and a clock that has gone back changes nothing. */
    assert_true(venue_identity_arm(".", &again, 1790000000000001, &error));
    assert_true(venue_identity_arm(".", &again, 1, &error));
    assert_int_equal(again.armed_since, 1790000000000000);
    assert_false(venue_identity_enter(".", "abd", false, &again, &error));
    assert_string_equal(error.message, "the state trades another account");
    struct stat about;
    assert_int_equal(stat("venue.json", &about), 0);
    assert_int_equal(about.st_mode & 0777, 0600);
}

static void a_damaged_identity_is_refused(void **state) {
    (void)state;
    static const char *const bad[] = {
        "",
        "{}",
        "{\"account\":\"abc\",\"instance\":\"ABCDEFGH\",\"armed_since_us\":1}",
        "{\"account\":\"abc\",\"instance\":\"abcdefg\",\"armed_since_us\":1}",
        "{\"account\":\"abc\",\"instance\":\"abcdefghi\",\"armed_since_us\":1}",
        "{\"account\":\"\",\"instance\":\"abcdefgh\",\"armed_since_us\":1}",
        "{\"account\":\"abc\",\"instance\":\"abcdefgh\",\"armed_since_us\":-1}",
        "{\"account\":\"abc\",\"instance\":\"abcdefgh\",\"armed_since_us\":1} x",
        "{\"account\":\"abc\",\"instance\":\"abcdefgh\",\"armed_since_us\":1",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        VenueIdentity identity;
        temporary_write("venue.json", bad[i]);
        assert_false(venue_identity_enter(".", "abc", true, &identity, &error));
        assert_int_equal(error.code, ERROR_STATE);
    }
}

static void instances_differ(void **state) {
    (void)state;
    VenueIdentity made[20];
    for (unsigned i = 0; i < 20; i++) {
        remove("venue.json");
        remove("venue.json.copy");
        assert_true(venue_identity_enter(".", "abc", true, &made[i], &error));
        for (unsigned k = 0; k < i; k++)
            assert_string_not_equal(made[i].instance, made[k].instance);
    }
}

int main(int argc, char **argv) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, enter, temporary_leave)
    const struct CMUnitTest tests[] = {
        TEST(a_key_comes_from_each_place),   TEST(an_ed25519_key_is_taken_in_pem),
        TEST(half_a_key_is_refused),         TEST(what_was_read_is_forgotten),
        TEST(the_text_of_dotenv_is_wiped),   TEST(an_account_is_named_by_a_digest),
        TEST(one_instance_has_the_account),  TEST(a_state_keeps_its_identity),
        TEST(a_damaged_identity_is_refused), TEST(instances_differ),
    };
    if (argc > 1 && strcmp(argv[1], "forget") == 0) child_forgets();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
