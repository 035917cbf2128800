/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include "unit.h"
#include <stdlib.h>

/* RFC 3629 read aloud: slow, and nothing like the code it is held against. */
static bool valid_by_the_book(const unsigned char *p, size_t size) {
  for (size_t at = 0; at < size;) {
    unsigned length = p[at] < 0x80           ? 1
                      : (p[at] >> 5) == 0x06 ? 2
                      : (p[at] >> 4) == 0x0E ? 3
                      : (p[at] >> 3) == 0x1E ? 4
                                             : 0;
    if (length == 0 || length > size - at) return false;
    unsigned long code = length == 1 ? p[at] : p[at] & (0x7FU >> length);
    for (unsigned i = 1; i < length; i++) {
      if ((p[at + i] >> 6) != 2) return false;
      code = code << 6 | (p[at + i] & 0x3FU);
    }
    static const unsigned long least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < least[length] || code > 0x10FFFF) return false;
    if (code >= 0xD800 && code <= 0xDFFF) return false;
    at += length;
  }
  return true;
}

/* In memory of exactly its size, and as a part of something larger. */
static void hold(const unsigned char *bytes, size_t size) {
  bool wanted = valid_by_the_book(bytes, size);
  char *exact = malloc(size ? size : 1);
  assert_non_null(exact);
  if (size > 0) memcpy(exact, bytes, size);
  assert_int_equal(utf8_valid(exact, size), wanted);
  assert_int_equal(utf8_cut(exact, size, size) == size, wanted);
  free(exact);
  char inside[64 + 8];
  memset(inside, 0xFF, sizeof inside);
  memcpy(inside, bytes, size);
  assert_int_equal(utf8_valid_within(inside, size, inside + sizeof inside),
                   wanted);
}

/* No text that has another byte counts as visible; where the memory around it
 * may be read, every other text of ASCII does. */
static void knows_visible_ascii(void **state) {
  (void)state;
  for (size_t size = 0; size < 48; size++) {
    char text[64];
    memset(text, 'x', sizeof text);
    bool sure = utf8_visible_within(text, size, text + sizeof text);
    for (unsigned byte = 0; byte < 256 && size > 0; byte++) {
      text[size / 2] = (char)byte;
      bool visible = utf8_visible_within(text, size, text + sizeof text);
      assert_int_equal(visible, sure && byte > 0x20 && byte < 0x7F);
      assert_false(visible &&
                   !utf8_valid_within(text, size, text + sizeof text));
    }
  }
}

/* Every first and second byte, before and behind Chinese text. */
static void agrees_on_every_beginning(void **state) {
  (void)state;
  assert_true(utf8_valid(NULL, 0)); /* an absent text */
  static const unsigned char thirds[] = {0x41, 0x80, 0xBF, 0xE4};
  for (unsigned first = 0; first < 256; first++) {
    for (unsigned second = 0; second < 256; second++) {
      for (size_t t = 0; t < sizeof thirds; t++) {
        unsigned char text[] = {0xE4,         0xB8,      0xAD, first & 255,
                                second & 255, thirds[t], 0xE6, 0x96,
                                0x87,         0xE6,      0x96, 0x87};
        hold(text, sizeof text);
        hold(text + 3, 3);
        hold(text + 3, 9);
        hold(text, 6);
      }
    }
  }
}

/* Random texts of valid characters with now and then a spoiled byte. */
static void agrees_on_random_texts(void **state) {
  (void)state;
  static const char *const pieces[] = {"a",
                                       "中",
                                       "é",
                                       "😀",
                                       "，",
                                       "0.",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xE0\xA0\x80",
                                       "财政"};
  uint64_t seed = 3;
  for (int i = 0; i < 100000; i++) {
    unsigned char text[64];
    size_t size = 0;
    while (size < 40) {
      seed = seed * 6364136223846793005U + 1442695040888963407U;
      const char *piece = pieces[(seed >> 33) % 10];
      memcpy(text + size, piece, strlen(piece));
      size += strlen(piece);
      if ((seed >> 50) % 7 == 0) break;
    }
    if (seed & (1U << 20))
      text[(seed >> 40) % size] = (unsigned char)(seed >> 8);
    hold(text, size);
  }
}

static void what_commands_is_tamed(void **state) {
  (void)state;
  static const struct {
    const char *text, *tamed;
  } cases[] = {{"", ""},
               {"plain 中文 ≥90%", "plain 中文 ≥90%"},
               {"a\033[31mb\r\n\tc\177", "a?[31mb???c?"},
               {"a\xC2\x9B"
                "31m\xC2\x85",
                "a?31m?"},
               {"\xC2\xA0\xC3\xA9", "\xC2\xA0\xC3\xA9"},
               {"x\u202Ey\u2066z\u2028", "x?y?z?"},
               {"\xFF\xE4\xB8中\xF0", "???中?"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    size_t size = strlen(cases[i].text);
    char *text = malloc(size + 1); /* of just its size, for the sanitizer */
    memcpy(text, cases[i].text, size);
    size = utf8_tame(text, size);
    text[size] = '\0';
    assert_string_equal(text, cases[i].tamed);
    free(text);
  }
}

static void nothing_is_read_behind_the_end(void **state) {
  (void)state;
  for (unsigned first = 0x80; first < 0x100; first++) {
    char *byte = malloc(1);
    size_t at = 0;
    byte[0] = (char)first;
    (void)utf8_next((struct evald_text){byte, 1}, &at);
    assert_int_equal(at, 1);
    (void)utf8_blank((struct evald_text){byte, 1});
    free(byte);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_visible_ascii),
      cmocka_unit_test(agrees_on_every_beginning),
      cmocka_unit_test(agrees_on_random_texts),
      cmocka_unit_test(what_commands_is_tamed),
      cmocka_unit_test(nothing_is_read_behind_the_end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
