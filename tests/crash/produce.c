/* SPDX-License-Identifier: Apache-2.0 */
/* A producer of the C client that writes down all it does, so that a kill at
 * any point leaves its history behind:
 *
 *   produce ENDPOINT OUTBOX JOBS FIRST WINDOW
 *
 * JOBS holds records: size (4 bytes, little-endian), 1 where the job may wait
 * (submit_later), the frame. Those from the FIRST on are submitted in order,
 * at most WINDOW ahead of their answers. One line each, and one write(2):
 *
 *   <ms> open <taken over>
 *   <ms> sub <index>                      it was taken
 *   <ms> ack <job_id> <outcome> <division> <year> <project> <revision>
 *        <epoch> <seq> <digest> <total> <ruleset>    "-" for what is absent
 *   <ms> nack <job_id>
 *   <ms> end                              every job has its answer */
#include <evald/client.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FRAME_MAX = 1 << 20, WAIT_MS = 20 };

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void put_text(struct evald_text text) {
  if (text.data && text.size > 0)
    printf(" %.*s", (int)text.size, text.data);
  else
    printf(" -");
}

static void tell(void *context, const struct evald_answer *answer) {
  (void)context;
  bool ack = answer->kind == EVALD_ANSWER_ACK;
  printf("%lld %s", now_ms(), ack ? "ack" : "nack");
  put_text(answer->job_id);
  if (ack) {
    put_text(answer->outcome);
    put_text(answer->mof_div_code);
    printf(" %" PRId64, answer->fiscal_year);
    put_text(answer->pro_code);
    printf(" %" PRId64 " %" PRIu64 " %" PRIu64, answer->revision, answer->epoch,
           answer->seq);
    put_text(answer->form_digest);
    put_text(answer->total);
    put_text(answer->ruleset);
  }
  putchar('\n');
}

static int fail(const char *what, enum evald_status status,
                const struct evald_fault *fault) {
  printf("%lld failed %s %s %s %s\n", now_ms(), what, evald_status_name(status),
         fault->place, fault->text);
  return 1;
}

/* The next record; false at the end of the file. */
static bool next_job(FILE *jobs, unsigned char *frame, size_t *size,
                     bool *later) {
  unsigned char head[5];
  if (fread(head, 1, sizeof head, jobs) != sizeof head) return false;
  *size = (size_t)head[0] | (size_t)head[1] << 8 | (size_t)head[2] << 16 |
          (size_t)head[3] << 24;
  *later = head[4] != 0;
  return *size <= FRAME_MAX && fread(frame, 1, *size, jobs) == *size;
}

static uint64_t unanswered(const struct evald_producer *producer) {
  struct evald_producer_state state;
  evald_producer_look(producer, &state);
  return state.unanswered;
}

static enum evald_status polled(struct evald_producer *producer,
                                struct evald_fault *fault) {
  enum evald_status status = evald_producer_poll(producer, WAIT_MS, fault);
  return status == EVALD_TIMEOUT ? EVALD_OK : status;
}

/* Submits from the `first` on, as far ahead as the window. */
static enum evald_status drive(struct evald_producer *producer, char **argv,
                               FILE *jobs, struct evald_fault *fault) {
  static unsigned char frame[FRAME_MAX];
  uint64_t first = strtoull(argv[4], NULL, 10);
  uint64_t window = strtoull(argv[5], NULL, 10);
  enum evald_status status = EVALD_OK;
  size_t size;
  bool later;
  for (uint64_t i = 0;
       status == EVALD_OK && next_job(jobs, frame, &size, &later); i++) {
    if (i < first) continue;
    while (status == EVALD_OK && unanswered(producer) >= window)
      status = polled(producer, fault);
    if (status == EVALD_OK)
      status = (later ? evald_producer_submit_later : evald_producer_submit)(
          producer, frame, size, NULL, fault);
    if (status == EVALD_OK) printf("%lld sub %" PRIu64 "\n", now_ms(), i);
  }
  while (status == EVALD_OK && unanswered(producer) > 0)
    status = polled(producer, fault);
  return status;
}

int main(int argc, char **argv) {
  if (argc != 6) return 2;
  setvbuf(stdout, NULL, _IOLBF, 1 << 16);
  struct evald_producer *producer;
  struct evald_fault fault = {0};
  const struct evald_producer_options options = {.endpoint = argv[1],
                                                 .source = "crash-c",
                                                 .outbox = argv[2],
                                                 .window =
                                                     (uint32_t)atoi(argv[5]),
                                                 .silence_ms = 800,
                                                 .tell = tell};
  FILE *jobs = fopen(argv[3], "rb");
  if (!jobs) return 2;
  enum evald_status status = evald_producer_open(&options, &producer, &fault);
  if (status != EVALD_OK) return fail("open", status, &fault);
  printf("%lld open %" PRIu64 "\n", now_ms(), unanswered(producer));
  status = drive(producer, argv, jobs, &fault);
  evald_producer_close(producer);
  fclose(jobs);
  if (status != EVALD_OK) return fail("drive", status, &fault);
  printf("%lld end\n", now_ms());
  return 0;
}
