/* SPDX-License-Identifier: Apache-2.0 */
#include "core/sim/paper_costs.h"

#define PPM_PER_BASIS_POINT 100

static int64_t ppm_of(double basis_points) {
    return (int64_t)(basis_points * PPM_PER_BASIS_POINT + 0.5);
}

PaperCosts paper_costs(const Settings *settings) {
    return (PaperCosts){.fee_ppm = ppm_of(settings->paper.fee_bps),
                        .half_spread_ppm = ppm_of(settings->paper.spread_bps / 2),
                        .slippage_ppm = ppm_of(settings->paper.slippage_bps)};
}
