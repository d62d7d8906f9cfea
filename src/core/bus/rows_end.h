/* SPDX-License-Identifier: Apache-2.0 */
/* Takes the row macros of messages.def away again; no guard, it is included after each use of that
 * file. */
#undef MESSAGE
#undef END
#undef INT
#undef REAL
#undef MAYBE
#undef FLAG
#undef TIME
#undef MAYBE_TIME
#undef PRICE
#undef MAYBE_PRICE
#undef QUANTITY
#undef MONEY
#undef TEXT
#undef MAYBE_TEXT
#undef CHOICE
#undef PART
#undef MAYBE_PART
#undef LIST
#undef TEXTS
#undef MAP
#undef OPTIONAL
