/* SPDX-License-Identifier: Apache-2.0 */
#include "jobs.h"
#include "verdicts.h"

#include "evald/json.h"

static json_t *verdict_json(struct made *made, struct evald_arena *arena) {
  const char *text = NULL;
  fill_verdict(made);
  assert_int_equal(evald_verdict_to_json(&made->verdict, arena, &text, NULL),
                   EVALD_OK);
  assert_null(strchr(text, '\n'));
  json_error_t error;
  json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
  assert_non_null(json);
  return json;
}

/* The keys of the contract, in its order. */
static void writes_keys_in_their_order(void **state) {
  (void)state;
  static const char *const keys[] = {
      "v",        "job_id",  "mof_div_code", "fiscal_year", "pro_code",
      "revision", "ruleset", "form_digest",  "execution",   "indicators",
      "total",    "grade",   "declared",     "findings",    "trace"};
  struct made made = make_verdict();
  struct evald_arena *arena = evald_arena_new(1 << 20);
  json_t *json = verdict_json(&made, arena);
  const char *key;
  json_t *value;
  size_t at = 0;
  json_object_foreach(json, key, value) {
    assert_true(at < sizeof keys / sizeof keys[0]);
    assert_string_equal(key, keys[at++]);
  }
  assert_int_equal(at, sizeof keys / sizeof keys[0]);
  json_decref(json);
  evald_arena_free(arena);
  evald_ruleset_unref(made.ruleset);
}

/* Everything but the sentences, which are core's. */
static const char expected[] =
    "{'v':1,'job_id':'j-1','mof_div_code':'310113000','fiscal_year':2024,"
    "'pro_code':'P-1','revision':3,'ruleset':{'id':'cn-sh-2024','version':'1',"
    "'digest':'abababababababababababababababab'},"
    "'form_digest':'cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd',"
    "'execution':{'rate':'99.03','score':'9.9','weight':'10'},"
    "'indicators':[{'name':'培训覆盖率','score':'50','weight':'50',"
    "'ratio':'111.11','rule':'rows.target_met'},"
    "{'name':'成效','score':null,'weight':'40','ratio':null,"
    "'rule':'rows.not_applicable'}],'total':'59.9','grade':'优',"
    "'declared':{'total':'99.9','grade':null},'findings':["
    "{'code':'A02','level':'error','cell':'funds.total.rate',"
    "'printed':'99.04','expected':'99.03','rule':'execution.rate_rounding'},"
    "{'code':'A08','level':'warning','cell':'indicators[1].score',"
    "'printed':null,'expected':'24 … 32','rule':'qualitative'}],"
    "'trace':[{'cell':'funds.total.rate','op':'ratio','a':'297.11','b':'100',"
    "'c':'300','rounding':'down','digits':2,'result':'99.03',"
    "'rule':'execution.rate_rounding','scores':false}]}";

static void writes_every_value(void **state) {
  (void)state;
  struct made made = make_verdict();
  struct evald_arena *arena = evald_arena_new(1 << 20);
  json_t *json = verdict_json(&made, arena);
  size_t i;
  json_t *finding;
  json_array_foreach(json_object_get(json, "findings"), i, finding) {
    assert_true(json_string_length(json_object_get(finding, "text")) > 0);
    assert_int_equal(json_object_del(finding, "text"), 0);
    assert_int_equal(json_object_del(finding, "source"), 0);
  }
  json_t *wanted = json_of(expected);
  if (!json_equal(json, wanted)) {
    fail_msg("%s", json_dumps(json, JSON_INDENT(1)));
  }
  json_decref(wanted);
  json_decref(json);
  evald_arena_free(arena);
  evald_ruleset_unref(made.ruleset);
}

static void reads_a_form_from_json(void **state) {
  (void)state;
  struct evald_arena *arena = evald_arena_new(1 << 20);
  json_t *job = json_of(good_job);
  char *text = json_dumps(job, JSON_COMPACT);
  const struct evald_form *form = NULL;
  struct evald_fault fault;
  evald_fault_clear(&fault);
  assert_int_equal(
      evald_form_from_json(text, strlen(text), arena, &form, &fault), EVALD_OK);
  assert_true(evald_text_equal(form->pro_name, EVALD_TEXT("基层党建经费")));
  char hex[EVALD_DIGEST_HEX];
  evald_digest_print(&form->digest, hex);
  assert_string_equal(hex, "b1e9a17834e27f335fbeac1171c6eadb");
  free(text);
  static const struct {
    const char *path, *value, *place;
  } bad[] = {{"fiscal_year", "1", "fiscal_year"},
             {"kind", "'withdraw'", "kind"},
             {"funds.total.budget", "'x'", "funds.total.budget"}};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    set_path(job, "fiscal_year", "2024");
    set_path(job, bad[i].path, bad[i].value);
    text = json_dumps(job, JSON_COMPACT);
    evald_fault_clear(&fault);
    assert_int_equal(
        evald_form_from_json(text, strlen(text), arena, &form, &fault),
        EVALD_REJECTED);
    assert_string_equal(fault.place, bad[i].place);
    assert_non_null(strstr(fault.text, bad[i].place));
    free(text);
    set_path(job, "kind", "'evaluate'");
  }
  evald_fault_clear(&fault);
  assert_int_equal(evald_form_from_json("{", 1, arena, &form, &fault),
                   EVALD_REJECTED);
  json_decref(job);
  evald_arena_free(arena);
}

/* No room is said, not crashed upon. */
static void says_when_the_arena_is_full(void **state) {
  (void)state;
  struct made made = make_verdict();
  fill_verdict(&made);
  const char *text = NULL;
  struct evald_arena *arena = evald_arena_new(64);
  assert_int_equal(evald_verdict_to_json(&made.verdict, arena, &text, NULL),
                   EVALD_MEMORY);
  assert_null(text);
  evald_arena_free(arena);
  evald_ruleset_unref(made.ruleset);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(writes_keys_in_their_order),
      cmocka_unit_test(writes_every_value),
      cmocka_unit_test(reads_a_form_from_json),
      cmocka_unit_test(says_when_the_arena_is_full),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
