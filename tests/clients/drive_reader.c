/* SPDX-License-Identifier: Apache-2.0 */
/* The C reader as tests/clients/reader_test.py drives it:
 *
 *   drive_reader ENDPOINT UNIX-SOCKET DIVISION YEAR EPOCH SEQ
 *
 * Prints a line per news and runs until it is killed. */
#include <evald/client.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void tell_event(const struct evald_news *news) {
  char digest[33] = "-";
  const struct evald_event *event = news->event;
  for (int i = 0; i < 16 && event->has_total; i++)
    snprintf(digest + 2 * i, 3, "%02x", event->form_digest.bytes[i]);
  printf("event %d %s %llu %llu %.*s %.*s %lld %s %016llx\n", news->live,
         news->mof_div_code, (unsigned long long)news->epoch,
         (unsigned long long)news->seq, (int)event->pro_code.size,
         event->pro_code.data, (int)event->outcome.size, event->outcome.data,
         event->has_total ? (long long)event->total_e6 / 10000 : -1, digest,
         (unsigned long long)news->checksum);
}

static void tell(void *context, const struct evald_news *news) {
  (void)context;
  if (news->kind == EVALD_NEWS_EVENT)
    tell_event(news);
  else if (news->kind == EVALD_NEWS_HEALED)
    printf("healed %llu %llu\n", (unsigned long long)news->from,
           (unsigned long long)news->to);
  else if (news->kind == EVALD_NEWS_LOST)
    printf("lost %llu %llu begins %llu\n", (unsigned long long)news->from,
           (unsigned long long)news->to, (unsigned long long)news->log_begins);
  else if (news->counters)
    printf("%s %llu %llu forms %lld\n",
           news->kind == EVALD_NEWS_SNAPSHOT ? "snapshot" : "aggregate",
           (unsigned long long)news->epoch, (unsigned long long)news->seq,
           (long long)news->counters[0].value);
  else
    printf("%s\n", news->kind == EVALD_NEWS_EPOCH    ? "epoch"
                   : news->kind == EVALD_NEWS_AWAY   ? "away"
                   : news->kind == EVALD_NEWS_BEHIND ? "behind"
                                                     : "differs");
  fflush(stdout);
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  char redis[300];
  struct evald_reader *reader;
  struct evald_fault fault = {0};
  snprintf(redis, sizeof redis, "unix:%s", argv[2]);
  const struct evald_reader_options options = {
      .endpoint = argv[1], .redis = redis, .check_ms = 400, .tell = tell};
  if (evald_reader_open(&options, &reader, &fault) != EVALD_OK ||
      evald_reader_follow(reader, argv[3], atoi(argv[4]),
                          strtoull(argv[5], NULL, 10),
                          strtoull(argv[6], NULL, 10)) != EVALD_OK) {
    printf("failed %s %s\n", fault.place, fault.text);
    return 1;
  }
  for (;;)
    (void)evald_reader_poll(reader, 1000, NULL);
}
