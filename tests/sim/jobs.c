/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/jobs.h"
#include "wire/form_codec.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct store_shard_key jobs_shards[JOBS_SHARDS] = {
    {"310113000", 2024}, {"310113000", 2023}, {"420100000", 2024}};
static const char *const ruleset_ids[JOBS_RULESETS] = {"cn-2020", "cn-2021",
                                                       "cn-sh-2024"};
static const char *const departments[JOBS_DEPARTMENTS] = {"101", "102", "103"};

struct ruleset_set *jobs_rules;
static struct contribution adds[JOBS_CONTENTS][JOBS_RULESETS];
static struct wire_buffer buffer;

#define UNITS(n) ((evald_decimal)(n)*1000000)

static struct evald_figure figure(evald_decimal value) {
  return (struct evald_figure){true, value};
}

/* Contents differ in amounts, in scores and in what is wrong with them. */
static void fill_row(struct evald_indicator *row, unsigned content,
                     unsigned number) {
  static const char *const names[] = {"完成数量", "合格率", "满意度"};
  static const struct evald_text levels[][2] = {
      {EVALD_TEXT("产出指标"), EVALD_TEXT("数量指标")},
      {EVALD_TEXT("产出指标"), EVALD_TEXT("质量指标")},
      {EVALD_TEXT("满意度指标"), EVALD_TEXT("服务对象满意度指标")}};
  *row = (struct evald_indicator){
      .level1 = levels[number][0],
      .level2 = levels[number][1],
      .name = evald_text_of(names[number]),
      .op = EVALD_OP_AT_LEAST,
      .target = {.kind = EVALD_CLAIM_NUMBER, .number = UNITS(90)},
      .unit = EVALD_TEXT("%"),
      .actual = {.kind = EVALD_CLAIM_NUMBER,
                 .number = UNITS(70 + 5 * content + 3 * number)},
      .weight = figure(UNITS(number == 0 ? 50 : 20)),
      .score = figure(UNITS(number == 0 ? 50 : 20))};
}

static void fill_form(struct evald_form *form, struct evald_indicator *rows,
                      unsigned content) {
  unsigned count = 1 + content % 3;
  for (unsigned i = 0; i < count; i++)
    fill_row(&rows[i], content, i);
  *form = (struct evald_form){.pro_name = EVALD_TEXT("项目"),
                              .indicators = rows,
                              .indicator_count = count,
                              .total = figure(UNITS(100 - 10 * content)),
                              .grade = EVALD_TEXT("优")};
  form->funds[EVALD_FUND_TOTAL] = (struct evald_fund_row){
      .present = true,
      .opening = figure(UNITS(100 + content) + 10000),
      .budget = figure(UNITS(110 + content) + 20000),
      .executed = figure(UNITS(60 + 7 * content) + 30000)};
}

static void set_identity(struct evald_form *form, const struct job *job,
                         const char *project) {
  const struct store_shard_key *shard = &jobs_shards[job->shard];
  form->mof_div_code = evald_text_of(shard->division);
  form->fiscal_year = (uint16_t)shard->year;
  if (job->kind == WIRE_KIND_RECALCULATE) return;
  form->pro_code = evald_text_of(project);
  if (job->kind != WIRE_KIND_EVALUATE) return;
  form->dept_code = evald_text_of(departments[job->department]);
  form->dept_name = evald_text_of(departments[job->department]);
}

static bool score_content(unsigned content, unsigned ruleset,
                          struct evald_arena *arena) {
  struct evald_indicator rows[3];
  struct evald_form form;
  struct evald_verdict verdict;
  struct job job = {.shard = 0};
  struct evald_ruleset *rules =
      ruleset_set_find(jobs_rules, evald_text_of(ruleset_ids[ruleset]), 2024);
  fill_form(&form, rows, content);
  set_identity(&form, &job, "P");
  evald_arena_reset(arena);
  return rules != NULL &&
         evald_evaluate(&form, rules, arena, &verdict, NULL) == EVALD_OK &&
         core_contribution_of(&verdict, &adds[content][ruleset]) == EVALD_OK;
}

bool jobs_open(const char *folder) {
  static const struct ruleset_route routes[] = {{"", 0, 0, "cn-2020"},
                                                {"42", 0, 0, "cn-2021"}};
  struct evald_fault fault = {0};
  if (ruleset_set_load(folder, routes, 2, "the simulation", &jobs_rules,
                       &fault) != EVALD_OK) {
    (void)fprintf(stderr, "%s: %s\n", fault.place, fault.text);
    return false;
  }
  struct evald_arena *arena = evald_arena_new(1 << 20);
  bool fine = arena != NULL;
  for (unsigned i = 0; fine && i < JOBS_CONTENTS; i++)
    for (unsigned k = 0; fine && k < JOBS_RULESETS; k++)
      fine = score_content(i, k, arena);
  evald_arena_free(arena);
  return fine;
}

void jobs_close(void) {
  ruleset_set_unref(jobs_rules);
  wire_buffer_fini(&buffer);
}

void jobs_project(unsigned project, char out[8]) {
  (void)snprintf(out, 8, "P%u", project);
}

const char *jobs_department(unsigned department) {
  return departments[department];
}

unsigned jobs_ruleset(struct evald_text id) {
  unsigned found = 0;
  while (found < JOBS_RULESETS &&
         !evald_text_equal(id, evald_text_of(ruleset_ids[found])))
    found++;
  return found;
}

unsigned jobs_default(unsigned shard) {
  return shard == 2 ? 1 : 0;
}

const struct contribution *jobs_adds(unsigned content, unsigned ruleset) {
  return &adds[content][ruleset];
}

/* ---- drawing ---- */

static void choose_kind(struct job *job) {
  static const struct {
    unsigned below;
    uint8_t kind;
  } kinds[] = {{780, WIRE_KIND_EVALUATE},
               {860, WIRE_KIND_WITHDRAW},
               {940, WIRE_KIND_RECALCULATE},
               {1000, JOBS_BAD}};
  uint64_t drawn = sim_random(1000);
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    job->kind = kinds[i].kind;
    if (drawn < kinds[i].below) return;
  }
}

static void encode_good(struct job *job) {
  char names[JOBS_PROJECTS][8];
  struct evald_text projects[JOBS_PROJECTS];
  struct evald_indicator rows[3];
  struct wire_job out = {.version = WIRE_JOB_VERSION,
                         .kind = job->kind,
                         .job_id = evald_text_of(job->id),
                         .source = EVALD_TEXT("sim"),
                         .revision = job->revision,
                         .projects = projects};
  if (job->kind == WIRE_KIND_EVALUATE) fill_form(&out.form, rows, job->content);
  jobs_project(job->project, names[0]);
  set_identity(&out.form, job, names[0]);
  wire_buffer_reset(&buffer);
  if (job->kind == WIRE_KIND_EVALUATE)
    job->digest = wire_form_encode(&out.form, &buffer);
  for (unsigned i = 0; i < JOBS_PROJECTS; i++) {
    if (!(job->projects & 1U << i)) continue;
    jobs_project(i, names[i]);
    projects[out.project_count++] = evald_text_of(names[i]);
  }
  if (job->ruleset < JOBS_RULESETS)
    out.ruleset = evald_text_of(ruleset_ids[job->ruleset]);
  wire_buffer_reset(&buffer);
  wire_job_encode(&out, &buffer);
  sim_put(&job->frame, buffer.data, buffer.size);
}

/* Four ways to be no job. */
static void spoil(struct job *job) {
  job->kind = WIRE_KIND_EVALUATE;
  encode_good(job);
  job->kind = JOBS_BAD;
  switch (sim_random(4)) {
  case 0:
    job->frame.size = sim_random(job->frame.size);
    break;
  case 1:
    job->frame.data[job->frame.size / 3] ^= (char)0x80;
    job->frame.data[0] = (char)0xC1;
    break;
  case 2:
    sim_put(&job->frame, "more", 4);
    break;
  default:
    job->frame.size = 0;
  }
}

void jobs_draw(struct job *job, unsigned number) {
  *job = (struct job){.revision = 1 + (int64_t)sim_random(5),
                      .shard = (uint8_t)sim_random(JOBS_SHARDS),
                      .project = (uint8_t)sim_random(JOBS_PROJECTS),
                      .content = (uint8_t)sim_random(JOBS_CONTENTS),
                      .department = (uint8_t)sim_random(JOBS_DEPARTMENTS),
                      .ruleset = JOBS_RULESETS};
  (void)snprintf(job->id, sizeof job->id, "j%u", number);
  if (sim_chance(200)) job->ruleset = (uint8_t)sim_random(2);
  choose_kind(job);
  if (job->kind == WIRE_KIND_RECALCULATE) {
    job->projects = (uint8_t)(1 + sim_random((1U << JOBS_PROJECTS) - 1));
    job->revision = 0;
  }
  if (job->kind == JOBS_BAD)
    spoil(job);
  else
    encode_good(job);
}

void jobs_free(struct job *job) {
  sim_bytes_free(&job->frame);
}
