/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What docs/PROTOCOL.md has to list, as evald has it, for protocol_test.py:
 *
 *   vocabulary RULESET < jobs.jsonl
 *
 * prints every closed vocabulary, a row a line with tabs between the columns,
 * then one message of each kind (in hexadecimal), and for each job on standard
 * input what the decoder says of it and, where nothing is wrong, what becomes
 * of it on the way.
 */
#include "ctl/settings.h"
#include "daemon/config.h"
#include "daemon/metrics.h"
#include "store/keys.h"
#include "store/transaction.h"
#include "wire/answer_codec.h"
#include "wire/event_codec.h"
#include "wire/form_codec.h"
#include "wire/job_codec.h"
#include "wire/json.h"
#include "wire/verdict_codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct vocabulary {
  const char *name;
  const char *rows; /* each ends with a newline */
} vocabularies[] = {
#define X(code, spelling, en, zh) spelling "\n"
    {"reject", WIRE_REJECT_LIST(X)},
#undef X
#define X(name, field) field "\n"
    {"counter", CORE_COUNTER_LIST(X)},
    {"aggregate field", STORE_AGGREGATE_FIELD_LIST(X)},
#undef X
#define X(name, suffix, type, holds) suffix "\t" type "\n"
    {"shard key", STORE_SHARD_KEY_LIST(X)},
    {"global key", STORE_GLOBAL_KEY_LIST(X)},
#undef X
#define X(name) #name "\n"
    {"reject field", STORE_REJECT_FIELD_LIST(X)},
#undef X
#define X(name, spelling) spelling "\n"
    {"message", WIRE_MESSAGE_LIST(X)},
    {"kind", WIRE_KIND_LIST(X)},
#undef X
#define X(name, spelling, meaning) spelling "\n"
    {"operation", EVALD_OPERATION_LIST(X)},
#undef X
#define X(name, spelling, en, zh) spelling "\n"
    {"rounding", EVALD_ROUNDING_LIST(X)},
#undef X
#define X(code, number, level, en, zh) #code "\t" #number "\n"
    {"finding", EVALD_FINDING_LIST(X)},
#undef X
#define X(name, page, kind, help) page "\n"
    {"metric",
     METRIC_LIST(X) "evald_info\nevald_jobs_total\nevald_problems_total\n"
                    "evald_retries_total\n"},
#undef X
#define X(name, key, variable, fallback) key "\t" fallback "\n"
    {"setting of evalctl", SETTING_LIST(X)},
#undef X
#define X(field, key, type, fallback, allowed, en, zh) key "\t" fallback "\n"
    {"configuration", CONFIG_LIST(X)},
#undef X
};

static void print_rows(const struct vocabulary *vocabulary) {
  const char *row = vocabulary->rows;
  for (size_t size; *row != '\0'; row += size + 1) {
    size = strcspn(row, "\n");
    printf("%s\t%.*s\n", vocabulary->name, (int)size, row);
  }
}

static void print_numbered(void) {
  for (unsigned i = 0; i < WIRE_OUTCOME_COUNT; i++)
    printf("outcome\t%s\t%u\t%d\n", wire_outcome_name(i), i,
           wire_outcome_changes(i));
  for (unsigned i = 0; i < EVALD_LEVEL_COUNT; i++)
    printf("level\t%s\t%u\n", evald_level_name(i), i);
  printf("limit\tproblems\t%d\nlimit\tdepth\t%u\nlimit\tkeys\t%d\n",
         WIRE_PROBLEMS_MAX, wire_limits_default.depth, WIRE_KEYS_MAX);
  printf("limit\tframe\t%zu\nlimit\ttext\t%zu\n", wire_limits_default.bytes,
         wire_limits_default.text);
  printf("limit\tindicators\t%d\nlimit\tprojects\t%d\n", EVALD_INDICATORS_MAX,
         WIRE_PROJECTS_MAX);
}

static void print_sample(const char *name, struct wire_buffer *buffer) {
  struct wire_bytes bytes = wire_buffer_bytes(buffer);
  printf("sample\t%s\t", name);
  for (size_t i = 0; i < bytes.size; i++)
    printf("%02x", bytes.data[i]);
  putchar('\n');
  wire_buffer_reset(buffer);
}

static void print_messages(struct wire_buffer *buffer) {
  static const struct wire_event event = {.pro_code = {"P-1", 3}};
  static const struct wire_shard shard = {{"310113000", 9}, 2024};
  struct wire_batch batch = {.epoch = 1,
                             .first_seq = 1,
                             .last_seq = 1,
                             .events = &event,
                             .event_count = 1};
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  wire_reject_add(&rejects, wire_problem_of(WIRE_REJECT_BAD_KIND, "kind", 0));
  struct wire_reject_notice notice = {.rejects = &rejects};
  struct wire_receipt receipt = {.shard = shard};
  wire_event_publish(&shard, &batch, 0, buffer);
  print_sample("event", buffer);
  wire_aggregate_publish(&shard, &batch, 0, buffer);
  print_sample("aggregate", buffer);
  wire_receipt_publish(&receipt, buffer);
  print_sample("receipt", buffer);
  wire_reject_publish(&notice, buffer);
  print_sample("reject", buffer);
  wire_behind_publish(&(struct wire_behind){.shard = shard}, buffer);
  print_sample("behind", buffer);
  wire_resend_encode(&(struct wire_resend){.shard = shard}, buffer);
  print_sample("resend", buffer);
  wire_welcome_encode(&(struct wire_welcome){.durability = "always"}, buffer);
  print_sample("welcome", buffer);
  wire_unwelcome_encode(buffer);
  print_sample("unwelcome", buffer);
  wire_batch_encode(&batch, buffer);
  print_sample("batch", buffer);
  wire_stored_encode_withdrawn(&(struct wire_stored_head){0}, buffer);
  print_sample("withdrawn", buffer);
  wire_department_encode(EVALD_TEXT("x"), &batch.sum, buffer);
  print_sample("department", buffer);
}

static _Noreturn void fail(const char *what, const char *why) {
  fprintf(stderr, "vocabulary: %s: %s\n", what, why);
  exit(1);
}

struct world {
  struct evald_ruleset *ruleset;
  struct evald_arena *arena;
  struct wire_buffer frame, buffer;
};

static void print_way(struct world *world, struct wire_job *job) {
  struct evald_verdict verdict;
  struct contribution contribution;
  wire_job_encode(job, &world->buffer);
  print_sample("job", &world->buffer);
  if (job->kind != WIRE_KIND_EVALUATE) return;
  job->form.digest = wire_form_encode(&job->form, &world->buffer);
  print_sample("form", &world->buffer);
  if (evald_evaluate(&job->form, world->ruleset, world->arena, &verdict,
                     NULL) != EVALD_OK ||
      core_contribution_of(&verdict, &contribution) != EVALD_OK)
    fail("a job", "cannot be evaluated");
  wire_verdict_encode(&verdict, &world->buffer);
  print_sample("verdict", &world->buffer);
  wire_stored_encode(&verdict, &contribution, &world->buffer);
  print_sample("stored", &world->buffer);
}

static void print_job(struct world *world, const char *line) {
  struct wire_rejects rejects;
  struct wire_job job;
  wire_rejects_init(&rejects);
  wire_buffer_reset(&world->frame);
  evald_arena_reset(world->arena);
  if (wire_json_to_msgpack(evald_text_of(line), &wire_limits_default,
                           &world->frame, &rejects) != EVALD_OK)
    fail(line, "this is no JSON");
  enum evald_status status =
      wire_job_decode(wire_buffer_bytes(&world->frame), &wire_limits_default,
                      world->arena, &job, &rejects);
  printf("problems");
  for (size_t i = 0; i < rejects.count; i++)
    printf("\t%s %s", wire_reject_name(rejects.items[i].code),
           rejects.items[i].key);
  putchar('\n');
  if (status == EVALD_OK) print_way(world, &job);
}

int main(int argc, char **argv) {
  static char line[1 << 16];
  struct evald_fault fault = {0};
  struct world world = {.arena = evald_arena_new(1 << 24)};
  if (argc != 2) fail("usage", "vocabulary RULESET < JOBS");
  if (evald_ruleset_load(argv[1], &world.ruleset, &fault) != EVALD_OK)
    fail(fault.place, fault.text);
  for (size_t i = 0; i < sizeof vocabularies / sizeof vocabularies[0]; i++)
    print_rows(&vocabularies[i]);
  print_numbered();
  print_messages(&world.buffer);
  while (fgets(line, sizeof line, stdin) != NULL)
    print_job(&world, line);
  wire_buffer_fini(&world.frame);
  wire_buffer_fini(&world.buffer);
  evald_ruleset_unref(world.ruleset);
  evald_arena_free(world.arena);
  return 0;
}
