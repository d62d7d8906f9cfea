/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled with -ffp-contract=off -fno-builtin: no fused steps, no function of the compiler's own.
 * Bits are read through a union, because memcpy would be a call here.
 */
#include "core/base/elementary.h"

#include <stdbool.h>
#include <stdint.h>

#define LOG2_E 0x1.71547652b82fep+0
/* ln 2 = high + low; high has 42 bits, so that its product with an exponent (11 bits) is exact. */
#define LN2_HIGH       0x1.62e42fefa3800p-1
#define LN2_LOW        0x1.ef35793c76730p-45
#define HALF_PI_HIGH   0x1.921fb54442d18p+0
#define HALF_PI_LOW    0x1.1a62633145c07p-54
#define THIRD_HIGH     0x1.5555555555555p-2
#define THIRD_LOW      0x1.5555555555555p-56
#define ROOT_HALF_BITS 0x3FE6A09E667F3BCDULL /* sqrt(1/2): mantissas are centred on 1 */
#define MAGNITUDE_BITS 0x7FFFFFFFFFFFFFFFULL
#define SIGN_BIT       0x8000000000000000ULL
#define INFINITY_BITS  0x7FF0000000000000ULL
#define ROUNDER        0x1.8p52 /* added and taken away, it rounds |x| < 2^51 to a whole number */
#define EXP_MAX        0x1.62e42fefa39efp+9  /* log of the largest double, 709.78 */
#define EXP_MIN        -0x1.74910d52d3051p+9 /* log of half of the smallest one, -745.13 */

typedef struct Pair { /* an unevaluated sum, |low| at most half a last place of high */
    double high, low;
} Pair;

static inline uint64_t bits_of(double x) {
    union {
        double number;
        uint64_t bits;
    } form = {.number = x};
    return form.bits;
}

static inline double of_bits(uint64_t bits) {
    union {
        uint64_t bits;
        double number;
    } form = {.bits = bits};
    return form.number;
}

static inline double magnitude(double x) {
    return of_bits(bits_of(x) & MAGNITUDE_BITS);
}

static inline double with_sign(double x, double sign) {
    return of_bits(bits_of(x) | (bits_of(sign) & SIGN_BIT));
}

static inline bool is_nan(double x) {
    return (bits_of(x) & MAGNITUDE_BITS) > INFINITY_BITS;
}

static inline double power_of_two(int exponent) { /* -1022 to 1023 */
    return of_bits((uint64_t)(exponent + 1023) << 52);
}

/* x * 2^exponent, rounded once; for x near 1 and any exponent that EXP_MIN and EXP_MAX allow. */
static inline double scale(double x, int exponent) {
    if (exponent > 1023) return x * 2 * power_of_two(exponent - 1);
    if (exponent < -1022) return x * power_of_two(exponent + 128) * power_of_two(-128);
    return x * power_of_two(exponent);
}

static inline Pair sum_of_ordered(double larger, double smaller) {
    double sum = larger + smaller;
    return (Pair){sum, smaller - (sum - larger)};
}

static inline Pair sum_of(double a, double b) { /* Knuth's, for any order */
    double sum = a + b, b_part = sum - a;
    return (Pair){sum, (a - (sum - b_part)) + (b - b_part)};
}

static inline Pair halves(double x) { /* Veltkamp: 26 and 27 bits */
    double shifted = 0x1.0000002p+27 * x, high = shifted - (shifted - x);
    return (Pair){high, x - high};
}

static inline Pair product_of(double a, double b) { /* Dekker: exact */
    Pair x = halves(a), y = halves(b);
    double product = a * b;
    double error = ((x.high * y.high - product) + x.high * y.low + x.low * y.high) + x.low * y.low;
    return (Pair){product, error};
}

static inline Pair pair_times(Pair a, Pair b) {
    Pair product = product_of(a.high, b.high);
    return sum_of_ordered(product.high, product.low + (a.high * b.low + a.low * b.high));
}

static inline Pair pair_plus(Pair a, Pair b) {
    Pair sum = sum_of(a.high, b.high);
    return sum_of_ordered(sum.high, sum.low + (a.low + b.low));
}

/* (exp(r) - 1 - r) / r^2 for |r| <= ln(2) / 2: the series to r^13, whose rest is below 2^-60; even
 * and odd powers apart so that the two sums run beside each other. */
static inline double exp_series(double r) {
    double s = r * r;
    double even = 1.0 / 3628800 + s * (1.0 / 479001600);
    double odd = 1.0 / 39916800 + s * (1.0 / 6227020800);
    even = 1.0 / 2 + s * (1.0 / 24 + s * (1.0 / 720 + s * (1.0 / 40320 + s * even)));
    odd = 1.0 / 6 + s * (1.0 / 120 + s * (1.0 / 5040 + s * (1.0 / 362880 + s * odd)));
    return even + r * odd;
}

/* x + low = exponent * ln 2 + r; exp(r) - 1 is returned as r and the rest. */
static inline Pair exp_reduced(double x, double low, int *exponent) {
    double whole = (x * LOG2_E + ROUNDER) - ROUNDER;
    double high = x - whole * LN2_HIGH, rest = whole * LN2_LOW - low;
    double r = high - rest, lost = (high - r) - rest;
    *exponent = (int)whole;
    return (Pair){r, r * r * exp_series(r) + (lost + lost * r)};
}

static double exp_of(double x, double low) {
    int exponent;
    if (is_nan(x)) return x + x;
    if (x > EXP_MAX) return of_bits(INFINITY_BITS);
    if (x < EXP_MIN) return 0;
    Pair part = exp_reduced(x, low, &exponent);
    return scale(1 + (part.high + part.low), exponent);
}

double elementary_exp(double x) {
    return exp_of(x, 0);
}

/* exp(x) - 1 for the x where the 1 counts: 2^-54 <= |x| < 44. */
static inline Pair expm1_pair(double x) {
    int exponent;
    Pair part = exp_reduced(x, 0, &exponent);
    if (exponent == 0) return sum_of_ordered(part.high, part.low);
    double power = power_of_two(exponent);
    Pair sum = sum_of(power - 1, power * part.high);
    return sum_of_ordered(sum.high, sum.low + power * part.low);
}

double elementary_expm1(double x) {
    if (is_nan(x)) return x + x;
    if (x >= 44) return exp_of(x, 0); /* 1 is below a thousandth of a last place */
    if (x < -40) return -1;           /* exp(-40) is below half a last place of 1 */
    return magnitude(x) < 0x1p-54 ? x : expm1_pair(x).high;
}

/* x = 2^exponent * (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)); x positive and finite. Returns f,
 * which is exact. */
static inline double log_reduced(double x, int *exponent) {
    uint64_t bits = bits_of(x);
    *exponent = 0;
    if (bits < 1ULL << 52) { /* subnormal */
        bits = bits_of(x * 0x1p54);
        *exponent = -54;
    }
    int64_t whole = (int64_t)(bits - ROOT_HALF_BITS) >> 52;
    *exponent += (int)whole;
    return of_bits(bits - ((uint64_t)whole << 52)) - 1;
}

/* 2 atanh(s) = 2 s (1 + z / 3 + z^2 / 5 + ...), z = s^2 <= 0.0295: the sum from 1 / 5 on, over z^2.
 */
static inline double atanh_series(double z) {
    double s = z * z;
    double even = 1.0 / 5 + s * (1.0 / 9 + s * (1.0 / 13 + s * (1.0 / 17 + s * (1.0 / 21))));
    double odd = 1.0 / 7 + s * (1.0 / 11 + s * (1.0 / 15 + s * (1.0 / 19 + s * (1.0 / 23))));
    return even + z * odd;
}

/* exponent * ln 2 + log(1 + f) + rest. With s = f / (2 + f), 2 s = f - s f, so that f itself
 * carries the large part (the arrangement of fdlibm's e_log.c, Ng 1993). */
static inline double log_sum(double f, int exponent, double rest) {
    double s = f / (2 + f), z = s * s, half_square = 0.5 * f * f;
    double series = 2 * z * (1.0 / 3 + z * atanh_series(z));
    double whole = exponent;
    double small = s * (half_square + series) + (whole * LN2_LOW + rest);
    return whole * LN2_HIGH - ((half_square - small) - f);
}

static inline double invalid(double x) { /* NaN, with the flag that the operation deserves */
    return (x - x) / (x - x);
}

double elementary_log(double x) {
    int exponent;
    if (is_nan(x) || bits_of(x) == INFINITY_BITS) return x + x;
    if (x == 0) return -of_bits(INFINITY_BITS);
    if (x < 0) return invalid(x);
    double f = log_reduced(x, &exponent);
    return log_sum(f, exponent, 0);
}

double elementary_log1p(double x) {
    int exponent;
    if (is_nan(x) || bits_of(x) == INFINITY_BITS) return x + x;
    if (x == -1) return -of_bits(INFINITY_BITS);
    if (x < -1) return invalid(x);
    if (magnitude(x) < 0x1p-54) return x;
    if (x > -0.29 && x < 0.41) return log_sum(x, 0, 0); /* 1 + x is centred already */
    Pair sum = sum_of(1, x);
    double f = log_reduced(sum.high, &exponent);
    return log_sum(f, exponent, sum.low / sum.high);
}

/* log(x) to about 2^-65 of itself: the term z / 3 in two parts, the rest of the series is small
 * enough for one. */
static Pair log_pair(double x) {
    int exponent;
    double f = log_reduced(x, &exponent);
    Pair divisor = sum_of_ordered(2, f);
    double s = f / divisor.high;
    Pair back = product_of(s, divisor.high);
    Pair quotient = {s, (((f - back.high) - back.low) - s * divisor.low) / divisor.high};
    Pair z = pair_times(quotient, quotient);
    Pair series = pair_times(z, (Pair){THIRD_HIGH, THIRD_LOW});
    series = pair_plus(series, (Pair){z.high * z.high * atanh_series(z.high), 0});
    Pair half = pair_plus(quotient, pair_times(quotient, series));
    Pair whole = {exponent * LN2_HIGH, exponent * LN2_LOW};
    return pair_plus(whole, (Pair){2 * half.high, 2 * half.low});
}

static inline bool is_whole(double y) {
    double size = magnitude(y);
    return size >= 0x1p52 || (size + 0x1p52) - 0x1p52 == size;
}

static inline bool is_odd(double y) {
    double size = magnitude(y);
    return size < 0x1p53 && is_whole(y) && !is_whole(0.5 * size);
}

/* x is 0 or infinite, or y is: the table of C's Annex F, pow. x may be negative. */
static double pow_of_ends(double x, double y) {
    double size = magnitude(x), infinity = of_bits(INFINITY_BITS);
    if (magnitude(y) == infinity) {
        if (size == 1) return 1;
        return (size > 1) == (y > 0) ? infinity : 0;
    }
    double result = (size == 0) == (y > 0) ? 0 : infinity;
    return is_odd(y) ? with_sign(result, x) : result;
}

static double pow_of_magnitude(double size, double y) {
    if (size == 1) return 1;
    Pair log = log_pair(size);
    double estimate = y * log.high;
    /* Decided before the exact product, in which an enormous y could overflow. */
    if (estimate > 800 || estimate < -800) return estimate > 0 ? of_bits(INFINITY_BITS) : 0;
    Pair product = product_of(y, log.high);
    return exp_of(product.high, product.low + y * log.low);
}

double elementary_pow(double x, double y) {
    double infinity = of_bits(INFINITY_BITS);
    if (y == 0 || x == 1) return 1;
    if (is_nan(x) || is_nan(y)) return x + y;
    if (x == 0 || magnitude(x) == infinity || magnitude(y) == infinity) return pow_of_ends(x, y);
    if (x < 0 && !is_whole(y)) return invalid(x);
    double result = pow_of_magnitude(magnitude(x), y);
    return x < 0 && is_odd(y) ? -result : result;
}

/* t / (2 + t) with t = exp(2 |x|) - 1, divided in two parts because each rounding would add up near
 * 0. */
double elementary_tanh(double x) {
    double size = magnitude(x);
    if (is_nan(x)) return x + x;
    if (size < 0x1p-28) return x;           /* x^3 / 3 is below half a last place */
    if (size >= 22) return with_sign(1, x); /* 2 exp(-44) is below half a last place of 1 */
    Pair t = expm1_pair(2 * size), divisor = sum_of(2, t.high);
    double quotient = t.high / divisor.high, inverse = 1 / divisor.high; /* beside one another */
    Pair back = product_of(quotient, divisor.high);
    double rest = (t.high - back.high) - back.low + (t.low - quotient * (divisor.low + t.low));
    return with_sign(quotient + rest * inverse, x);
}

/* The bits of 2/pi after 64 zeros: bit b has the weight 2^(63 - b). */
static const uint64_t two_over_pi[20] = {
    0x0000000000000000, 0xA2F9836E4E441529, 0xFC2757D1F534DDC0, 0xDB6295993C439041,
    0xFE5163ABDEBBC561, 0xB7246E3A424DD2E0, 0x06492EEA09D1921C, 0xFE1DEB1CB129A73E,
    0xE88235F52EBB4484, 0xE99C7026B45F7E41, 0x3991D639835339F4, 0x9C845F8BBDF9283B,
    0x1FF897FFDE05980F, 0xEF2F118B5A0A6D1F, 0x6D367ECF27CB09B7, 0x4F463F669E5FEA2D,
    0x7527BAC7EBE5F17B, 0x3D0739F78A5292EA, 0x6BFB5FB11F8D5D08, 0x56033046FC7B6BAB,
};

typedef struct Angle {
    unsigned quadrant; /* of 4, by the nearest multiple of pi/2 */
    Pair rest;         /* |rest| <= pi/4 */
} Angle;

/* The 64 bits of 2/pi from bit `at` on. */
static inline uint64_t window(unsigned at) {
    unsigned word = at / 64, shift = at % 64;
    if (shift == 0) return two_over_pi[word];
    return two_over_pi[word] << shift | two_over_pi[word + 1] >> (64 - shift);
}

/* mantissa * 2^exponent * 2/pi modulo 4, as 2 + 190 bits. Bits of 2/pi that contribute multiples of
 * 4 are left out; those after 192 more contribute less than 2^-137, while no double comes nearer
 * than about 2^-62 to a multiple. */
static void turns_of(uint64_t mantissa, int exponent, uint64_t turns[static 3]) {
    unsigned first = (unsigned)(62 + exponent);
    unsigned __int128 low = (unsigned __int128)mantissa * window(first + 128);
    unsigned __int128 middle = (unsigned __int128)mantissa * window(first + 64) + (low >> 64);
    turns[0] = mantissa * window(first) + (uint64_t)(middle >> 64);
    turns[1] = (uint64_t)middle;
    turns[2] = (uint64_t)low;
}

/* A fraction of a quarter turn (bits of weight 1/2 downwards) times pi/2. */
static Pair angle_of_fraction(uint64_t high, uint64_t middle, uint64_t low) {
    unsigned __int128 top = (unsigned __int128)high << 64 | middle;
    int zeros = high ? __builtin_clzll(high) : 63; /* never 64: see turns_of */
    top = top << zeros | (zeros ? low >> (64 - zeros) : 0);
    double first = (double)(uint64_t)(top >> 75) * power_of_two(-53 - zeros);
    double second = (double)(uint64_t)(top >> 11) * power_of_two(-117 - zeros);
    return pair_times((Pair){first, second}, (Pair){HALF_PI_HIGH, HALF_PI_LOW});
}

/* x >= pi/4 and finite: an exact product, then the quarter turns off. */
static Angle angle_reduced(double x) {
    uint64_t bits = bits_of(x), turns[3];
    uint64_t mantissa = (bits & ((1ULL << 52) - 1)) | 1ULL << 52;
    turns_of(mantissa, (int)(bits >> 52) - 1075, turns);
    unsigned quadrant = (unsigned)(turns[0] >> 62);
    uint64_t high = turns[0] << 2 | turns[1] >> 62, middle = turns[1] << 2 | turns[2] >> 62;
    bool above_half = high >> 63;
    if (above_half) { /* nearer to the next multiple: its complement, negative */
        high = ~high;
        middle = ~middle;
    }
    uint64_t low = above_half ? ~(turns[2] << 2) : turns[2] << 2;
    Pair rest = angle_of_fraction(high, middle, low);
    if (above_half) rest = (Pair){-rest.high, -rest.low};
    return (Angle){(quadrant + above_half) & 3, rest};
}

/* sin of |x| <= pi/4 given in two parts: the series to x^17. */
static double sin_near(Pair x) {
    double z = x.high * x.high;
    double series = 1.0 / 6227020800 + z * (-1.0 / 1307674368000 + z * (1.0 / 355687428096000));
    series =
        1.0 / 120 + z * (-1.0 / 5040 + z * (1.0 / 362880 + z * (-1.0 / 39916800 + z * series)));
    double cube = z * x.high * (-1.0 / 6 + z * series);
    return x.high + (cube + (x.low - 0.5 * z * x.low));
}

/* cos of the same: the series to x^18; 1 - x^2 / 2 in two parts. */
static double cos_near(Pair x) {
    double z = x.high * x.high, half = 0.5 * z, one = 1 - half;
    double series = 1.0 / 20922789888000 - z * (1.0 / 6402373705728000);
    series = 1.0 / 40320 +
             z * (-1.0 / 3628800 + z * (1.0 / 479001600 + z * (-1.0 / 87178291200 + z * series)));
    series = z * z * (1.0 / 24 + z * (-1.0 / 720 + z * series));
    return one + (((1 - one) - half) + (series - x.high * x.low));
}

static double circular(double x, unsigned quarter_turns) {
    double size = magnitude(x);
    if (bits_of(size) >= INFINITY_BITS) return x - x;
    Angle angle = {0, {size, 0}};
    if (size > HALF_PI_HIGH / 2) angle = angle_reduced(size);
    unsigned quadrant = (angle.quadrant + quarter_turns) & 3;
    double value = quadrant & 1 ? cos_near(angle.rest) : sin_near(angle.rest);
    return quadrant & 2 ? -value : value;
}

double elementary_sin(double x) {
    if (magnitude(x) < 0x1p-27) return x; /* x^3 / 6 is below half a last place */
    double value = circular(x, 0);
    return x < 0 ? -value : value;
}

double elementary_cos(double x) {
    return circular(x, 1);
}
