/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bus/service.h"

static bool same_name(const char *a, const char *b) {
    for (; *a && *b; a++, b++)
        if (*a != *b && !(*a == '-' && *b == '_') && !(*a == '_' && *b == '-')) return false;
    return *a == *b;
}

const Service *service_find(const char *name) {
    for (unsigned i = 0; i < service_count; i++)
        if (same_name(service_table[i]->name, name)) return service_table[i];
    return NULL;
}
