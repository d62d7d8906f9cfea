/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks that start anywhere and wrap around. */
#include "core/trial/resample.h"

#include <math.h>

#include "core/base/check.h"
#include "core/base/elementary.h"
#include "core/base/random.h"
#include "core/num/bounds.h"

/* Geometric with mean `length`, at least 1: by inversion of the distribution. */
static double geometric(Random *random, double length) {
    double uniform = 1 - random_uniform(random); /* in (0, 1] */
    return 1 + floor(elementary_log(uniform) / elementary_log1p(-1 / length));
}

static size_t next_length(const Resample *plan, Random *random, size_t wanted) {
    if (!(plan->length > 1)) return 1;
    if (plan->kind == RESAMPLE_CIRCULAR)
        return (size_t)bounds_lesser(rint(plan->length), (double)wanted);
    return (size_t)bounds_lesser(geometric(random, plan->length), (double)wanted);
}

void resample_steps(const Resample *plan, uint64_t replica, size_t count, uint32_t *steps,
                    size_t wanted) {
    CHECK(count > 0 && count <= UINT32_MAX, "a history of steps is resampled");
    Random random = random_stream(plan->seed, replica);
    uint32_t bound = (uint32_t)count;
    for (size_t place = 0; place < wanted;) {
        uint32_t at = random_below(&random, bound);
        size_t end = place + next_length(plan, &random, wanted - place);
        for (; place < end; place++) {
            steps[place] = at;
            at = at + 1 == bound ? 0 : at + 1;
        }
    }
}
