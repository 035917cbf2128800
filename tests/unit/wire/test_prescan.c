/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/prescan.h"

#include "jobs.h"

#define BYTES(...)                                                             \
  (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__})

static const struct {
  const char *what;
  const uint8_t *data;
  size_t size;
  enum wire_reject code;
  size_t offset;
  const char *key;
} refused[] = {
    {"nothing", NULL, 0, WIRE_REJECT_TRUNCATED, 0, ""},
    {"array of 4294967295", BYTES(0xDD, 0xFF, 0xFF, 0xFF, 0xFF),
     WIRE_REJECT_FALSE_COUNT, 0, ""},
    {"map of 4294967295", BYTES(0xDF, 0xFF, 0xFF, 0xFF, 0xFF),
     WIRE_REJECT_FALSE_COUNT, 0, ""},
    {"str of 4294967295", BYTES(0x91, 0xDB, 0xFF, 0xFF, 0xFF, 0xFF),
     WIRE_REJECT_FALSE_COUNT, 1, "[0]"},
    {"bin of 4294967295", BYTES(0x91, 0xC6, 0xFF, 0xFF, 0xFF, 0xFF),
     WIRE_REJECT_FALSE_COUNT, 1, "[0]"},
    {"head cut off", BYTES(0x92, 0x01, 0xDD, 0xFF), WIRE_REJECT_TRUNCATED, 2,
     "[1]"},
    {"int cut off", BYTES(0x91, 0xCF, 0x01), WIRE_REJECT_TRUNCATED, 1, "[0]"},
    {"text cut off", BYTES(0x91, 0xA5, 'a', 'b'), WIRE_REJECT_TRUNCATED, 1,
     "[0]"},
    {"value missing", BYTES(0x81, 0xA1), WIRE_REJECT_FALSE_COUNT, 0, ""},
    {"key twice", BYTES(0x82, 0xA1, 'a', 0x01, 0xA1, 'a', 0x02),
     WIRE_REJECT_DUPLICATE_KEY, 4, "a"},
    {"key twice inside",
     BYTES(0x81, 0xA1, 'f', 0x82, 0xA1, 'a', 0x01, 0xA1, 'a', 0x02),
     WIRE_REJECT_DUPLICATE_KEY, 7, "f.a"},
    {"key not a text", BYTES(0x81, 0x01, 0x02), WIRE_REJECT_WRONG_TYPE, 1, ""},
    {"UTF-8 cut", BYTES(0x81, 0xA1, 'n', 0xA3, 'x', 0xE4, 0xB8),
     WIRE_REJECT_INVALID_UTF8, 5, "n"},
    {"UTF-8 overlong", BYTES(0xA2, 0xC0, 0xAF), WIRE_REJECT_INVALID_UTF8, 1,
     ""},
    {"UTF-8 surrogate in a key", BYTES(0x81, 0xA3, 0xED, 0xA0, 0x80, 0x01),
     WIRE_REJECT_INVALID_UTF8, 2, ""},
    {"bytes behind", BYTES(0x80, 0x01), WIRE_REJECT_TRAILING_BYTES, 1, ""},
    {"fixext", BYTES(0x91, 0xD4, 0x01, 0x00), WIRE_REJECT_BAD_BYTE, 1, "[0]"},
    {"timestamp", BYTES(0xD6, 0xFF, 0, 0, 0, 0), WIRE_REJECT_BAD_BYTE, 0, ""},
    {"reserved", BYTES(0xC1), WIRE_REJECT_BAD_BYTE, 0, ""},
    {"nine deep",
     BYTES(0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x91, 0x01),
     WIRE_REJECT_TOO_DEEP, 8, "[0][0][0][0][0][0][0][0]"},
};

static void refuses(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    struct wire_rejects rejects;
    wire_rejects_init(&rejects);
    struct wire_bytes bytes = {refused[i].data, refused[i].size};
    if (wire_prescan(bytes, &wire_limits_default, &rejects) != EVALD_REJECTED) {
      fail_msg("accepted: %s", refused[i].what);
    }
    assert_int_equal(rejects.count, 1);
    assert_string_equal(wire_reject_name(rejects.items[0].code),
                        wire_reject_name(refused[i].code));
    assert_int_equal(rejects.items[0].offset, refused[i].offset);
    assert_string_equal(rejects.items[0].key, refused[i].key);
  }
}

static void accepts(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  assert_int_equal(wire_prescan(job_with(NULL, NULL, &buffer),
                                &wire_limits_default, &rejects),
                   EVALD_OK);
  assert_int_equal(rejects.count, 0);
  wire_buffer_fini(&buffer);
}

/* A job that ends anywhere but at its end is refused, naming a byte of it. */
static void refuses_every_prefix(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct wire_bytes whole = job_with(NULL, NULL, &buffer);
  for (size_t size = 0; size < whole.size; size++) {
    struct wire_rejects rejects;
    wire_rejects_init(&rejects);
    uint8_t *exact = malloc(size ? size : 1); /* for the sanitizer's fence */
    assert_non_null(exact);
    memcpy(exact, whole.data, size);
    assert_int_equal(wire_prescan((struct wire_bytes){exact, size},
                                  &wire_limits_default, &rejects),
                     EVALD_REJECTED);
    enum wire_reject code = rejects.items[0].code;
    assert_true(code == WIRE_REJECT_TRUNCATED ||
                code == WIRE_REJECT_FALSE_COUNT);
    assert_true(rejects.items[0].offset <= size);
    free(exact);
  }
  wire_buffer_fini(&buffer);
}

static void holds_its_limits(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  static const char text[] = "0123456789";
  wire_put_text(&buffer, EVALD_TEXT(text));
  struct wire_limits limits = wire_limits_default;
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  limits.bytes = buffer.size - 1;
  assert_int_equal(wire_prescan(wire_buffer_bytes(&buffer), &limits, &rejects),
                   EVALD_REJECTED);
  assert_int_equal(rejects.items[0].code, WIRE_REJECT_OVERSIZED);
  assert_int_equal(rejects.items[0].offset, limits.bytes);
  limits.bytes = buffer.size;
  limits.text = sizeof text - 2;
  assert_int_equal(wire_prescan(wire_buffer_bytes(&buffer), &limits, &rejects),
                   EVALD_REJECTED);
  assert_int_equal(rejects.items[1].code, WIRE_REJECT_TOO_LONG);
  limits.text = sizeof text - 1;
  assert_int_equal(wire_prescan(wire_buffer_bytes(&buffer), &limits, &rejects),
                   EVALD_OK);
  wire_buffer_fini(&buffer);
}

/* A map of `keys` two-byte keys, all different. */
static void put_keys(struct wire_buffer *buffer, unsigned keys) {
  wire_buffer_reset(buffer);
  wire_put_map(buffer, keys);
  for (unsigned i = 0; i < keys; i++) {
    char key[2] = {(char)('a' + i / 26), (char)('a' + i % 26)};
    wire_put_text(buffer, (struct evald_text){key, 2});
    wire_put_nil(buffer);
  }
}

static void bounds_the_keys(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  put_keys(&buffer, WIRE_KEYS_MAX);
  assert_int_equal(
      wire_prescan(wire_buffer_bytes(&buffer), &wire_limits_default, &rejects),
      EVALD_OK);
  put_keys(&buffer, WIRE_KEYS_MAX + 1);
  assert_int_equal(
      wire_prescan(wire_buffer_bytes(&buffer), &wire_limits_default, &rejects),
      EVALD_REJECTED);
  assert_int_equal(rejects.items[0].code, WIRE_REJECT_TOO_MANY_KEYS);
  wire_buffer_fini(&buffer);
}

/* Whichever two keys of a full map are equal, it is seen. */
static void sees_every_pair_of_equal_keys(void **state) {
  (void)state;
  struct wire_buffer buffer = {0};
  for (unsigned second = 1; second < WIRE_KEYS_MAX; second++) {
    for (unsigned first = 0; first < second; first++) {
      put_keys(&buffer, WIRE_KEYS_MAX);
      uint8_t *keys = buffer.data + 3; /* each: head, two letters, nil */
      memcpy(keys + 4 * second, keys + 4 * first, 3);
      struct wire_rejects rejects;
      wire_rejects_init(&rejects);
      assert_int_equal(wire_prescan(wire_buffer_bytes(&buffer),
                                    &wire_limits_default, &rejects),
                       EVALD_REJECTED);
      assert_int_equal(rejects.items[0].code, WIRE_REJECT_DUPLICATE_KEY);
      assert_int_equal(rejects.items[0].offset, 3 + 4 * second);
    }
  }
  wire_buffer_fini(&buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(refuses),
      cmocka_unit_test(accepts),
      cmocka_unit_test(refuses_every_prefix),
      cmocka_unit_test(holds_its_limits),
      cmocka_unit_test(bounds_the_keys),
      cmocka_unit_test(sees_every_pair_of_equal_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
