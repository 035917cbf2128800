/* SPDX-License-Identifier: Apache-2.0 */
#include "report/report.h"

#include "report/form.h"
#include "report/sheet.h"
#include "report/style.h"
#include <stdlib.h>
#include <string.h>

int report_worse(const struct evald_verdict *a, const struct evald_verdict *b) {
  const size_t *left = a->level_count;
  const size_t *right = b->level_count;
  if (left[EVALD_LEVEL_ERROR] != right[EVALD_LEVEL_ERROR])
    return left[EVALD_LEVEL_ERROR] > right[EVALD_LEVEL_ERROR] ? -1 : 1;
  if (a->total != b->total) return a->total < b->total ? -1 : 1;
  if (left[EVALD_LEVEL_WARNING] != right[EVALD_LEVEL_WARNING])
    return left[EVALD_LEVEL_WARNING] > right[EVALD_LEVEL_WARNING] ? -1 : 1;
  return 0;
}

/* A verdict and where it came from, so that equals keep their order. */
struct place {
  const struct evald_verdict *verdict;
  size_t index;
};

static int by_place(const void *a, const void *b) {
  const struct place *left = a;
  const struct place *right = b;
  int worse = report_worse(left->verdict, right->verdict);
  if (worse != 0) return worse;
  return left->index < right->index ? -1 : 1;
}

bool report_sort(const struct evald_verdict *const *verdicts, size_t count,
                 const struct evald_verdict **out) {
  struct place *places = calloc(count, sizeof *places);
  if (!places) return false;
  for (size_t i = 0; i < count; i++)
    places[i] = (struct place){verdicts[i], i};
  qsort(places, count, sizeof *places, by_place);
  for (size_t i = 0; i < count; i++)
    out[i] = places[i].verdict;
  free(places);
  return true;
}

static void page_begins(struct report *report, struct evald_text title) {
  write_format(report, "<!DOCTYPE html>\n<html lang=\"%s\"><head>",
               report->chinese ? "zh-CN" : "en");
  write_raw(report, "<meta charset=\"utf-8\">\n"
                    "<meta http-equiv=\"Content-Security-Policy\" content=\""
                    "default-src 'none'; style-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width\">\n"
                    "<title>");
  write_text(report, title);
  write_raw(report, "</title>\n<style>\n");
  write_raw(report, report_style);
  write_raw(report, "</style></head><body>\n");
}

static void batch_page(struct report *report, const struct batch *batch) {
  page_begins(report, evald_text_of(report_word(report->chinese, WORD_SHEET)));
  sheet_write(report, batch);
  for (size_t i = 0; i < batch->detailed; i++)
    form_write(report, batch->items[i], i + 1);
}

enum evald_status report_page(struct report *report,
                              const struct evald_verdict *const *verdicts,
                              size_t count, size_t detailed) {
  report->size = 0;
  if (count == 1) {
    page_begins(report, verdicts[0]->form->pro_name);
    form_write(report, verdicts[0], 0);
  } else if (count > 1) {
    struct batch batch = {calloc(count, sizeof *batch.items), count,
                          detailed < count ? detailed : count};
    if (!batch.items || !report_sort(verdicts, count, batch.items))
      report->failed = true;
    else
      batch_page(report, &batch);
    free(batch.items);
  }
  write_raw(report, "</body></html>\n");
  return report->failed ? EVALD_MEMORY : EVALD_OK;
}
