/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One position of a trial's books: what is sold and bought, its protection, its end. For the files
 * of the book alone (trial_book.h); the book owns everything.
 */
#ifndef CORE_TRIAL_TRIAL_POSITION_H
#define CORE_TRIAL_TRIAL_POSITION_H

#include "core/trial/trial_book.h"

/* Hears postings and keeps none. */
extern const PostingSink trial_position_sink;

/* As the executor: the inventory on the step, at most what one order may hold. */
Quantity trial_position_sellable(const TrialBook *book, unsigned market);
/* As the venue judges a market order: at the last price, on the tick. */
bool trial_position_sale_passes(const TrialDesk *desk, Quantity quantity);
/* A sale for the next open; `leaving`: of the whole position. */
void trial_position_order_sale(TrialDesk *desk, Quantity quantity, TradeReason reason,
                               bool leaving);
/* The whole position is to be sold; what no venue would take ends the trade as dust. */
void trial_position_leave(TrialBook *book, const TrialMoment *moment, TradeReason reason);
/* An open position without protection, sale or purchase is protected again. */
void trial_position_mend(TrialBook *book, const TrialMoment *moment);
/* A price that the position lived through: its excursions. */
void trial_position_see(TrialDesk *desk, Price price);
/* Books a fill. After a sale of the `whole` the trade has ended. */
void trial_position_sell(TrialBook *book, const TrialMoment *moment, const PaperFill *fill,
                         Quantity quantity, bool whole);
void trial_position_buy(TrialBook *book, const TrialMoment *moment, const PaperFill *fill);
/* The trade ends in the books, whatever is left. */
void trial_position_close(TrialBook *book, const TrialMoment *moment);

#endif
