/* SPDX-License-Identifier: Apache-2.0 */
/* The C client as tests/clients/producer_test.py drives it:
 *
 *   drive_producer ENDPOINT OUTBOX|- PREFIX COUNT WINDOW WAIT_MS
 *
 * Submits COUNT jobs whose bytes are {"job_id": "<PREFIX><i>"} in msgpack, says
 * "submitted", waits for all answers, and prints one line for each:
 * "ack <number> <outcome> <job_id>" or "nack <number> <code> …". A job named
 * (A store that went back: "lost <div> <year> <epoch> <seq>".) A job named
 * "…big" is padded beyond a mebibyte. Ends with "taken <n> torn <n>
 * connections <n> unanswered <n>". */
#include <evald/client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell(void *context, const struct evald_answer *answer) {
  (void)context;
  bool ack = answer->kind == EVALD_ANSWER_ACK;
  printf("%s %llu %.*s", ack ? "ack" : "nack",
         (unsigned long long)answer->number, (int)answer->outcome.size,
         answer->outcome.data);
  if (answer->job_id.data)
    printf(" %.*s", (int)answer->job_id.size, answer->job_id.data);
  for (size_t i = 0; i < answer->problem_count; i++)
    printf(" %.*s", (int)answer->problems[i].code.size,
           answer->problems[i].code.data);
  putchar('\n');
  fflush(stdout);
}

static void lost(void *context, const struct evald_loss *loss) {
  (void)context;
  printf("lost %.*s %lld %llu %llu\n", (int)loss->mof_div_code.size,
         loss->mof_div_code.data, (long long)loss->fiscal_year,
         (unsigned long long)loss->epoch, (unsigned long long)loss->seq);
  fflush(stdout);
}

static int fail(const char *what, enum evald_status status,
                const struct evald_fault *fault) {
  printf("%s %s %s %s\n", what, evald_status_name(status), fault->place,
         fault->text);
  return 1;
}

/* {"job_id": name} or, of a name that ends in "big", a longer one. */
static size_t job(const char *name, char **out) {
  bool big = strstr(name, "big") != NULL;
  size_t padding = big ? (1 << 20) + 100 : 0, size = strlen(name);
  char *bytes = calloc(1, 64 + size + padding);
  if (!bytes) abort();
  bytes[0] = (char)0x81;
  memcpy(bytes + 1, "\xa6job_id\xd9", 8);
  bytes[9] = (char)size;
  memcpy(bytes + 10, name, size);
  *out = bytes;
  return 10 + size + padding;
}

static enum evald_status submit(struct evald_producer *producer,
                                const char *prefix, int i,
                                struct evald_fault *fault) {
  char name[64], *bytes;
  snprintf(name, sizeof name, "%s%d%s", prefix, i,
           strcmp(prefix, "big") == 0 ? "big" : "");
  size_t size = job(name, &bytes);
  enum evald_status status =
      strcmp(prefix, "later") == 0
          ? evald_producer_submit_later(producer, bytes, size, NULL, fault)
          : evald_producer_submit(producer, bytes, size, NULL, fault);
  free(bytes);
  return status;
}

static enum evald_status drive(struct evald_producer *producer, char **argv,
                               struct evald_fault *fault) {
  enum evald_status status = EVALD_OK;
  for (int i = 0; i < atoi(argv[4]) && status == EVALD_OK; i++)
    status = submit(producer, argv[3], i, fault);
  puts("submitted");
  fflush(stdout);
  if (status == EVALD_OK)
    status = evald_producer_flush(producer, atoi(argv[6]), fault);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  struct evald_producer *producer;
  struct evald_fault fault = {0};
  const struct evald_producer_options options = {
      .endpoint = argv[1],
      .source = "drive",
      .outbox = strcmp(argv[2], "-") == 0 ? NULL : argv[2],
      .window = (uint32_t)atoi(argv[5]),
      .silence_ms = 600,
      .tell = tell,
      .lost = lost};
  enum evald_status status = evald_producer_open(&options, &producer, &fault);
  if (status != EVALD_OK) return fail("open", status, &fault);
  status = drive(producer, argv, &fault);
  struct evald_producer_state state;
  evald_producer_look(producer, &state);
  printf("taken %llu torn %llu connections %llu unanswered %llu\n",
         (unsigned long long)state.taken_over,
         (unsigned long long)state.torn_bytes,
         (unsigned long long)state.connections,
         (unsigned long long)state.unanswered);
  evald_producer_close(producer);
  return status == EVALD_OK ? 0 : fail("flush", status, &fault);
}
