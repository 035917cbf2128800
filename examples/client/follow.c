/* SPDX-License-Identifier: Apache-2.0 */
/* Follows a division and year: follow DIVISION YEAR REDIS
 *   cc follow.c -o follow $(pkg-config --cflags --libs evald-client) */
#include <evald/client.h>
#include <stdio.h>
#include <stdlib.h>

static void tell(void *context, const struct evald_news *news) {
  (void)context;
  printf("%s %s %d %llu", evald_news_name(news->kind), news->mof_div_code,
         news->fiscal_year, (unsigned long long)news->seq);
  if (news->event)
    printf(" %.*s", (int)news->event->pro_code.size,
           news->event->pro_code.data);
  if (news->counters)
    printf(" %s %lld", news->counters[0].name,
           (long long)news->counters[0].value);
  putchar('\n');
  fflush(stdout);
}

int main(int argc, char **argv) {
  struct evald_reader *reader;
  const struct evald_reader_options options = {
      .redis = argc > 3 ? argv[3] : NULL, .tell = tell};
  if (argc < 3 || evald_reader_open(&options, &reader, NULL) != EVALD_OK ||
      evald_reader_follow(reader, argv[1], atoi(argv[2]), 0, 0) != EVALD_OK)
    return 1;
  for (;;)
    (void)evald_reader_poll(reader, -1, NULL);
}
