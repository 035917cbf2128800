/* SPDX-License-Identifier: Apache-2.0 */
#include "report/sheet.h"

/*
 * Bars of equal width from below the lowest total to 100 (or the highest, if a
 * ruleset lets a total go beyond), at most BINS of them: the finer the closer
 * the totals are. Each bar is stacked by grade.
 */

enum { BINS = 20, GRADES = 8, WIDTH = 560, HEIGHT = 150, BASE = 124, TOP = 16 };

static const evald_decimal steps[] = {100000,  200000,  500000,   1000000,
                                      2000000, 5000000, 10000000, 100000000};

struct bins {
  evald_decimal from, step;
  size_t count;
  size_t totals[BINS][GRADES];
  size_t highest; /* of the bars */
};

static evald_decimal floor_to(evald_decimal value, evald_decimal step) {
  if (value < 0) return -((-value + step - 1) / step * step);
  return value / step * step;
}

static void choose(const struct batch *batch, struct bins *bins) {
  evald_decimal low = batch->items[0]->total;
  evald_decimal high = INT64_C(100) * EVALD_DECIMAL_ONE;
  for (size_t i = 0; i < batch->count; i++) {
    evald_decimal total = batch->items[i]->total;
    if (total < low) low = total;
    if (total > high) high = total;
  }
  size_t last = sizeof steps / sizeof steps[0] - 1;
  for (size_t i = 0; i <= last; i++) {
    bins->step = steps[i];
    bins->from = floor_to(low, bins->step);
    evald_decimal count = (high - bins->from + bins->step - 1) / bins->step;
    bins->count = count < 1 ? 1 : (size_t)count;
    if (bins->count <= BINS) return;
  }
  bins->count = BINS;
}

/* 100 itself is in the last bar. */
static void fill(const struct batch *batch, struct bins *bins) {
  for (size_t i = 0; i < batch->count; i++) {
    const struct evald_verdict *verdict = batch->items[i];
    size_t bin = (size_t)((verdict->total - bins->from) / bins->step);
    if (bin >= bins->count) bin = bins->count - 1;
    bins->totals[bin][verdict->grade % GRADES]++;
  }
  for (size_t i = 0; i < bins->count; i++) {
    size_t height = 0;
    for (size_t grade = 0; grade < GRADES; grade++)
      height += bins->totals[i][grade];
    if (height > bins->highest) bins->highest = height;
  }
}

static void bar(struct report *report, const struct bins *bins, size_t index) {
  size_t x = index * WIDTH / bins->count;
  size_t width = WIDTH / bins->count;
  size_t y = BASE;
  size_t sum = 0;
  for (size_t grade = GRADES; grade-- > 0;) {
    size_t count = bins->totals[index][grade];
    if (count == 0) continue;
    size_t height = count * (BASE - TOP) / bins->highest;
    if (height < 2) height = 2;
    y = y > height ? y - height : 0;
    sum += count;
    write_format(report,
                 "<rect class=\"g%zu\" x=\"%zu\" y=\"%zu\" width=\"%zu\" "
                 "height=\"%zu\"/>",
                 grade, x + 1, y, width > 2 ? width - 2 : 1, height);
  }
  if (sum > 0)
    write_format(report, "<text x=\"%zu\" y=\"%zu\">%zu</text>", x + width / 2,
                 y > 4 ? y - 4 : 10, sum);
}

static void axis(struct report *report, const struct bins *bins) {
  size_t every = bins->count > 10 ? 2 : 1;
  write_format(report, "<path d=\"M0 %d.5H%d\"/>", BASE, WIDTH);
  for (size_t i = 0; i <= bins->count; i += every) {
    size_t x = i * WIDTH / bins->count;
    char text[EVALD_DECIMAL_TEXT];
    evald_decimal_print(bins->from + (evald_decimal)i * bins->step, text);
    write_format(report, "<text class=\"axis\" x=\"%zu\" y=\"%d\">%s</text>", x,
                 BASE + 16, text);
  }
}

void histogram_write(struct report *report, const struct batch *batch) {
  struct bins bins = {0};
  choose(batch, &bins);
  fill(batch, &bins);
  write_format(report,
               "<svg class=\"histogram\" viewBox=\"-14 0 %d %d\" role=\"img\">",
               WIDTH + 28, HEIGHT);
  for (size_t i = 0; i < bins.count; i++)
    bar(report, &bins, i);
  axis(report, &bins);
  write_raw(report, "</svg>\n");
}
