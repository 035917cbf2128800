/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_WIRE_JOBS_H
#define TESTS_WIRE_JOBS_H

/* A good job to spoil: JSON with ' for ", values set or removed by path. */

#include "unit.h"
#include "wire/job_codec.h"
#include "wire/json.h"
#include <jansson.h>
#include <stdlib.h>

static const char good_job[] =
    "{'v':1,'kind':'evaluate','job_id':'j-1','source':'test',"
    "'mof_div_code':'310113000','fiscal_year':2024,'pro_code':'P-1',"
    "'pro_name':'基层党建经费','dept_code':'101','dept_name':'组织部',"
    "'agency_code':'101001','agency_name':'组织部本级','revision':3,"
    "'ruleset':'cn-sh-2024','money_unit':'万元','funds':{"
    "'total':{'opening':'0.00','budget':'27.00','executed':27,"
    "'weight':10,'rate':99.03,'score':'10.00'},"
    "'appropriation':{'opening':0,'budget':27,'executed':27}},"
    "'goal':{'expected':'建设','actual':'完成'},'indicators':["
    "{'level1':'产出指标','level2':'数量指标','name':'培训覆盖率','op':'>=',"
    "'target':'90.00','unit':'%','actual':100,'actual_unit':'%',"
    "'weight':50,'score':50,'reason':'','measure':'无'},"
    "{'level1':'效益指标','level2':'社会效益','name':'成效','op':'qualitative',"
    "'target':'明显','actual':'达成指标','weight':'40','score':40.0,"
    "'not_applicable':false}],'total':100,'grade':'优','reason':'r',"
    "'measure':'m','x_trace':{'a':[1,2]}}";

/* JSON with ' for ". */
static inline json_t *json_of(const char *text) {
  char *copy = strdup(text);
  assert_non_null(copy);
  for (char *c = copy; *c; c++) {
    if (*c == '\'') *c = '"';
  }
  json_error_t error;
  json_t *value = json_loads(copy, JSON_DECODE_ANY, &error);
  if (!value) fail_msg("%s: %s", text, error.text);
  free(copy);
  return value;
}

/* Sets "funds.total.budget" or "indicators.0.op" in `root`; NULL removes. */
static inline void set_path(json_t *root, const char *path, const char *value) {
  char step[64];
  json_t *at = root;
  for (;;) {
    size_t length = strcspn(path, ".");
    assert_true(length < sizeof step);
    memcpy(step, path, length);
    step[length] = '\0';
    path += length;
    if (*path == '\0') break;
    path++;
    at = json_is_array(at) ? json_array_get(at, (size_t)atoi(step))
                           : json_object_get(at, step);
    assert_non_null(at);
  }
  if (!value) {
    (void)json_object_del(at, step);
  } else if (json_is_array(at)) {
    (void)json_array_set_new(at, (size_t)atoi(step), json_of(value));
  } else {
    (void)json_object_set_new(at, step, json_of(value));
  }
}

/* The frame of a JSON value, in `out`. */
static inline struct wire_bytes frame_of(const json_t *value,
                                         struct wire_buffer *out) {
  static const struct wire_limits wide = {64 << 20, WIRE_DEPTH_MAX, 16 << 20};
  char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  wire_buffer_reset(out);
  assert_int_equal(
      wire_json_to_msgpack(evald_text_of(text), &wide, out, &rejects),
      EVALD_OK);
  free(text);
  return wire_buffer_bytes(out);
}

/* The good job with one thing changed. */
static inline struct wire_bytes job_with(const char *path, const char *value,
                                         struct wire_buffer *out) {
  json_t *job = json_of(good_job);
  if (path) set_path(job, path, value);
  struct wire_bytes frame = frame_of(job, out);
  json_decref(job);
  return frame;
}

#endif
