/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DAEMON_DURABILITY_H
#define DAEMON_DURABILITY_H

/*
 * What an acknowledgement promises, and whether Redis is set to keep it.
 *
 *   memory     Redis has it in memory. Its end loses it.
 *   everysec   it is in Redis' append-only file, which is synced every second:
 *              the end of the process loses nothing, that of the machine what
 *              was acknowledged in the last second or two.
 *   always     it is in the file, and the file was synced: nothing is lost.
 *   replica:N  N replicas have it as well.
 *   auto       the strongest of the first three that Redis is set to.
 *
 * A Redis that evicts keys keeps no promise at all.
 */

#include "store/redis.h"

/* X(NAME, spelling), the weakest first. */
#define DURABILITY_LIST(X)                                                     \
  X(AUTO, "auto")                                                              \
  X(MEMORY, "memory")                                                          \
  X(EVERYSEC, "everysec")                                                      \
  X(ALWAYS, "always")                                                          \
  X(REPLICA, "replica")

enum durability_mode {
#define X(name, spelling) DURABILITY_##name,
  DURABILITY_LIST(X)
#undef X
};

enum { DURABILITY_TEXT = 16, DURABILITY_REPLICAS_MAX = 16 };

struct durability {
  uint8_t mode;     /* enum durability_mode */
  uint8_t replicas; /* of REPLICA; else 0 */
};

/* "everysec", "replica:2". EVALD_INVALID with the key as the fault's place. */
enum evald_status durability_read(const char *text, struct durability *out,
                                  struct evald_fault *fault);
void durability_print(const struct durability *durability,
                      char out[DURABILITY_TEXT]);

/* Holds Redis' settings against what is wanted. `out` is what is promised:
 * the same, or what AUTO came to. EVALD_INVALID: it cannot be kept, with the
 * setting to change as the fault's place. */
enum evald_status durability_check(const struct durability *wanted,
                                   const struct store_settings *settings,
                                   struct durability *out,
                                   struct evald_fault *fault);

#endif
