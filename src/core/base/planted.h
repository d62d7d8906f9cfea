/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mistakes that are planted on purpose, to prove that the simulation finds them. PLANTED(n, right,
 * wrong) is `right` in every build but one: with -DPLANTED_BUGS, which no released program has, it
 * is `wrong` while bug n is switched on. tests/sim/bugs.def gives each number its sentence.
 */
#ifndef CORE_BASE_PLANTED_H
#define CORE_BASE_PLANTED_H

#ifdef PLANTED_BUGS
extern unsigned planted_bug; /* 0: none; owned by the simulation */
#define PLANTED(number, right, wrong) (planted_bug == (number) ? (wrong) : (right))
#else
#define PLANTED(number, right, wrong) (right)
#endif

#endif
