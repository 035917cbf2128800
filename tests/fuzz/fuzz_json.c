/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from outside: to msgpack, back, and to msgpack again, the same. */
#include "fuzz.h"
#include "wire/json.h"
#include <string.h>

static enum evald_status pack(const void *json, size_t size,
                              struct wire_buffer *out) {
  struct wire_rejects rejects;
  wire_rejects_init(&rejects);
  enum evald_status status = wire_json_to_msgpack(
      (struct evald_text){json, size}, &wire_limits_default, out, &rejects);
  MUST((status == EVALD_REJECTED) == (rejects.count > 0));
  MUST(rejects.count == 0 || rejects.items[0].offset <= size);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct wire_buffer packed = {0};
  struct wire_buffer text = {0};
  struct wire_buffer again = {0};
  /* Maps of more keys than a message may have end at the way back. */
  if (pack(data, size, &packed) == EVALD_OK &&
      wire_msgpack_to_json(wire_buffer_bytes(&packed), &text) == EVALD_OK) {
    MUST(pack(text.data, text.size, &again) == EVALD_OK);
    MUST(again.size == packed.size);
    MUST(memcmp(again.data, packed.data, packed.size) == 0);
  }
  wire_buffer_fini(&packed);
  wire_buffer_fini(&text);
  wire_buffer_fini(&again);
  return 0;
}
