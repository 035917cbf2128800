/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/metrics.h"
#include "base/memory_stream.h"
#include <inttypes.h>

enum { COUNTER, GAUGE };

static const struct {
  const char *name, *help;
  int kind;
} rows[] = {
#define X(name, page, kind, help) {page, help, kind},
    METRIC_LIST(X)
#undef X
};

uint64_t metrics_sum(const struct metrics *blocks, size_t count,
                     unsigned metric) {
  uint64_t sum = 0;
  for (size_t i = 0; i < count; i++)
    sum += atomic_load_explicit(&blocks[i].value[metric], memory_order_relaxed);
  return sum;
}

static void print_head(FILE *out, const char *name, const char *help,
                       int kind) {
  fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
          kind == COUNTER ? "counter" : "gauge");
}

/* A family with one label, its values from a closed vocabulary. */
struct family {
  const char *name, *help, *label;
  const char *(*value)(unsigned number);
  unsigned first, count;
};

static const char *outcome_value(unsigned number) {
  return wire_outcome_name((enum wire_outcome)number);
}

static const char *problem_value(unsigned number) {
  return wire_reject_name((enum wire_reject)number);
}

static const char *retry_value(unsigned number) {
  return wire_retry_name((enum wire_retry)number);
}

static const struct family families[] = {
    {"evald_jobs_total", "What became of jobs.", "outcome", outcome_value,
     METRIC_OUTCOME, WIRE_OUTCOME_COUNT},
    {"evald_problems_total", "Problems of rejected jobs.", "code",
     problem_value, METRIC_PROBLEM, WIRE_REJECT_COUNT},
    {"evald_retries_total", "Jobs to be sent again later.", "reason",
     retry_value, METRIC_RETRY, WIRE_RETRY_COUNT},
};

static void print_family(FILE *out, const struct family *family,
                         const struct metrics *blocks, size_t count) {
  print_head(out, family->name, family->help, COUNTER);
  for (unsigned i = 0; i < family->count; i++)
    fprintf(out, "%s{%s=\"%s\"} %" PRIu64 "\n", family->name, family->label,
            family->value(i), metrics_sum(blocks, count, family->first + i));
}

char *metrics_print(const struct metrics *blocks, size_t count) {
  struct memory_stream stream;
  FILE *out = memory_stream_open(&stream);
  if (out == NULL) return NULL;
  print_head(out, "evald_info", "Which evald this is.", GAUGE);
  fprintf(out, "evald_info{version=\"%s\"} 1\n", EVALD_VERSION);
  for (unsigned i = 0; i < METRIC_OUTCOME; i++) {
    print_head(out, rows[i].name, rows[i].help, rows[i].kind);
    fprintf(out, "%s %" PRIu64 "\n", rows[i].name,
            metrics_sum(blocks, count, i));
  }
  for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
    print_family(out, &families[i], blocks, count);
  return memory_stream_close(&stream, NULL);
}
