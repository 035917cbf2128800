/* SPDX-License-Identifier: Apache-2.0 */
#include "ctl/recalc_pace.h"
#include "ctl/clock.h"
#include "ctl/net.h"
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 500, CALM_MS = 3000, PAGE = 64 << 10 };
enum { MUCH = 4000 /* live frames a second */ };

/* Without live traffic, beside some, beside much. */
enum mode { CALM, LIVE, BUSY, MODES };
static const struct {
  size_t chunk;
  unsigned window;
  int step;
} modes[MODES] = {{512, 6, 1000}, {64, 4, 200}, {32, 1, 100}};

static void set(struct pace *pace, enum mode mode) {
  pace->chunk = modes[mode].chunk;
  pace->window = modes[mode].window;
  pace->step = modes[mode].step;
}

/* As it was of late: a pause in the traffic is not its end. */
static enum mode mode_at(const struct pace *pace, int64_t now) {
  if (now - pace->busy_ms < CALM_MS) return BUSY;
  return now - pace->live_ms < CALM_MS ? LIVE : CALM;
}

/* Of the frames read since the last look, those that cannot be ours are live:
 * ours are the chunks sent since, and those that had no answer then. */
void pace_take(struct pace *pace, int64_t now, uint64_t frames,
               unsigned in_flight) {
  bool first = !pace->known || frames < pace->frames; /* it began anew */
  uint64_t ours = pace->sent - pace->owed, live = 0;
  if (!first && frames - pace->frames > ours)
    live = frames - pace->frames - ours;
  if (first) /* the next look will tell */
    pace->live_ms = pace->busy_ms = now - CALM_MS + LOOK_MS;
  if (live > 0) pace->live_ms = now;
  if (live * 1000 > MUCH * (uint64_t)(now - pace->taken_ms))
    pace->busy_ms = now;
  pace->known = true;
  pace->taken_ms = now;
  pace->frames = frames;
  pace->owed = pace->sent - in_flight;
  set(pace, mode_at(pace, now));
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
    set(pace, BUSY);
}
