/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FAULT_MEMORY_H
#define TESTS_FAULT_MEMORY_H

/*
 * Memory that ends once: what our objects ask of the C library, and of zstd for
 * its contexts, is counted on the thread that armed it, and the n-th request is
 * refused. What libraries ask for themselves is not, but with EVALD_DEEP, where
 * every request of the process is counted. Whether anything leaked say the
 * sanitizers' build and EVALD_DEEP.
 */

#include "evald/status.h"
#include <stdbool.h>

/* Refuses the n-th request from now on. */
void memory_arm(unsigned n);

/* No more counting; whether one was refused. */
bool memory_disarm(void);

/* What is asked between the two is neither counted nor refused: the other side
 * of a conversation. */
unsigned memory_pause(void);
void memory_resume(unsigned paused);

/* One piece of work. EVALD_MEMORY, or EVALD_OK with the whole result: the work
 * itself asserts that results are right and that what failed left its outputs
 * as they were. */
typedef enum evald_status memory_work(void *context, struct evald_fault *fault);

/* Where a library itself is known not to give back what it had. */
extern bool memory_may_leak;

/* Not once: from then on nothing is given, until memory_disarm. Who tries again
 * in another way fails then. */
extern bool memory_stays_away;

/* Does the work with the first request refused, with the second, … until a run
 * asks for fewer; after each once more with all the memory it wants. At least
 * `least` requests must have been refused, so that the seam cannot rot. */
void memory_every(memory_work *work, void *context, unsigned least);

#endif
