/* SPDX-License-Identifier: Apache-2.0 */
/* A batch of events from the stream, and a message from the events door. */
#include "fuzz.h"
#include "wire/event_codec.h"
#include <string.h>

static void publish(const struct wire_batch *batch) {
  const struct wire_shard shard = {EVALD_TEXT("310113000"), 2024};
  struct wire_buffer out = {0};
  struct wire_published published;
  for (size_t i = 0; i < batch->event_count; i++) {
    wire_buffer_reset(&out);
    wire_event_publish(&shard, batch, i, &out);
    MUST(wire_published_decode(wire_buffer_bytes(&out), &published) ==
             EVALD_OK ||
         !batch->events[i].total.present ||
         batch->events[i].total.value > EVALD_DECIMAL_MAX ||
         batch->events[i].total.value < -EVALD_DECIMAL_MAX);
  }
  wire_buffer_reset(&out);
  wire_aggregate_publish(&shard, batch, 0, &out);
  MUST(wire_published_decode(wire_buffer_bytes(&out), &published) == EVALD_OK);
  MUST(memcmp(&published.sum, &batch->sum, sizeof batch->sum) == 0);
  MUST(published.checksum == batch->checksum);
  wire_buffer_fini(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  struct evald_arena *arena = evald_arena_new(32 << 20);
  struct wire_bytes bytes = {data, size};
  struct wire_batch batch;
  struct wire_batch again;
  struct wire_published published;
  struct wire_rejects rejects;
  struct wire_buffer out = {0};
  if (wire_batch_decode(bytes, arena, &batch) == EVALD_OK) {
    wire_batch_encode(&batch, &out);
    MUST(wire_batch_decode(wire_buffer_bytes(&out), arena, &again) == EVALD_OK);
    MUST(again.event_count == batch.event_count);
    publish(&batch);
  }
  (void)wire_published_decode(bytes, &published);
  (void)wire_rejects_decode(bytes, &rejects);
  wire_buffer_fini(&out);
  evald_arena_free(arena);
  return 0;
}
