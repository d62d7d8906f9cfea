/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elementary functions with the same last bit on every machine, compiler and level. The C library
 * chooses its exp, log, pow and tanh by processor, and their last bits differ; here every step is a
 * double addition, multiplication or division in a fixed order. Method: reduction to a small
 * interval with the constant kept in two parts (Cody and Waite 1980), the series there, two-part
 * arithmetic (Dekker 1971) where one part is not enough; angles by an exact product with the bits
 * of 2/pi (Payne and Hanek 1983). Special values as in C's Annex F. Stateless; measured errors, in
 * units of the last place, stand beside each function and are held by tests/unit/elementary.c.
 */
#ifndef CORE_BASE_ELEMENTARY_H
#define CORE_BASE_ELEMENTARY_H

double elementary_exp(double x);
double elementary_expm1(double x); /* exp(x) - 1 without loss near 0 */
double elementary_log(double x);
double elementary_log1p(double x); /* log(1 + x) without loss near 0 */
double elementary_pow(double x, double y);
double elementary_tanh(double x);
double elementary_sin(double x);
double elementary_cos(double x);

#endif
