/* SPDX-License-Identifier: Apache-2.0 */
#include "core/bus/service.h"

const Service *service_find(const char *name) {
    for (unsigned i = 0; i < service_count; i++)
        if (slice_same_name(slice_of(name), service_table[i]->name)) return service_table[i];
    return NULL;
}
