/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The port to sources and models over wire and record. In mode replay only the record is asked, in
 * mode cached first, in mode live never; what was answered well (a status of 200 whose body is
 * whole, and of a model a document that is no error) is recorded under the question's hash. What is
 * switched off is not sent. It keeps a copy of the plan, and wipes it at the end.
 */
#ifndef SHELL_OUTSIDE_OUTSIDE_OPEN_H
#define SHELL_OUTSIDE_OUTSIDE_OPEN_H

#include "shell/drivers/outside_port.h"
#include "shell/outside/outside_plan.h"

/* NULL with an Error if its thread cannot start. */
OutsidePort *outside_open(const OutsidePlan *plan, Error *error);

#endif
