/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

/*
 * What is counted, and the page that shows it.
 *
 * Each actor owns a block of numbers and is the only one to write it, so that
 * counting costs a store and no lock; the page reads all blocks and adds them.
 * A new metric is one row.
 */

#include "wire/answer_codec.h"
#include <stdatomic.h>

/* X(NAME, name on the page, kind, help). Rows of one name stand together. */
#define METRIC_LIST(X)                                                         \
  X(FRAMES, "evald_frames_total", COUNTER, "Frames read from the job doors.")  \
  X(FRAME_BYTES, "evald_frame_bytes_total", COUNTER, "Bytes of those frames.") \
  X(SUBMITTED, "evald_submitted_total", COUNTER,                               \
    "Jobs let in by the acknowledged door.")                                   \
  X(ANSWERS, "evald_answers_total", COUNTER,                                   \
    "Answers to them: acks and nacks.")                                        \
  X(PRODUCERS, "evald_producers", GAUGE,                                       \
    "Producers that were heard at the acknowledged door lately.")              \
  X(UNREAD, "evald_producers_unread_total", COUNTER,                           \
    "How often a producer did not read its answers for a second.")             \
  X(CUT, "evald_producers_cut_total", COUNTER,                                 \
    "How often one was cut off because its answers took too much memory.")     \
  X(TURNED_AWAY, "evald_producers_turned_away_total", COUNTER,                 \
    "Messages of producers that were too many.")                               \
  X(UNKNOWN_MESSAGES, "evald_submit_unknown_total", COUNTER,                   \
    "Messages at the acknowledged door that are none.")                        \
  X(BATCHES, "evald_batches_total", COUNTER, "Batches handed to workers.")     \
  X(PAUSES, "evald_intake_pauses_total", COUNTER,                              \
    "How often reading stopped because every batch was out.")                  \
  X(COMMITS, "evald_commits_total", COUNTER, "Transactions committed.")        \
  X(INTERFERED, "evald_commits_interfered_total", COUNTER,                     \
    "Transactions repeated because another writer was there first.")           \
  X(COMMIT_MICROSECONDS, "evald_commit_microseconds_total", COUNTER,           \
    "Time from sending a transaction to its answer.")                          \
  X(LOADS, "evald_loads_total", COUNTER,                                       \
    "Extra round trips to read shards or projects before a transaction.")      \
  X(REDIS_LOST, "evald_redis_lost_total", COUNTER,                             \
    "How often Redis was lost.")                                               \
  X(REDIS_UP, "evald_redis_up", GAUGE,                                         \
    "Workers whose Redis takes what they commit.")                             \
  X(FELL_BACK, "evald_epochs_total", COUNTER,                                  \
    "How often the store was found behind what was published from it.")        \
  X(RESENDS, "evald_resends_asked_total", COUNTER,                             \
    "Messages that ask a producer to send lost jobs again.")                   \
  X(DAMAGED, "evald_shards_damaged", GAUGE,                                    \
    "Divisions and years put off because a key of theirs is not evald's.")     \
  X(DAMAGES, "evald_shards_damaged_total", COUNTER,                            \
    "How often one was found so.")                                             \
  X(LOG_CUT, "evald_log_events_cut_total", COUNTER,                            \
    "Events cut off the logs in Redis, as store.events says.")                 \
  X(SHARDS, "evald_shards", GAUGE, "Divisions and years in memory.")           \
  X(SHARDS_EVICTED, "evald_shards_evicted_total", COUNTER,                     \
    "How often one was forgotten to make room.")                               \
  X(CACHE_BYTES, "evald_cache_bytes", GAUGE,                                   \
    "What is remembered of divisions and years, about.")                       \
  X(PROJECTS, "evald_cached_projects", GAUGE, "Projects remembered.")          \
  X(EVALUATED, "evald_evaluated_total", COUNTER, "Forms scored.")              \
  X(PUBLISHED, "evald_published_total", COUNTER, "Messages published.")        \
  X(FELL_BEHIND, "evald_readers_fell_behind_total", COUNTER,                   \
    "How often a reader could not keep up and began to lose messages.")        \
  X(SUBSCRIPTIONS, "evald_subscriptions", GAUGE, "Subscriptions now.")         \
  X(RELOADS, "evald_ruleset_reloads_total", COUNTER,                           \
    "Times the rulesets were read anew.")                                      \
  X(RELOADS_FAILED, "evald_ruleset_reloads_failed_total", COUNTER,             \
    "Times that was refused and the old ones stayed.")                         \
  X(PACKED, "evald_packed_values_total", COUNTER,                              \
    "Results and forms compressed in the store.")                              \
  X(PACKED_FROM, "evald_packed_bytes_before_total", COUNTER,                   \
    "Their bytes before.")                                                     \
  X(PACKED_TO, "evald_packed_bytes_after_total", COUNTER,                      \
    "Their bytes after.")                                                      \
  X(LOST_AT_STOP, "evald_jobs_abandoned_total", COUNTER,                       \
    "Jobs read but not committed when a stop ran out of time.")                \
  X(START_SECONDS, "evald_start_time_seconds", GAUGE, "When this began.")

/* The families with a label follow behind: one number per outcome of a job
 * per code of a problem, per reason to send again. */
enum metric {
#define X(name, page, kind, help) METRIC_##name,
  METRIC_LIST(X)
#undef X
      METRIC_OUTCOME,
  METRIC_PROBLEM = METRIC_OUTCOME + WIRE_OUTCOME_COUNT,
  METRIC_RETRY = METRIC_PROBLEM + WIRE_REJECT_COUNT,
  METRIC_COUNT = METRIC_RETRY + WIRE_RETRY_COUNT
};

struct metrics {
  _Alignas(64) _Atomic uint64_t value[METRIC_COUNT];
};

static inline void metrics_add(struct metrics *metrics, unsigned metric,
                               uint64_t amount) {
  uint64_t old =
      atomic_load_explicit(&metrics->value[metric], memory_order_relaxed);
  atomic_store_explicit(&metrics->value[metric], old + amount,
                        memory_order_relaxed);
}

static inline void metrics_set(struct metrics *metrics, unsigned metric,
                               uint64_t value) {
  atomic_store_explicit(&metrics->value[metric], value, memory_order_relaxed);
}

uint64_t metrics_sum(const struct metrics *blocks, size_t count,
                     unsigned metric);

/* The page; terminated, to be freed. NULL: no memory. */
char *metrics_print(const struct metrics *blocks, size_t count);

#endif
