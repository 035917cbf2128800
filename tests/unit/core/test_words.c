/* SPDX-License-Identifier: Apache-2.0 */
#include "core/words.h"

#include "fixture.h"

static const struct {
  unsigned kind;
  const char *word;
} list[] = {
#define X(kind, word) {WORD_##kind, word},
    WORD_LIST(X)
#undef X
};

static void every_word_is_found(void **state) {
  (void)state;
  struct words_index index;
  words_index_make(&index);
  for (size_t i = 0; i < sizeof list / sizeof list[0]; i++) {
    char text[64];
    (void)snprintf(text, sizeof text, "a本%s的\xF0\x9F\x98\x80", list[i].word);
    assert_true(words_in(&index, evald_text_of(text)).kinds & list[i].kind);
    size_t size = strlen(list[i].word);
    assert_false(
        words_in(&index, (struct evald_text){list[i].word, size - 3}).kinds &
        list[i].kind);
  }
}

static void a_plain_text_is_chinese_throughout(void **state) {
  (void)state;
  static const struct {
    const char *text;
    bool plain;
  } cases[] = {{"", false},
               {"率", true},
               {"覆盖率", true},
               {"a", false},
               {"a率", false},
               {"覆盖率a", false},
               {"覆a盖率", false},
               {"覆盖 率", false},
               {"覆盖　率", false},
               {"覆盖（率）", false},
               {"（覆盖）率", false},
               {"覆\xC2\xA0盖", false},
               {"覆盖率\xF0\x9F\x98\x80", false}};
  struct words_index index;
  words_index_make(&index);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct evald_text text = evald_text_of(cases[i].text);
    assert_int_equal(words_in(&index, text).plain, cases[i].plain);
  }
}

static void ordinary_texts_have_none(void **state) {
  (void)state;
  struct words_index index;
  words_index_make(&index);
  assert_int_equal(words_in(&index, T("")).kinds, 0);
  assert_int_equal(words_in(&index, T("abc\xC3\xA9")).kinds, 0);
  assert_int_equal(words_in(&index, T("基层治理现代化水平")).kinds, 0);
  assert_int_equal(words_in(&index, T("市管干部上半年人事调动去往外区")).kinds,
                   0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_word_is_found),
      cmocka_unit_test(a_plain_text_is_chinese_throughout),
      cmocka_unit_test(ordinary_texts_have_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
