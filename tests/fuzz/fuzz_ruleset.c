/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file that is said to be a ruleset, beside the presets, so that it may
 * extend one. It is refused with file, line and advice; or every ruleset that
 * it holds prints a text that loads as the same ruleset again, and scores a
 * form.
 */
#include "base/utf8.h"
#include "evald/evaluate.h"
#include "evald/json.h"
#include "fuzz.h"
#include "rules/ruleset_yaml.h"
#include <string.h>
#include <unistd.h>

#define FOLDER "/tmp/evald-fuzz-XXXXXX"

static char folder[] = FOLDER;
static char path[sizeof FOLDER + 24];

/* Rows by ratio, both ways, and by level; something for each rule to say. */
static const char job[] =
    "{\"v\":1,\"kind\":\"evaluate\",\"job_id\":\"j\",\"source\":\"s\","
    "\"mof_div_code\":\"310113000\",\"fiscal_year\":2024,\"pro_code\":\"p\","
    "\"pro_name\":\"培训\",\"dept_name\":\"d\",\"agency_name\":\"a\","
    "\"revision\":1,\"funds\":{\"total\":{\"opening\":\"20\",\"budget\":\"30\","
    "\"executed\":\"19.9\",\"rate\":\"66.33\",\"score\":\"6.63\"}},"
    "\"indicators\":[{\"level1\":\"产出指标\",\"level2\":\"数量指标\","
    "\"name\":\"次数\",\"op\":\">=\",\"target\":\"3\",\"unit\":\"次\","
    "\"actual\":\"7\",\"weight\":\"40\",\"score\":\"40\"},"
    "{\"level1\":\"产出指标\",\"level2\":\"时效指标\",\"name\":\"天数\","
    "\"op\":\"<=\",\"target\":\"10\",\"unit\":\"天\",\"actual\":\"15\","
    "\"weight\":\"20\",\"score\":\"13.33\",\"not_applicable\":true},"
    "{\"level1\":\"效益指标\",\"level2\":\"社会效益指标\",\"name\":\"素质\","
    "\"op\":\"qualitative\",\"target\":\"提高\",\"actual\":\"部分达成\","
    "\"weight\":\"30\",\"score\":\"21\"}],\"total\":\"81\",\"grade\":\"良\"}";

/* What a file may extend. */
static const char *const presets[] = {"cn-2020", "cn-2021", "cn-sh-2024"};
enum { PRESETS = sizeof presets / sizeof presets[0] };

static void name_in_folder(const char *id, char out[sizeof path]) {
  (void)snprintf(out, sizeof path, "%s/%s.yaml", folder, id);
}

static void leave(void) {
  char name[sizeof path];
  for (size_t i = 0; i < PRESETS; i++) {
    name_in_folder(presets[i], name);
    (void)unlink(name);
  }
  (void)unlink(path);
  (void)rmdir(folder);
}

/* A folder of this process, with the presets in it. */
static void enter(void) {
  char from[1024];
  char to[sizeof path];
  if (path[0]) return;
  MUST(mkdtemp(folder));
  (void)atexit(leave);
  name_in_folder("in", path);
  for (size_t i = 0; i < PRESETS; i++) {
    (void)snprintf(from, sizeof from, "%s/config/rulesets/%s.yaml",
                   EVALD_SOURCE_DIR, presets[i]);
    name_in_folder(presets[i], to);
    MUST(symlink(from, to) == 0);
  }
}

static void put(const uint8_t *data, size_t size) {
  FILE *file = fopen(path, "wb");
  MUST(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

/* Any ruleset that is loaded gives a verdict, and steps that replay. */
static void check_scores(const struct evald_ruleset *ruleset) {
  struct evald_arena *arena = evald_arena_new(1 << 20);
  const struct evald_form *form = NULL;
  struct evald_verdict verdict;
  MUST(evald_form_from_json(job, sizeof job - 1, arena, &form, NULL) ==
       EVALD_OK);
  MUST(evald_evaluate(form, ruleset, arena, &verdict, NULL) == EVALD_OK);
  for (size_t i = 0; i < verdict.trace_count; i++) {
    evald_decimal result;
    MUST(evald_trace_replay(verdict.trace, i, &result) == EVALD_OK);
    MUST(result == verdict.trace[i].result);
  }
  MUST(evald_ruleset_grade(ruleset, verdict.grade).size > 0);
  evald_arena_free(arena);
}

static void check_ruleset(const struct evald_ruleset *ruleset) {
  struct evald_text text = evald_ruleset_canonical(ruleset);
  struct evald_ruleset *again = NULL;
  struct evald_fault fault;
  evald_fault_clear(&fault);
  if (evald_ruleset_load_text(text, "canonical", &again, &fault) != EVALD_OK) {
    (void)fprintf(stderr, "%s: %s\n%.*s", fault.place, fault.text,
                  (int)text.size, text.data);
    abort();
  }
  MUST(evald_text_equal(text, evald_ruleset_canonical(again)));
  MUST(evald_digest_equal(evald_ruleset_digest(ruleset),
                          evald_ruleset_digest(again)));
  evald_ruleset_unref(again);
  check_scores(ruleset);
}

/* "folder/in.yaml:12" or, where no line is to blame, the file alone. */
static void check_fault(const struct evald_fault *fault) {
  MUST(strncmp(fault->place, folder, strlen(folder)) == 0);
  MUST(fault->text[0] != '\0');
  MUST(utf8_valid(fault->text, strlen(fault->text)));
  MUST(strchr(fault->place, ':') || fault->status == EVALD_LIMIT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct rules_spans spans = {.count = 0};
  struct evald_fault fault;
  evald_fault_clear(&fault);
  enter();
  put(data, size);
  enum evald_status status = rules_load(path, &spans, &fault);
  if (status == EVALD_OK) {
    MUST(spans.count > 0);
    for (size_t i = 0; i < spans.count; i++)
      check_ruleset(spans.items[i]);
    rules_spans_unref(&spans);
  } else {
    MUST(spans.count == 0 && status == fault.status);
    check_fault(&fault);
  }
  return 0;
}
