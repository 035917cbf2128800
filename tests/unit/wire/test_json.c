/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/json.h"

#include "unit.h"
#include <jansson.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

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
    "[0.5,99.03,-1e300,1e-7,100.0,0.30000000000000004,4.94065645841247e-324]",
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
    {" \t\r\n", WIRE_REJECT_TRUNCATED, 4, ""},
    {"{\"a\":", WIRE_REJECT_TRUNCATED, 5, ""},
    {"{\"a\"", WIRE_REJECT_TRUNCATED, 4, ""},
    {"{\"a", WIRE_REJECT_TRUNCATED, 3, ""},
    {"[1", WIRE_REJECT_TRUNCATED, 2, ""},
    {"[1,", WIRE_REJECT_TRUNCATED, 3, ""},
    {"tru", WIRE_REJECT_TRUNCATED, 3, ""},
    {"-", WIRE_REJECT_TRUNCATED, 1, ""},
    {"1.", WIRE_REJECT_TRUNCATED, 2, ""},
    {"1e+", WIRE_REJECT_TRUNCATED, 3, ""},
    {"\"\\u12", WIRE_REJECT_TRUNCATED, 5, ""},
    {"\"\\", WIRE_REJECT_TRUNCATED, 2, ""},
    {"{\"a\":1,\"a\":2}", WIRE_REJECT_DUPLICATE_KEY, 7, "a"},
    {"{\"a\":1,\"b\":2,\"\\u0061\":2}", WIRE_REJECT_DUPLICATE_KEY, 13, "a"},
    {"{\"a\":1} x", WIRE_REJECT_TRAILING_BYTES, 8, ""},
    {"1 2", WIRE_REJECT_TRAILING_BYTES, 2, ""},
    {"{'a':1}", WIRE_REJECT_BAD_JSON, 1, ""},
    {"{\"a\" 1}", WIRE_REJECT_BAD_JSON, 5, ""},
    {"{\"a\":1,}", WIRE_REJECT_BAD_JSON, 7, ""},
    {"{\"a\":1]", WIRE_REJECT_BAD_JSON, 6, ""},
    {"[1,]", WIRE_REJECT_BAD_JSON, 3, ""},
    {"[,1]", WIRE_REJECT_BAD_JSON, 1, ""},
    {"[1 2]", WIRE_REJECT_BAD_JSON, 3, ""},
    {"[01]", WIRE_REJECT_BAD_JSON, 2, ""},
    {"[+1]", WIRE_REJECT_BAD_JSON, 1, ""},
    {"[.5]", WIRE_REJECT_BAD_JSON, 1, ""},
    {"[1.x]", WIRE_REJECT_BAD_JSON, 3, ""},
    {"[-x]", WIRE_REJECT_BAD_JSON, 2, ""},
    {"[NaN]", WIRE_REJECT_BAD_JSON, 1, ""},
    {"[nulL]", WIRE_REJECT_BAD_JSON, 4, ""},
    {"[\"\\x\"]", WIRE_REJECT_BAD_JSON, 3, ""},
    {"[\"\\u12g4\"]", WIRE_REJECT_BAD_JSON, 6, ""},
    {"[\"\\uDC00\"]", WIRE_REJECT_BAD_JSON, 2, ""},
    {"[\"\\uD800x\"]", WIRE_REJECT_BAD_JSON, 8, ""},
    {"[\"\\uD800\\uD800\"]", WIRE_REJECT_BAD_JSON, 2, ""},
    {"[\"a\nb\"]", WIRE_REJECT_BAD_JSON, 3, ""},
    {"{\"a\\u0000\":1}", WIRE_REJECT_BAD_JSON, 1, ""},
    {"[9223372036854775808]", WIRE_REJECT_OUT_OF_RANGE, 1, ""},
    {"[-9223372036854775809]", WIRE_REJECT_OUT_OF_RANGE, 1, ""},
    {"[1e999]", WIRE_REJECT_OUT_OF_RANGE, 1, ""},
    {"[\"\xC3\x28\"]", WIRE_REJECT_INVALID_UTF8, 2, ""},
    {"[\"ab\xC3\"]", WIRE_REJECT_INVALID_UTF8, 4, ""},
    {"[[[[[[[[[1]]]]]]]]]", WIRE_REJECT_TOO_DEEP, 8, ""},
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

static void bounds_keys_and_figures(void **state) {
  struct fixture *f = *state;
  static char json[4096];
  size_t size = (size_t)snprintf(json, sizeof json, "{");
  for (int i = 0; i <= WIRE_KEYS_MAX; i++)
    size += (size_t)snprintf(json + size, sizeof json - size, "\"%d\":1,", i);
  assert_int_equal(pack(f, (struct evald_text){json, size}), EVALD_REJECTED);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_TOO_MANY_KEYS);
  memset(json, '1', sizeof json);
  assert_int_equal(pack(f, (struct evald_text){json, sizeof json}),
                   EVALD_REJECTED);
  assert_int_equal(f->rejects.items[0].code, WIRE_REJECT_TOO_LONG);
  json[1] = '.';
  assert_int_equal(pack(f, (struct evald_text){json, 511}), EVALD_OK);
}

/* By locales that the build makes (LOCPATH): of one byte and of two. */
static void minds_no_locale(void **state) {
  struct fixture *f = *state;
  static const char *const names[] = {"de_DE.UTF-8", "two_bytes.UTF-8"};
  const char *json = "[0.5,-1234.25,1e22,0.1e-6,7.0]";
  const char *again = "[0.5,-1234.25,1e22,1e-7,7.0]";
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char half[16];
    /* (newlocale leaks where there is a LOCPATH.) */
    if (!setlocale(LC_ALL, names[i])) skip(); /* no package `locales` */
    (void)snprintf(half, sizeof half, "%.1f", 0.5);
    assert_string_not_equal(half, "0.5");
    wire_buffer_reset(&f->text);
    wire_buffer_reset(&f->packed);
    assert_int_equal(pack(f, evald_text_of(json)), EVALD_OK);
    assert_int_equal(
        wire_msgpack_to_json(wire_buffer_bytes(&f->packed), &f->text),
        EVALD_OK);
    assert_string_equal(setlocale(LC_ALL, NULL), names[i]);
    setlocale(LC_ALL, "C");
    assert_int_equal(f->text.size, strlen(again));
    assert_memory_equal(f->text.data, again, f->text.size);
  }
}

/* --- another reader of JSON has the last word --- */

/* Equal values give equal JSON in jansson's hand. */
static char *normal(const char *json, size_t size) {
  json_t *value = json_loadb(
      json, size, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL | JSON_DECODE_ANY,
      NULL);
  char *text = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
  json_decref(value);
  return text;
}

static void compare(struct fixture *f, const char *json, size_t size) {
  char *theirs = normal(json, size);
  enum evald_status status = pack(f, (struct evald_text){json, size});
  if ((status == EVALD_OK) != (theirs != NULL))
    fail_msg("%s, jansson %s: %.*s", evald_status_name(status),
             theirs ? "takes it" : "does not", (int)size, json);
  if (theirs) {
    wire_buffer_reset(&f->text);
    assert_int_equal(
        wire_msgpack_to_json(wire_buffer_bytes(&f->packed), &f->text),
        EVALD_OK);
    char *ours = normal((const char *)f->text.data, f->text.size);
    assert_string_equal(ours, theirs);
    free(ours);
  }
  free(theirs);
}

/* A document with one to three bytes that are others. */
static void agrees_with_jansson(void **state) {
  static const char seeds[][80] = {
      "{\"a\":[1,-2.50,1e3,\"\\u4e2d\\n\"],\"b\":{\"c\":null,\"d\":true}}",
      "[0.1,-0,-0.0,12345678901234567,1E-7,\"\\ud83d\\ude00 é 中\",{},[]]",
      "{\"k\":\"\\\\ \\\" \\/ \\b\",\"l\":false, \"m\" : [ { } , [ ] ]}",
      "  \"alone\"  "};
  static const char bytes[] = "{}[]\",:\\ue0019.-+ntf \n\x80\xC3\xE4";
  struct fixture *f = *state;
  unsigned random = 20261125;
  for (int round = 0; round < 60000; round++) {
    char json[80];
    size_t size = strlen(strcpy(json, seeds[round % 4]));
    for (int i = 0; i <= round % 3; i++) {
      random = random * 1664525U + 1013904223U;
      json[(random >> 8) % size] = bytes[(random >> 20) % (sizeof bytes - 1)];
    }
    compare(f, json, size - (random >> 16) % 8 / 7);
  }
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
      T(keeps_values_and_their_order),
      T(refuses),
      T(refuses_what_is_too_large),
      T(survives_deep_nesting),
      T(bounds_keys_and_figures),
      T(minds_no_locale),
      T(agrees_with_jansson),
      T(writes_binary_as_hexadecimal),
      T(refuses_bytes_that_are_no_msgpack),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
