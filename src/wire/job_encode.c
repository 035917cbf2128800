/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/job_codec.h"
#include "wire/pairs.h"

static const char *const operators[] = {
#define X(name, spelling, sign, computesign) spelling,
    EVALD_OPERATOR_LIST(X)
#undef X
};

static const char *const fund_keys[] = {
#define X(name, key, label) key,
    EVALD_FUND_LIST(X)
#undef X
};

static void put_fund_row(struct wire_map *funds, const char *key,
                         const struct evald_fund_row *row) {
  if (!row->present) return;
  wire_map_key(funds, key);
  struct wire_map map = wire_map_open(funds->out, 6);
  wire_map_figure_if(&map, "opening", row->opening);
  wire_map_figure_if(&map, "budget", row->budget);
  wire_map_figure_if(&map, "executed", row->executed);
  wire_map_figure_if(&map, "weight", row->weight);
  wire_map_figure_if(&map, "rate", row->rate);
  wire_map_figure_if(&map, "score", row->score);
  wire_map_close(&map);
}

static void put_funds(struct wire_map *job, const struct evald_form *form) {
  wire_map_key(job, "funds");
  struct wire_map funds = wire_map_open(job->out, EVALD_FUND_COUNT);
  for (unsigned i = 0; i < EVALD_FUND_COUNT; i++) {
    put_fund_row(&funds, fund_keys[i], &form->funds[i]);
  }
  wire_map_close(&funds);
}

static void put_goal(struct wire_map *job, const struct evald_form *form) {
  if (!form->goal_expected.data && !form->goal_actual.data) return;
  wire_map_key(job, "goal");
  struct wire_map goal = wire_map_open(job->out, 2);
  wire_map_text_if(&goal, "expected", form->goal_expected);
  wire_map_text_if(&goal, "actual", form->goal_actual);
  wire_map_close(&goal);
}

static void put_claim(struct wire_map *map, const char *key,
                      const struct evald_claim *claim) {
  if (claim->kind == EVALD_CLAIM_NUMBER) {
    wire_map_decimal(map, key, true, claim->number);
  } else if (claim->kind == EVALD_CLAIM_TEXT) {
    wire_map_text(map, key, claim->text);
  }
}

static void put_indicator(struct wire_buffer *out,
                          const struct evald_indicator *row) {
  struct wire_map map = wire_map_open(out, 13);
  wire_map_text_if(&map, "level1", row->level1);
  wire_map_text_if(&map, "level2", row->level2);
  wire_map_text_if(&map, "name", row->name);
  if (row->op != EVALD_OP_NONE) {
    wire_map_string(&map, "op", operators[row->op]);
  }
  put_claim(&map, "target", &row->target);
  wire_map_text_if(&map, "unit", row->unit);
  put_claim(&map, "actual", &row->actual);
  wire_map_text_if(&map, "actual_unit", row->actual_unit);
  wire_map_figure_if(&map, "weight", row->weight);
  wire_map_figure_if(&map, "score", row->score);
  wire_map_text_if(&map, "reason", row->reason);
  wire_map_text_if(&map, "measure", row->measure);
  if (row->not_applicable) {
    wire_map_key(&map, "not_applicable");
    wire_put_bool(out, true);
  }
  wire_map_close(&map);
}

static void put_indicators(struct wire_map *job,
                           const struct evald_form *form) {
  wire_map_key(job, "indicators");
  wire_put_array(job->out, form->indicator_count);
  for (size_t i = 0; i < form->indicator_count; i++) {
    put_indicator(job->out, &form->indicators[i]);
  }
}

/* What only a job of kind evaluate has. pro_name stands before it. */
static void put_form(struct wire_map *job, const struct evald_form *form) {
  if (form->money_unit == EVALD_MONEY_YUAN) {
    wire_map_string(job, "money_unit", "元");
  }
  put_funds(job, form);
  put_goal(job, form);
  put_indicators(job, form);
  wire_map_figure_if(job, "total", form->total);
  wire_map_text_if(job, "grade", form->grade);
  wire_map_text_if(job, "reason", form->reason);
  wire_map_text_if(job, "measure", form->measure);
}

static void put_names(struct wire_map *job, const struct evald_form *form) {
  wire_map_text_if(job, "pro_code", form->pro_code);
  wire_map_text_if(job, "pro_name", form->pro_name);
  wire_map_text_if(job, "dept_code", form->dept_code);
  wire_map_text_if(job, "dept_name", form->dept_name);
  wire_map_text_if(job, "agency_code", form->agency_code);
  wire_map_text_if(job, "agency_name", form->agency_name);
}

static void put_projects(struct wire_map *job, const struct wire_job *from) {
  wire_map_key(job, "projects");
  wire_put_array(job->out, from->project_count);
  for (size_t i = 0; i < from->project_count; i++) {
    wire_put_text(job->out, from->projects[i]);
  }
}

void wire_job_encode(const struct wire_job *job, struct wire_buffer *out) {
  struct wire_map map = wire_map_open(out, 23);
  wire_map_int(&map, "v", WIRE_JOB_VERSION);
  wire_map_string(&map, "kind", wire_kind_name(job->kind));
  wire_map_text_if(&map, "job_id", job->job_id);
  wire_map_text_if(&map, "source", job->source);
  wire_map_text_if(&map, "mof_div_code", job->form.mof_div_code);
  wire_map_int(&map, "fiscal_year", job->form.fiscal_year);
  put_names(&map, &job->form);
  if (job->kind != WIRE_KIND_RECALCULATE) {
    wire_map_int(&map, "revision", job->revision);
  }
  wire_map_text_if(&map, "ruleset", job->ruleset);
  if (job->kind == WIRE_KIND_EVALUATE) put_form(&map, &job->form);
  if (job->kind == WIRE_KIND_RECALCULATE) put_projects(&map, job);
  wire_map_close(&map);
}
