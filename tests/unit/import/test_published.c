/* SPDX-License-Identifier: Apache-2.0 */
#include "forms.h"

struct world {
  struct evald_text text;
  struct evald_arena *arena;
  struct import_result published; /* the eleven forms */
};

static int set_up(void **state) {
  static struct world world;
  world.text = read_whole(PUBLISHED);
  world.arena = evald_arena_new(ARENA_LIMIT);
  *state = &world;
  return import_published(world.text, world.arena, &world.published, NULL) ==
                 EVALD_OK
             ? 0
             : -1;
}

static int tear_down(void **state) {
  struct world *world = *state;
  evald_arena_free(world->arena);
  release(world->text);
  return 0;
}

/* The figures of the eleven forms, as their publication prints them. */
static const struct {
  const char *name, *opening, *budget, *executed, *rate, *score, *total, *grade;
  size_t indicators;
} figures[] = {
    {"基层党建经费", "0", "27", "27", "100", "10", "100", "优", 5},
    {"党建引领基层治理专项资金", "300", "300", "297.11", "99.03", "9.9", "99.9",
     "优", 3},
    {"党建信息化工作经费", "60", "60", "59.93", "99.88", "9.99", "99.99", "优",
     3},
    {"学习贯彻习近平新时代中国特色社会主义思想主题教育工作经费", "50", "50",
     "49.77", "99.54", "9.95", "99.95", "优", 3},
    {"市管干部保健金", "0.6", "0.6", "0", "0", "0", "0", "差", 3},
    {"网宣信息工作", "8.75", "13", "12.85", "98.84", "9.88", "99.88", "优", 3},
    {"人才工作管理经费", "41.82", "41.82", "39.03", "93.32", "9.33", "99.33",
     "优", 3},
    {"干部保健经费", "100", "100", "95.31", "95.31", "9.53", "99.53", "优", 3},
    {"党纪学习教育专项经费（宝府便函[2024]30号）", "0", "15", "14.85", "99",
     "9.9", "99.9", "优", 6},
    {"区党代表工作经费", "103.91", "103.91", "103.71", "99.8", "9.98", "99.98",
     "优", 3},
    {"组工干部培训", "0", "11", "7.98", "72.54", "7.25", "97.25", "优", 4}};

static void same(struct evald_figure figure, const char *expected) {
  char text[EVALD_DECIMAL_TEXT];
  assert_true(figure.present);
  evald_decimal_print(figure.value, text);
  assert_string_equal(text, expected);
}

static void same_text(struct evald_text text, const char *expected) {
  assert_int_equal(text.size, strlen(expected));
  assert_memory_equal(text.data, expected, text.size);
}

static void reads_the_eleven_forms(void **state) {
  const struct world *world = *state;
  assert_int_equal(world->published.form_count, 11);
  assert_int_equal(world->published.outside_count, 0);
  for (size_t i = 0; i < 11; i++) {
    const struct import_form *read = &world->published.forms[i];
    const struct evald_form *form = &read->form;
    const struct evald_fund_row *total = &form->funds[EVALD_FUND_TOTAL];
    assert_true(read->whole);
    assert_int_equal(read->problem_count, 0);
    assert_int_equal(form->fiscal_year, 2024);
    assert_int_equal(form->money_unit, EVALD_MONEY_WAN_YUAN);
    same_text(form->pro_name, figures[i].name);
    same_text(form->dept_name, "中共上海市宝山区委组织部");
    same_text(form->agency_name, "中共上海市宝山区委组织部");
    same(total->opening, figures[i].opening);
    same(total->budget, figures[i].budget);
    same(total->executed, figures[i].executed);
    same(total->weight, "10");
    same(total->rate, figures[i].rate);
    same(total->score, figures[i].score);
    same(form->total, figures[i].total);
    same_text(form->grade, figures[i].grade);
    assert_int_equal(form->indicator_count, figures[i].indicators);
    for (size_t k = 0; k < EVALD_FUND_COUNT; k++)
      assert_true(form->funds[k].present);
  }
}

/* The traps of this publication, one by one. */
static void reads_broken_cells(void **state) {
  const struct world *world = *state;
  const struct evald_form *one = &world->published.forms[0].form;
  same_text(one->indicators[4].level1, "满意度指标");
  same_text(one->indicators[4].level2, "服务对象满意度指标");
  assert_false(one->funds[EVALD_FUND_OTHER].score.present);
  const struct evald_form *two = &world->published.forms[1].form;
  same_text(two->goal_expected, "围绕“六大计划”，完善党建引领基层治理的领导体制"
                                "机制，全面提升基层治理现代化水平");
  const struct evald_form *five = &world->published.forms[4].form;
  same_text(five->indicators[1].target.text, "高");
  same_text(five->indicators[1].actual.text, "未达成指标且效果较差");
  same_text(five->indicators[2].reason, "市管干部上半年人事调动去往外区");
  same_text(five->goal_actual, "市管干部上半年人事调动去往外区");
  const struct evald_form *nine = &world->published.forms[8].form;
  same_text(nine->indicators[0].name, "全体党员开展条例的个人自学完成率");
  same_text(nine->indicators[1].name, "党纪学习教育任务完成率");
  same_text(nine->indicators[5].name, "市委党纪学习教育工作专班满意度");
  assert_int_equal(nine->indicators[1].op, EVALD_OP_EQUAL);
  same_text(nine->indicators[1].unit, "%");
}

/* Which form of the publication has this name. */
static const struct import_form *original(const struct world *world,
                                          struct evald_text name) {
  for (size_t i = 0; i < world->published.form_count; i++) {
    const struct import_form *form = &world->published.forms[i];
    if (evald_text_equal(form->form.pro_name, name)) return form;
  }
  return NULL;
}

/* Lines of `read` that differ from those of `model`, each with a '+'. */
static void put_differences(struct sheet *sheet, char *model, char *read) {
  char *rest_model, *rest_read;
  char *left = strtok_r(model, "\n", &rest_model);
  char *right = strtok_r(read, "\n", &rest_read);
  while (right) {
    if (!left || strcmp(left, right) != 0) put(sheet, "  + %s\n", right);
    left = left ? strtok_r(NULL, "\n", &rest_model) : NULL;
    right = strtok_r(NULL, "\n", &rest_read);
  }
}

static void put_comparison(struct sheet *sheet, const struct world *world,
                           const struct evald_form *form) {
  static char left[PRINT_MAX], right[PRINT_MAX];
  struct sheet model = {left, 0};
  struct sheet read = {right, 0};
  left[0] = '\0';
  const struct import_form *as = original(world, form->pro_name);
  if (as) put_form(&model, &as->form);
  put_form(&read, form);
  bool same = strcmp(left, right) == 0;
  put(sheet, "%s\n",
      same ? "as published"
      : as ? "as published, but for:"
           : "not published:");
  put_differences(sheet, left, right);
}

static void put_problems(struct sheet *sheet,
                         const struct import_problem *problems, size_t count) {
  char text[512];
  for (size_t i = 0; i < count; i++) {
    import_problem_print(&problems[i], 0, text, sizeof text);
    put(sheet, "  %s %s\n",
        import_problem_level(problems[i].kind) == IMPORT_ERROR ? "error"
                                                               : "notice",
        text);
  }
}

static void put_result(struct sheet *sheet, const struct world *world,
                       const struct import_result *result) {
  if (result->outside_count) put(sheet, "outside:\n");
  put_problems(sheet, result->outside, result->outside_count);
  for (size_t i = 0; i < result->form_count; i++) {
    const struct import_form *form = &result->forms[i];
    put(sheet, "form %zu, lines %u to %u, %s, ", i + 1, form->first_line,
        form->last_line, form->whole ? "whole" : "not whole");
    put_comparison(sheet, world, &form->form);
    put_problems(sheet, form->problems, form->problem_count);
  }
}

/* X(folder of tests/cases/import) */
#define VARIANTS(X)                                                            \
  X("ascii-operators")                                                         \
  X("bad-figures")                                                             \
  X("blanks-in-numbers")                                                       \
  X("footnotes")                                                               \
  X("full-width")                                                              \
  X("layout")                                                                  \
  X("measure-in-the-reason")                                                   \
  X("name-over-lines")                                                         \
  X("no-form")                                                                 \
  X("no-fund-heading")                                                         \
  X("no-grade")                                                                \
  X("no-indicator-heading")                                                    \
  X("no-money-unit")                                                           \
  X("no-title")                                                                \
  X("no-total")                                                                \
  X("not-applicable")                                                          \
  X("one-without-grade")                                                       \
  X("other-order")                                                             \
  X("page-break")                                                              \
  X("pdftotext-layout-narrow")                                                 \
  X("pdftotext-raw")                                                           \
  X("radicals")                                                                \
  X("reason-and-measure")                                                      \
  X("row-twice")                                                               \
  X("score-missing")                                                           \
  X("section-weights")                                                         \
  X("stray-lines")                                                             \
  X("unit-in-the-heading")                                                     \
  X("windows")                                                                 \
  X("words-for-signs")                                                         \
  X("yuan")

static void check_variant(const struct world *world, const char *folder) {
  static char printed[PRINT_MAX];
  char path[512];
  struct sheet sheet = {printed, 0};
  struct import_result result;
  snprintf(path, sizeof path, CASES "import/%s/form.txt", folder);
  struct evald_text text = read_whole(path);
  struct evald_arena *arena = evald_arena_new(ARENA_LIMIT);
  assert_int_equal(import_published(text, arena, &result, NULL), EVALD_OK);
  printed[0] = '\0';
  put_result(&sheet, world, &result);
  snprintf(path, sizeof path, CASES "import/%s/expect.txt", folder);
  struct evald_text expected = read_whole(path);
  if (strcmp(expected.data, printed) != 0) {
    fprintf(stderr, "%s: the form reads as\n%s\n", path, printed);
    fail_msg("%s is not what was read", path);
  }
  release(expected);
  release(text);
  evald_arena_free(arena);
}

static void reads_variants(void **state) {
#define X(folder) check_variant(*state, folder);
  VARIANTS(X)
#undef X
}

/* The line on which a published form ends, with its grade. */
static size_t last_byte(struct evald_text text, uint32_t line) {
  size_t at = 0;
  while (line > 0 && at < text.size)
    line -= text.data[at++] == '\n';
  return at;
}

/* A form that is cut off is never whole. The one cut that cannot be seen is
 * that of the only grade in the text; then a notice says that none is printed.
 */
static void check_cut(const struct import_result *cut, size_t size,
                      const size_t *ends) {
  for (size_t i = 0; i < cut->form_count; i++) {
    const struct import_form *form = &cut->forms[i];
    bool last = i + 1 == cut->form_count;
    if (!form->whole)
      assert_true(size < ends[i] || last);
    else if (form->form.grade.size > 0)
      assert_true(size >= ends[i]);
    else
      assert_int_equal(form->problems[0].kind, IMPORT_NO_GRADE);
  }
}

/* Cuts a text behind each character `at` which `cuts` names. */
static void cut_text(struct evald_text text, const size_t *ends,
                     bool (*cuts)(unsigned char at)) {
  struct evald_arena *arena = evald_arena_new(ARENA_LIMIT);
  for (size_t size = 0; size < text.size; size++) {
    if (!cuts((unsigned char)text.data[size])) continue;
    struct import_result result;
    struct evald_text cut = {text.data, size};
    assert_int_equal(import_published(cut, arena, &result, NULL), EVALD_OK);
    check_cut(&result, size, ends);
    evald_arena_reset(arena);
  }
  evald_arena_free(arena);
}

static bool line_ends(unsigned char at) {
  return at == '\n';
}

static bool character_begins(unsigned char at) {
  return (at & 0xC0) != 0x80;
}

static void knows_a_cut_line(void **state) {
  const struct world *world = *state;
  size_t ends[11];
  for (size_t i = 0; i < 11; i++)
    ends[i] = last_byte(world->text, world->published.forms[i].last_line) - 1;
  cut_text(world->text, ends, line_ends);
}

/* Form 5 has reasons, broken levels and a broken wording. */
static void knows_a_cut_character(void **state) {
  const struct world *world = *state;
  const struct import_form *form = &world->published.forms[4];
  size_t begin = last_byte(world->text, form->first_line - 1);
  size_t end = last_byte(world->text, form->last_line) - 1 - begin;
  struct evald_text text = {world->text.data + begin, end};
  cut_text(text, &end, character_begins);
}

/* What can be lost from form 5 and nobody could tell: prose, a second wording,
 * rows that not every template has, the only grade. */
static bool may_be_lost(struct evald_text line) {
  static const char *const lines[] = {
      "上年结转资金 0.00 0.00 0.00 - 0.00 -",
      "其他资金 0.00 0.00 0.00 - 0.00 -",
      "落实资金到位，落实责任到位，安排落实好全年市管干",
      "部保健工作。",
      "市管干部上半年人事调动去往外区",
      "市管干部上半年人事",
      "调动去往外区",
      "未达成指标",
      "且效果较差",
      "评分等级 差"};
  for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
    if (evald_text_equal(line, evald_text_of(lines[i]))) return true;
  }
  return false;
}

/* Reads form 5 without the bytes `begin` to `end` of the text. */
static void check_lost(const struct world *world, struct evald_arena *arena,
                       size_t begin, size_t end) {
  static char copy[PRINT_MAX], left[PRINT_MAX], right[PRINT_MAX];
  const struct import_form *form = &world->published.forms[4];
  size_t from = last_byte(world->text, form->first_line - 1);
  size_t to = last_byte(world->text, form->last_line);
  memcpy(copy, world->text.data + from, begin - from);
  memcpy(copy + (begin - from), world->text.data + end, to - end);
  struct evald_text text = {copy, to - from - (end - begin)};
  struct import_result result;
  assert_int_equal(import_published(text, arena, &result, NULL), EVALD_OK);
  if (result.form_count != 1 || !result.forms[0].whole) return;
  struct sheet model = {left, 0};
  struct sheet read = {right, 0};
  put_form(&model, &form->form);
  put_form(&read, &result.forms[0].form);
  struct evald_text line = {world->text.data + begin, end - begin - 1};
  if (strcmp(left, right) != 0 && !may_be_lost(line))
    fail_msg("lost in silence: %.*s", (int)line.size, line.data);
}

static void knows_a_lost_line(void **state) {
  const struct world *world = *state;
  const struct import_form *form = &world->published.forms[4];
  size_t at = last_byte(world->text, form->first_line - 1);
  size_t end = last_byte(world->text, form->last_line);
  struct evald_arena *arena = evald_arena_new(ARENA_LIMIT);
  while (at < end) {
    size_t next = at;
    while (world->text.data[next++] != '\n')
      ;
    check_lost(world, arena, at, next);
    evald_arena_reset(arena);
    at = next;
  }
  evald_arena_free(arena);
}

static void refuses_what_is_not_text(void **state) {
  const struct world *world = *state;
  struct import_result result = {.form_count = 77};
  struct evald_fault fault;
  evald_fault_clear(&fault);
  assert_int_equal(
      import_published(EVALD_TEXT("项目\xFF"), world->arena, &result, &fault),
      EVALD_INVALID);
  assert_string_equal(fault.place, "byte 6");
  struct evald_text huge = {world->text.data, (size_t)IMPORT_TEXT_MAX + 1};
  assert_int_equal(import_published(huge, world->arena, &result, NULL),
                   EVALD_LIMIT);
  assert_int_equal(result.form_count, 77);
}

/* Whatever memory ends, nothing is read halfway. */
static void runs_out_of_memory(void **state) {
  const struct world *world = *state;
  struct import_result result = {.form_count = 77};
  size_t failures = 0;
  for (size_t limit = 1024;; limit += 16 * 1024) {
    struct evald_arena *arena = evald_arena_new(limit);
    enum evald_status status =
        import_published(world->text, arena, &result, NULL);
    evald_arena_free(arena);
    if (status == EVALD_OK) break;
    assert_int_equal(status, EVALD_MEMORY);
    assert_int_equal(result.form_count, 77);
    failures++;
  }
  assert_true(failures > 10);
}

static void says_problems(void **state) {
  (void)state;
  char text[256];
  const struct import_problem problem = {
      IMPORT_UNREADABLE, {EVALD_CELL_TOTAL, 0}, 18, EVALD_TEXT("9O.00")};
  size_t size = import_problem_print(&problem, 0, text, sizeof text);
  assert_string_equal(text,
                      "line 18: total: cannot be read as a figure: 9O.00");
  assert_int_equal(size, strlen(text));
  import_problem_print(&problem, 1, text, sizeof text);
  assert_string_equal(text, "第 18 行：总分：无法识别为数值：9O.00");
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(reads_the_eleven_forms),
                                     cmocka_unit_test(reads_broken_cells),
                                     cmocka_unit_test(reads_variants),
                                     cmocka_unit_test(knows_a_cut_line),
                                     cmocka_unit_test(knows_a_cut_character),
                                     cmocka_unit_test(knows_a_lost_line),
                                     cmocka_unit_test(refuses_what_is_not_text),
                                     cmocka_unit_test(runs_out_of_memory),
                                     cmocka_unit_test(says_problems)};
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
