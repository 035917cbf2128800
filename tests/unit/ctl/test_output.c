/* SPDX-License-Identifier: Apache-2.0 */
#include "base/i18n.h"
#include "ctl/output.h"
#include "unit.h"
#include <stdlib.h>
#include <string.h>

static void widths_are_columns(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t width;
  } cases[] = {
      {"", 0},       {"abc", 3},      {"优", 2},     {"满意度指标", 10},
      {"≥90%", 4},   {"（万元）", 8}, {"9.90 ✓", 6}, {"é", 1},
      {"e\u0301", 1}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    assert_int_equal(output_width(evald_text_of(cases[i].text)),
                     cases[i].width);
}

static void heads_end_at_characters_and_blanks(void **state) {
  (void)state;
  static const struct {
    const char *text;
    size_t columns;
    const char *head;
  } cases[] = {{"满意度", 5, "满意"},
               {"满意度", 1, "满"},
               {"one two three", 9, "one two "},
               {"onetwothree", 4, "onet"},
               {"short", 10, "short"},
               {"", 4, ""}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct evald_text head =
        output_head(evald_text_of(cases[i].text), cases[i].columns);
    assert_true(evald_text_equal(head, evald_text_of(cases[i].head)));
  }
}

/* What `print` writes into a file that is no terminal. */
static void printed(void (*print)(FILE *file, void *context), void *context,
                    char *out, size_t size) {
  FILE *file = tmpfile();
  print(file, context);
  rewind(file);
  out[fread(out, 1, size - 1, file)] = '\0';
  fclose(file);
}

static void print_table(FILE *file, void *context) {
  table_print(context, file);
}

static void tables_line_up(void **state) {
  (void)state;
  char text[1024];
  struct evald_arena *arena = evald_arena_new(1 << 20);
  static const struct table_column columns[] = {
      {"名称", false, false}, {"n", true, false}, {"", false, false}};
  struct table *table = table_new(arena, columns, 3);
  table_cell(table, TONE_BAD, "党建");
  table_cell(table, TONE_PLAIN, "9.90");
  table_cell(table, TONE_PLAIN, "");
  table_cell(table, TONE_PLAIN, "a");
  table_cell(table, TONE_PLAIN, "10");
  table_cell(table, TONE_PLAIN, "x");
  printed(print_table, table, text, sizeof text);
  assert_string_equal(text, "名称     n\n"
                            "─────────────\n"
                            "党建  9.90\n"
                            "a       10  x\n");
  evald_arena_free(arena);
}

static void wide_tables_wrap(void **state) {
  (void)state;
  char text[4096];
  struct evald_arena *arena = evald_arena_new(1 << 20);
  static const struct table_column columns[] = {{"a", false, true},
                                                {"b", true, false}};
  setenv("COLUMNS", "60", 1);
  struct table *table = table_new(arena, columns, 2);
  table_cell(table, TONE_PLAIN,
             "一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十"
             "一二三四五六七八九十");
  table_cell(table, TONE_PLAIN, "1.00");
  printed(print_table, table, text, sizeof text);
  for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
    assert_true(output_width(evald_text_of(line)) <= 60);
  evald_arena_free(arena);
}

static void print_tone(FILE *file, void *context) {
  output_tone(file, TONE_BAD, "%s", (const char *)context);
}

static void files_get_no_colours(void **state) {
  (void)state;
  char text[64], word[] = "wrong";
  setenv("TERM", "xterm", 1);
  printed(print_tone, word, text, sizeof text);
  assert_string_equal(text, "wrong");
}

static void print_word(FILE *file, void *context) {
  output_shell_word(file, context);
}

static void words_are_quoted_for_a_shell(void **state) {
  (void)state;
  static const struct {
    char word[24];
    const char *quoted;
  } cases[] = {{"310113000,310114000", "310113000,310114000"},
               {"unix:/run/redis.sock", "unix:/run/redis.sock"},
               {"", "''"},
               {"a b", "'a b'"},
               {"$HOME;*", "'$HOME;*'"},
               {"it's", "'it'\\''s'"},
               {"规则.yaml", "'规则.yaml'"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    char text[64], word[24];
    memcpy(word, cases[i].word, sizeof word);
    printed(print_word, word, text, sizeof text);
    assert_string_equal(text, cases[i].quoted);
  }
}

int main(void) {
  i18n_init();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(widths_are_columns),
      cmocka_unit_test(heads_end_at_characters_and_blanks),
      cmocka_unit_test(tables_line_up),
      cmocka_unit_test(wide_tables_wrap),
      cmocka_unit_test(files_get_no_colours),
      cmocka_unit_test(words_are_quoted_for_a_shell),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
