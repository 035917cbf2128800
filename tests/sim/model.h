/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_MODEL_H
#define SIM_MODEL_H

/*
 * What must be true, said again and simply.
 *
 * After each write to Redis the new stream entries are read and each event is
 * carried out in a model of projects that knows nothing of src/daemon: is the
 * event one that the rules of docs/PROTOCOL.md allow, has it the next number,
 * is the checksum that of the model's sum? Then aggregate, results, forms and
 * departments must be the model's. Whatever leaves a daemon is held against
 * what is committed at that moment.
 */

#include "sim/jobs.h"
#include "sim/net.h"

/* The jobs of the run; events name them. `keeps` false: a restart of Redis may
 * lose what was told. `trusts` false: Redis may say what is not true.
 * `alone`: there is one daemon; of two, each may know what the other does not,
 * and a Redis that lost what one told is believed by the other. */
struct model_trust {
  bool keeps, trusts, alone;
};
void model_begin(const struct job *jobs, unsigned count,
                 struct model_trust trust);
void model_end(void);

/* Redis went back to an earlier state: begin anew from what it holds. */
void model_rebuild(void);

/* At the end of a run: the last look at all of the store, and everything that
 * was told is still there. */
void model_finish(void);

unsigned model_events(void); /* that were committed */
unsigned model_told(void);   /* changes that were acknowledged */

/* One answer of the acknowledged door. */
struct model_answer {
  uint64_t correlation;
  unsigned type; /* enum wire_answer */
  unsigned job;  /* UINT32_MAX: not named */
  unsigned outcome;
  uint64_t epoch, seq;
  int shard; /* -1: not named */
  struct evald_text rejects_id;
};
typedef void model_each(void *context, const struct model_answer *answer);
/* False: the bytes are no answers. */
bool model_answers(const struct net_frame *body, model_each *each,
                   void *context);

#endif
