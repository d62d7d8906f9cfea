/* SPDX-License-Identifier: Apache-2.0 */
/* From the least statistic to the greatest, the maximum over the draws runs along. */
#include "core/trial/stepdown.h"

/* Greatest first; by insertion: there are hundreds at most. */
static void order_by(const double *observed, size_t count, uint32_t *order) {
    for (size_t index = 0; index < count; index++) {
        size_t place = index;
        for (; place > 0 && observed[order[place - 1]] < observed[index]; place--)
            order[place] = order[place - 1];
        order[place] = (uint32_t)index;
    }
}

void stepdown_adjust(const double *observed, const double *draws, size_t count, uint32_t replicas,
                     uint32_t *order, double *adjusted) {
    order_by(observed, count, order);
    for (size_t index = 0; index < count; index++)
        adjusted[index] = 0;
    for (uint32_t replica = 0; replica < replicas; replica++) {
        const double *draw = draws + (size_t)replica * count;
        double greatest = 0;
        for (size_t place = count; place-- > 0;) {
            uint32_t index = order[place];
            if (place + 1 == count || draw[index] > greatest) greatest = draw[index];
            if (greatest >= observed[index]) adjusted[index]++;
        }
    }
    double least = 0;
    for (size_t place = 0; place < count; place++) {
        uint32_t index = order[place];
        double p = (adjusted[index] + 1) / (replicas + 1.0);
        adjusted[index] = least = p > least ? p : least;
    }
}
