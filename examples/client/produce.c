/* SPDX-License-Identifier: Apache-2.0 */
/* Sends the msgpack jobs in files: produce FILE…
 *   cc produce.c -o produce $(pkg-config --cflags --libs evald-client) */
#include <evald/client.h>
#include <stdio.h>

static void tell(void *context, const struct evald_answer *answer) {
  (void)context;
  printf("%.*s %.*s %.*s\n", (int)answer->job_id.size, answer->job_id.data,
         (int)answer->outcome.size, answer->outcome.data,
         (int)answer->total.size, answer->total.data);
}

static int submit_file(struct evald_producer *producer, const char *path,
                       struct evald_fault *fault) {
  static char frame[1 << 20];
  FILE *file = fopen(path, "rb");
  size_t size = file ? fread(frame, 1, sizeof frame, file) : 0;
  int bad = !file || ferror(file) || !feof(file);
  if (bad)
    fprintf(stderr, "%s cannot be read, or is larger than 1 MiB\n", path);
  if (file) fclose(file);
  if (bad) return EVALD_IO;
  return evald_producer_submit(producer, frame, size, NULL, fault);
}

int main(int argc, char **argv) {
  struct evald_producer *producer;
  struct evald_fault fault = {0};
  const struct evald_producer_options options = {
      .source = "example", .outbox = "example.outbox", .tell = tell};
  enum evald_status status = evald_producer_open(&options, &producer, &fault);
  for (int i = 1; i < argc && status == EVALD_OK; i++)
    status = submit_file(producer, argv[i], &fault);
  if (status == EVALD_OK) status = evald_producer_flush(producer, -1, &fault);
  if (fault.text[0]) fprintf(stderr, "%s: %s\n", fault.place, fault.text);
  return status != EVALD_OK;
}
