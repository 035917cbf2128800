/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "daemon/worker_inside.h"
#include <inttypes.h>

/* What a worker counts of the jobs that it has done with, and says of them. */

/* A source that floods must not keep another from being named: each has its
 * lines, but for those that share a slot. */
static bool may_name(struct worker *worker, struct evald_text source) {
  uint32_t slot = index_hash(source, 0) % WORKER_SOURCES;
  return log_allowed(&worker->reject_lines[slot]);
}

static void log_reject(struct worker *worker, const struct work_unit *unit) {
  if (!may_name(worker, unit->source)) return;
  const struct wire_problem *first =
      unit->rejects != NULL && unit->rejects->count > 0
          ? &unit->rejects->items[0]
          : NULL;
  log_line(LOG_NOTICE,
           _("rejected a job: source \"%.*s\", job \"%.*s\": %s %s"),
           (int)unit->source.size,
           unit->source.data != NULL ? unit->source.data : "",
           (int)unit->job_id.size,
           unit->job_id.data != NULL ? unit->job_id.data : "",
           first != NULL ? wire_reject_text(first->code, i18n_chinese()) : "?",
           first != NULL ? first->key : "");
}

void tally_unit(struct worker *worker, const struct work_unit *unit) {
  if (unit->damaged && unit->outcome != WIRE_OUTCOME_REJECTED) {
    metrics_add(worker->metrics, METRIC_RETRY + WIRE_RETRY_STORE_DAMAGED, 1);
    return;
  }
  metrics_add(worker->metrics, METRIC_OUTCOME + unit->outcome, 1);
  if (unit->outcome != WIRE_OUTCOME_REJECTED || unit->rejects == NULL) return;
  for (size_t i = 0; i < unit->rejects->count; i++)
    metrics_add(worker->metrics, METRIC_PROBLEM + unit->rejects->items[i].code,
                1);
  log_reject(worker, unit);
}

void tally_abandoned(struct worker *worker) {
  uint64_t jobs = 0;
  if (worker->flying != NULL) jobs += worker->flying->unit_count;
  if (worker->waiting != NULL) jobs += worker->waiting->unit_count;
  if (worker->filling != NULL) jobs += worker->filling->unit_count;
  for (uint32_t i = 0; i < worker->scored_count; i++)
    jobs +=
        worker->scored[(worker->scored_first + i) % RESCORER_WORKS]->unit_count;
  for (uint32_t i = 0; i < worker->parcel_count; i++) {
    const struct parcel *parcel =
        worker->parcels[(worker->parcel_first + i) % WORKER_PARCELS];
    jobs += parcel->frames->count - parcel->next;
  }
  if (jobs == 0) return;
  metrics_add(worker->metrics, METRIC_LOST_AT_STOP, jobs);
  log_line(LOG_ERROR,
           _("%" PRIu64 " jobs were read but could not be committed in time"),
           jobs);
}
