/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/verdict_codec.h"

#include "wire/pairs.h"

enum { SENTENCE = 1024, VALUE = 256 };

static void put_ruleset(struct wire_map *verdict,
                        const struct evald_ruleset *ruleset) {
  wire_map_key(verdict, "ruleset");
  struct wire_map map = wire_map_open(verdict->out, 3);
  wire_map_text(&map, "id", evald_ruleset_id(ruleset));
  wire_map_text(&map, "version", evald_ruleset_version(ruleset));
  wire_map_digest(&map, "digest", evald_ruleset_digest(ruleset));
  wire_map_close(&map);
}

static void put_execution(struct wire_map *verdict,
                          const struct evald_execution *execution) {
  wire_map_key(verdict, "execution");
  struct wire_map map = wire_map_open(verdict->out, 3);
  wire_map_decimal(&map, "rate", execution->has_rate, execution->rate);
  wire_map_decimal(&map, "score", execution->has_score, execution->score);
  wire_map_decimal(&map, "weight", true, execution->weight);
  wire_map_close(&map);
}

static void put_rows(struct wire_map *verdict,
                     const struct evald_verdict *from) {
  wire_map_key(verdict, "indicators");
  wire_put_array(verdict->out, from->form->indicator_count);
  for (size_t i = 0; i < from->form->indicator_count; i++) {
    const struct evald_row_score *row = &from->rows[i];
    struct wire_map map = wire_map_open(verdict->out, 5);
    wire_map_text(&map, "name", from->form->indicators[i].name);
    wire_map_decimal(&map, "score", row->counts, row->score);
    wire_map_decimal(&map, "weight", true, row->weight);
    wire_map_decimal(&map, "ratio", row->has_ratio, row->ratio);
    wire_map_string(&map, "rule", evald_rule_path(row->rule));
    wire_map_close(&map);
  }
}

static void put_declared(struct wire_map *verdict,
                         const struct evald_form *form) {
  wire_map_key(verdict, "declared");
  struct wire_map map = wire_map_open(verdict->out, 2);
  wire_map_decimal(&map, "total", form->total.present, form->total.value);
  wire_map_text(&map, "grade", form->grade);
  wire_map_close(&map);
}

/* A value as people read it: decimals as decimal text, a text in full. */
static void put_value(struct wire_map *finding, const char *key,
                      const struct evald_value *value) {
  wire_map_key(finding, key);
  if (value->kind == EVALD_VALUE_DECIMAL) {
    wire_put_decimal(finding->out, value->low);
  } else if (value->kind == EVALD_VALUE_TEXT) {
    wire_put_text(finding->out, value->text);
  } else if (value->kind == EVALD_VALUE_RANGE) {
    char text[VALUE];
    size_t size = evald_value_print(value, text, sizeof text);
    wire_put_text(finding->out, (struct evald_text){text, size});
  } else {
    wire_put_nil(finding->out);
  }
}

static void put_finding(struct wire_buffer *out,
                        const struct evald_finding *finding,
                        const struct evald_ruleset *ruleset) {
  char path[EVALD_CELL_PATH];
  char text[SENTENCE];
  struct evald_text cell = {path, evald_cell_path(finding->cell, path)};
  struct evald_text sentence = {
      text, evald_finding_sentence(finding, 1, text, sizeof text)};
  struct wire_map map = wire_map_open(out, 8);
  wire_map_string(&map, "code", evald_finding_name(finding->code));
  wire_map_string(&map, "level", evald_level_name(finding->level));
  wire_map_text(&map, "cell", cell);
  put_value(&map, "printed", &finding->printed);
  put_value(&map, "expected", &finding->expected);
  wire_map_string(&map, "rule", evald_rule_path(finding->rule));
  wire_map_text(&map, "source", evald_ruleset_source(ruleset, finding->rule));
  wire_map_text(&map, "text", sentence);
  wire_map_close(&map);
}

static void put_findings(struct wire_map *verdict,
                         const struct evald_verdict *from) {
  wire_map_key(verdict, "findings");
  wire_put_array(verdict->out, from->finding_count);
  for (size_t i = 0; i < from->finding_count; i++) {
    put_finding(verdict->out, &from->findings[i], from->ruleset);
  }
}

static void put_step(struct wire_buffer *out,
                     const struct evald_trace_step *step) {
  char path[EVALD_CELL_PATH];
  struct evald_text cell = {path, evald_cell_path(step->cell, path)};
  struct wire_map map = wire_map_open(out, 10);
  wire_map_text(&map, "cell", cell);
  wire_map_string(&map, "op", evald_operation_name(step->operation));
  wire_map_decimal(&map, "a", true, step->a);
  wire_map_decimal(&map, "b", true, step->b);
  wire_map_decimal(&map, "c", true, step->c);
  wire_map_string(&map, "rounding", evald_rounding_name(step->rounding.mode));
  wire_map_uint(&map, "digits", step->rounding.digits);
  wire_map_decimal(&map, "result", true, step->result);
  wire_map_string(&map, "rule", evald_rule_path(step->rule));
  wire_map_key(&map, "scores");
  wire_put_bool(out, step->scores);
  wire_map_close(&map);
}

static void put_trace(struct wire_map *verdict,
                      const struct evald_verdict *from) {
  wire_map_key(verdict, "trace");
  wire_put_array(verdict->out, from->trace_count);
  for (size_t i = 0; i < from->trace_count; i++) {
    put_step(verdict->out, &from->trace[i]);
  }
}

void wire_verdict_encode(const struct evald_verdict *verdict,
                         struct wire_buffer *out) {
  const struct evald_form *form = verdict->form;
  struct wire_map map = wire_map_open(out, 15);
  wire_map_int(&map, "v", WIRE_VERDICT_VERSION);
  wire_map_text(&map, "job_id", verdict->job_id);
  wire_map_text(&map, "mof_div_code", form->mof_div_code);
  wire_map_int(&map, "fiscal_year", form->fiscal_year);
  wire_map_text(&map, "pro_code", form->pro_code);
  wire_map_int(&map, "revision", verdict->revision);
  put_ruleset(&map, verdict->ruleset);
  wire_map_digest(&map, "form_digest", &form->digest);
  put_execution(&map, &verdict->execution);
  put_rows(&map, verdict);
  wire_map_decimal(&map, "total", true, verdict->total);
  wire_map_text(&map, "grade",
                evald_ruleset_grade(verdict->ruleset, verdict->grade));
  put_declared(&map, form);
  put_findings(&map, verdict);
  put_trace(&map, verdict);
  wire_map_close(&map);
}
