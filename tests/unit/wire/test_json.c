/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include "unit.h"

struct fixture {
  struct wire_buffer packed, text;
  struct wire_rejects rejects;
};

static int set_up(void **state) {
  static struct fixture f;
  *state = &f;
  return 0;
}

static int tear_down(void **state) {
  struct fixture *f = *state;
  wire_buffer_fini(&f->packed);
  wire_buffer_fini(&f->text);
  return 0;
}

static enum evald_status pack(struct fixture *f, struct evald_text json) {
  wire_rejects_init(&f->rejects);
  wire_buffer_reset(&f->packed);
  return wire_json_to_msgpack(json, &wire_limits_default, &f->packed,
                              &f->rejects);
}

/* JSON that comes back as it went in. */
static const char *const same[] = {
    "{}",
    "[]",
    "null",
    "{\"b\":1,\"a\":2,\"c\":{\"z\":[],\"y\":{}}}",
    "[true,false,null,0,-1,9223372036854775807,-9223372036854775808]",
    "[0.5,99.03,-1e300]",
    "\"中文 é 😀\"",
    "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\\u007f\\u0000x\"",
};

static void keeps_values_and_their_order(void **state) {
  struct fixture *f = *state;
  for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
    assert_int_equal(pack(f, evald_text_of(same[i])), EVALD_OK);
    wire_buffer_reset(&f->text);
    assert_int_equal(
        wire_msgpack_to_json(wire_buffer_bytes(&f->packed), &f->text),
        EVALD_OK);
    wire_put_raw(&f->text, "", 1);
    assert_string_equal((const char *)f->text.data, same[i]);
  }
}

static const struct {
  const char *json;
  enum wire_reject code;
  size_t offset;
  const char *key;
} refused[] = {
    {"", WIRE_REJECT_TRUNCATED, 0, ""},
    {"{\"a\":", WIRE_REJECT_TRUNCATED, 5, ""},
    {"{\"a\":1,\"a\":2}", WIRE_REJECT_DUPLICATE_KEY, 10, "a"},
    {"{\"a\":1} x", WIRE_REJECT_TRAILING_BYTES, 9, ""},
    {"{'a':1}", WIRE_REJECT_BAD_JSON, 2, ""},
    {"[1,]", WIRE_REJECT_BAD_JSON, 4, ""},
    {"[NaN]", WIRE_REJECT_BAD_JSON, 4, ""},
    {"[9223372036854775808]", WIRE_REJECT_OUT_OF_RANGE, 20, ""},
    {"[1e999]", WIRE_REJECT_OUT_OF_RANGE, 6, ""},
    {"[\"\xC3\x28\"]", WIRE_REJECT_INVALID_UTF8, 2, ""},
    {"[[[[[[[[[1]]]]]]]]]", WIRE_REJECT_TOO_DEEP, 0, ""},
};

static void refuses(void **state) {
  struct fixture *f = *state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    if (pack(f, evald_text_of(refused[i].json)) != EVALD_REJECTED) {
      fail_msg("accepted: %s", refused[i].json);
    }
    assert_int_equal(f->rejects.count, 1);
    assert_string_equal(wire_reject_name(f->rejects.items[0].code),
                        wire_reject_name(refused[i].code));
    assert_string_equal(f->rejects.items[0].key, refused[i].key);
    if (f->rejects.items[0].offset != refused[i].offset) {
      fail_msg("%s: byte %zu", refused[i].json, f->rejects.items[0].offset);
    }
  }
}

static void refuses_what_is_too_large(void **state) {
  struct fixture *f = *state;
  static char spaces[(1 << 20) + 1];
  memset(spaces, ' ', sizeof spaces);
  assert_int_equal(pack(f, (struct evald_text){spaces, sizeof spaces}),
                   EVALD_REJECTED);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_OVERSIZED);
}

/* A hundred thousand brackets must not exhaust the stack. */
static void survives_deep_nesting(void **state) {
  struct fixture *f = *state;
  static char brackets[100000];
  memset(brackets, '[', sizeof brackets);
  assert_int_equal(pack(f, (struct evald_text){brackets, sizeof brackets}),
                   EVALD_REJECTED);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_TOO_DEEP);
}

static void writes_binary_as_hexadecimal(void **state) {
  struct fixture *f = *state;
  wire_buffer_reset(&f->packed);
  wire_put_array(&f->packed, 3);
  wire_put_binary(&f->packed, "\x00\xAB\xFF", 3);
  wire_put_uint(&f->packed, UINT64_MAX);
  wire_put_float_bits(&f->packed, UINT64_C(0x7FF8000000000000));
  wire_buffer_reset(&f->text);
  assert_int_equal(
      wire_msgpack_to_json(wire_buffer_bytes(&f->packed), &f->text), EVALD_OK);
  wire_put_raw(&f->text, "", 1);
  assert_string_equal((const char *)f->text.data,
                      "[\"00abff\",18446744073709551615,null]");
}

static void refuses_bytes_that_are_no_msgpack(void **state) {
  struct fixture *f = *state;
  static const uint8_t bytes[] = {0x92, 0x01};
  assert_int_equal(
      wire_msgpack_to_json((struct wire_bytes){bytes, sizeof bytes}, &f->text),
      EVALD_SYNTAX);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
  const struct CMUnitTest tests[] = {
      T(keeps_values_and_their_order), T(refuses),
      T(refuses_what_is_too_large),    T(survives_deep_nesting),
      T(writes_binary_as_hexadecimal), T(refuses_bytes_that_are_no_msgpack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
