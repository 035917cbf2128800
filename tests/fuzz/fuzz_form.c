/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical bytes of a form, as they may come back from Redis. */
#include "fuzz.h"
#include "wire/form_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct evald_arena *arena = evald_arena_new(4 << 20);
  struct wire_buffer out = {0};
  struct evald_form form;
  struct wire_bytes bytes = {data, size};
  if (wire_form_decode(bytes, arena, &form) == EVALD_OK) {
    struct evald_digest digest = wire_form_encode(&form, &out);
    struct evald_form again;
    MUST(wire_form_decode(wire_buffer_bytes(&out), arena, &again) == EVALD_OK);
    MUST(evald_digest_equal(&again.digest, &digest));
    MUST(again.indicator_count == form.indicator_count);
  }
  wire_buffer_fini(&out);
  evald_arena_free(arena);
  return 0;
}
