/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The calls that change files, counted, and made to fail or to kill the process at the n-th: they
 * stand in front of the C library's, for the program's own files and for the database library. To
 * be included first, by one file of a test program; fault.armed is off unless the test says so.
 */
#ifndef TESTS_FAULTY_CALLS_H
#define TESTS_FAULTY_CALLS_H

#undef _FORTIFY_SOURCE /* its inline forms would stand in the way */
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

#define FAULT_KILL (-1) /* instead of an errno: the process ends there, as by kill -9 */

static struct {
    bool armed;
    unsigned count, at; /* from 1 */
    unsigned until;     /* and all up to here; 0: only that one */
    int error;
    bool syncs_only;
} fault;

static inline bool fault_now(bool is_sync) {
    if (!fault.armed || (fault.syncs_only && !is_sync)) return false;
    unsigned number = ++fault.count;
    if (number != fault.at && !(number > fault.at && number <= fault.until)) return false;
    if (fault.error == FAULT_KILL) _exit(9);
    errno = fault.error;
    return true;
}

#define FAULTY(type, name, parameters, is_sync, call)                                              \
    type name parameters;                                                                          \
    type name parameters {                                                                         \
        return fault_now(is_sync) ? (type)-1 : (type)(call);                                       \
    }

FAULTY(ssize_t, write, (int file, const void *bytes, size_t count), false,
       syscall(SYS_write, file, bytes, count))
FAULTY(ssize_t, pwrite, (int file, const void *bytes, size_t count, off_t at), false,
       syscall(SYS_pwrite64, file, bytes, count, at))
FAULTY(ssize_t, pwrite64, (int file, const void *bytes, size_t count, off64_t at), false,
       syscall(SYS_pwrite64, file, bytes, count, at))
FAULTY(ssize_t, writev, (int file, const struct iovec *parts, int count), false,
       syscall(SYS_writev, file, parts, count))
FAULTY(int, ftruncate, (int file, off_t size), false, syscall(SYS_ftruncate, file, size))
FAULTY(int, ftruncate64, (int file, off64_t size), false, syscall(SYS_ftruncate, file, size))
FAULTY(int, rename, (const char *from, const char *to), false, syscall(SYS_rename, from, to))
FAULTY(int, unlink, (const char *path), false, syscall(SYS_unlink, path))
FAULTY(int, fsync, (int file), true, syscall(SYS_fsync, file))
FAULTY(int, fdatasync, (int file), true, syscall(SYS_fdatasync, file))

#endif
