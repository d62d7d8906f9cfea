/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the row macros of settings.def away again; no guard, it is included after
 * each use of that file. */
#undef GROUP
#undef GROUP_END
#undef NUMBER
#undef WHOLE
#undef SWITCH
#undef WORDS
