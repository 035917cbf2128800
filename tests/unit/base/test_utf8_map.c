/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8_map.h"

#include "base/utf8.h"
#include "unit.h"

enum { TEXTS_MAX = 300, BLOCK = 448 };

/* Bytes before and behind a text, as they stand in a frame and as nobody sends
 * them. A text behind "a" and its head is what utf8_map_short() asks for. */
static const char *const fronts[] = {"a\xA3", "\xD9\xE6", "\xE4\xB8", "a\xD9"};
static const unsigned char behind[] = {0xA5, 0xD9, 0xDE, 0x8C,
                                       0xE4, 0x00, 'x',  0xFF};

/* What is said to be plain is valid; what is plain, between a head and a head,
 * is said to be. */
static void hold_at(size_t at, const char *text, size_t size, bool plain) {
  static struct utf8_map map;
  char block[BLOCK];
  for (size_t f = 0; f < sizeof fronts / sizeof fronts[0]; f++) {
    for (size_t b = 0; b < sizeof behind; b++) {
      memset(block, 'x', sizeof block);
      memcpy(block + at - 2, fronts[f], 2);
      memcpy(block + at, text, size);
      block[at + size] = (char)behind[b];
      utf8_map_make(&map, block, sizeof block);
      bool all = utf8_map_plain(&map, block + at, size);
      bool few = f == 0 && size <= UTF8_MAP_SHORT &&
                 utf8_map_short(&map, block + at, size);
      if (all || few) assert_true(utf8_valid(text, size));
      if (!plain || map.size == 0 || f > 0 || behind[b] >= 0xC0 ||
          behind[b] < 0x80) {
        continue;
      }
      assert_true(all);
      if (size <= UTF8_MAP_SHORT) assert_true(few);
    }
  }
}

static void hold(const char *text, size_t size, bool plain) {
  hold_at(2, text, size, plain);
  for (size_t at = 60; at <= 66; at++)
    hold_at(at, text, size, plain);
}

static void knows_every_character(void **state) {
  (void)state;
  static const char thirds[] = {'A', '\x80', '\xBF', '\xE4'};
  for (unsigned first = 0; first < 256; first++) {
    for (unsigned second = 0; second < 256; second += first < 0xE0 ? 7 : 1) {
      char text[] = "中\0\0\0文";
      text[3] = (char)first;
      text[4] = (char)second;
      text[5] = thirds[(first + second) % sizeof thirds];
      size_t at = 57 + (first + second) % 8;
      hold_at(at, text, 9, false);
      hold_at(at, text, 4, false);
      hold_at(at, text, 5, false);
    }
  }
}

static void knows_plain_texts_of_any_size(void **state) {
  (void)state;
  static const char *const pieces[] = {"中", "a", "，", "7", "鿿"};
  char text[TEXTS_MAX] = "";
  size_t size = 0;
  for (unsigned i = 0; size + 3 < TEXTS_MAX; i++) {
    hold(text, size, true);
    const char *piece = pieces[(i * i + i / 7) % 5];
    memcpy(text + size, piece, strlen(piece));
    size += strlen(piece);
  }
}

/* One byte of a text turned into any other. */
static void knows_a_spoiled_byte(void **state) {
  (void)state;
  char text[] =
      "一二三四五六七八九十，abc一二三四五六七八九十一二三四五六七八九";
  size_t size = sizeof text - 1;
  for (size_t at = 0; at < size; at++) {
    char kept = text[at];
    for (unsigned byte = 1; byte < 256; byte += 13) {
      text[at] = (char)byte;
      hold_at(64, text, size, false);
      hold_at(61, text + at, size - at < 30 ? size - at : 30, false);
    }
    text[at] = kept;
  }
}

static void the_end_of_the_block_is_no_answer(void **state) {
  (void)state;
  static struct utf8_map map;
  char block[66];
  memset(block, 'x', sizeof block);
  for (size_t size = 1; size <= sizeof block; size++) {
    utf8_map_make(&map, block, size);
    for (size_t at = 0; at < size; at++)
      assert_false(utf8_map_plain(&map, block + at, size - at));
  }
  static char large[UTF8_MAP_BYTES + 1];
  utf8_map_make(&map, large, sizeof large);
  assert_false(utf8_map_plain(&map, large + 8, 8));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_every_character),
      cmocka_unit_test(knows_plain_texts_of_any_size),
      cmocka_unit_test(knows_a_spoiled_byte),
      cmocka_unit_test(the_end_of_the_block_is_no_answer)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
