/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/session/account_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/text.h"
#include "shell/sys/files.h"

#define PLACES 3

/* The fixed one last: all take them in the same order. False: not there, or the same again. */
static bool place(unsigned index, char target[static 300]) {
    const char *given = getenv("XDG_RUNTIME_DIR");
    char standard[64];
    snprintf(standard, sizeof standard, "/run/user/%u", (unsigned)getuid());
    if (index == 0)
        snprintf(target, 300, "%.290s", standard);
    else if (index == 1)
        snprintf(target, 300, "%.290s", given && given[0] == '/' ? given : "");
    else
        snprintf(target, 300, "/tmp");
    if (index == 1 && strcmp(target, standard) == 0) return false;
    return target[0] && files_is_directory(target);
}

static bool in_use(int file, const char *path, Error *error) {
    char digits[16] = "", message[160];
    Text text = TEXT_IN(message);
    ssize_t count = pread(file, digits, sizeof digits - 1, 0);
    digits[count > 0 ? strcspn(digits, "\n") : 0] = 0;
    text_put(&text, "this account is traded by another instance");
    if (digits[0]) text_format(&text, ", pid %s", digits);
    return error_set(error, ERROR_STATE, text_end(&text), path,
                     "stop that one; one account has one instance, whatever its state");
}

static bool foreign(const char *path, Error *error) {
    return error_set(error, ERROR_STATE, "the account's lock belongs to another user", path,
                     "if nothing trades this account there, let its owner remove the file");
}

/* Two names of one directory (a run-time directory below /tmp) are one lock. */
static bool is_held(const AccountLock *lock, const struct stat *wanted) {
    struct stat held;
    for (unsigned i = 0; i < lock->count; i++)
        if (fstat(lock->files[i], &held) == 0 && held.st_ino == wanted->st_ino &&
            held.st_dev == wanted->st_dev)
            return true;
    return false;
}

/* Only a plain file of our own is taken; a link or a stranger's file is no lock. */
static bool take_file(AccountLock *lock, const char *path, Error *error) {
    struct stat about;
    char digits[16];
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0)
        return errno == EACCES || errno == ELOOP ? foreign(path, error)
                                                 : files_refused(error, "open", path);
    bool own = fstat(file, &about) == 0 && S_ISREG(about.st_mode) && about.st_uid == geteuid();
    if (own && is_held(lock, &about)) {
        close(file);
        return true;
    }
    bool taken = own && flock(file, LOCK_EX | LOCK_NB) == 0;
    if (!taken) {
        own ? in_use(file, path, error) : foreign(path, error);
        close(file);
        return false;
    }
    int length = snprintf(digits, sizeof digits, "%d\n", (int)getpid());
    /* The pid is a help for people; a full disk does not weaken the lock. */
    if (ftruncate(file, 0) == 0) (void)!pwrite(file, digits, (size_t)length, 0);
    lock->files[lock->count++] = file;
    return true;
}

bool account_lock_take(AccountLock *lock, const char *account, Error *error) {
    char directory[300], path[400];
    unsigned before = lock->count;
    for (unsigned i = 0; i < PLACES; i++) {
        if (!place(i, directory)) continue;
        snprintf(path, sizeof path, "%s/trader-account-%.40s.lock", directory, account);
        CHECK(lock->count < ACCOUNT_LOCKS_MAX, "account_lock: more names than there is room for");
        if (take_file(lock, path, error)) continue;
        while (lock->count > before)
            close(lock->files[--lock->count]);
        return false;
    }
    return true;
}

void account_lock_release(AccountLock *lock) {
    while (lock->count)
        close(lock->files[--lock->count]);
}
