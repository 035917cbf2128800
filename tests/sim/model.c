/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/model.h"
#include "sim/redis.h"
#include "wire/answer_codec.h"
#include "wire/verdict_codec.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum state { ABSENT, EVALUATED, WITHDRAWN };

struct project {
  enum state state;
  int64_t revision;
  unsigned content, ruleset, department;
  struct evald_digest digest;
};

struct event {
  uint64_t epoch;
  unsigned job, project, outcome;
  int64_t revision;
  struct evald_digest digest;
  size_t unit;
};

enum { EVENTS_MAX = 2000 };

struct shard {
  struct project projects[JOBS_PROJECTS];
  struct contribution sum;
  struct event events[EVENTS_MAX]; /* event i has seq i + 1 */
  size_t event_count, entries;
  uint64_t epoch;
};

/* What was told of a change. */
struct told {
  int shard;
  uint64_t epoch, seq;
  unsigned job;
  bool kept;
};

static struct {
  const struct job *jobs;
  unsigned job_count;
  struct model_trust trust;
  unsigned rollbacks;
  struct shard shards[JOBS_SHARDS];
  struct told *told;
  size_t told_count, told_room;
  struct evald_arena *arena;
} model;

static struct redis_key *key_of(enum store_key name, int shard) {
  char text[STORE_KEY_TEXT];
  size_t size =
      store_key_print(name, shard < 0 ? NULL : &jobs_shards[shard], text);
  return redis_key_find(&redis.keys, (struct redis_text){text, size});
}

/* ---- events ---- */

/* Whether the rules let the job do that to the project, with that outcome. */
static bool is_allowed(const struct project *project, const struct job *job,
                       const struct event *event, unsigned ruleset) {
  bool newer = event->revision > project->revision;
  bool same = event->revision == project->revision;
  bool other = project->ruleset != ruleset;
  if (job->kind == WIRE_KIND_WITHDRAW)
    return event->outcome == WIRE_OUTCOME_WITHDRAWN &&
           (project->state == ABSENT || newer ||
            (same && project->state == EVALUATED));
  if (job->kind == WIRE_KIND_RECALCULATE)
    return event->outcome == WIRE_OUTCOME_SUPERSEDED && same && other &&
           project->state == EVALUATED;
  if (project->state == ABSENT) return event->outcome == WIRE_OUTCOME_COMMITTED;
  if (event->outcome != WIRE_OUTCOME_SUPERSEDED) return false;
  return newer || (same && other && project->state == EVALUATED &&
                   evald_digest_equal(&job->digest, &project->digest));
}

static void add(struct contribution *sum, const struct contribution *part,
                int64_t sign) {
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++)
    sum->counter[i] += sign * part->counter[i];
}

static uint64_t checksum(const struct contribution *sum) {
  uint64_t hash = UINT64_C(14695981039346656037);
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++)
    hash = (hash ^ (uint64_t)sum->counter[i]) * UINT64_C(1099511628211);
  return hash;
}

static void carry_out(struct shard *shard, struct project *project,
                      const struct job *job, const struct event *event,
                      unsigned ruleset) {
  if (project->state == EVALUATED)
    add(&shard->sum, jobs_adds(project->content, project->ruleset), -1);
  if (job->kind == WIRE_KIND_EVALUATE) {
    project->content = job->content;
    project->digest = job->digest;
    project->department = job->department;
  }
  project->revision = event->revision;
  project->ruleset = ruleset;
  project->state = job->kind == WIRE_KIND_WITHDRAW ? WITHDRAWN : EVALUATED;
  if (project->state == EVALUATED)
    add(&shard->sum, jobs_adds(project->content, project->ruleset), 1);
}

static bool concerns(const struct job *job, int shard, unsigned project) {
  if (job->shard != shard) return false;
  if (job->kind == WIRE_KIND_RECALCULATE) return job->projects & 1U << project;
  return job->kind != JOBS_BAD && job->project == project;
}

static unsigned number_of(struct evald_text text) {
  char digits[16] = "";
  if (text.size < 2 || text.size > 10) return UINT32_MAX;
  memcpy(digits, text.data + 1, text.size - 1);
  return (unsigned)strtoul(digits, NULL, 10);
}

/* Epoch and number of a change that was told are nobody else's. */
static void check_number(int number, uint64_t seq, const struct event *event) {
  for (size_t i = 0; i < model.told_count; i++) {
    const struct told *told = &model.told[i];
    if (told->shard == number && told->seq == seq &&
        told->epoch == event->epoch && told->job != event->job)
      sim_fail("shard %d: seq %" PRIu64 " of epoch %" PRIu64
               " was told of j%u and is now of j%u",
               number, seq, told->epoch, told->job, event->job);
  }
}

static void take_event(int number, const struct wire_batch *batch, size_t at,
                       size_t unit) {
  const struct wire_event *given = &batch->events[at];
  struct shard *shard = &model.shards[number];
  uint64_t seq = batch->first_seq + at;
  struct event event = {.epoch = batch->epoch,
                        .job = number_of(given->job_id),
                        .project = number_of(given->pro_code),
                        .outcome = given->outcome,
                        .revision = given->revision,
                        .digest = given->form_digest,
                        .unit = unit};
  if (seq != shard->event_count + 1)
    sim_fail("shard %d: an event has seq %" PRIu64 " where %zu was due", number,
             seq, shard->event_count + 1);
  if (event.job >= model.job_count || event.project >= JOBS_PROJECTS ||
      !concerns(&model.jobs[event.job], number, event.project)) {
    sim_fail("shard %d: event %" PRIu64 " is of nobody's job", number, seq);
    return;
  }
  const struct job *job = &model.jobs[event.job];
  struct project *project = &shard->projects[event.project];
  unsigned ruleset = jobs_ruleset(given->ruleset_id);
  if (job->kind != WIRE_KIND_WITHDRAW && ruleset == JOBS_RULESETS)
    sim_fail("shard %d: event %" PRIu64 " by no ruleset", number, seq);
  else if (!is_allowed(project, job, &event, ruleset))
    sim_fail("shard %d: event %" PRIu64 ", %s of P%u by j%u, is against the "
             "rules",
             number, seq, wire_outcome_name(event.outcome), event.project,
             event.job);
  else
    carry_out(shard, project, job, &event, ruleset);
  if (given->checksum != checksum(&shard->sum))
    sim_fail("shard %d: event %" PRIu64 " has a wrong checksum", number, seq);
  check_number(number, seq, &event);
  if (shard->event_count < EVENTS_MAX)
    shard->events[shard->event_count++] = event;
}

/* The batch is the second element of an entry's fields: b, batch, n, nonce. */
static struct wire_bytes batch_of(const struct redis_item *entry) {
  static struct redis_text fields[8];
  int count = 0;
  if (redis_parse(entry->value, entry->value_size, &count, fields) == 0 ||
      count < 2)
    return (struct wire_bytes){NULL, 0};
  return (struct wire_bytes){(const uint8_t *)fields[1].data, fields[1].size};
}

static bool take_entries(int number) {
  struct shard *shard = &model.shards[number];
  const struct redis_key *key = key_of(STORE_KEY_EVENTS, number);
  size_t count = key != NULL ? key->count : 0;
  bool news = shard->entries < count;
  for (; shard->entries < count; shard->entries++) {
    const struct redis_item *entry = &key->items[shard->entries];
    struct wire_batch batch;
    evald_arena_reset(model.arena);
    if (wire_batch_decode(batch_of(entry), model.arena, &batch) != EVALD_OK) {
      sim_fail("shard %d: an entry of the stream cannot be read", number);
      return news;
    }
    if (batch.epoch < shard->epoch)
      sim_fail("shard %d: the epoch fell to %" PRIu64, number, batch.epoch);
    shard->epoch = batch.epoch;
    for (size_t i = 0; i < batch.event_count; i++)
      take_event(number, &batch, i, entry->unit);
  }
  return news;
}

/* ---- the rest of the store ---- */

static int64_t field(struct redis_key *key, const char *name) {
  struct redis_text text = {name, strlen(name)};
  struct redis_item *item = key != NULL ? redis_item_find(key, text) : NULL;
  return item != NULL ? strtoll(item->value, NULL, 10) : 0;
}

static void check_aggregate(int number) {
  struct shard *shard = &model.shards[number];
  struct redis_key *key = key_of(STORE_KEY_AGGREGATE, number);
  if (field(key, "seq") != (int64_t)shard->event_count)
    sim_fail("shard %d: seq is %" PRId64 ", %zu events", number,
             field(key, "seq"), shard->event_count);
  for (unsigned i = 0; i < CORE_COUNTER_COUNT; i++) {
    int64_t found = field(key, core_counter_name(i));
    if (found != shard->sum.counter[i])
      sim_fail("shard %d: %s is %" PRId64 " and must be %" PRId64, number,
               core_counter_name(i), found, shard->sum.counter[i]);
  }
}

static bool is_result(const struct project *project,
                      const struct wire_stored_head *head) {
  unsigned state = project->state == EVALUATED ? WIRE_STORED_EVALUATED
                                               : WIRE_STORED_WITHDRAWN;
  if (head->state != state || head->revision != project->revision) return false;
  if (project->state != EVALUATED) return true;
  return evald_digest_equal(&head->form_digest, &project->digest) &&
         jobs_ruleset(head->ruleset_id) == project->ruleset &&
         memcmp(&head->contribution,
                jobs_adds(project->content, project->ruleset),
                sizeof head->contribution) == 0;
}

/* Whether the ruleset of a result lies in the store. */
static bool is_explained(const struct wire_stored_head *head) {
  char hex[EVALD_DIGEST_HEX];
  evald_digest_print(&head->ruleset_digest, hex);
  struct redis_key *key = key_of(STORE_KEY_RULESETS, -1);
  return head->state != WIRE_STORED_EVALUATED ||
         (key && redis_item_find(key, (struct redis_text){hex, strlen(hex)}));
}

static void check_project(int number, unsigned at) {
  const struct project *project = &model.shards[number].projects[at];
  struct redis_key *results = key_of(STORE_KEY_RESULTS, number);
  struct redis_key *forms = key_of(STORE_KEY_FORMS, number);
  char code[8];
  jobs_project(at, code);
  struct redis_text name = {code, strlen(code)};
  struct redis_item *item = results ? redis_item_find(results, name) : NULL;
  bool form = forms != NULL && redis_item_find(forms, name) != NULL;
  struct wire_stored_head head;
  if ((item != NULL) != (project->state != ABSENT))
    sim_fail("shard %d: P%u has %s result", number, at, item ? "a" : "no");
  else if (item != NULL &&
           (wire_stored_head((struct wire_bytes){(const uint8_t *)item->value,
                                                 item->value_size},
                             &head) != EVALD_OK ||
            !is_result(project, &head) || !is_explained(&head)))
    sim_fail("shard %d: P%u: not its last event's result, or no ruleset of it",
             number, at);
  if (form != (project->state == EVALUATED))
    sim_fail("shard %d: P%u has %s form", number, at, form ? "a" : "no");
}

static void check_departments(int number) {
  struct redis_key *key = key_of(STORE_KEY_DEPARTMENTS, number);
  for (unsigned i = 0; i < JOBS_DEPARTMENTS; i++) {
    struct contribution sum = {{0}}, found = {{0}};
    struct evald_text ignored;
    struct redis_text name = {jobs_department(i), strlen(jobs_department(i))};
    for (unsigned k = 0; k < JOBS_PROJECTS; k++) {
      const struct project *project = &model.shards[number].projects[k];
      if (project->state == EVALUATED && project->department == i)
        add(&sum, jobs_adds(project->content, project->ruleset), 1);
    }
    struct redis_item *item = key ? redis_item_find(key, name) : NULL;
    if (item != NULL)
      (void)wire_department_decode(
          (struct wire_bytes){(const uint8_t *)item->value, item->value_size},
          &ignored, &found);
    if (memcmp(&sum, &found, sizeof sum) != 0)
      sim_fail("shard %d: department %s is wrong", number, jobs_department(i));
  }
}

static void check_shard(int number) {
  check_aggregate(number);
  for (unsigned i = 0; i < JOBS_PROJECTS; i++)
    check_project(number, i);
  check_departments(number);
}

static void look(struct redis_server *server) {
  (void)server;
  if (sim_failed()) return;
  for (int i = 0; i < JOBS_SHARDS; i++)
    if (take_entries(i)) check_shard(i);
}

/* ---- what is told ---- */

static bool is_durable(const struct event *event) {
  return redis.replicas == 0 || event->unit <= redis.confirmed;
}

static void check_change(const struct model_answer *answer) {
  const struct shard *shard = &model.shards[answer->shard];
  const struct event *event = answer->seq - 1 < shard->event_count
                                  ? &shard->events[answer->seq - 1]
                                  : NULL;
  if (event == NULL || event->job != answer->job ||
      event->epoch != answer->epoch)
    sim_fail("j%u was told %s with seq %" PRIu64 ", which is not committed",
             answer->job, wire_outcome_name(answer->outcome), answer->seq);
  else if (!is_durable(event))
    sim_fail("j%u was told %s before it was on enough replicas", answer->job,
             wire_outcome_name(answer->outcome));
}

/* A job that was sent once and changed the store must hear of the change, and
 * not that there was nothing to do. */
static bool is_its_own(const struct event *event, unsigned job) {
  return model.trust.trusts && event->job == job && model.jobs[job].sends < 2;
}

/* Whether some event makes an outcome without a change true. */
static bool is_justified(const struct model_answer *answer,
                         const struct job *job) {
  const struct shard *shard = &model.shards[job->shard];
  for (size_t i = 0; i < shard->event_count; i++) {
    const struct event *event = &shard->events[i];
    if (event->project != job->project) continue;
    bool withdrawn = event->outcome == WIRE_OUTCOME_WITHDRAWN;
    bool same = event->revision == job->revision;
    bool equal = evald_digest_equal(&event->digest, &job->digest);
    bool newer = event->revision > job->revision;
    if (answer->outcome == WIRE_OUTCOME_STALE && (newer || (same && withdrawn)))
      return true;
    if (answer->outcome == WIRE_OUTCOME_CONFLICT && same && !equal) return true;
    if (answer->outcome == WIRE_OUTCOME_UNCHANGED && same &&
        (job->kind == WIRE_KIND_WITHDRAW ? withdrawn : equal) &&
        !is_its_own(event, answer->job))
      return true;
  }
  return false;
}

static void check_ack(const struct model_answer *answer) {
  if (answer->job >= model.job_count || answer->shard < 0) {
    sim_fail("an ack names no job of ours");
    return;
  }
  const struct job *job = &model.jobs[answer->job];
  if (job->kind == JOBS_BAD)
    sim_fail("j%u is no job and was taken", answer->job);
  if (!model.trust.keeps && model.rollbacks > 0) return;
  if (wire_outcome_changes((enum wire_outcome)answer->outcome))
    check_change(answer);
  else if (job->kind != WIRE_KIND_RECALCULATE && !is_justified(answer, job))
    sim_fail("j%u was told %s, and nothing in the store says why", answer->job,
             wire_outcome_name(answer->outcome));
}

static void check_nack(const struct model_answer *answer) {
  struct redis_key *key = key_of(STORE_KEY_REJECTS, -1);
  if (answer->job < model.job_count && model.jobs[answer->job].kind != JOBS_BAD)
    sim_fail("j%u is a good job and was rejected", answer->job);
  if (answer->rejects_id.data == NULL || model.rollbacks > 0) return;
  struct redis_text id = {answer->rejects_id.data, answer->rejects_id.size};
  if (key_of(STORE_KEY_EVICTED, -1) == NULL &&
      (key == NULL || redis_item_find(key, id) == NULL))
    sim_fail("a job was rejected and is not kept");
}

/* `kept`: it was acknowledged, and must be there in the end. */
static void note_told(const struct model_answer *answer, bool kept) {
  if (answer->shard < 0 || answer->seq == 0) return;
  if (model.told_count == model.told_room) {
    model.told_room = model.told_room > 0 ? 2 * model.told_room : 64;
    model.told = sim_grow(model.told, model.told_room * sizeof *model.told);
  }
  model.told[model.told_count++] = (struct told){
      answer->shard, answer->epoch, answer->seq, answer->job, kept};
}

static void check_answer(void *context, const struct model_answer *answer) {
  const struct sim_process *from = context;
  sim_note("%s answers %" PRIu64 ": type %u j%d %s seq %" PRIu64, from->name,
           answer->correlation, answer->type, (int)answer->job,
           answer->type == WIRE_ANSWER_ACK ? wire_outcome_name(answer->outcome)
                                           : "-",
           answer->seq);
  if (answer->type == WIRE_ANSWER_ACK) check_ack(answer);
  if (answer->type == WIRE_ANSWER_NACK) check_nack(answer);
  if (answer->type == WIRE_ANSWER_ACK) note_told(answer, true);
}

static void check_published(const struct net_message *message) {
  struct wire_published told;
  const struct net_frame *body = &message->frames[1];
  if (wire_published_decode(
          (struct wire_bytes){(const uint8_t *)body->data, body->size},
          &told) != EVALD_OK) {
    sim_fail("a message was published that cannot be read");
    return;
  }
  bool change = told.message == WIRE_MESSAGE_EVENT ||
                (told.message == WIRE_MESSAGE_RECEIPT && told.seq > 0);
  if (!change) return;
  struct model_answer answer = {.job = number_of(told.event.job_id),
                                .outcome = told.event.outcome,
                                .epoch = told.epoch,
                                .seq = told.seq};
  for (int i = 0; i < JOBS_SHARDS; i++)
    if (evald_text_equal(told.shard.mof_div_code,
                         evald_text_of(jobs_shards[i].division)) &&
        told.shard.fiscal_year == jobs_shards[i].year)
      answer.shard = i;
  note_told(&answer, false);
  /* What a Redis lost meanwhile is on its way yet. */
  if (model.rollbacks == 0) check_change(&answer);
}

static void hear(struct sim_process *from, int kind,
                 const struct net_message *message) {
  if (sim_failed()) return;
  if (kind == ZMQ_XPUB && message->count == 2) check_published(message);
  if (kind != ZMQ_ROUTER || message->count != 2 ||
      message->frames[0].size != 7 ||
      memcmp(message->frames[0].data, "answers", 7) != 0)
    return;
  if (!model_answers(&message->frames[1], check_answer, from))
    sim_fail("%s sends answers that cannot be read", from->name);
}

/* ---- a run ---- */

void model_begin(const struct job *jobs, unsigned count,
                 struct model_trust trust) {
  memset(&model, 0, sizeof model);
  model.jobs = jobs;
  model.job_count = count;
  model.trust = trust;
  model.arena = evald_arena_new(1 << 20);
  redis.watch = look;
  net_watch = hear;
}

void model_end(void) {
  evald_arena_free(model.arena);
  free(model.told);
  net_watch = NULL;
}

void model_rebuild(void) {
  memset(model.shards, 0, sizeof model.shards);
  model.rollbacks++;
  look(&redis);
}

void model_finish(void) {
  look(&redis);
  for (int i = 0; i < JOBS_SHARDS; i++)
    check_shard(i);
  if (!model.trust.keeps && model.rollbacks > 0) return;
  for (size_t i = 0; i < model.told_count; i++) {
    const struct told *told = &model.told[i];
    const struct shard *shard = &model.shards[told->shard];
    if (told->kept && (told->seq > shard->event_count ||
                       shard->events[told->seq - 1].job != told->job))
      sim_fail("j%u: seq %" PRIu64 " told, and gone", told->job, told->seq);
  }
}

unsigned model_events(void) {
  size_t count = 0;
  for (int i = 0; i < JOBS_SHARDS; i++)
    count += model.shards[i].event_count;
  return (unsigned)count;
}

unsigned model_told(void) {
  unsigned count = 0;
  for (size_t i = 0; i < model.told_count; i++)
    count += model.told[i].kept;
  return count;
}
