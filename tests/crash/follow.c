/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of the C client; it writes down all that it is told:
 *
 *   follow EVENTS REDIS CHECK_MS DIVISION YEAR …
 *
 * One line each, which begins "<ms> <kind> <division> <year> <epoch> <seq>":
 *   event      … <checksum> <project> <outcome> <revision> <job_id> <digest>
 *              <total in millionths> <live>
 *   snapshot, aggregate   … <checksum> <counter>=<value> …
 *   healed, lost          … <from> <to>
 *   epoch, away, differs  */
#include <ctype.h>
#include <evald/client.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void put_text(struct evald_text text) {
  printf(" %.*s", (int)text.size, text.data);
}

static void put_event(const struct evald_news *news) {
  const struct evald_event *event = news->event;
  printf(" %016" PRIx64, news->checksum);
  put_text(event->pro_code);
  put_text(event->outcome);
  printf(" %" PRId64, event->revision);
  put_text(event->job_id);
  putchar(' ');
  for (int i = 0; i < 16 && event->has_total; i++)
    printf("%02x", event->form_digest.bytes[i]);
  if (event->has_total)
    printf(" %" PRId64, event->total_e6);
  else
    printf("- -");
  printf(" %d", news->live);
}

static void put_counters(const struct evald_news *news) {
  printf(" %016" PRIx64, news->checksum);
  for (size_t i = 0; i < news->counter_count; i++)
    printf(" %s=%" PRId64, news->counters[i].name, news->counters[i].value);
}

static void tell(void *context, const struct evald_news *news) {
  (void)context;
  printf("%lld ", now_ms());
  for (const char *c = evald_news_name(news->kind); *c; c++)
    putchar(tolower((unsigned char)*c));
  printf(" %s %d %" PRIu64 " %" PRIu64, news->mof_div_code, news->fiscal_year,
         news->epoch, news->seq);
  if (news->kind == EVALD_NEWS_EVENT) put_event(news);
  if (news->counters) put_counters(news);
  if (news->kind == EVALD_NEWS_HEALED || news->kind == EVALD_NEWS_LOST)
    printf(" %" PRIu64 " %" PRIu64, news->from, news->to);
  putchar('\n');
}

int main(int argc, char **argv) {
  if (argc < 6 || argc % 2 != 0) return 2;
  setvbuf(stdout, NULL, _IOLBF, 1 << 16);
  struct evald_reader *reader;
  struct evald_fault fault = {0};
  const struct evald_reader_options options = {.endpoint = argv[1],
                                               .redis = argv[2],
                                               .check_ms = atoi(argv[3]),
                                               .tell = tell};
  enum evald_status status = evald_reader_open(&options, &reader, &fault);
  for (int i = 4; i < argc && status == EVALD_OK; i += 2)
    status = evald_reader_follow(reader, argv[i], atoi(argv[i + 1]), 0, 0);
  for (;;) {
    if (status == EVALD_TIMEOUT) status = EVALD_OK;
    if (status != EVALD_OK) break;
    status = evald_reader_poll(reader, 1000, &fault);
  }
  printf("%lld failed %s %s\n", now_ms(), evald_status_name(status),
         fault.text);
  return 1;
}
