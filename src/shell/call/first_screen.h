/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the program says when it is called without a word: what it is, the three things to try
 * first, and where help is. Only commands that this build has are named. Stateless.
 */
#ifndef SHELL_CALL_FIRST_SCREEN_H
#define SHELL_CALL_FIRST_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

void first_screen(bool color, FILE *file);

#endif
