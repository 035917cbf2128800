/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/parcel.h"
#include "daemon/signals.h"
#include <stdlib.h>

void parcels_free(struct parcel *parcels, size_t count) {
  for (size_t i = 0; parcels != NULL && i < count; i++) {
    bus_frames_free(parcels[i].frames);
    free(parcels[i].senders);
  }
  free(parcels);
}

struct parcel *parcels_new(size_t count, uint32_t room) {
  struct parcel *parcels = calloc(count, sizeof *parcels);
  if (parcels == NULL) return NULL;
  for (size_t i = 0; i < count; i++) {
    parcels[i].frames = bus_frames_new(room);
    parcels[i].senders = calloc(room, sizeof *parcels[i].senders);
    if (parcels[i].frames != NULL && parcels[i].senders != NULL) continue;
    parcels_free(parcels, count);
    return NULL;
  }
  return parcels;
}

void parcel_let_go(struct parcel *parcel, struct bus_pipe *home) {
  parcel->holds--;
  if (parcel->holds > 0 || parcel->next < parcel->frames->count) return;
  bus_frames_clear(parcel->frames);
  parcel->next = 0;
  bus_signal_send(
      home, (struct bus_signal){.code = SIGNAL_PARCEL, .pointer = parcel}, -1);
}
