/* SPDX-License-Identifier: Apache-2.0 */
/* A stored result and a department, as they may come back from Redis. */
#include "fuzz.h"
#include "wire/verdict_codec.h"
#include <string.h>

static void check_result(struct wire_bytes bytes, struct evald_arena *arena) {
  struct wire_stored_head head;
  struct wire_stored stored;
  struct wire_buffer out = {0};
  enum evald_status status = wire_stored_head(bytes, &head);
  if (wire_stored_decode(bytes, arena, &stored) != EVALD_OK) return;
  MUST(status == EVALD_OK);
  MUST(memcmp(&head.contribution, &stored.head.contribution,
              sizeof head.contribution) == 0);
  MUST(head.revision == stored.head.revision);
  wire_stored_encode_withdrawn(&head, &out);
  MUST(wire_stored_decode(wire_buffer_bytes(&out), arena, &stored) == EVALD_OK);
  MUST(stored.head.state == WIRE_STORED_WITHDRAWN);
  MUST(evald_text_equal(stored.head.dept_key, head.dept_key));
  wire_buffer_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct evald_arena *arena = evald_arena_new(8 << 20);
  struct evald_text name;
  struct contribution sum;
  check_result((struct wire_bytes){data, size}, arena);
  (void)wire_department_decode((struct wire_bytes){data, size}, &name, &sum);
  evald_arena_free(arena);
  return 0;
}
