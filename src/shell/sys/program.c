/* SPDX-License-Identifier: Apache-2.0 */
#include "shell/sys/program.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* Flags of the dynamic section that bind all symbols at start (ld.so(8), elf(5)). */
static bool binds_now(const ElfW(Dyn) * entry) {
    for (; entry->d_tag != DT_NULL; entry++) {
        if (entry->d_tag == DT_BIND_NOW) return true;
        if (entry->d_tag == DT_FLAGS && (entry->d_un.d_val & DF_BIND_NOW)) return true;
        if (entry->d_tag == DT_FLAGS_1 && (entry->d_un.d_val & DF_1_NOW)) return true;
    }
    return false;
}

/* The program's own headers are in memory already: the kernel says where (getauxval(3)). */
bool program_hardening(Hardening *hardening, Error *error) {
    const ElfW(Phdr) *header = (const void *)getauxval(AT_PHDR);
    size_t count = getauxval(AT_PHNUM);
    uintptr_t base = 0;
    bool relro = false, now = false;
    *hardening = (Hardening){0};
    if (!header || !count)
        return error_set(error, ERROR_FAILURE, "the kernel does not show the program's headers",
                         NULL, NULL);
    for (size_t i = 0; i < count; i++)
        if (header[i].p_type == PT_PHDR) base = (uintptr_t)header - header[i].p_vaddr;
    for (size_t i = 0; i < count; i++) {
        if (header[i].p_type == PT_GNU_RELRO) relro = true;
        if (header[i].p_type == PT_GNU_STACK)
            hardening->stack_not_executable = !(header[i].p_flags & PF_X);
        if (header[i].p_type == PT_DYNAMIC)
            now = binds_now((const void *)(base + header[i].p_vaddr));
    }
    hardening->position_independent = base != 0; /* a fixed program lies where its headers say */
    hardening->relocations_read_only = relro && now;
    return true;
}

/* Asked by name, so that each library's header stays with the one folder that uses it. */
void program_libraries(Text *text) {
    static const struct {
        const char *name, *symbol;
    } libraries[] = {{"sqlite", "sqlite3_libversion"},
                     {"libwebsockets", "lws_get_library_version"},
                     {"zlib", "zlibVersion"},
                     {"libzip", "zip_libzip_version"},
                     {"", "curl_version"}};
    bool first = true;
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        const char *(*version)(void) = NULL;
        void *found = dlsym(RTLD_DEFAULT, libraries[i].symbol);
        if (!found) continue;
        memcpy(&version, &found, sizeof version); /* ISO C has no cast from object to function */
        Slice words = slice_of(version());
        words.length = strspn(words.at, "0123456789.abcdefghijklmnopqrstuvwxyz/");
        text_format(text, "%s%s%s%S", first ? "" : ", ", libraries[i].name,
                    libraries[i].name[0] ? " " : "", words);
        first = false;
    }
}

void program_seal(void) {
    const struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
