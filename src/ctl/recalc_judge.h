/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CTL_RECALC_JUDGE_H
#define CTL_RECALC_JUDGE_H

/*
 * What became of a chunk. The acknowledgement of a recalculation says it of
 * every project that was scored, or stood under the ruleset already, also when
 * the chunk is sent again. Where one was not (its form is not kept, it was
 * withdrawn), or the daemon is older than such acknowledgements, the results
 * are read from the store, which knows why.
 */

#include "ctl/recalc_journal.h"
#include "evald/client.h"

/* Sets the chunk's outcomes if the answer decides all of them, else leaves it
 * without. */
void judge_answer(const struct recalc *recalc, struct chunk *chunk,
                  const struct evald_answer *answer);

/* The same from the results that are stored now. EVALD_INVALID where the daemon
 * scores by another ruleset than evalctl has. */
enum evald_status judge_store(const struct recalc *recalc, struct chunk *chunk,
                              struct evald_fault *fault);

#endif
