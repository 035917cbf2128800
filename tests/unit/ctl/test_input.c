/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/input.h"
#include "unit.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void values_are_taken_one_by_one(void **state) {
  (void)state;
  static const struct {
    const char *text;
    const char *values[4];
  } cases[] = {
      {"", {NULL}},
      {" \n\n ", {NULL}},
      {"{}", {"{}"}},
      {"{\"a\":1}\n{\"b\":2}\n", {"{\"a\":1}", "{\"b\":2}"}},
      {"{\n  \"a\": [\n 1 ]\n}\n\n{\"b\": 2}",
       {"{\n  \"a\": [\n 1 ]\n}", "{\"b\": 2}"}},
      /* braces, quotes and line ends within a text */
      {"{\"a\": \"}\\\"{\"}\n{\"b\":2}", {"{\"a\": \"}\\\"{\"}", "{\"b\":2}"}},
      /* what is broken does not swallow what follows it */
      {"{\"a\": [1\n{\"b\":2}\n", {"{\"a\": [1", "{\"b\":2}"}},
      {"nonsense\n{\"b\":2}", {"nonsense", "{\"b\":2}"}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct evald_text rest = evald_text_of(cases[i].text), value;
    for (const char *const *want = cases[i].values; *want; want++) {
      assert_true(input_next(&rest, &value));
      assert_true(evald_text_equal(value, evald_text_of(*want)));
    }
    assert_false(input_next(&rest, &value));
  }
}

static enum evald_status read_bytes(const char *bytes, struct wire_buffer *out,
                                    enum input_kind *kind) {
  char path[] = "/tmp/evald-input-XXXXXX";
  int fd = mkstemp(path);
  assert_int_equal(write(fd, bytes, strlen(bytes)), strlen(bytes));
  close(fd);
  enum evald_status status = input_read(path, out, kind, NULL);
  unlink(path);
  return status;
}

static void files_are_jobs_or_published_forms(void **state) {
  (void)state;
  struct wire_buffer bytes = {0};
  enum input_kind kind;
  assert_int_equal(read_bytes("\n {\"v\":1}", &bytes, &kind), EVALD_OK);
  assert_int_equal(kind, INPUT_JOBS);
  wire_buffer_reset(&bytes);
  assert_int_equal(read_bytes("财政项目支出绩效自评表\n", &bytes, &kind),
                   EVALD_OK);
  assert_int_equal(kind, INPUT_PUBLISHED);
  wire_buffer_reset(&bytes);
  assert_int_equal(read_bytes("", &bytes, &kind), EVALD_OK);
  assert_int_equal(kind, INPUT_PUBLISHED);
  wire_buffer_fini(&bytes);
}

static void what_cannot_be_read_is_named(void **state) {
  (void)state;
  struct wire_buffer bytes = {0};
  struct evald_fault fault = {0};
  enum input_kind kind;
  assert_int_equal(input_read("/nowhere/form.json", &bytes, &kind, &fault),
                   EVALD_IO);
  assert_string_equal(fault.place, "/nowhere/form.json");
  assert_int_equal(read_bytes("%PDF-1.4\nno pdf", &bytes, &kind), EVALD_IO);
  wire_buffer_fini(&bytes);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(values_are_taken_one_by_one),
      cmocka_unit_test(files_are_jobs_or_published_forms),
      cmocka_unit_test(what_cannot_be_read_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
