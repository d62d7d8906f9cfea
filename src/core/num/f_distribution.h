/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tail of Fisher's F distribution: how often a ratio of two mean squares is at least so large
 * where nothing is behind it. By the regularised incomplete beta function (DLMF 8.17.1 and
 * 8.17.22, its continued fraction, evaluated after Lentz 1976 as changed by Thompson and Barnett
 * 1986), with the logarithm of the gamma function by Stirling's series (Abramowitz and Stegun
 * 6.1.41) after its argument is raised to 12 and more. Our own exp and log: the same bits
 * everywhere. Stateless.
 */
#ifndef CORE_NUM_F_DISTRIBUTION_H
#define CORE_NUM_F_DISTRIBUTION_H

/* ln Gamma(x) for x > 0; error below 1e-13 relative to max(1, |value|). */
double log_gamma(double x);
/* I_x(a, b) for 0 <= x <= 1, a, b > 0. */
double beta_share(double x, double a, double b);
/* Probability of a ratio of `f` or more with so many degrees of freedom above and below; 1 for
 * f <= 0. */
double f_above(double f, double above, double below);

#endif
