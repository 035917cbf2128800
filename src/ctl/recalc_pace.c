/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/recalc_pace.h"
#include "ctl/clock.h"
#include "ctl/net.h"
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 500, CALM_MS = 3000, PAGE = 64 << 10 };

/* Beside live traffic, and without. */
static const struct {
  size_t chunk;
  unsigned window;
  int step;
} modes[2] = {{512, 6, 1000}, {64, 4, 200}};

static void set(struct pace *pace, bool live) {
  pace->chunk = modes[live].chunk;
  pace->window = modes[live].window;
  pace->step = modes[live].step;
}

/* Of the frames read since the last look, those that cannot be ours are live:
 * ours are the chunks sent since, and those that had no answer then. */
void pace_take(struct pace *pace, int64_t now, uint64_t frames,
               unsigned in_flight) {
  bool first = !pace->known || frames < pace->frames; /* it began anew */
  uint64_t ours = pace->sent - pace->owed;
  if (first)
    pace->live_ms = now - CALM_MS + LOOK_MS; /* the next look will tell */
  else if (frames - pace->frames > ours)
    pace->live_ms = now;
  pace->known = true;
  pace->frames = frames;
  pace->owed = pace->sent - in_flight;
  set(pace, first || now - pace->live_ms < CALM_MS);
}

void pace_look(struct pace *pace, const struct ctl *ctl, unsigned in_flight) {
  static const char name[] = "\nevald_frames_total ";
  static char page[PAGE];
  int64_t now = clock_ms();
  if (pace->chunk > 0 && now - pace->looked_ms < LOOK_MS) return;
  pace->looked_ms = now;
  const char *found = NULL;
  if (net_get(ctl->settings.metrics, "/metrics", page, sizeof page) == 200)
    found = strstr(page, name);
  if (found)
    pace_take(pace, now, strtoull(found + sizeof name - 1, NULL, 10),
              in_flight);
  else
    set(pace, true);
}
